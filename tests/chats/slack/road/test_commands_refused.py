"""Words after a slash command that make no request: help, and what is unknown, wrong or not allowed."""

import pytest

from relay.model.delivery import Reply
from tests.chats.slack.road.workspace import Workspace, cases, outcome, words

pytestmark = pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")


@pytest.mark.parametrize("text", ["", "  ", "help", "HELP"])
def test_help_lists_the_commands_of_this_very_person_and_who_they_are(slack: Workspace, text: str) -> None:
    reply = slack.say("lin", text)
    told = words(reply)
    assert "help" == outcome(reply)
    assert told.startswith("You are Lin, slack:T111/U333.\nYou may say:\n")
    assert "• deploy {{app}} [to {{env=staging}}] [because {{why...}}] (Release an app)" in told
    assert "env: staging, prod" in told
    assert "at the end, as in NAME=VALUE: version" in told
    assert "release" not in told
    assert 0 == cases(slack)


def test_a_person_whom_the_policy_does_not_know_reads_the_id_for_it(slack: Workspace) -> None:
    told = words(slack.say("U999", "help", name="zoe"))
    assert "You are zoe, slack:T111/U999. The policy has no person of this id." in told
    assert "There is no command that you may say." in told
    reply = slack.say("U999", "deploy api")
    assert "not-allowed" == outcome(reply)
    assert "deploy" not in words(reply)
    assert 0 == cases(slack)


def test_an_unknown_command_names_the_nearest_that_this_person_may_say(slack: Workspace) -> None:
    deploy = "deploy {{app}} [to {{env=staging}}] [because {{why...}}]"
    for person, said, near in (("lin", "deplyo api", deploy), ("grace", "rleease api", "release {{app}}")):
        reply = slack.say(person, said)
        assert "unknown-command" == outcome(reply)
        assert f"The nearest is: {near}" in words(reply)
    assert "A quote does not end" in words(slack.say("lin", 'deploy "api'))
    assert 0 == cases(slack)


@pytest.mark.parametrize(
    ("text", "code", "told"),
    [
        ("deploy api to moon", "bad-value", "env is one of staging, prod."),
        ('deploy ""', "bad-value", "app takes 1 to 200 characters on one line."),
        ("deploy " + "x" * 201, "bad-value", "app takes 1 to 200 characters"),
        ('deploy "a\nb"', "bad-value", "app takes 1 to 200 characters on one line."),
        ("deploy api because a\nb", "bad-value", "why takes 1 to 200 characters on one line."),
        ("deploy api\x00", "bad-value", "app takes"),
        ("deploy ../x", "malformed", "repository: must be OWNER/NAME"),
        ("deploy *", "malformed", " ? [ ] from a command"),
        ("deploy a/b", "malformed", "repository: must be OWNER/NAME"),
        ("rogue api", "no-rule", 'requests = ["command"]'),
        ("deploy " + "x " * 1_000, "malformed", "at most 2,000 characters"),
    ],
)
def test_a_value_that_is_not_taken_is_refused_in_words_and_nothing_is_made(
    slack: Workspace, text: str, code: str, told: str
) -> None:
    reply = slack.say("octocat", text)
    assert (code, "") == (outcome(reply), "" if told in words(reply) else words(reply))
    assert (0, 0) == (cases(slack), slack.road.recorded()["due"])


def test_nothing_of_another_form_or_too_large_is_read(slack: Workspace) -> None:
    signed = slack.server.slack.signed(b"x" * (1024 * 1024 + 1))
    assert Reply(413, {"Relay-Outcome": "too-large"}, b"") == slack.command(signed.headers, signed.body)
    signed = slack.server.slack.signed(b"payload=%7B%7D")
    assert Reply(400, {"Relay-Outcome": "malformed"}, b"") == slack.command(signed.headers, signed.body)


def test_a_stranger_s_team_is_told_so_and_nothing_else(slack: Workspace) -> None:
    reply = slack.say("U1", "help", team="T999")
    assert ("not-allowed", "Your Slack team is not one whose people may act here.") == (outcome(reply), words(reply))
