"""Words in Slack: a sender's and people's, shown as they were written, and the little Markdown that is translated.

https://docs.slack.dev/messaging/formatting-message-text
"""

import re
from collections.abc import Iterator, Sequence
from typing import Final

from relay.chats.bidi import straight
from relay.model.values import Json, iso
from relay.signed.fields import is_web_address

MAX_SECTION: Final = 3_000
_MAX_MARKED: Final = 1_500  # characters of a line whose marks are translated
ELLIPSIS: Final = "…"
# Slack knows no escape for its marks. An invisible space separates a mark from the word that it would change.
_PART: Final = "\u200b"
_MARK: Final = re.compile(r"[*~`]|(?<![A-Za-z0-9])_|_(?![A-Za-z0-9])|:(?=[a-z0-9_+'-]{1,100}:)")
_QUOTE: Final = re.compile(r"^(?=>)", re.MULTILINE)  # a quotation, even where it is written as an entity
_LIST: Final = re.compile(r"[ \t]{0,8}[-*+] (?=\S)")
_INLINE: Final = re.compile(
    r"`(?P<code>[^`\n]+)`"
    r"|\*\*(?=\S)(?P<bold>[^*\n]+)(?<=\S)\*\*"
    r"|(?<!\w)__(?=\S)(?P<strong>[^_\n]+)(?<=\S)__(?!\w)"
    r"|(?<![\w*])\*(?=\S)(?P<slant>[^*\n]+)(?<=\S)\*(?![\w*])"
    r"|(?<!\w)_(?=\S)(?P<italic>[^_\n]+)(?<=\S)_(?!\w)"
    r"|\[(?P<name>[^\[\]\n]{1,300})\]\((?P<url>https?://[^\s()<>]{1,2000})\)"
)


def plain_text(text: str, limit: int) -> Json:
    """Return a text that Slack does not read for marks, cut to the limit."""
    return {"type": "plain_text", "text": cut(straight(text), limit), "emoji": False}


def mrkdwn(text: str) -> Json:
    """Return a text with marks that Slack reads. It makes no links of names and addresses in it."""
    return {"type": "mrkdwn", "text": text, "verbatim": True}


def cut(text: str, limit: int) -> str:
    """Return a text of at most `limit` characters, with an ellipsis where it was cut."""
    return text if len(text) <= limit else text[: limit - 1] + ELLIPSIS


def escaped(text: str) -> str:
    """Return a text in which nothing is a mention, a link or an entity."""
    return text.replace("&", "&amp;").replace("<", "&lt;").replace(">", "&gt;")


def literal(text: str) -> str:
    """Return words for a mrkdwn text that shows them as they are written: straight, without marks and emoji."""
    return escaped(_QUOTE.sub(_PART, _MARK.sub(_parted, straight(text))))


def link(url: str, words: str) -> str:
    """Return a link to a web address. Its words are literal; a character that could end the address is encoded."""
    address = "".join(f"%{ord(each):02X}" if each in "<>|" else each for each in url)
    return f"<{escaped(address)}|{literal(words)}>"


def when(at: float) -> str:
    """Return a time as each reader's Slack shows it in their own zone, with UTC for clients that cannot."""
    return f"<!date^{int(at)}^{{date_short_pretty}} {{time}}|{iso(at)[:16].replace('T', ' ')} UTC>"


def markdown_sections(text: str) -> list[Json]:
    """Return the texts of sections that show a sender's Markdown: bold, italics, code, lists and links.

    A text without any of them is not read for marks at all.
    """
    lines = straight(text).splitlines()
    translated = [_translated(line) for line in lines]
    if not any(translated):
        return [plain_text(chunk, MAX_SECTION) for chunk in _chunks([*"\n".join(lines)])]
    atoms: list[str] = []
    for line, pieces in zip(lines, translated, strict=True):
        atoms += pieces or literal_atoms(line)
        atoms.append("\n")
    return [mrkdwn(chunk) for chunk in _chunks(atoms[:-1])]


def literal_sections(before: str, text: str) -> list[Json]:
    """Return the texts of sections that show words as they are written, after the relay's own mrkdwn."""
    return [mrkdwn(chunk) for chunk in _chunks([before, *literal_atoms(text)])]


def literal_atoms(text: str) -> list[str]:
    """Return literal words in pieces between which they may be cut: no entity is within two."""
    return re.findall(r"&[a-z]+;|.", literal(text), re.DOTALL)


def sections(atoms: Sequence[str]) -> list[Json]:
    """Return the texts of sections that hold pieces of mrkdwn, none of which is cut."""
    return [mrkdwn(chunk) for chunk in _chunks(atoms)]


def _parted(found: re.Match[str]) -> str:
    return f"{_PART}{found[0]}{_PART}"


def _translated(line: str) -> list[str]:
    """Return the pieces of a line with its marks in Slack's form, nothing where it has none."""
    if len(line) > _MAX_MARKED:
        return []
    pieces: list[str] = []
    listed = _LIST.match(line)
    start = listed.end() if listed else 0
    if listed:
        pieces.append("• ")
    for found in _INLINE.finditer(line, start):
        drawn = _drawn(found)
        if drawn:
            # Slack reads a mark only beside what is no letter or digit.
            before = _PART if line[: found.start()][-1:].isalnum() else ""
            after = _PART if line[found.end() :][:1].isalnum() else ""
            pieces += [*literal_atoms(line[start : found.start()]), before + drawn + after]
            start = found.end()
    return [*pieces, *literal_atoms(line[start:])] if pieces else []


def _drawn(found: re.Match[str]) -> str:
    """Return a mark in Slack's form, empty where it is none: a link must lead to a web address."""
    if found["code"]:
        return f"`{escaped(found['code'])}`"
    if found["name"]:
        return link(found["url"], found["name"]) if is_web_address(found["url"]) else ""
    bold, italic = found["bold"] or found["strong"], found["slant"] or found["italic"]
    return f"*{literal(bold)}*" if bold else f"_{literal(italic)}_"


def _chunks(atoms: Sequence[str]) -> Iterator[str]:
    """Yield the pieces joined to texts of at most a section's length, parted at line breaks where there are some."""
    held: list[str] = []
    length = 0
    for atom in atoms:
        if length + len(atom) > MAX_SECTION:
            ends = next((at for at in range(len(held) - 1, len(held) // 2, -1) if held[at] == "\n"), len(held))
            yield "".join(held[:ends])
            held = held[ends:]
            if held and held[0] == "\n":
                held = held[1:]
            length = sum(map(len, held))
        held.append(atom)
        length += len(atom)
    if "".join(held).strip():
        yield "".join(held)
