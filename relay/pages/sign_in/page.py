"""The pages of the sign-in that are no faults: the choice of a provider, and the signed-in person."""

from collections.abc import Mapping

from relay.chats.bidi import straight
from relay.model.delivery import Reply
from relay.model.people import Actor
from relay.pages.frame import leave, page
from relay.pages.html import tag
from relay.pages.words import Words


def choices(links: Mapping[str, str], words: Words) -> Reply:
    """Draw a button for each provider, by its label."""
    buttons = (
        tag("p", tag("a", words.sign_in_with.format(provider=label), href=href, class_="button"))
        for label, href in links.items()
    )
    text = tag("p", words.sign_in_about)
    return page(
        200,
        tag("section", tag("h1", words.sign_in), text, *buttons, class_="card note"),
        words=words,
        title=words.sign_in,
    )


def status(person: Actor, words: Words, sign_out: str) -> Reply:
    """Draw the signed-in person, with the way out."""
    title = words.signed_in.format(name=straight(person.name))
    box = tag("section", tag("h1", title), tag("p", words.signed_in_about), leave(words, sign_out), class_="card note")
    return page(200, box, words=words, title=title)
