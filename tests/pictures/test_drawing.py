import random
from collections.abc import Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

import pytest

from relay.chats.adaptive.elements import link, plain
from tests.pictures.cards import drawn
from tests.pictures.drawing import CHROMIUM, PICTURES, SCRIPTS, draw, easel
from tests.support.left_out import leave_out

if TYPE_CHECKING:
    from playwright.sync_api import Page

pytest.importorskip("playwright.sync_api", reason="Playwright is missing: no card was drawn")
if CHROMIUM is None or not all(script.exists() for script in SCRIPTS):
    leave_out("Chromium or the renderer (`make azurite` installs it) is missing: no card was drawn")

# Pieces of which Markdown, HTML, mentions and functions are made, in any order.
PIECES: Final = [
    *("*_`~[]()<>#+-.!|&;:\\{}'\" "),
    *("1.", "ab", "배포", "](", "](https://evil.example)", "<at>", "</at>", "https://evil.example"),
    *("<https://evil.example>", "<b>", "&lt;", "&#42;", "{{DATE(2026-01-01T00:00:00Z)}}"),
]
NEVER: Final = "strong, em, s, del, a, code, pre, ul, ol, li, h1, h2, h3, blockquote, hr, img, b, .mention"


@pytest.fixture(scope="module")
def page() -> Iterator["Page"]:
    with easel() as page:
        yield page


def mixed(count: int) -> list[str]:
    """Return texts of some pieces each, the same in every run."""
    dice = random.Random(2_026)  # noqa: S311 - nothing here is secret
    return ["".join(dice.choices(PIECES, k=dice.randint(1, 9))) for _ in range(count)]


def actions(card: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Return the actions that a card shows without a press: its own, and of the sets in its body."""
    sets = [each["actions"] for each in card["body"] if each["type"] == "ActionSet"]
    return [*(action for each in sets for action in each), *card.get("actions", [])]


def test_every_card_is_drawn_without_a_complaint_and_its_picture_is_kept(page: "Page") -> None:
    cards = drawn()
    assert {f"{name}.png" for name in cards} == {picture.name for picture in PICTURES.glob("*.png")}
    for host, card in cards.values():
        assert [] == draw(page, host, card)
        buttons = page.locator("#frame .ac-pushButton:visible").all_inner_texts()
        assert [each["title"] for each in actions(card)] == buttons


def test_the_renderer_complains_of_what_it_cannot_draw(page: "Page") -> None:
    assert [] != draw(page, "teams", {"type": "AdaptiveCard", "version": "1.4", "body": [{"type": "TextBlok"}]})


def test_whatever_a_person_types_is_drawn_as_they_typed_it(page: "Page") -> None:
    typed = mixed(600)
    blocks = [{"type": "TextBlock", "text": plain(words), "wrap": True} for words in typed]
    facts = [{"title": plain(words), "value": plain(words)} for words in typed[:100]]
    body = [*blocks, {"type": "FactSet", "facts": facts}]
    draw(page, "teams", {"type": "AdaptiveCard", "version": "1.4", "body": body})
    assert 0 == page.locator("#frame").locator(NEVER).count()
    shown = page.locator("#frame > .ac-adaptiveCard > .ac-textBlock").all_text_contents()
    drawn_words = ["".join(words.split()).replace("\u200b", "") for words in shown]
    assert ["".join(words.split()) for words in typed if words.split()] == drawn_words


def test_a_link_leads_where_it_says_whatever_its_name(page: "Page") -> None:
    names = [f"x{words}" for words in mixed(200)]
    url = "https://ci.example/a_(b)*c*?q=[1]"
    body = [{"type": "TextBlock", "text": link(name, url)} for name in names]
    draw(page, "teams", {"type": "AdaptiveCard", "version": "1.4", "body": body})
    hrefs = page.locator("#frame a").evaluate_all("links => links.map(link => link.getAttribute('href'))")
    assert [url.translate({40: "%28", 41: "%29", 42: "%2A", 91: "%5B", 93: "%5D", 95: "%5F"})] * 200 == hrefs
