"""The proof of an operator for routes of programs: a key of that scope, or the session of a person of `operators`."""

from dataclasses import replace
from typing import Final

from relay.errors import Refusal
from relay.model.delivery import Delivery
from relay.pages.operator.access import Access, Operator, SignedOut
from relay.pages.same_origin import is_ours

_BEARER: Final = "bearer "
_NO_PROOF: Final = "Send a key of the scope operator as x-relay-key, or sign in as a person of `operators`."


def need_operator(access: Access, delivery: Delivery, *, changes: bool = False) -> Operator:
    """Return the calling operator. Raises Refusal not-genuine or not-allowed.

    A person's POST, which `changes` something or costs calls, must come from a page of the relay.
    """
    try:
        operator = access.prove(delivery)
    except SignedOut:
        raise Refusal("not-genuine", "no key and no session", message=_NO_PROOF) from None
    if changes and operator.person is not None and not is_ours(delivery.headers, access.public_url):
        raise Refusal("not-allowed", "Origin, Referer or Sec-Fetch-Site", message="Only the relay's own page may.")
    return operator


def with_bearer_as_key(delivery: Delivery) -> Delivery:
    """Return the delivery with a Bearer as its key, as scrapers of metrics send one."""
    given = delivery.headers.get("authorization", "")
    if "x-relay-key" in delivery.headers or not given.lower().startswith(_BEARER):
        return delivery
    return replace(delivery, headers={**delivery.headers, "x-relay-key": given[len(_BEARER) :].strip()})
