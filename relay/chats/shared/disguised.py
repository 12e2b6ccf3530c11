"""Buttons of a card that decide at the relay under another name, or for another request than the card's own.

The ticket of a press says which server is the relay's. So a card can be checked without knowing its address. Where the
address is known, a card without any ticket is checked too.
"""

from collections.abc import Iterator, Mapping
from typing import Final, NamedTuple

from relay.chats.labels import begins_with
from relay.chats.shared.messages import objects
from relay.signed.senders_actions import leads_to, passes_for_ours

_TICKET: Final = "relay-ticket"
_VERDICT: Final = "relay-verdict"
_ADDRESSES: Final = ("target", "uri", "url")
_REVIEW: Final = "/api/review/"


class _Action(NamedTuple):
    """A part of a card with an address: its place, its name, its address, and its headers by lower-case names."""

    where: str
    name: str
    address: str
    headers: Mapping[str, str]


def disguised(card: object, relay: str = "") -> tuple[str, ...]:
    """Return each button of a card that passes for another: a sentence with the place and the cure.

    `relay` is the relay's origin, or empty where it is not known.
    """
    return tuple(_problems(list(_actions(card, "", "")), relay))


def _problems(actions: list[_Action], relay: str) -> Iterator[str]:
    own = [each for each in actions if _TICKET in each.headers]
    for each in actions:
        verdict = each.headers.get(_VERDICT, "")
        if _TICKET not in each.headers:
            known = [press.address for press in own] + ([] if _is_review(each) else [relay])
            if any(leads_to(each.address, address) for address in known):
                yield f"{each.where} leads to the relay without its ticket: only the relay's own buttons may lead there"
        elif each.headers[_TICKET] != own[0].headers[_TICKET]:
            yield f"{each.where} carries the ticket of another request: one card decides on one request, take it away"
        elif verdict and not begins_with(each.name, verdict):
            yield f"{each.where} presses {verdict} at the relay under another name: take it away"


def _is_review(action: _Action) -> bool:
    """Tell whether an action opens the review page under the relay's own words, or is no button at all."""
    return not action.name or (_REVIEW in action.address and passes_for_ours(action.name))


def _actions(value: object, where: str, name: str) -> Iterator[_Action]:
    """Yield everything with an address, at any depth. A target of an OpenUri has the name of its action."""
    if isinstance(value, list):
        for number, each in enumerate(value):
            yield from _actions(each, f"{where}[{number}]", name)
    if not isinstance(value, Mapping):
        return
    named = next((each for key in ("name", "title") if isinstance(each := value.get(key), str)), name)
    address = next((each for key in _ADDRESSES if isinstance(each := value.get(key), str)), "")
    if address:
        headers = {str(each.get("name")).casefold(): str(each.get("value")) for each in objects(value.get("headers"))}
        yield _Action(where, named, address, headers)
    for key, each in value.items():
        yield from _actions(each, f"{where}.{key}".removeprefix("."), named)
