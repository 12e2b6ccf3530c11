"""The page of an operator's call that was not taken."""

from relay.errors import Refusal
from relay.model.delivery import Reply
from relay.pages.frame import page
from relay.pages.html import tag
from relay.pages.languages import Language
from relay.pages.operator.parts import desk_words
from relay.pages.translations import words_for


def trouble(refusal: Refusal, status: int, language: Language, back: str) -> Reply:
    """Draw why a call was refused, and the way back."""
    desk, words = desk_words(language), words_for(language)
    title, text = desk.trouble[refusal.code]
    link = tag("p", tag("a", desk.back, href=back, class_="button"))
    box = tag("section", tag("h1", title), tag("p", text), link, class_="card note")
    return page(status, box, words=words, title=title)
