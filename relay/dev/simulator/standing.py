"""How the requests stand by the relay's own word, asked for again until it is its last."""

from collections.abc import Iterable, Mapping
from typing import Any, Final

from relay.dev.simulator.relay_api import RelayApi

_SHOWN: Final = ("id", "status", "stage", "reviews", "dispatch")


class Standings:
    """Asks `relay` about requests by their ids; of one that it says nothing of nothing is known."""

    def __init__(self, relay: RelayApi) -> None:
        self._relay = relay
        self._known: dict[str, dict[str, Any]] = {}

    def of(self, request_ids: Iterable[str]) -> Mapping[str, Mapping[str, Any]]:
        """Return what the relay says of each request; the others are forgotten."""
        self._known = {each: known for each in request_ids if (known := self._look(each))}
        return self._known

    def _look(self, request_id: str) -> dict[str, Any]:
        known = self._known.get(request_id, {})
        if _is_settled(known):
            return known
        found = self._relay.standing(request_id)
        return {key: found.get(key) for key in _SHOWN} if found else known


def _is_settled(standing: Mapping[str, Any]) -> bool:
    dispatch = standing.get("dispatch")
    paid = isinstance(dispatch, dict) and dispatch.get("status") in {"none", "delivered"}
    return paid and standing.get("status") != "pending"
