"""Answers of GitHub's REST API, and the outcome that each means for a dispatch. Pure.

https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

import json
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from relay.github.purposes import CREDENTIAL, DISPATCH, Purpose
from relay.model.debts import Delivered, Outcome, Refused, RetryAfter
from relay.net.call import HttpResponse
from relay.net.retry_after import SECONDS, believable, retry_after

if TYPE_CHECKING:
    from relay.github.bodies import InvalidError

MINUTE: Final = 60.0  # GitHub asks for at least this after a limit was hit, if no header says how long
RENAMED: Final = (
    "the repository was renamed or transferred, and what was judged under its old name is not sent to it: write its "
    "new name in the policy and in the workflows that ask, and ask again"
)

REFUSED: Final[Mapping[int, Refused]] = {
    400: Refused(
        "it does not understand the relay's call",
        "usually an API version that this server does not know: set RELAY_GITHUB_API_VERSION to one it supports",
    ),
    401: Refused(
        "it does not accept the relay's credential",
        f"the credential is expired, revoked or mistyped: renew {CREDENTIAL}",
    ),
    407: Refused(
        "a proxy between the relay and it asks for a sign-in",
        "write the proxy's user and password into HTTPS_PROXY, or let the relay call GitHub without a proxy",
    ),
    451: Refused(
        "the repository is blocked for legal reasons",
        "GitHub has taken the repository down; its page has the notice. Nothing at the relay changes that",
    ),
    410: Refused(
        "it no longer supports the API version that the relay uses",
        "set RELAY_GITHUB_API_VERSION to a supported version, such as 2026-03-10",
    ),
}
MOVED: Final = Refused(
    "the repository was renamed or moved",
    f"{RENAMED}; if it was not, RELAY_GITHUB_API_URL is not the API's own address but one that redirects to it",
)
NOT_GITHUB: Final = Refused(
    "its answer is not one that GitHub gives",
    "RELAY_GITHUB_API_URL is probably not GitHub's REST API: it is https://api.github.com or https://HOST/api/v3",
)
SSO: Final = Refused(
    "the relay's credential is not authorized for the organization's single sign-on",
    "on GitHub, under Settings, Developer settings, open the token of RELAY_GITHUB_TOKEN, choose Configure SSO and "
    "authorize the organization; a GitHub App needs no such step",
)
LIMITED: Final = "it limits how often the relay may call"
LOCKED_OUT: Final = "it locks the relay out for a while, since its credential was wrong several times"

_IN_JSON: Final = frozenset({401, 410})
_REASONS: Final = (  # GitHub's reasons for a 403 that an approver understands
    (re.compile(r"\barchived\b", re.IGNORECASE), "the repository is archived, so it takes nothing"),
    (
        re.compile(r"\bIP allow list\b", re.IGNORECASE),
        "the organization's list of allowed addresses lacks the relay",
    ),
    (re.compile(r"\bsuspended\b", re.IGNORECASE), "the relay's account or GitHub App is suspended there"),
)
_LIMIT_MESSAGE: Final = re.compile(
    r"^api rate limit exceeded|\bsecondary rate\b|abuse detection"
    r"|please retry your request again later\.$|please wait a few minutes before you try again\.$",
    re.IGNORECASE,
)
_LIMIT_PAGE: Final = re.compile(r"(?:#abuse-rate-limits|secondary-rate-limits)$")
_LOCKED_OUT_MESSAGE: Final = re.compile(r"maximum number of login attempts", re.IGNORECASE)
_PERMISSION_MESSAGE: Final = re.compile(r"resource not accessible by", re.IGNORECASE)


def classify(answer: HttpResponse, now: float, purpose: Purpose = DISPATCH) -> Outcome:  # noqa: PLR0911 - a table
    """Return the outcome of a call from its answer. `now` is in Unix seconds."""
    match answer.status:
        case 204:
            return Delivered()
        case 403:
            return _forbidden(answer, now, purpose)
        case 404:
            return NOT_GITHUB if is_foreign(answer.body) else Refused(*purpose.missing)
        case 422:
            return _invalid(answer, purpose)
        case 429:
            return RetryAfter(LIMITED, _limit(answer.headers, now) or MINUTE, limited=True)
        case status if status in REFUSED:
            return NOT_GITHUB if status in _IN_JSON and is_foreign(answer.body) else REFUSED[status]
        case status if status == 408 or status >= 500:  # noqa: PLR2004 - 5xx
            seconds = retry_after(answer.headers, now)
            return RetryAfter(f"it answers with error {status}", seconds, ambiguous=True)
        case status if status < 300:  # noqa: PLR2004 - 2xx
            return NOT_GITHUB
        case status if status < 400:  # noqa: PLR2004 - 3xx
            return MOVED
        case status:
            return Refused(f"it answers with error {status}", f"a status unknown for such calls; {NOT_GITHUB.cure}")


def _limit(headers: Mapping[str, str], now: float) -> float:
    """Return the seconds until a rate limit ends, or 0 if the headers name none."""
    if "retry-after" in headers:  # it may be blank
        asked = retry_after(headers, now)
        if asked:
            return asked
    if headers.get("x-ratelimit-remaining", "").strip() == "0":
        reset = headers.get("x-ratelimit-reset", "").strip()
        until = believable(float(reset) - now) if SECONDS.fullmatch(reset) else 0.0
        return until or MINUTE
    return MINUTE if "retry-after" in headers else 0.0


def _forbidden(answer: HttpResponse, now: float, purpose: Purpose) -> Outcome:
    """Tell apart the many meanings of a 403. Only some of them pass by themselves."""
    if seconds := _limit(answer.headers, now):
        return RetryAfter(LIMITED, seconds, limited=True)
    if "x-github-sso" in answer.headers:
        return SSO
    error = _read(answer.body)
    message = error.message or ""
    if _LIMIT_MESSAGE.search(message) or _LIMIT_PAGE.search(error.documentation_url or ""):
        return RetryAfter(LIMITED, MINUTE, limited=True)
    if _LOCKED_OUT_MESSAGE.search(message):
        return RetryAfter(LOCKED_OUT, MINUTE, limited=True)
    if _PERMISSION_MESSAGE.search(message):
        return _no_permission(answer.headers, purpose)
    return Refused(
        next((phrase for pattern, phrase in _REASONS if pattern.search(message)), "it forbids this to the relay"),
        f"GitHub says: {error.sentence() or 'nothing readable'}. Check what {CREDENTIAL} may do, and the policies of "
        "the organization for tokens, apps and addresses",
    )


def _no_permission(headers: Mapping[str, str], purpose: Purpose) -> Refused:
    from relay.github.bodies import printable  # noqa: PLC0415 - as below

    permission = purpose.permission
    asked = printable(headers.get("x-accepted-github-permissions", "")) or f"{permission.name}={permission.level}"
    return Refused(
        "the relay's credential lacks a permission",
        f"grant {CREDENTIAL}, the repository permission {permission.label} ({purpose.not_enough}); "
        f"GitHub asks for {asked}",
    )


def is_foreign(body: bytes) -> bool:
    """Tell whether a body is not JSON: a page of a proxy, or of GitHub's web site in place of its API."""
    try:
        json.loads(body or b"{}")
    except (ValueError, RecursionError):
        return True
    return False


def _invalid(answer: HttpResponse, purpose: Purpose) -> Refused:
    if is_foreign(answer.body):
        return NOT_GITHUB
    phrase, cure = purpose.invalid
    return Refused(phrase, f"GitHub says: {_read(answer.body).sentence() or 'nothing readable'}. {cure}")


def _read(body: bytes) -> "InvalidError":
    from relay.github.bodies import read_error  # noqa: PLC0415 - pydantic waits until there is an error

    return read_error(body)
