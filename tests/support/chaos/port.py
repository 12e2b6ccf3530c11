"""The relay's port to the fake GitHub in the same process."""

from collections.abc import Callable
from contextlib import AbstractContextManager, nullcontext
from typing import Final

from relay.errors import Outage
from relay.github.answers import classify
from relay.model.debts import Outcome, RetryAfter
from relay.model.values import Json
from relay.net.call import HttpResponse
from tests.support.chaos.github import MANNERS, Arrival, GitHub, Mood
from tests.support.dispatches_only import DispatchesOnly

_CUT: Final = RetryAfter("the connection broke before its answer was complete", ambiguous=True)
_LATE: Final = RetryAfter("it did not answer in time", ambiguous=True)
_UNREACHED: Final = RetryAfter("it cannot be reached")


def _at_once(_step: str) -> AbstractContextManager[None]:
    return nullcontext()


class Dispatches(DispatchesOnly):
    """Dispatches to the fake GitHub.

    Each takes two steps: the call leaves, and the answer comes. `step` may wait in each, or raise Outage.
    """

    def __init__(
        self,
        github: GitHub,
        clock: Callable[[], float],
        step: Callable[[str], AbstractContextManager[None]] = _at_once,
        taken: Callable[[Arrival], None] = lambda _arrival: None,
    ) -> None:
        self._github = github
        self._clock = clock
        self._step = step
        self._taken = taken

    def identity(self, _repository: str) -> str:
        """Return the one credential."""
        return "token"

    def send(self, repository: str, event_type: str, client_payload: Json, *, deadline: float) -> Outcome:
        """Send once, and return the outcome as far as it reaches the sender."""
        try:
            with self._step("call"):
                if self._clock() > deadline:
                    return RetryAfter("no time was left to ask it")
                self._github.count()
        except Outage:
            return _UNREACHED
        try:
            with self._step("answer"):
                if self._clock() > deadline:
                    return _LATE
                arrival = self._github.meet(repository, event_type, client_payload)
                if arrival.taken:
                    self._taken(arrival)
        except Outage:
            return _CUT
        return self._outcome(arrival.mood)

    def _outcome(self, mood: Mood) -> Outcome:
        if mood == "is closed":
            return _UNREACHED
        manner = MANNERS[mood]
        if not manner.status:
            return _CUT
        headers = {name.lower(): value for name, value in manner.headers.items()}
        return classify(HttpResponse(manner.status, headers), self._clock())
