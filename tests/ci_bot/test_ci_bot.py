"""The CI bot of docs/ci-bot.md, played with its own files: asked, previewed, tested, deployed or closed."""

import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest

from relay import app
from tests.ci_bot import workflows
from tests.ci_bot.workflows import EXAMPLE, SHA, Job, Machine
from tests.dev.simulator.here import Here, exports, here, press, state
from tests.support.action_runner import Runner

IMAGE = f"registry.example/octo/shop:{SHA}"
SHOP = "C0123456789"


class Bot:
    """The relay with the bot's policy, a machine that runs its workflows, and the people in Slack."""

    def __init__(self, simulator: Here, page: httpx.Client, machine: Machine) -> None:
        self.simulator, self.page, self.machine = simulator, page, machine
        self.seen: set[str] = set()

    def ask(self, **environ: str) -> Job:
        """Let CI build and ask."""
        job = self.machine.run("ask.yml", {}, environ)
        app.relay().round().run()
        return job

    def run(self, name: str, **environ: str) -> Job:
        """Run the workflow that the newest dispatch starts."""
        (dispatch,) = [each for each in state(self.page)["dispatches"] if str(each["number"]) not in self.seen]
        self.seen.add(str(dispatch["number"]))
        body = dispatch["body"]
        assert body["event_type"] in (EXAMPLE / name).read_text("utf-8")
        job = self.machine.run(name, {"action": body["event_type"], "client_payload": body["client_payload"]}, environ)
        app.relay().round().run()
        return job

    def press(self, person: str, button: str, comment: str = "") -> None:
        """Press a button of the message that this person got."""
        card = next(each for each in state(self.page)["cards"] if each["only"] == person and self.buttons(each))
        found = self.buttons(card)
        press(self.page, card["id"], person, list(found[button]), comment)
        app.relay().round().run()

    @staticmethod
    def buttons(card: dict[str, Any]) -> dict[str, tuple[object, ...]]:
        """Return the path of each button that decides, by its label."""
        return {
            each["text"]["text"]: ("blocks", index, "elements", place)
            for index, block in enumerate(card["card"]["blocks"])
            if block.get("block_id") in ("decide", "again")
            for place, each in enumerate(block["elements"])
        }

    def offered(self) -> dict[str, list[str]]:
        """Return the labels of the buttons in everybody's messages."""
        cards = [each for each in state(self.page)["cards"] if each.get("only")]
        return {each["only"]: list(self.buttons(each)) for each in cards if self.buttons(each)}

    def heard(self, channel: str = SHOP) -> list[str]:
        """Return the texts of a channel without its card, the oldest first."""
        messages = self.simulator.simulator._chats.slack._slack.messages
        return [each.text for each in messages if each.channel == channel]

    def thread_of(self, person: str) -> list[str]:
        """Return the replies below the message that a person got."""
        slack = self.simulator.simulator._chats.slack._slack
        mine = [each for each in slack.messages if slack.channels[each.channel].person == person]
        return [each.text for each in mine if each.thread]


@pytest.fixture(scope="module")
def runner(tmp_path_factory: pytest.TempPathFactory) -> Runner:
    return workflows.runner(tmp_path_factory.mktemp("runner"))


@pytest.fixture
def bot(tmp_path: Path, runner: Runner) -> Iterator[Bot]:
    (tmp_path / "relay").mkdir()
    with here(tmp_path / "relay", RELAY_POLICY=str(EXAMPLE / "policy.toml")) as simulator, simulator.client() as page:
        simulator.simulator._verifying.close()  # the page's own run would redeem the approval
        (tmp_path / "machine").mkdir()
        machine = Machine(tmp_path / "machine", simulator.origin, simulator.simulator.job_tokens, runner)
        (machine.cluster / "images").write_text(f"{IMAGE}\n", "utf-8")
        yield Bot(simulator, page, machine)


def applied(bot: Bot, name: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((bot.machine.cluster / name).read_text("utf-8"))
    return found


def image_of(deployment: dict[str, Any]) -> str:
    (container,) = deployment["spec"]["template"]["spec"]["containers"]
    return str(container["image"])


def asked_and_previewed(bot: Bot, **environ: str) -> Job:
    asked = bot.ask(**environ)
    assert not asked.failed, asked.said
    return bot.run("preview.yml")


def test_an_image_is_previewed_tested_and_deployed_and_the_channel_hears_it(bot: Bot) -> None:
    preview = asked_and_previewed(bot)
    assert not preview.failed, preview.said
    (announced,) = bot.heard()
    told = "The run of preview-shop has succeeded: Release shop. The preview is deployed. "
    assert told + "View it at https://shop-preview.example" in announced
    assert {"lin": ["Approve", "Reject"], "mary": ["Approve", "Reject"]} == bot.offered()
    bot.press("lin", "Approve", "Looks good")
    assert {"ada": ["Deploy", "Close"], "grace": ["Deploy", "Close"]} == bot.offered()
    assert ["Lin: approve, in stage qa: Release shop. Comment: Looks good"] == bot.thread_of("U0000000003")
    bot.press("ada", "Deploy")
    assert {} == bot.offered()
    release = bot.run("release.yml")
    assert not release.failed, release.said
    announced, decided = bot.heard()
    assert "The run has succeeded: Release shop. Deployed to production. View it at https://shop.example" in announced
    assert "Approved: Release shop, by Ada Lovelace" == decided
    for name, host in (("preview", "shop-preview.example"), ("production", "shop.example")):
        deployment = applied(bot, f"deployment.shop-{name}.json")
        labels = {"project": "shop", "target": "shop.example", "environment": name}
        assert (labels, IMAGE) == (deployment["metadata"]["labels"], image_of(deployment))
        assert host == applied(bot, f"ingress.shop-{name}.json")["spec"]["rules"][0]["host"]
        assert 80 == applied(bot, f"service.shop-{name}.json")["spec"]["ports"][0]["port"]


def test_the_announcement_says_what_is_attempted_and_why_it_failed_and_an_owner_runs_it_again(bot: Bot) -> None:
    asked_and_previewed(bot)
    bot.press("mary", "Approve")
    bot.press("grace", "Deploy")
    (bot.machine.cluster / "fails").write_text('deployment "shop-production" exceeded its progress deadline')
    release = bot.run("release.yml")
    assert release.failed
    (announced, *_) = bot.heard()
    assert 'Reason: error: deployment "shop-production" exceeded its progress deadline' in announced
    assert {"ada": ["Run again"], "grace": ["Run again"]} == bot.offered()
    (bot.machine.cluster / "fails").unlink()
    bot.press("ada", "Run again")
    again = bot.run("release.yml")
    assert not again.failed, again.said
    (announced, *_) = bot.heard()
    assert "The run has succeeded" in announced


def test_a_release_that_fails_before_it_deploys_is_announced_too(bot: Bot) -> None:
    asked_and_previewed(bot)
    bot.press("mary", "Approve")
    bot.press("grace", "Deploy")
    bot.machine.breaks = True
    assert bot.run("release.yml").failed
    assert "The run has failed: Release shop" in bot.heard()[0]


def test_an_owner_closes_it_and_all_hear_it(bot: Bot) -> None:
    asked_and_previewed(bot)
    bot.press("lin", "Approve")
    bot.press("ada", "Close", "not today")
    assert {} == bot.offered()
    assert "Rejected: Release shop, by Ada Lovelace. Comment: not today" == bot.heard()[-1]
    assert not (bot.machine.cluster / "deployment.shop-production.json").exists()


@pytest.mark.parametrize(
    "image", ["x; rm -rf /", "$(id)", "`id`", "x --privileged", "registry.example/octo/other:1", "x: {y: z}", "x&#10;y"]
)
def test_an_image_that_is_no_approved_one_reaches_the_cluster_as_one_value_or_not_at_all(bot: Bot, image: str) -> None:
    preview = asked_and_previewed(bot, IMAGE=image)
    assert preview.failed
    (announced,) = bot.heard()
    assert "The run of preview-shop has failed: Release shop. Reason: error: Deployment: " in announced
    assert [["apply", "-f", "-"]] == [
        json.loads(line) for line in (bot.machine.cluster / "calls").read_text("utf-8").splitlines()
    ]
    assert {"calls", "images"} == {each.name for each in bot.machine.cluster.iterdir()}
    assert ["build", "--tag", image, ".", "push", image] == (bot.machine.folder / "docker").read_text().splitlines()


def test_another_ci_asks_by_the_line_of_the_page(bot: Bot) -> None:
    page = (EXAMPLE.parents[1] / "ci-bot.md").read_text("utf-8").partition("## From another CI")[2]
    line = page.partition("```sh\n")[2].partition("```")[0]
    values = {"$RELAY_URL": bot.simulator.origin, "$RELAY_API_KEY": exports(bot.page)["RELAY_API_KEY"]}
    for name, value in values.items():
        line = line.replace(name, value)
    curl, fails, url, header, key, as_json, body = shlex.split(line)
    assert ("curl", "--fail-with-body", "-H", "--json") == (curl, fails, header, as_json)
    name, _, value = key.partition(": ")
    answer = httpx.post(url, headers={name: value, "Content-Type": "application/json"}, content=body, trust_env=False)
    assert 201 == answer.status_code, answer.text
    app.relay().round().run()
    assert {"lin": ["Approve", "Reject"], "mary": ["Approve", "Reject"]} == bot.offered()
    (bot.machine.cluster / "images").write_text(f"{json.loads(body)['client_payload']['image']}\n", "utf-8")
    preview = bot.run("preview.yml")
    assert not preview.failed, preview.said


def test_what_no_relay_has_sent_is_neither_deployed_nor_reported(bot: Bot) -> None:
    forged = {"project": "shop", "image": IMAGE, "kind": "web", "target": "shop.example", "approval": {"id": "a" * 32}}
    for name, action in (("preview.yml", "preview-shop"), ("release.yml", "deploy-shop")):
        job = bot.machine.run(name, {"action": action, "client_payload": forged})
        assert (True, 1) == (job.failed, len(job.said)), job.said
    assert not (bot.machine.cluster / "calls").exists()
