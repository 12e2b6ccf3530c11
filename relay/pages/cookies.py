"""The two cookies of the review page: a ticket that waits for its reader to sign in, and what a press came to.

Their prefix binds them to this very host; a browser takes them over https, and on this machine over http too.
https://developer.mozilla.org/docs/Web/HTTP/Reference/Headers/Set-Cookie#cookie_prefixes
"""

from collections.abc import Mapping
from typing import Final

TOLD: Final = "__Host-relay-told"
TICKET: Final = "__Host-relay-ticket-"  # and the id of its request: a person may open several at once
TICKET_LIFETIME: Final = 1_800  # seconds since the page was last looked at


def read(headers: Mapping[str, str]) -> dict[str, str]:
    """Return the cookies of a request, the first of each name; header names are in lower case."""
    found: dict[str, str] = {}
    for each in headers.get("cookie", "").split(";"):
        name, _, value = each.strip().partition("=")
        found.setdefault(name, value)
    return found


def keep(name: str, value: str, seconds: int) -> dict[str, str]:
    """Return the header that keeps a cookie; with 0 seconds it is dropped. The value is one that needs no quotes."""
    return {"Set-Cookie": f"{name}={value}; Max-Age={seconds}; Path=/; Secure; HttpOnly; SameSite=Lax"}
