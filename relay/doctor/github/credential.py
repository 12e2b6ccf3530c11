"""Checks of the relay's credential at GitHub: whether it is taken, how long it lasts, and how many calls are left.

https://docs.github.com/rest/rate-limit/rate-limit
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from relay.doctor.github.asking import FOUND, NOT_FOUND, read, refused
from relay.doctor.inside.subject import Inside
from relay.github.api import NoToken
from relay.github.app import BAD_SIGNATURE
from relay.github.credential import is_of_github
from relay.model.findings import Finding, LeftOut

SOON: Final = 14  # days
LITTLE: Final = 0.1  # of the allowance
_DAY: Final = 86_400
_EXPIRY: Final = "github-authentication-token-expiration"
_RENEW: Final = "Make a new one with the same repositories and permissions, and set RELAY_GITHUB_TOKEN before that day."
_UNAUTHORIZED: Final = 401


def credential(inside: Inside) -> Iterator[Finding]:
    """Ask GitHub whether it takes the credential."""
    github = inside.github
    answer = github.about_credential()
    if answer.status == FOUND or (answer.status == NOT_FOUND and github.app is None and is_of_github(answer)):
        kind = "the App's signature" if github.app else "the token"
        yield Finding("ok", f"GitHub takes {kind}")
        return
    found = refused(answer, inside.web.clock())
    bad_key = github.app is not None and answer.status in {_UNAUTHORIZED, NOT_FOUND}
    detail = found.detail if found.detail.startswith("GitHub: ") else f"GitHub: {found.detail}"
    yield Finding("failed", detail, BAD_SIGNATURE if bad_key else found.cure)


def expiry(inside: Inside) -> Iterator[Finding | LeftOut]:
    """Look at the day on which the token expires."""
    if inside.github.app is not None:
        yield LeftOut("a GitHub App has a key, which does not expire")
        return
    text = inside.github.about_credential().headers.get(_EXPIRY, "")
    try:
        ends = _time(text)
    except ValueError:
        yield Finding("ok", "GitHub names no day on which the token expires")
        return
    days = int((ends - inside.web.clock()) // _DAY)
    day = text.partition(" ")[0]
    if days < SOON:
        yield Finding("warning", f"the token expires on {day}, days left: {max(0, days)}", _RENEW)
    else:
        yield Finding("ok", f"the token expires on {day}")


def limit(inside: Inside) -> Iterator[Finding | LeftOut]:
    """Look at the calls that GitHub still allows in this hour."""
    github = inside.github
    if github.app is None:
        answer = github.about_credential()
    elif not inside.repositories():
        yield LeftOut("each installation of an App has an allowance, and the policy names no repository")
        return
    else:
        try:
            answer = github.ask("GET", "/rate_limit", github.token_for(inside.repositories()[0].name))
        except NoToken:
            yield LeftOut("there is no token of an installation, which github-permission tells")
            return
    match read(answer):
        case {"resources": {"core": {"limit": int(most), "remaining": int(left)}}} if most > 0:
            pass
        case _:
            yield LeftOut("this GitHub tells no rate limit")
            return
    detail = f"{left} of {most} calls are left in this hour"
    if left < most * LITTLE:
        yield Finding("warning", detail, "Another program uses the same credential: give the relay one of its own.")
    else:
        yield Finding("ok", detail)


def _time(text: str) -> float:
    """Return the Unix seconds of `2026-12-01 10:00:00 UTC`, or with an offset. Raises ValueError."""
    return datetime.strptime(text.replace("UTC", "+0000"), "%Y-%m-%d %H:%M:%S %z").timestamp()
