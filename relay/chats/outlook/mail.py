"""An e-mail around a card: Outlook draws the card, and every other program shows the body.

https://learn.microsoft.com/outlook/actionable-messages/get-started#sending-actionable-messages-through-email
"""

import json
from collections.abc import Iterable
from html import escape
from types import MappingProxyType
from typing import Final

from relay.chats.adaptive.elements import when
from relay.chats.bidi import straight
from relay.chats.shared.released import released
from relay.model.request import ApprovalRequest, Proven
from relay.model.values import Json

_ENCODER: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
# Nothing of a card ends its script element early, or begins a comment in it; JSON may write these characters so.
_SAFE: Final = MappingProxyType({ord(char): f"\\u{ord(char):04x}" for char in "<>&\u2028\u2029"})
_BARE: Final = 'width="100%" cellpadding="0" cellspacing="0" border="0"'
_TABLE: Final = f'<table role="presentation" {_BARE}'
# Inline styles, since many mail programs read no others; the dark ones stand apart.
_FONT: Final = "font-family:-apple-system,'Segoe UI',Roboto,Helvetica,Arial,sans-serif;font-size:15px;line-height:1.5"
_PAGE: Final = f"margin:0;padding:0;background:#ffffff;color:#1f2328;{_FONT}"
_CARD: Final = "max-width:600px;border:1px solid #d1d9e0;border-radius:6px"
_INSIDE: Final = f"padding:20px;text-align:left;{_FONT}"
_LABEL: Final = "font-size:13px;font-weight:600;color:#59636e"
_TITLE: Final = "margin:2px 0 16px;font-size:22px;line-height:1.3;font-weight:600;overflow-wrap:anywhere"
_HEADING: Final = "margin:0 0 6px;font-size:15px;font-weight:600"
_SENDER: Final = f"{_HEADING};margin-top:24px"
_BOX: Final = "background:#f6f8fa;border-radius:6px;padding:14px 16px"
_NAME: Final = "padding:3px 12px 3px 0;width:104px;text-align:left;vertical-align:top;font-weight:400;color:#59636e"
_VALUE: Final = "padding:3px 0;vertical-align:top;overflow-wrap:anywhere;word-break:break-word;white-space:pre-wrap"
_WORDS: Final = "margin:8px 0;overflow-wrap:anywhere;white-space:pre-wrap"
_MUTED: Final = "margin:0;font-size:13px;color:#59636e"
_ASK: Final = "margin:20px 0 8px"
_LINK: Final = "color:#0969da"
_BUTTON: Final = (
    "display:inline-block;padding:12px 22px;border-radius:6px;background:#0969da;color:#ffffff;font-weight:600;"
    "text-decoration:none"
)
_DARK: Final = (
    "@media (prefers-color-scheme:dark){"
    ".page{background:#0d1117!important;color:#e6edf3!important}"
    ".card{border-left-color:#3d444d!important;border-right-color:#3d444d!important;"
    "border-bottom-color:#3d444d!important}"
    ".box{background:#151b23!important}.muted{color:#9198a1!important}.link{color:#4493f8!important}}"
)
_DECIDES_NOTHING: Final = "Opening the page decides nothing: it shows the request, and asks for your decision there."


def subject(request: ApprovalRequest) -> str:
    """Return the subject: the summary of the request, on one line."""
    words = request.summary or request.title
    return _line("".join(char if char.isprintable() else " " for char in words))


def draw_mail(request: ApprovalRequest, *, card: Json, review_url: str, proven: Proven) -> str:
    """Draw the HTML of an e-mail that holds a card, an Adaptive one or a MessageCard, exactly as it is.

    A mail program that draws no cards shows the body, which leads to the review page. Nothing in it decides.
    """
    kind = "application/adaptivecard+json" if card.get("type") == "AdaptiveCard" else "application/ld+json"
    color = f"#{request.theme_color.removeprefix('#') or '0969DA'}"
    inside = "\n".join(_rows(request, review_url, proven))
    return (
        '<!DOCTYPE html>\n<html lang="en">\n<head>\n'
        '<meta http-equiv="Content-Type" content="text/html; charset=utf-8">\n'
        '<meta name="viewport" content="width=device-width, initial-scale=1">\n'
        '<meta name="color-scheme" content="light dark">\n'
        '<meta name="supported-color-schemes" content="light dark">\n'
        f"<title>{escape(subject(request))}</title>\n"
        f'<script type="{kind}">{_ENCODER.encode(dict(card)).translate(_SAFE)}</script>\n'
        f"<style>{_DARK}</style>\n</head>\n"
        f'<body class="page" style="{_PAGE}">\n{_TABLE}><tr><td align="center" style="padding:16px 12px">\n'
        f'{_TABLE} class="card" style="{_CARD};border-top:4px solid {color}"><tr><td style="{_INSIDE}">\n'
        f"{inside}\n</td></tr></table>\n</td></tr></table>\n</body>\n</html>\n"
    )


def draw_text(request: ApprovalRequest, *, review_url: str, proven: Proven) -> str:
    """Draw the same body as plain text."""
    facts = "".join(f"\n  {name}: {_line(value)}" for name, value in _released(request, proven))
    paragraphs = [f"{_label(request)}: {_line(request.title)}", *([_heading(request) + facts] if facts else [])]
    if request.event_type:
        paragraphs.append(f"Review and decide:\n{review_url}\n{_DECIDES_NOTHING}")
    words = [request.text] if request.text else []
    words += [f"{fact['name']}: {fact['value']}" for fact in request.facts]
    words += [f"{link['name']}: {link['url']}" for link in request.links]
    if words:
        # Each line is marked, so that the sender's words cannot pass for ours.
        paragraphs.append(
            "\n".join(["From the sender", *(f"> {line}" for line in straight("\n".join(words)).splitlines())])
        )
    return "\n\n".join(paragraphs) + "\n"


def _rows(request: ApprovalRequest, review_url: str, proven: Proven) -> list[str]:
    rows = [
        _tag("div", _LABEL, _label(request), "muted"),
        _tag("h1", _TITLE, escape(straight(request.title))),
    ]
    facts = [
        (name, _link(value, value) if name == "Run" else escape(straight(value)))
        for name, value in _released(request, proven)
    ]
    if facts:
        rows.append(_tag("div", _BOX, _tag("h2", _HEADING, _heading(request)) + _facts(facts), "box"))
    if request.event_type:
        button = f'<a href="{escape(review_url)}" style="{_BUTTON}">Review and decide</a>'
        rows += [_tag("p", _ASK, button), _tag("p", _MUTED, _DECIDES_NOTHING, "muted")]
    return [*rows, *_sender(request)]


def _sender(request: ApprovalRequest) -> list[str]:
    rows = [_tag("p", _WORDS, escape(straight(request.text)))] if request.text else []
    if request.facts:
        rows.append(
            _facts(
                (escape(straight(str(fact["name"]))), escape(straight(str(fact["value"])))) for fact in request.facts
            )
        )
    if request.links:
        links = (_link(str(each["name"]), str(each["url"])) for each in request.links)
        rows.append(_tag("p", _WORDS, " &middot; ".join(links)))
    return [_tag("h2", _SENDER, "From the sender"), *rows] if rows else []


def _released(request: ApprovalRequest, proven: Proven) -> list[tuple[str, str]]:
    run = [("Run", request.run_url)] if request.run_url else []
    return [*released(request, proven, expires=when(request.expires_at, local=False)), *run]


def _label(request: ApprovalRequest) -> str:
    return "Approval requested" if request.event_type else "Notification"


def _heading(request: ApprovalRequest) -> str:
    return "What an approval releases" if request.event_type else "Where this comes from"


def _facts(pairs: Iterable[tuple[str, str]]) -> str:
    """Draw names and values, already escaped."""
    rows = "".join(
        f'<tr><th scope="row" class="muted" style="{_NAME}">{name}</th>{_tag("td", _VALUE, value)}</tr>'
        for name, value in pairs
    )
    return f'<table {_BARE} style="border-collapse:collapse">{rows}</table>'


def _link(name: str, url: str) -> str:
    return f'<a class="link" href="{escape(url)}" style="{_LINK}">{escape(straight(name))}</a>'


def _tag(name: str, style: str, inside: str, named: str = "") -> str:
    """Draw an element around escaped text. Its class, if `named`, has other colors in dark mode."""
    dark = f' class="{named}"' if named else ""
    return f'<{name}{dark} style="{style}">{inside}</{name}>'


def _line(words: str) -> str:
    return " ".join(straight(words).split())
