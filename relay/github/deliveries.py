"""Webhooks that GitHub could not deliver: asked for every ten minutes, and sent again by GitHub.

GitHub sends nothing again by itself, and keeps what it sent for three days.
https://docs.github.com/webhooks/using-webhooks/handling-failed-webhook-deliveries
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Any, Final, NamedTuple, Protocol

from relay.errors import Outage
from relay.github.api import GitHubApi
from relay.journal import log as journal
from relay.net.call import HttpResponse

EVERY: Final = 600.0  # seconds between two looks
TIME: Final = 10.0  # seconds for one look
PAGE: Final = 30  # deliveries, whose list an answer holds whole
PAGES: Final = 10
MOST: Final = 50  # deliveries that one look has sent again
TRIES: Final = 12  # of one delivery: GitHub's own, and those of about two hours
FOUND: Final = 200
TAKEN: Final = 202
_NEXT: Final = re.compile(r'[?&]cursor=([A-Za-z0-9_%=-]+)[^>]*>;\s*rel="next"')
_MARK: Final = "github failed deliveries"


class Marks(Protocol):
    """The values of the store."""

    def put_if_absent(self, key: str, value: str, *, now: float, until: float) -> str:
        """Store `value` under `key` until then, unless a value is there. Return the stored value."""


class Sent(NamedTuple):
    """One try of a delivery: its own id, the id of the delivery, and whether the relay took it."""

    id: int
    delivery: str
    was_taken: bool


@dataclass(frozen=True, slots=True)
class FailedDeliveries:
    """The failed deliveries of the App. `credential` is that of the App itself, `nonce` returns a new random word."""

    marks: Marks
    api: GitHubApi
    credential: Callable[[], str]
    nonce: Callable[[], str]

    def send_again(self) -> int:
        """Have the failed deliveries sent again, in one instance every ten minutes. Return how many. Raises Outage."""
        now, mine = self.api.clock(), self.nonce()
        if self.marks.put_if_absent(_MARK, mine, now=now, until=now + EVERY) != mine:
            return 0
        deadline = now + TIME
        failed = [*failed_in(self._sent(deadline))][:MOST]
        again = sum(self._again(each, deadline) for each in failed)
        if failed:
            journal.write("round", {"outcome": "webhooks sent again", "tried": again})
        return again

    def _again(self, number: int, deadline: float) -> bool:
        answer = self._ask("POST", f"/app/hook/deliveries/{number}/attempts", deadline)
        return answer is not None and answer.status == TAKEN

    def _sent(self, deadline: float) -> Iterator[Sent]:
        """Yield the tries that GitHub remembers, the newest first."""
        path = f"/app/hook/deliveries?per_page={PAGE}"
        cursor = ""
        for _ in range(PAGES):
            answer = self._ask("GET", path + (f"&cursor={cursor}" if cursor else ""), deadline)
            if answer is None or answer.status != FOUND:
                return
            yield from _read(answer.body)
            more = _NEXT.search(answer.headers.get("link", ""))
            if more is None:
                return
            cursor = more[1]

    def _ask(self, method: str, path: str, deadline: float) -> HttpResponse | None:
        """Return GitHub's answer, or None without one: the next look comes in ten minutes."""
        try:
            answer = self.api.ask(method, path, credential=self.credential(), deadline=deadline)
        except Outage:
            return None
        return answer if isinstance(answer, HttpResponse) else None


def failed_in(sent: Iterable[Sent]) -> Iterator[int]:
    """Yield the ids to send again, the oldest first: the last try of each delivery that was never taken. Pure."""
    tries = list(sent)
    taken = {each.delivery for each in tries if each.was_taken}
    counted = Counter(each.delivery for each in tries)
    last = {each.delivery: each.id for each in reversed(tries)}
    for delivery in dict.fromkeys(each.delivery for each in reversed(tries)):
        if delivery not in taken and counted[delivery] < TRIES:
            yield last[delivery]


def _read(body: bytes) -> Iterator[Sent]:
    try:
        listed: Any = json.loads(body)
    except (ValueError, RecursionError):
        return
    for each in listed if isinstance(listed, list) else ():
        match each:
            case {"id": int(number), "guid": str(delivery), "status_code": int(code)}:
                yield Sent(number, delivery, 200 <= code < 300)  # noqa: PLR2004 - 2xx
