"""Checks of the Slack app: its token, its scopes, its teams, and the channels that it posts to.

https://docs.slack.dev/reference/methods/auth.test
https://docs.slack.dev/reference/methods/conversations.info
"""

from collections.abc import Iterator
from typing import Any, Final
from urllib.parse import urlencode

from relay.chats.contract.chat import ChatCheck, Setup
from relay.chats.slack.answers import outcome_of
from relay.errors import Outage
from relay.model.debts import Refused, RetryAfter
from relay.model.findings import Finding, LeftOut
from relay.net import client as http_client
from relay.net.call import CallError, HttpResponse
from relay.signed import canonical_json

SCOPES: Final = ("chat:write", "chat:write.public")
COMMANDS: Final = "commands"  # the scope of slash commands
MOST: Final = 20  # people that are asked for
NO_USER: Final = "user_not_found"
CALL_TIME: Final = 6.0  # seconds
_FORM: Final = {"Accept": "application/json", "Content-Type": "application/x-www-form-urlencoded"}
_INSTALL: Final = "Install the app again with the manifest of `relay slack-app`, and copy its bot token."
_NO_TOKEN: Final = LeftOut("RELAY_SLACK_BOT_TOKEN is not set")
_POSTS_BY: Final = "Set the app's bot token, which begins with xoxb-."
_PROVES_BY: Final = "Set the signing secret of the Slack app, which its page Basic Information shows."
_POSTS_NOTHING: Final = Finding(
    "warning",
    "RELAY_SLACK_SIGNING_SECRET is set and RELAY_SLACK_BOT_TOKEN is not: the relay posts nothing in Slack",
    _POSTS_BY,
)


def app(setup: Setup, deadline: float) -> Iterator[Finding | LeftOut]:
    """Ask Slack about the bot token: whether it is taken, its team, and its scopes."""
    own = setup.own
    if own.teams and not own.signing_secrets:
        detail = "RELAY_SLACK_SIGNING_SECRET is not set, so no press and no command in Slack counts"
        yield Finding("warning", detail, _PROVES_BY)
    if not own.bot_token:
        unposted = setup.policy.channels_in_use("slack")
        if unposted:
            detail = f"RELAY_SLACK_BOT_TOKEN is not set, so nothing is posted to {' and '.join(unposted)} in Slack"
            yield Finding("warning", detail, _POSTS_BY)
        else:
            yield _POSTS_NOTHING if own.signing_secrets else _NO_TOKEN
        return
    answer, said = _ask(setup, "auth.test", deadline)
    if said.get("ok") is not True:
        yield _refused(answer, setup.clock())
        return
    teams = [str(said.get(name) or "") for name in ("team_id", "enterprise_id")]
    yield Finding("ok", f"Slack takes the token, which is of team {teams[0]}")
    if not {*teams} & {*own.teams}:
        detail = f"RELAY_SLACK_TEAMS does not list {teams[0]}, the team of the token: its people's presses are refused"
        yield Finding("failed", detail, f"Add {teams[0]}, or use the token of a listed team.")
    if "x-oauth-scopes" in answer.headers:
        scopes = {each.strip() for each in answer.headers["x-oauth-scopes"].split(",")}
        needed = (*SCOPES, COMMANDS) if setup.policy.commands else SCOPES
        lacking = [each for each in needed if each not in scopes]
        if lacking:
            detail = f"the token lacks the scope {', '.join(lacking)}"
            yield Finding("failed" if SCOPES[0] in lacking else "warning", detail, _INSTALL)


def channels(setup: Setup, deadline: float) -> Iterator[Finding | LeftOut]:
    """Ask Slack about each channel of the policy. It tells only apps with a scope for reading channels."""
    places = {name: each.place for name, each in setup.policy.channels.items() if each.kind == "slack" and each.place}
    if not setup.own.bot_token or not places:
        yield LeftOut("RELAY_SLACK_BOT_TOKEN is not set" if places else "the policy has no channel in Slack")
        return
    for name, place in places.items():
        answer, said = _ask(setup, "conversations.info", deadline, channel=place)
        yield _seen(name, answer, said, setup.clock())


def people(setup: Setup, deadline: float) -> Iterator[Finding | LeftOut]:
    """Ask Slack about each person of the policy in the token's team. It tells only apps with a scope for people."""
    try:
        yield from _people(setup, deadline)
    except Outage:  # what it has to say is no fault of this relay, and slack-app tells of Slack's own
        yield LeftOut("Slack does not answer about people in time")


def _people(setup: Setup, deadline: float) -> Iterator[Finding | LeftOut]:
    team = str(_ask(setup, "auth.test", deadline)[1].get("team_id") or "")
    places = [(person.key, *each.split("/")) for person in setup.policy.people.values() for each in person.slack]
    known = [(key, user) for key, place, user in places if place == team][:MOST]
    if not known:
        yield LeftOut(f"the policy has no person of team {team}")
        return
    found = list[Finding]()
    for key, user in known:
        _, said = _ask(setup, "users.info", deadline, user=user)
        if said.get("error") != NO_USER and not isinstance(said.get("user"), dict):
            yield LeftOut("Slack tells only apps with the scope users:read, which the relay does not need")
            return
        found += _looked_up(key, user, said)
    yield from found or [Finding("ok", f"Slack knows the {len(known)} people of the policy in team {team}")]


def _looked_up(key: str, user: str, said: dict[str, Any]) -> Iterator[Finding]:
    match said:
        case {"user": {"deleted": True}}:
            yield Finding("warning", f"{key}: the account {user} in Slack is deactivated", "Remove or correct `slack`.")
        case {"user": {"is_bot": True}}:
            yield Finding("failed", f"{key}: {user} is an app in Slack, and no person", "Correct `slack`.")
        case {"error": _}:
            cure = "Correct `slack`: in Slack, the person's profile, Copy member ID."
            yield Finding("failed", f"{key}: Slack has no account {user} in this team", cure)
        case _:
            pass


def _seen(name: str, answer: HttpResponse, said: dict[str, Any], now: float) -> Finding | LeftOut:
    channel = said.get("channel")
    match channel:
        case {"is_archived": True}:
            cure = "Unarchive it, or write another place in the policy."
            return Finding("failed", f"channel {name} is archived", cure)
        case {"is_member": False, "is_private": True}:
            return Finding("failed", f"the app is not in the private channel {name}", "Write /invite @APP there.")
        case {}:
            return Finding("ok", f"channel {name} takes the app's messages")
    if said.get("error") == "missing_scope":
        return LeftOut(
            f"channel {name}: Slack tells only apps with the scope channels:read, which the relay does not need"
        )
    found = _refused(answer, now)
    return Finding(found.status, f"channel {name}: {found.detail}", found.cure)


def _refused(answer: HttpResponse, now: float) -> Finding:
    outcome = outcome_of(answer, now, posted=False)
    if isinstance(outcome, Refused):
        return Finding("failed", outcome.phrase, f"{outcome.cure}.")
    phrase = outcome.phrase if isinstance(outcome, RetryAfter) else "Slack's answer is not understood"
    return Finding("warning", phrase, "Ask the doctor again later.")


def _ask(setup: Setup, method: str, deadline: float, **given: str) -> tuple[HttpResponse, dict[str, Any]]:
    """Return the answer of a method that only reads, and its object. Raises Outage if there is none."""
    try:
        answer = http_client.ask(
            setup.client(),
            "POST",
            f"{setup.own.api_url}/{method}",
            headers={"Authorization": f"Bearer {setup.own.bot_token}", **_FORM},
            content=urlencode(given).encode(),
            deadline=min(setup.clock() + CALL_TIME, deadline),
            clock=setup.clock,
        )
    except CallError:
        raise Outage("Slack cannot be reached") from None
    return answer, canonical_json.members(answer.body)


_SETTINGS: Final = ("RELAY_SLACK_SIGNING_SECRET", "RELAY_SLACK_BOT_TOKEN", "RELAY_SLACK_TEAMS")
CHECKS: Final = (
    ChatCheck("slack-app", app, settings=_SETTINGS),
    ChatCheck("slack-channels", channels, needs=("slack-app",), settings=("RELAY_POLICY",)),
    ChatCheck("slack-people", people, needs=("slack-app",), settings=("RELAY_POLICY",)),
)
