"""Meaning of each answer of Slack's Web API, a response_url or an incoming webhook for a card. Pure.

https://docs.slack.dev/reference/methods/chat.postMessage#errors
https://docs.slack.dev/reference/methods/chat.update#errors
https://docs.slack.dev/messaging/sending-messages-using-incoming-webhooks#handling-errors
"""

import re
from dataclasses import replace
from types import MappingProxyType
from typing import Final, NamedTuple

from relay.model.debts import Delivered, Outcome, Refused, RetryAfter
from relay.net.call import HttpResponse
from relay.net.retry_after import retry_after
from relay.signed.canonical_json import members

_CODE: Final = re.compile(r"[a-z][a-z0-9_]{0,60}")
_PLACE: Final = re.compile(r"[CGD][A-Z0-9]{1,20}")
_TS: Final = re.compile(r"[0-9]{1,12}\.[0-9]{1,9}")
_LIMITED: Final = frozenset({"ratelimited", "rate_limited"})
_PASSING: Final = frozenset(
    {"fatal_error", "internal_error", "service_unavailable", "request_timeout", "team_added_to_org"}
    | {"org_login_required"}
)
_GONE: Final = "message_not_found"
_TOKEN: Final = "renew RELAY_SLACK_BOT_TOKEN: install the app again and copy its bot token, which begins with xoxb-"  # noqa: S105 - a sentence
_PLACES: Final = "correct the channel's place in the policy; Slack shows the id at the end of the channel's details"
_SIZE: Final = "shorten the text, facts and sections of the request"
_POSTED_OTHERWISE: Final = "it was posted by another app or token: put back the app's own, or ask again for a new card"
_ANOTHER: Final = "make another under Incoming Webhooks in the app's settings"
_REFUSALS: Final = MappingProxyType(
    {
        "channel_not_found": Refused(
            "there is no such conversation", f"{_PLACES}, and invite the app if it is private", of_place=True
        ),
        "not_in_channel": Refused(
            "the app is not in the channel", "write /invite @APP in the channel, and replay", of_place=True
        ),
        "is_archived": Refused(
            "the channel is archived", "unarchive it, or write another place in the policy", of_place=True
        ),
        "messages_tab_disabled": Refused(
            "the app takes no direct messages",
            "in the app's settings, under App Home, switch the Messages Tab on; the manifest of `relay slack-app` does",
        ),
        "cannot_dm_bot": Refused(
            "a bot takes no direct messages", "correct the person's slack id in the policy", of_place=True
        ),
        "user_not_found": Refused("there is no such person", "correct the person's slack id in the policy"),
        "users_not_found": Refused("there is no such person", "correct the person's slack id in the policy"),
        "user_disabled": Refused("the person's account is switched off", "take the person out of the policy"),
        "user_not_in_channel": Refused("the person is not in the channel", "invite them", of_place=True),
        "missing_scope": Refused(
            "the bot token lacks a scope", "install the app with chat:write and chat:write.public"
        ),
        "not_allowed_token_type": Refused("the token is no bot token", _TOKEN),
        "invalid_auth": Refused("Slack does not take the bot token", _TOKEN),
        "not_authed": Refused("Slack does not take the bot token", _TOKEN),
        "token_revoked": Refused("the bot token was revoked", _TOKEN),
        "token_expired": Refused("the bot token has expired", _TOKEN),
        "account_inactive": Refused("the app was removed from the workspace", _TOKEN),
        "ekm_access_denied": Refused("the workspace's administrators stop it", "ask them to let the app post"),
        "used_url": Refused("Slack takes no more words for this press", "press again: it takes five for a press"),
        "expired_url": Refused("Slack takes no more words for this press", "press again: it takes them for 30 minutes"),
        "thread_not_found": Refused("the message of the thread is gone", "drop it: `relay outbox drop` with --card"),
        "restricted_action": Refused(
            "the workspace's administrators stop it", "ask them to let the app post in this channel", of_place=True
        ),
        "invalid_blocks": Refused("Slack finds the card invalid", "check the card with `relay lint`"),
        "invalid_blocks_format": Refused("Slack finds the card invalid", "check the card with `relay lint`"),
        "invalid_payload": Refused("Slack finds the card invalid", "check the card with `relay lint`"),
        "no_text": Refused("Slack finds the card empty", "check the card with `relay lint`"),
        "msg_too_long": Refused("the card is too large for Slack", _SIZE),
        "msg_blocks_too_long": Refused("the card is too large for Slack", _SIZE),
        "cant_update_message": Refused("the message is not the app's own", _POSTED_OTHERWISE),
        "edit_window_closed": Refused(
            "the workspace lets messages be changed for some time only", "ask an administrator"
        ),
        "message_limit_exceeded": Refused("the workspace sends too many messages", "wait, and replay"),
        "streaming_state_conflict": Refused("the message is being streamed", "replay"),
        "no_service": Refused("the webhook was removed or switched off", _ANOTHER),
        "no_active_hooks": Refused("the webhook was removed or switched off", _ANOTHER),
        "no_service_id": Refused("the webhook's address is not whole", "copy it again from the app's settings"),
        "no_team": Refused("the webhook's address is not whole", "copy it again from the app's settings"),
        "invalid_token": Refused("the webhook's address is not whole", "copy it again from the app's settings"),
        "team_disabled": Refused("the workspace is switched off", "ask its administrators"),
        "action_prohibited": Refused("the workspace's administrators stop it", "ask them to let the webhook post"),
        "posting_to_general_channel_denied": Refused(
            "the workspace lets few people post in this channel", "choose another channel for the webhook"
        ),
        "too_many_attachments": Refused("the card has too many attachments", _SIZE),
    }
)
_OF_WEBHOOKS: Final = MappingProxyType(  # which are not of the policy
    {
        "channel_not_found": Refused("the webhook's channel is gone", _ANOTHER),
        "channel_is_archived": Refused("the channel is archived", "unarchive it, or choose another for the webhook"),
        "user_not_found": Refused("the person of the webhook is gone", _ANOTHER),
    }
)
_OTHER: Final = Refused("Slack refused the card", "look the code up at https://docs.slack.dev/reference/methods")
_NOT_SLACK: Final = Refused("what answered is not Slack", "RELAY_SLACK_API_URL is normally https://slack.com/api/")
_NO_WEBHOOK: Final = Refused("what answered is not Slack", "copy the webhook's address again from the app's settings")


class Named(NamedTuple):
    """A message by the channel and the ts that Slack answered."""

    place: str
    ts: str


def outcome_of(answer: HttpResponse, now: float, *, posted: bool) -> Outcome:
    """Return the outcome of an answer of the Web API. `posted` is a new message, which must not be posted twice."""
    passing = _passing(answer, now, ambiguous=posted)
    if passing is not None:
        return passing
    found = members(answer.body)
    if found.get("ok") is True:
        return _NOT_SLACK if posted and named(answer) is None else Delivered()
    code = found.get("error")
    return _refused(code, posted=posted) if isinstance(code, str) and _CODE.fullmatch(code) else _NOT_SLACK


def said_outcome(answer: HttpResponse, now: float) -> Outcome:
    """Return the outcome of an answer of a response_url or an incoming webhook: `ok`, or a code as bare text."""
    passing = _passing(answer, now, ambiguous=True)
    if passing is not None:
        return passing
    text = answer.body[:100].decode("utf-8", "replace").strip()
    found = members(answer.body)
    if answer.status == 200 and (text == "ok" or found.get("ok") is True):  # noqa: PLR2004 - OK
        return Delivered()
    code = found.get("error", text)
    if not isinstance(code, str) or not _CODE.fullmatch(code):
        return _NO_WEBHOOK
    return _with_code(_OF_WEBHOOKS.get(code) or _known(code), code)


def in_own_words(outcome: Outcome) -> Outcome:
    """Return an outcome for the log, which has no foreign words: without the code if it is not a known one."""
    return _OTHER if isinstance(outcome, Refused) and outcome.phrase == _OTHER.phrase else outcome


def named(answer: HttpResponse) -> Named | None:
    """Return where Slack posted a message and how it calls it, None where it does not say.

    A message to a person is posted in a conversation of its own, and only that takes changes.
    """
    found = members(answer.body)
    place, ts = found.get("channel"), found.get("ts")
    if isinstance(place, str) and isinstance(ts, str) and _PLACE.fullmatch(place) and _TS.fullmatch(ts):
        return Named(place, ts)
    return None


def _passing(answer: HttpResponse, now: float, *, ambiguous: bool) -> RetryAfter | None:
    code = members(answer.body).get("error")
    if answer.status == 429 or (isinstance(code, str) and code in _LIMITED):  # noqa: PLR2004 - Too Many Requests
        return RetryAfter("Slack asks the relay to wait", retry_after(answer.headers, now) or 1.0)
    if isinstance(code, str) and code in _PASSING:
        return RetryAfter(f"Slack answers {code}", retry_after(answer.headers, now), ambiguous=ambiguous, answered=True)
    if answer.status >= 500:  # noqa: PLR2004 - 5xx
        phrase = f"Slack answers with error {answer.status}"
        return RetryAfter(phrase, retry_after(answer.headers, now), ambiguous=ambiguous, answered=True)
    return None


def _refused(code: str, *, posted: bool) -> Outcome:
    if code == _GONE and not posted:
        return Delivered(note="somebody deleted the card")  # there is nothing left to change
    return _with_code(_known(code), code)


def _known(code: str) -> Refused:
    return _REFUSALS.get("restricted_action" if code.startswith("restricted_action") else code, _OTHER)


def _with_code(refused: Refused, code: str) -> Refused:
    return replace(refused, cure=f"{refused.cure} (Slack says {code})")
