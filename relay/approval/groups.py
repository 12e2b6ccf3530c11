"""Groups: all requests of one repository, environment and event type, in any case."""

import json
from functools import lru_cache
from typing import Final, NamedTuple

from relay.model.request import ApprovalRequest
from relay.signed import canonical_json

CARD: Final = "card-"  # the prefix of the group of a channel's cards, and of no other group
NOTICE: Final = "notice-"  # the same, of the notices in a channel
RELEASED: Final = "released-"


class Rank(NamedTuple):
    """The rank of a request in its group. A later `issued_at` is newer, and the id decides between equals."""

    issued_at: int
    id: str


def group_of(request: ApprovalRequest, event_type: str) -> str:
    """Return the name of the group in which `request` dispatches `event_type`: 32 hexadecimal digits."""
    return _named(request.repository, request.environment, event_type)


def group_of_card(channel: str) -> str:
    """Return the name of the group of the cards of a channel."""
    return CARD + _named(channel)


def group_of_notices(channel: str) -> str:
    """Return the name of the group of the notices in a channel."""
    return NOTICE + _named(channel)


def rank_of(request: ApprovalRequest) -> Rank:
    """Return the request's rank in its group, which never depends on the order of arrival."""
    return Rank(request.issued_at, request.id)


def group_of_released(repository: str, environment: str, event_type: str) -> str:
    """Return the name of the group whose newest is the approval that GitHub took last."""
    return RELEASED + _named(repository, environment, event_type)


@lru_cache(maxsize=512)
def _named(*names: str) -> str:
    """Return one name for several names, in any case. Different lists of names give different results."""
    return canonical_json.sha256(json.dumps([name.lower() for name in names]).encode())[:32]
