"""Faults of the chats."""

from pathlib import Path
from typing import Any

import httpx
from pytest_httpx import HTTPXMock

from relay.chats.slack import doctor as slack
from tests.doctor.examining import AUTHORIZE, EVERYTHING, GUID, OPENID, POLICY, SLACK, TOKENS, refused_code
from tests.doctor.faults import Fault, answer, by_fault, check_fault
from tests.support.example_policy import command

TOKEN = ("POST", TOKENS)
AUTH_TEST = ("POST", f"{SLACK}/auth.test")
CHANNEL_INFO = ("POST", f"{SLACK}/conversations.info")
USER_INFO = ("POST", f"{SLACK}/users.info")
TEAMS = {name: value for name, value in EVERYTHING.items() if name.startswith("RELAY_TEAMS_")}
IN_SLACK = {name: value for name, value in EVERYTHING.items() if name.startswith("RELAY_SLACK_")}
BOT_TOKEN = {"json": {"access_token": "a", "expires_in": 3_600}}


ELSEWHERE = POLICY.replace("T111/", "T222/")
COMMAND = command("deploy", "deploy", repository="octo/api", event_type="deploy-api")


def channel(**members: bool) -> dict[str, Any]:
    return answer(200, {"ok": True, "channel": {"id": "C111", **members}})


def user(**members: bool) -> dict[str, Any]:
    return answer(200, {"ok": True, "user": {"id": "U111", **members}})


def sending_to(name: str) -> dict[str, str]:
    """Return a policy whose rule sends its cards to a channel."""
    return {"RELAY_POLICY": POLICY.replace("[[rule]]", f'[[rule]]\nchannels = ["{name}"]')}


FAULTS = [
    Fault("teams-credential", "warning", "posted to ops in Teams", "Set up the bot", environ=sending_to("ops")),
    Fault("slack-app", "warning", "posted to releases in Slack", "xoxb-", environ=sending_to("releases")),
    Fault(
        "slack-app",
        "warning",
        "no press and no command in Slack counts",
        "signing secret",
        environ={**IN_SLACK, "RELAY_SLACK_SIGNING_SECRET": ""},
    ),
    Fault("teams-credential", "failed", "no credential", "not its id", {TOKEN: refused_code("AADSTS7000215")}, TEAMS),
    Fault(
        "teams-credential",
        "failed",
        "no credential",
        "form of a secret's id",
        {TOKEN: refused_code("AADSTS7000215")},
        {**TEAMS, "RELAY_TEAMS_APP_PASSWORD": GUID},
    ),
    Fault("teams-credential", "warning", "answers 503", "later", {TOKEN: answer(503)}, TEAMS),
    Fault(
        "teams-keys",
        "failed",
        "answered 404",
        "RELAY_TEAMS_OPENID_URL",
        {("GET", OPENID): answer(404), TOKEN: BOT_TOKEN},
        TEAMS,
    ),
    Fault(
        "slack-app",
        "failed",
        "does not take the bot token",
        "xoxb-",
        {AUTH_TEST: answer(200, {"ok": False, "error": "invalid_auth"})},
        IN_SLACK,
    ),
    Fault(
        "slack-app",
        "failed",
        "does not list T999",
        "Add T999",
        {AUTH_TEST: answer(200, {"ok": True, "team_id": "T999"})},
        IN_SLACK,
    ),
    Fault(
        "slack-app",
        "failed",
        "lacks the scope chat:write",
        "Install",
        {AUTH_TEST: answer(200, {"ok": True, "team_id": "T111"}, headers={"x-oauth-scopes": "commands"})},
        IN_SLACK,
    ),
    Fault(
        "slack-app",
        "warning",
        "lacks the scope chat:write.public",
        "Install",
        {AUTH_TEST: answer(200, {"ok": True, "team_id": "T111"}, headers={"x-oauth-scopes": "chat:write"})},
        IN_SLACK,
    ),
    Fault(
        "slack-app",
        "warning",
        "answers with error 502",
        "later",
        {AUTH_TEST: {"status_code": 502, "text": "<html>"}},
        IN_SLACK,
    ),
    Fault("slack-app", "failed", "not Slack", "RELAY_SLACK_API_URL", {AUTH_TEST: answer(200, [])}, IN_SLACK),
    Fault(
        "slack-app",
        "failed",
        "Slack cannot be reached",
        "",
        {AUTH_TEST: {"exception": httpx.ConnectError("no")}},
        IN_SLACK,
    ),
    Fault("slack-app", "warning", "posts nothing in Slack", "xoxb-", environ={**IN_SLACK, "RELAY_SLACK_BOT_TOKEN": ""}),
    Fault(
        "slack-channels",
        "failed",
        "releases is archived",
        "Unarchive",
        {CHANNEL_INFO: channel(is_archived=True)},
        IN_SLACK,
    ),
    Fault(
        "slack-channels",
        "failed",
        "private channel releases",
        "/invite",
        {CHANNEL_INFO: channel(is_member=False, is_private=True)},
        IN_SLACK,
    ),
    Fault(
        "slack-channels",
        "failed",
        "no such conversation",
        "place",
        {CHANNEL_INFO: answer(200, {"ok": False, "error": "channel_not_found"})},
        IN_SLACK,
    ),
    Fault(
        "slack-channels",
        "left out",
        "channels:read",
        "",
        {CHANNEL_INFO: answer(200, {"ok": False, "error": "missing_scope"})},
        IN_SLACK,
    ),
    Fault(
        "slack-app",
        "warning",
        "lacks the scope commands",
        "Install",
        {AUTH_TEST: answer(200, {"ok": True, "team_id": "T111"}, headers={"x-oauth-scopes": ",".join(slack.SCOPES)})},
        {**IN_SLACK, "RELAY_POLICY": POLICY + COMMAND},
    ),
    Fault(
        "slack-people",
        "failed",
        "Slack has no account",
        "member ID",
        {USER_INFO: answer(200, {"ok": False, "error": "user_not_found"})},
        IN_SLACK,
    ),
    Fault("slack-people", "warning", "is deactivated", "Remove", {USER_INFO: user(deleted=True)}, IN_SLACK),
    Fault("slack-people", "failed", "an app in Slack", "Correct", {USER_INFO: user(is_bot=True)}, IN_SLACK),
    Fault("slack-people", "left out", "users:read", "", {USER_INFO: answer(500)}, IN_SLACK),
    Fault("slack-people", "left out", "in time", "", {USER_INFO: {"exception": httpx.ReadTimeout("no")}}, IN_SLACK),
    Fault(
        "slack-people",
        "left out",
        "users:read",
        "",
        {USER_INFO: answer(200, {"ok": False, "error": "missing_scope"})},
        IN_SLACK,
    ),
    Fault(
        "slack-people",
        "left out",
        "no person of team T111",
        "",
        environ={**IN_SLACK, "RELAY_POLICY": ELSEWHERE},
    ),
    Fault(
        "card-audience",
        "failed",
        "which is no audience",
        "AppIdUri",
        environ={"RELAY_CARD_AUDIENCE": "48AF08DC-f6d2-435f-b2a7-069abd99c086"},
    ),
    Fault("card-audience", "warning", "which no token names", "AppIdUri", environ={"RELAY_CARD_AUDIENCE": "the app"}),
    Fault(
        "card-audience",
        "failed",
        "knows no such app in the tenant",
        "client id",
        {("GET", AUTHORIZE): answer(200, text="AADSTS700016: there is no such application")},
        {"RELAY_CARD_AUDIENCE": GUID},
    ),
    Fault("card-audience", "left out", "is not set", "", environ={**IN_SLACK, "RELAY_CARD_AUDIENCE": ""}),
]


@by_fault(FAULTS)
def test_a_fault_is_found_with_its_cure_and_told_once(fault: Fault, tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    check_fault(fault, tmp_path, httpx_mock)
