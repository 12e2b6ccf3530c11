"""Pages without a request: the problem, and its cure."""

from types import MappingProxyType
from typing import Final

from relay.model.delivery import Reply
from relay.pages.addresses import APP_SERVICE_LOGOUT
from relay.pages.frame import page
from relay.pages.html import Html, tag
from relay.pages.words import Words

_STATUS: Final = MappingProxyType(
    {
        "off": 403,
        "foreign": 403,
        "signed-out": 401,
        "unknown-request": 404,
        "not-genuine": 400,
        "other-site": 403,
        "malformed": 400,
        "too-large": 413,
        "busy": 503,
        "settings": 503,
        "sign-in-expired": 400,
        "sign-in-denied": 400,
        "sign-in-refused": 400,
        "sign-in-clock": 400,
        "sign-in-provider": 400,
        "sign-in-setup": 503,
        "sign-in-away": 503,
        "sign-out": 403,
        "nobody": 200,
    }
)


def note(code: str, words: Words, *, path: str = "", sign_in: str = "") -> Reply:
    """Draw the reason why a request is not shown, a press not taken or a person not signed in.

    `path` leads back to the request, and `sign_in` to the sign-in, if any.
    """
    title, text = words.refused[code]
    box = tag("section", tag("h1", title), tag("p", text), _next_step(code, words, path, sign_in), class_="card note")
    return page(_STATUS[code], box, words=words, title=title)


def _next_step(code: str, words: Words, path: str, sign_in: str) -> Html | None:
    found = {
        "signed-out": (words.sign_in, sign_in),
        "nobody": (words.sign_in, sign_in),
        "foreign": (words.other_account, sign_in),
        "sign-out": (words.sign_out, sign_in),
        "busy": (words.again, path),
        "other-site": (words.back, path),
        "malformed": (words.back, path),
        "too-large": (words.back, path),
    }
    name, href = found.get(code, (words.start_again, sign_in))
    if code == "foreign" and sign_in.startswith(APP_SERVICE_LOGOUT):
        name = words.sign_out
    return _button(name, href) if href else None


def _button(name: str, href: str) -> Html:
    return tag("p", tag("a", name, href=href, class_="button"))
