"""The answers to `relay init`: asked for on a terminal, told by their option if wrong, and obeyed."""

import json
import tomllib
from dataclasses import replace
from pathlib import Path

import pytest

from relay.cli.init.choices import read_approver
from relay.cli.init.ways import WAYS
from tests.cli.init.choosing import ADA, GRACE, chosen
from tests.cli.running import make_edges, run
from tests.support.outside import COPIED

pytestmark = pytest.mark.usefixtures("folder")


@pytest.mark.parametrize("yes", [(), ("--yes",)])
def test_without_a_terminal_each_missing_option_is_named_and_nothing_is_written(yes: tuple[str, ...]) -> None:
    made = run("init", "--chat", "slack", *yes)
    assert (2, []) == (made.exit_code, [*Path().iterdir()])
    assert "--host, --repository, --approver: missing" in made.stderr


@pytest.mark.parametrize(
    ("more", "told"),
    [
        ({"approver": "ada"}, "NAME=ID"),
        ({"approver": "a b=github:1"}, "NAME has letters"),
        ({"approver": "ada=github:ada"}, "https://api.github.com/users/LOGIN"),
        ({"approver": "ada=entra:x/y"}, "entra:TENANT/OBJECT"),
        ({"approver": "ada=slack:t1/u1"}, "in capitals"),
        ({"approver": "ada=mail:a@b"}, "NAME=ID"),
        ({"approver": "ada=github:1+github:2"}, "two ids of github"),
        ({"approver": "ada=github:1"}, "ada needs an id, slack:...: with --chat slack people are proven by that"),
        ({"repository": "api"}, "repository"),
        ({"action": "octo/relay@v1"}, "all 40 digits"),
        ({"relay": "https://relay.example/x"}, "takes no path"),
        ({"place": "#releases"}, "--approver or --place"),
    ],
)
def test_a_wrong_answer_is_told_by_its_option_and_nothing_is_written(more: dict[str, str], told: str) -> None:
    made = run(*chosen(**more), "--yes")
    assert (2, []) == (made.exit_code, [*Path().iterdir()])
    assert told in " ".join(made.stderr.split())


def test_one_name_twice_is_told() -> None:
    made = run(*chosen(), "--approver", "ada=slack:T1/U2", "--yes")
    assert (2, True) == (made.exit_code, "a NAME is given twice" in made.stderr)


def test_a_place_is_refused_where_the_workflow_posts() -> None:
    made = run(*chosen("outlook", place="19:x@thread.tacv2"), "--yes")
    assert (2, True) == (made.exit_code, "needs no channel" in made.stderr)


def test_two_approvers_known_at_github_do_not_approve_their_own_request() -> None:
    run(*chosen(), "--approver", f"grace.h={GRACE}", "--yes")
    policy = tomllib.loads(Path("policy.toml").read_text("utf-8"))
    assert ["ada", "grace.h"] == policy["rule"][0]["stage"][0]["approvers"] == policy["channels"]["releases"]["people"]
    assert "self_approval" not in policy["rule"][0]
    assert 583232 == policy["people"]["grace.h"]["github_id"]


@pytest.mark.parametrize("approvers", [[f"ada={ADA}"], ["ada=slack:T111/U111+github:1", "grace=slack:T111/U222"]])
def test_a_person_may_approve_their_own_request_where_nothing_could_pass_otherwise(approvers: list[str]) -> None:
    run("init", *chosen()[1:-2], *(part for each in approvers for part in ("--approver", each)), "--yes")
    policy = tomllib.loads(Path("policy.toml").read_text("utf-8"))
    assert policy["rule"][0]["self_approval"] is True


def test_people_who_have_github_alone_sign_in_there() -> None:
    made = run(*chosen("teams-workflow", approver="ada=github:583231"), "--yes")
    values = json.loads(Path("local.settings.json").read_text("utf-8"))["Values"]
    assert ("github", "") == (values["RELAY_SIGN_IN"], values["RELAY_GITHUB_SIGN_IN_CLIENT_ID"])
    assert "RELAY_GITHUB_SIGN_IN_CLIENT_SECRET" in made.output


def test_a_channel_of_the_bot_stays_a_comment_until_its_place_is_known() -> None:
    made = run(*chosen("teams-bot"), "--yes")
    assert "@Approval relay help" in made.output
    assert "channels" not in tomllib.loads(Path("policy.toml").read_text("utf-8"))
    Path("policy.toml").unlink()
    made = run(*chosen("teams-bot", place="19:x@thread.tacv2", relay="https://relay.example"), "--yes")
    assert "@Approval relay help" not in made.output
    channel = tomllib.loads(Path("policy.toml").read_text("utf-8"))["channels"]["releases"]
    assert {"kind": "teams", "place": "19:x@thread.tacv2"} == channel


def test_on_a_terminal_the_missing_answers_are_asked_for() -> None:
    asked = replace(make_edges(), terminal=lambda: True)
    approvers = ["ada", "ada=github:1", f"ada={ADA}", "grace=", f"grace={GRACE}", ""]
    answers = ["slack", "machine", "nothing", "octo/api", *approvers, "relay.example", "https://Relay.example/", "y"]
    made = run("init", stdin="\n".join(answers) + "\n", context=asked)
    assert 0 == made.exit_code, made.output
    assert {"ada", "grace"} == set(tomllib.loads(Path("policy.toml").read_text("utf-8"))["people"])
    values = json.loads(Path("local.settings.json").read_text("utf-8"))["Values"]
    assert "https://relay.example" == values["RELAY_PUBLIC_URL"]


def test_on_azure_no_address_is_asked_for_since_azure_gives_it() -> None:
    asked = replace(make_edges(), terminal=lambda: True)
    answers = ["outlook", "azure", "octo/api", f"ada={ADA}", "", "y"]
    made = run("init", stdin="\n".join(answers) + "\n", context=asked)
    assert (0, False) == (made.exit_code, "Address of the relay" in made.output)


def test_a_person_who_says_no_at_the_end_has_nothing_written() -> None:
    asked = replace(make_edges(), terminal=lambda: True)
    made = run(*chosen(), stdin="n\n", context=asked)
    assert (1, []) == (made.exit_code, [*Path().iterdir()])


def test_every_empty_setting_is_one_that_a_person_copies_from_a_page() -> None:
    assert {name for way in WAYS for name in way.settings} <= set(COPIED)


def test_an_id_is_read_in_any_order() -> None:
    assert ("T1/U1", "1") == (read_approver("a=github:1+slack:T1/U1").slack, read_approver("a=github:1").github)
