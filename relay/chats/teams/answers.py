"""The meaning of each answer of the Bot Connector for a card. Pure.

https://learn.microsoft.com/microsoftteams/platform/bots/build-conversational-capability#status-code-responses
https://learn.microsoft.com/microsoftteams/platform/bots/how-to/rate-limit
"""

import re
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from relay.model.debts import Delivered, Outcome, Refused, RetryAfter
from relay.net.call import HttpResponse
from relay.net.retry_after import retry_after
from relay.signed.canonical_json import members

_CODE: Final = re.compile(r"[A-Za-z]{1,60}")
_NAME: Final = re.compile(r"[!-~]{1,300}")
_INSTALL: Final = (
    "add the relay's app to the team or chat (Apps, Manage your apps), and see that an administrator has not blocked it"
)
_REFUSALS: Final = MappingProxyType(
    {
        400: Refused(
            "Teams finds the card invalid",
            "write to the bot in the conversation, compare the channel's place in the policy with what it answers, "
            "and check the card with relay lint",
        ),
        401: Refused(
            "Teams does not take the bot's token",
            "the app of RELAY_TEAMS_APP_ID must be that of the Azure Bot, and RELAY_TEAMS_TENANT_ID the tenant of a "
            "single-tenant bot",
        ),
        403: Refused("the bot may not post there", _INSTALL, of_place=True),
        404: Refused(
            "there is no such conversation",
            f"correct the channel's place in the policy, which the bot tells whoever writes to it there; or {_INSTALL}",
            of_place=True,
        ),
        413: Refused("the card is too large for Teams", "shorten the text, facts and sections of the request"),
    }
)
_NOT_TEAMS: Final = Refused(
    "what answered is not Teams", "check that nothing between the relay and the Bot Connector answers in its stead"
)
_GONE: Final = 404
_BUSY: Final = frozenset({408, 412, 429})  # 412: another change of the same conversation was under way


def outcome_of(answer: HttpResponse, now: float, *, posted: bool) -> Outcome:
    """Return the outcome of an answer. `posted` marks a new message: it must not be sent twice."""
    status = answer.status
    if status in {200, 201, 202, 204}:
        unnamed = posted and not message_id(answer)
        return _NOT_TEAMS if unnamed else Delivered()
    if status == _GONE and not posted:
        return Delivered(note="somebody deleted the card")  # there is nothing left to change, whoever tries
    if status in _BUSY:
        return RetryAfter("Teams asks the relay to wait", retry_after(answer.headers, now))
    if status >= 500:  # noqa: PLR2004 - 5xx
        seconds = retry_after(answer.headers, now)
        return RetryAfter(f"Teams answers with error {status}", seconds, ambiguous=posted, answered=True)
    refused = _REFUSALS.get(status, _NOT_TEAMS)
    code = _error_code(answer)
    return replace(refused, cure=f"{refused.cure} (Teams says {code})") if code else refused


def message_id(answer: HttpResponse) -> str:
    """Return the id of a message that Teams took, or an empty text if the answer has none."""
    found = members(answer.body).get("id")
    return found if isinstance(found, str) and _NAME.fullmatch(found) else ""


def _error_code(answer: HttpResponse) -> str:
    error = members(answer.body).get("error")
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""
