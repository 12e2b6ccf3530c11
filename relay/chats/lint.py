"""Any card against the limits of its platforms, which are known by the card's shape."""

from collections.abc import Mapping

from relay.chats.adaptive import limits
from relay.chats.shared.disguised import disguised
from relay.chats.shared.messages import adaptive_cards
from relay.chats.table import BY_DEFAULT, limited


def names() -> Mapping[str, str]:
    """Return the platforms: the words for each, by the name of its chat."""
    return {name: chat.platform for name, chat in limited().items()}


def platforms(found: object) -> tuple[str, ...]:
    """Return the platforms that a JSON value of this shape can be meant for."""
    # A MessageCard is known by its type alone. The chats recognize the shapes of all other cards.
    chats = limited()
    if not isinstance(found, Mapping) or chats[BY_DEFAULT].recognizes(found):
        return (BY_DEFAULT,)
    return tuple(name for name, chat in chats.items() if chat.recognizes(found)) or (BY_DEFAULT,)


def lint(found: object, platform: str, relay: str = "") -> tuple[str, ...]:
    """Return the broken limits of a platform, the disguised buttons, and the advice on looks.

    Each has its place and the cure. `relay` is the relay's origin, or empty where it is not known.
    """
    return (*breaches(found, platform), *disguised(found, relay), *advice(found))


def breaches(found: object, platform: str) -> tuple[str, ...]:
    """Return the broken limits of a platform.

    A bare Adaptive Card counts for each platform as if it were sent as that platform takes it.
    """
    return limited()[platform].breaches(found)


def advice(found: object) -> tuple[str, ...]:
    """Return the parts of a card that will not look as they were meant."""
    return tuple(problem for where, card in adaptive_cards(found) for problem in limits.advice(card, where))
