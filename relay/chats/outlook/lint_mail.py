"""An e-mail's HTML against Outlook's demands: a card in a script of the head, and only one."""

from collections.abc import Iterator, Mapping
from html.parser import HTMLParser
from types import MappingProxyType
from typing import Final

from relay.chats.lint import lint
from relay.signed import canonical_json

SCRIPTS: Final = MappingProxyType(
    {"application/adaptivecard+json": "AdaptiveCard", "application/ld+json": "MessageCard"}
)


def check(html: str, relay: str = "") -> tuple[str, ...]:
    """Return each problem of a mail that holds a card: a sentence with the place and the cure.

    `relay` is the relay's origin, or empty where it is not known.

    https://learn.microsoft.com/outlook/actionable-messages/send-via-email
    """
    return tuple(_problems(html, relay))


def _problems(html: str, relay: str) -> Iterator[str]:
    reader = _Reader()
    reader.feed(html)
    reader.close()
    if not reader.scripts:
        types = " or ".join(SCRIPTS)
        yield f"there is no script of the type {types}: Outlook draws a card from there alone"
    if len(reader.scripts) > 1:
        yield f"there are {len(reader.scripts)} scripts with a card, and one is drawn: take the others away"
    for kind, in_head, text in reader.scripts[:1]:
        if not in_head:
            yield "the script stands outside of the head, where mail programs take it away: put it into <head>"
        yield from _card(SCRIPTS[kind], text, relay)


def _card(kind: str, text: str, relay: str) -> Iterator[str]:
    try:
        card = canonical_json.parse(text)
    except ValueError:
        yield "the script holds no JSON that can be read: write the card as it is, each < in it as \\u003c"
        return
    if not isinstance(card, Mapping) or kind not in (card.get("@type"), card.get("type")):
        article = "an" if kind == "AdaptiveCard" else "a"
        yield f"the script's type is that of another card: {article} {kind} belongs there"
        return
    yield from lint(card, "outlook", relay)
    if not card.get("originator"):
        yield "originator is missing: without the provider's id Outlook draws the card only in a mail to yourself"


class _Reader(HTMLParser):
    """Finds the scripts that hold a card: the type of each, whether it is in the head, and its content."""

    def __init__(self) -> None:
        super().__init__()
        self.scripts: list[tuple[str, bool, str]] = []
        self._head = False
        self._inside = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Note where the head begins and ends, and where a script with a card begins."""
        if tag in ("head", "body"):
            self._head = tag == "head"
        kind = (dict(attrs).get("type") or "").strip().lower()
        self._inside = tag == "script" and kind in SCRIPTS
        if self._inside:
            self.scripts.append((kind, self._head, ""))

    def handle_endtag(self, tag: str) -> None:
        """Note where the head, or a script, ends."""
        self._inside = False
        if tag == "head":
            self._head = False

    def parse_html_declaration(self, i: int) -> int:
        """Pass over `<![if !mso]>` and its like, as browsers do: the parser does not know all of them."""
        return self.parse_bogus_comment(i) if self.rawdata.startswith("<![", i) else super().parse_html_declaration(i)

    def handle_data(self, data: str) -> None:
        """Keep the content of a script."""
        if self._inside:
            kind, in_head, text = self.scripts[-1]
            self.scripts[-1] = (kind, in_head, text + data)
