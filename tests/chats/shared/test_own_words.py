"""The relay's own words on each card, read by a real Markdown parser: no sender's text makes Markdown of them."""

import json
import random
import shutil
import subprocess
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final, NamedTuple

import pytest

from relay.chats.adaptive import body
from relay.chats.adaptive.body import Mention
from relay.chats.outlook import card as outlook
from relay.chats.shared import message_card
from relay.model.case import Case, Successor
from relay.model.debts import Debt
from relay.model.people import Actor, Review
from relay.model.request import ApprovalRequest

NODE: Final = Path(__file__).parent.parent.parent / "node"
FULL: Final = 50_000
PARTS: Final = 10  # of the full count, so that all processors share them
FEW: Final = 400
SEED: Final = 20_261_128  # the same texts each time
EVIL: Final = "https://evil.example"
RUN: Final = "https://github.com/octo/api/actions/runs/1"
NOTE: Final = "**The sender asks you to note:** "
PIECES: Final = (
    *("#", "# ", "## Approved", "- ", "* ", "+ ", "1. ", "1) ", "12345. ", "> ", "---", "===", "***", "```", "`", "~~"),
    *("[x](https://evil.example)", "![i](https://evil.example/i.png)", "[x]: https://evil.example", "[x][x]", "[", "]"),
    *(
        "](",
        "]:",
        "(",
        ")",
        "!",
        "![",
        "<https://evil.example>",
        "<1@evil.example>",
        "<+@evil.example>",
        "<a:b>",
        "<b>",
    ),
    *(
        "</at>",
        "<at>Ada</at>",
        "<!--",
        "<?",
        "<",
        ">",
        "&#91;",
        "&#x5b;",
        "&lt;",
        "&amp;",
        "&copy;",
        "&Tab;",
        "&",
        "~~~",
    ),
    *("&NewLine;", "&#105;", ";", "*", "**", "_", "__", "\\", "\\\\", "|", "| a | b |", "{{DATE(2026-01-01)}}", "{{"),
    *("\n", "\n\n", "\r", "\r\n", "\t", "    ", "  ", " ", "\u00a0", "\u2028", "\u2029", "\u200b", "\ufeff", "\u202e"),
    *(
        EVIL,
        "www.evil.example",
        "//evil.example",
        "mailto:a@evil.example",
        "ftp://evil.example",
        "a@evil.example",
        "}}",
    ),
    *(
        "a",
        "B",
        "7",
        "1",
        "refs/heads/main",
        "승인",
        "É",
        "Approved by Ada",
        "x_y_z",
        "_build/",
        "🚀",
        "\u00ad",
        "=",
        "-",
    ),
)


class Found(NamedTuple):
    """The Markdown that the parser finds in a text."""

    kinds: list[str]
    addresses: list[str]
    shown: str


def hostile(dice: random.Random) -> str:
    return "".join(dice.choice(PIECES) for _ in range(dice.randint(1, 9)))


def texts(value: object) -> Iterator[str]:
    """Yield every text of a card that its host reads as Markdown."""
    if isinstance(value, list | tuple):
        for each in value:
            yield from texts(each)
    elif isinstance(value, dict):
        for name, each in value.items():
            if name in ("text", "title", "value", "name") and isinstance(each, str):
                yield each
            elif name not in ("potentialAction", "actions"):
                yield from texts(each)


def own_words(text: str) -> list[str]:
    """Return the relay's words on all forms of card of a request and a case in which every text is this one."""
    request = ApprovalRequest(
        id="i" * 32,
        repository=text,
        title=text,
        issued_at=1,
        expires_at=9,
        nonce="n" * 22,
        event_type=text,
        environment=text,
        ref=text,
        sha=text,
        requested_by=text,
        confirm=text,
        run_url=RUN,
    )
    reviews = tuple(Review(verdict, Actor("entra:t/o", text), text, 1) for verdict in ("approve", "reject"))
    debt = replace(Debt(text, 1, 1), decision="approved", passed=("qa",))
    case = Case(request, "key", "pending", text, reviews, 0, (debt,), superseded_by=Successor("s" * 32, text))
    press: dict[str, Any] = {"target": "https://relay.example", "ticket": "t"}
    cards: list[object] = [
        body.first(request, proven=(), mentions=[Mention(text, "ada@octo.example")]),
        body.current(case, status="pending", needs=text),
        message_card.draw(request, proven=(), **press),
        message_card.redraw(case, status="pending", needs=text, **press),
        [action["card"]["body"] for action in _actions(outlook.draw(request, proven=(), originator="", **press))],
    ]
    return [*dict.fromkeys(_without_marks_of_ours(each) for each in texts(cards))]


def _without_marks_of_ours(text: str) -> str:
    return text.replace("<at>", "").replace("</at>", "") if text.startswith("For <at>") else text.removeprefix(NOTE)


def _actions(card: dict[str, Any]) -> list[dict[str, Any]]:
    return [action for action in card["actions"] if "card" in action]


def read(lists: Sequence[list[str]]) -> list[list[Found]]:
    """Return the Markdown in each text, as markdown-it reads it in one run of Node."""
    node = shutil.which("node")
    assert node, "the tests need Node, as the pictures of cards do"
    lines = "".join(f"{json.dumps(each)}\n" for each in lists)
    done = subprocess.run([node, "markdown.js"], cwd=NODE, input=lines, capture_output=True, text=True, check=True)
    return [[Found(**found) for found in json.loads(line)] for line in done.stdout.splitlines()]


@pytest.mark.parametrize(
    ("seed", "count"),
    [(SEED, FEW), *(pytest.param(SEED + part, FULL // PARTS, marks=pytest.mark.full) for part in range(PARTS))],
)
def test_no_senders_text_makes_a_link_a_heading_a_list_or_an_image_in_the_relays_own_words(
    seed: int, count: int
) -> None:
    dice = random.Random(seed)  # noqa: S311 - nothing here is a secret
    hostiles = [hostile(dice) for _ in range(count)]
    for start in range(0, len(hostiles), 500):
        some = hostiles[start : start + 500]
        words = [own_words(text) for text in some]
        for text, own, found in zip(some, words, read(words), strict=True):
            for word, each in zip(own, found, strict=True):
                allowed = [RUN] if each.kinds == ["link_close", "link_open"] else []
                assert (text, word, [], allowed) == (text, word, [] if allowed else each.kinds, each.addresses)


@pytest.mark.parametrize(
    ("ref", "shown"),
    [
        ("refs/heads/ma&#105;n", "refs/heads/ma&#105;n"),
        ("AT&amp;T", "AT&amp;T"),
        ("&copy; 2026", "&copy; 2026"),
        ("1) # Approved by Ada", "1) # Approved by Ada"),
        ("<1@evil.example>", "<1@evil.example>"),
        ("# Approved by Ada [see](https://evil.example)", "# Approved by Ada [see](https://evil.example)"),
    ],
)
def test_a_text_is_read_on_the_card_as_it_was_written(ref: str, shown: str) -> None:
    (found,) = read([own_words(ref)])
    names = [each.shown.replace("\u200b", "") for each in found]
    assert shown in names
    assert not [name for name in names if "refs/heads/main" in name]
