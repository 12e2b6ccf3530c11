"""Pages without a request: the problem, and its cure."""

from types import MappingProxyType
from typing import Final

from relay.model import Reply
from relay.pages.frame import LOGOUT, page
from relay.pages.html import Html, tag
from relay.pages.words import Words

LOGIN: Final = "/.auth/login/aad?post_login_redirect_uri="
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
    }
)


def note(code: str, words: Words, *, path: str = "") -> Reply:
    """Draw the reason why a request is not shown or a press not taken. `path` leads back to the request, if any."""
    title, text = words.refused[code]
    box = tag("section", tag("h1", title), tag("p", text), _next_step(code, words, path), class_="card note")
    return page(_STATUS[code], box, words=words, title=title)


def _next_step(code: str, words: Words, path: str) -> Html | None:
    if not path:
        return None
    match code:
        case "signed-out":
            return _button(words.sign_in, LOGIN + path)
        case "foreign":
            return _button(words.sign_out, LOGOUT + path)
        case "busy":
            return _button(words.again, path)
        case "other-site" | "malformed" | "too-large":
            return _button(words.back, path)
        case _:
            return None


def _button(name: str, href: str) -> Html:
    return tag("p", tag("a", name, href=href, class_="button"))
