"""The frame of every page: its head, its header, and its security headers.

https://developer.mozilla.org/docs/Web/HTTP/Guides/CSP
"""

import base64
import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import cache
from pathlib import Path
from typing import Final

from relay.chats.bidi import straight
from relay.model.delivery import Reply
from relay.model.values import iso
from relay.pages.html import Html, join, tag
from relay.pages.words import Words

_MARK: Final = (
    "<svg{} viewBox='0 0 32 32' xmlns='http://www.w3.org/2000/svg'><rect width='32' height='32' rx='9' fill='#0f6cbd'/>"
    "<path d='M9 17l5 5 9-12' fill='none' stroke='#fff' stroke-width='3.4' stroke-linecap='round' "
    "stroke-linejoin='round'/></svg>"
)
_UNITS: Final = (("day", 86_400), ("hour", 3_600), ("minute", 60))


def page(
    status: int,
    *children: Html | None,
    words: Words,
    title: str,
    signed_in: tuple[str, str] | None = None,
    skip: Html | None = None,
    headers: Mapping[str, str] | None = None,
) -> Reply:
    """Return a whole page. `skip` comes first. `signed_in` is the person's name, and the address for signing out."""
    top = tag("header", _brand(words), _signed_in(words, *signed_in) if signed_in else None, class_="top")
    head = tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", name="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name="color-scheme", content="light dark"),
        tag("meta", name="robots", content="noindex"),
        tag("title", f"{straight(title)} · {words.product}"),
        tag("link", rel="icon", href=f"data:image/svg+xml;base64,{_icon()}"),
        tag("style", Html(_style())),
    )
    body = tag("body", skip, top, tag("main", *children))
    text = f"<!doctype html>\n{tag('html', head, body, lang=words.language).text}\n"
    own = {"Content-Type": "text/html; charset=utf-8", "Content-Language": words.language}
    return Reply(status, {**security(), **own, **(headers or {})}, text.encode())


def redirect(status: int, location: str, headers: Mapping[str, str] | None = None) -> Reply:
    """Return a redirect with the security headers of every page."""
    return Reply(status, {**security(), "Location": location, **(headers or {})}, b"")


@cache
def security() -> Mapping[str, str]:
    """Return the headers of every answer: nothing is loaded, run, framed or cached."""
    digest = base64.b64encode(hashlib.sha256(_style().encode()).digest()).decode()
    return {
        "Content-Security-Policy": (
            f"default-src 'none'; style-src 'sha256-{digest}'; img-src data:; form-action 'self'; base-uri 'none'; "
            "frame-ancestors 'none'"
        ),
        "Cache-Control": "no-store",
        "Cross-Origin-Opener-Policy": "same-origin",
        "Cross-Origin-Resource-Policy": "same-origin",
        "Permissions-Policy": "camera=(), display-capture=(), geolocation=(), microphone=(), payment=(), usb=()",
        # without any referrer a browser would send a form with `Origin: null`, which App Service refuses too:
        # https://learn.microsoft.com/azure/app-service/overview-authentication-authorization
        "Referrer-Policy": "same-origin",
        "X-Content-Type-Options": "nosniff",
        "X-Frame-Options": "DENY",
        "X-Robots-Tag": "noindex, nofollow",
    }


def moment(at: float, now: float, words: Words) -> Html:
    """Return a time in UTC, for people and machines, and its distance from now."""
    shown = datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%d %H:%M UTC")
    away = _away(at - now, words)
    return join(tag("time", shown, datetime=iso(at)), " ", tag("span", f"({away})", class_="soft"))


def _away(seconds: float, words: Words) -> str:
    forms = words.after if seconds > 0 else words.before
    for unit, length in _UNITS:
        if abs(seconds) >= length:
            return forms[unit].format(n=int(abs(seconds) // length))
    return words.soon if seconds > 0 else words.just_now


def _brand(words: Words) -> Html:
    return tag("p", Html(_MARK.format(" width='24' height='24' aria-hidden='true'")), words.product, class_="brand")


def leave(words: Words, sign_out: str) -> Html:
    """Return the control that signs out: a link to App Service, or a form to our own address."""
    if sign_out.startswith("/.auth/"):
        return tag("a", words.sign_out, href=sign_out)
    # a form, since a GET never changes anything
    return tag("form", tag("button", words.sign_out, type="submit"), method="post", action=sign_out, class_="leave")


def _signed_in(words: Words, person: str, sign_out: str) -> Html:
    name = tag("span", words.signed_in.format(name=straight(person)), class_="name")
    return tag("div", name, leave(words, sign_out), class_="who")


def _icon() -> str:
    return base64.b64encode(_MARK.format("").encode()).decode()


@cache
def _style() -> str:
    return Path(__file__).with_name("page.css").read_text("utf-8")
