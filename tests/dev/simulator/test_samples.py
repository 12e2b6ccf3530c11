"""The samples of the page: those that the policy takes, or one for each rule of a policy of one's own."""

from pathlib import Path

from relay import app
from relay.approval.policy import Policy, rule_for
from relay.chats.table import kinds
from relay.dev.simulator.job_tokens import owner_ids
from relay.dev.simulator.people import people_of, requester_of
from relay.dev.simulator.samples import SAMPLES, sample_forms, samples_of, shown_people
from relay.policy_toml import parse as policy_toml
from tests.dev.simulator.here import here, sample, state
from tests.support.own_process import ROOT

OPS = '[channels.ops]\nkind = "teams"\nplace = "19:ops@thread.tacv2"\n'
ADA = '[people.ada]\nentra = "11111111-7b4d-4e0a-9c58-1d6f0b2a4e77/a1b2c3d4-0001-4a00-8a00-000000000001"\n'
STAGE = '[[rule.stage]]\napprovers = ["ada"]\n'
OURS = (ROOT / "relay/dev/simulator/policy.toml").read_text("utf-8")
CI_BOT = (ROOT / "docs/examples/ci-bot/policy.toml").read_text("utf-8")


def parse(text: str) -> Policy:
    return policy_toml.parse(text, kinds())


def rule(keys: str) -> str:
    return f"[[rule]]\nself_approval = true\n{keys}\n{STAGE}"


def test_a_policy_gets_the_samples_that_it_takes() -> None:
    assert ["production", "payments", "staging", "manual", "notice"] == [*samples_of(parse(OURS))]
    assert ["ci-bot", "notice"] == [*samples_of(parse(CI_BOT))]


def test_a_policy_that_takes_none_gets_one_for_each_rule() -> None:
    policy = parse(
        ADA
        + rule('repository = "acme/*"\nenvironment = "prod"\nevent_types = ["ship-*"]\nrefs = ["refs/tags/v*"]')
        + rule('repository = "acme/app"\nenvironment = "prod"\nevent_types = ["ship-?"]')  # the first takes it too
        + rule('repository = "*"\nevent_types = ["go"]\nrequests = ["offline"]')
        + rule('repository = "*"\nevent_types = ["stop-?", "stop"]')
        + rule('repository = "octo/web"\ntarget = "deployment_protection"\nchannels = ["ops"]')
        + '[[rule]]\nrepository = "octo/web"\nevent_types = ["plain"]\nplain = true\n'
        + OPS
    )
    samples = samples_of(policy)
    assert ["rule-1", "rule-4", "notice"] == [*samples]
    first, other, _ = samples.values()
    assert {
        "repository": "acme/app",
        "environment": "prod",
        "event_type": "ship-app",
        "title": "Deploy acme/app to prod",
        "ref": "refs/tags/vmain",
    } == first.form
    assert ("octo/app", "production", "stop-x", "refs/heads/main") == tuple(
        other.form[name] for name in ("repository", "environment", "event_type", "ref")
    )
    assert policy.rules[3] is rule_for(policy, "octo/app", "production", "stop-x")


def test_where_nobody_has_a_login_the_samples_are_asked_for_by_nobody() -> None:
    people = people_of(parse(ADA))
    assert None is requester_of(people)
    assert all("requested_by" not in str(each["form"]) for each in sample_forms(people, SAMPLES))


def test_a_requester_without_a_number_is_stated_without_one() -> None:
    people = people_of(parse(ADA + 'github = "ada"\n'))
    assert "in no group; asks in the samples" == shown_people(people, SAMPLES)[0]["part"]
    forms = {each["key"]: each["form"] for each in sample_forms(people, SAMPLES)}
    assert "'requested_by': 'ada'" in str(forms["production"])
    assert "requested_by_id" not in str(forms)
    assert "requested_by" not in str(forms["ci-bot"])


def test_nobody_is_marked_where_ci_asks() -> None:
    policy = parse(CI_BOT)
    shown = shown_people(people_of(policy), samples_of(policy))
    assert ["qa", "qa", "owners", "owners", "not in the policy"] == [each["part"] for each in shown]


def test_the_owner_of_a_repository_has_the_id_that_the_policy_names() -> None:
    assert {"octo": "9919"} == owner_ids(parse(CI_BOT))


def test_the_policy_says_where_the_card_goes(tmp_path: Path) -> None:
    with here(tmp_path, RELAY_POLICY=CI_BOT) as simulator, simulator.client() as page:
        assert ("policy", "slack") == tuple(state(page)["places"][0][name] for name in ("key", "app"))
        asked = {"form": sample(page, "ci-bot"), "places": ["policy"], "proof": "identity"}
        answer = page.post("/simulator/requests", json=asked)
        assert (201, {}) == (answer.status_code, answer.json())
        app.relay().round().run()
        shown = {each["where"] for each in state(page)["cards"] if each["title"] == "Release shop"}
        assert {f"Slack, direct message to {name}" for name in ("Lin", "Mary", "Ada Lovelace", "Grace Hopper")} == shown
        said = page.post("/simulator/command", json=asked).json()["command"]
        assert said.startswith("relay send \\\n  --policy-channels \\\n")
        answer = page.post("/simulator/requests", json={"form": {"title": "T"}, "places": ["policy"]})
        assert (400, "places") == (answer.status_code, answer.json()["field"])
        assert "A notification has no rule" in answer.json()["message"]
