"""Requests as the worst sender would make them: every field drawn from what a chat could mistake for its own.

They are thrown with dice, since hypothesis takes ten times as long to draw one as a chat takes to draw its card.
"""

from random import Random
from typing import Any, Final

from relay.errors import Refusal
from relay.model.request import ApprovalRequest
from relay.signed.request import read_form

_SPITEFUL: Final = (
    *("<!channel>", "<!here|x>", "<@U123>", "<#C123>", "@here", "@everyone", "<http://evil|https://good>", "&lt;"),
    *("&amp;lt;", "&", "<", ">", "> quoted", "\u202e", "\u2066", "```", "`" * 300, "*" * 40, "**b**", "_i_", "~s~"),
    *("[x](https://evil.example/a|b>c)", "[x](javascript:alert)", "[a](https://x.example)", "- item", "\n", "\t"),
    *(":tada:", "<!date^1^{date}|x>", "<!subteam^S1>", "é", "배포", "👩‍🚀", "\\", '"', "a" * 400, "|", "](", "Approve"),
)
_URIS: Final = ("https://ok.example/", "javascript:alert(1)", "https://ok.example/" + "z" * 4_000, "http://a\\b")
_URLS: Final = ("https://ci.example/1?a=b&c=<d>|e", "http://x.example/" + "y" * 500)
_ALPHABETS: Final = tuple(
    "".join(map(chr, each))
    for each in (
        *(range(0x20, 0x7F), range(0x20, 0x7F), range(0xA0, 0x2000)),
        *(range(0x2000, 0xD800, 7), range(0xE000, 0x30000, 31)),
    )
)


def request(dice: Random) -> ApprovalRequest:
    """Return a request that a relay takes."""
    while True:
        try:
            return read_form(_form(dice), issued_at=1_790_000_000, nonce="n" * 22, lifetime=86_400)
        except Refusal:
            continue


def words(dice: Random, size: int) -> str:
    """Return at most `size` characters."""
    parts = [dice.choice(_SPITEFUL) if dice.random() < 0.6 else _text(dice) for _ in range(dice.randrange(9))]
    return " ".join(parts)[:size]


def _text(dice: Random) -> str:
    return "".join(dice.choices(dice.choice(_ALPHABETS), k=dice.randrange(13)))


def _line(dice: Random, size: int) -> str:
    return " ".join(words(dice, size).split()) or "x"


def _facts(dice: Random) -> list[dict[str, str]]:
    return [{"name": _line(dice, 100), "value": words(dice, 2_000) or "x"} for _ in range(dice.randrange(9))]


def _links(dice: Random) -> list[dict[str, str]]:
    return [{"name": _line(dice, 80), "url": dice.choice(_URLS)} for _ in range(dice.randrange(5))]


def _actions(dice: Random) -> list[dict[str, Any]]:
    return [
        {
            "@type": dice.choice(("OpenUri", "HttpPOST")),
            "name": words(dice, 90),
            "targets": [{"os": "default", "uri": dice.choice(_URIS)} for _ in range(dice.randrange(3))],
        }
        for _ in range(dice.randrange(3))
    ]


def _section(dice: Random) -> dict[str, Any]:
    given = {
        "title": words(dice, 200),
        "text": words(dice, 900),
        "facts": _facts(dice),
        "potentialAction": _actions(dice),
    }
    return _some(dice, given)


def _form(dice: Random) -> dict[str, Any]:
    given = {
        "text": words(dice, 8_000),
        "summary": _line(dice, 300),
        "environment": _line(dice, 255),
        "ref": _line(dice, 255),
        "facts": _facts(dice),
        "links": _links(dice),
        "sections": [_section(dice) for _ in range(dice.randrange(4))],
        "actions": _actions(dice),
        "confirm": _line(dice, 300),
        "approve_label": _line(dice, 40),
        "reject_label": _line(dice, 40),
        "requested_by": "octocat",
        "require_comment": dice.random() < 0.5,
        "run_url": "https://github.com/octo/api/actions/runs/1",
    }
    return {"repository": "octo/api", "title": _line(dice, 300), "event_type": "deploy-api", **_some(dice, given)}


def _some(dice: Random, given: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in given.items() if dice.random() < 0.5}
