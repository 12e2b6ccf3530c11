"""GitHub's repository dispatches: what it takes, what it answers, and what of that reaches the one who asked."""

from collections.abc import Callable
from contextlib import AbstractContextManager
from types import MappingProxyType
from typing import Final, Literal, Protocol

from relay.errors import Outage
from relay.github.answers import classify
from relay.model import Json, Outcome, RetryAfter
from relay.net.call import HttpResponse

Mood = Literal["takes", "fails", "takes and fails", "takes and cuts", "is closed", "limits", "asks to wait", "refuses"]
TAKES: Final = ("takes", "takes and fails", "takes and cuts")
_ANSWERS: Final = MappingProxyType(
    {
        "takes": HttpResponse(204, {}),
        "fails": HttpResponse(500, {}),
        "takes and fails": HttpResponse(502, {}),
        "limits": HttpResponse(429, {"retry-after": "60"}),
        "asks to wait": HttpResponse(503, {"retry-after": "600"}),
        "refuses": HttpResponse(404, {}),
    }
)
_CUT: Final = RetryAfter("the connection broke before its answer was complete", ambiguous=True)
_LATE: Final = RetryAfter("it did not answer in time", ambiguous=True)
_UNSEEN: Final = RetryAfter("it cannot be reached")


class Watching(Protocol):
    """Who judges what is sent."""

    def called(self) -> None:
        """Take note of a call that GitHub counts."""

    def taken(self, event_type: str, client_payload: Json, *, told: bool) -> None:
        """Take note of an event that GitHub took; `told` is whether its answer says so."""


class GitHub:
    """Dispatches in two steps: the call leaves, and GitHub answers as its `mood` is then."""

    def __init__(
        self, clock: Callable[[], float], step: Callable[[str], AbstractContextManager[None]], watch: Watching
    ) -> None:
        self.mood: Mood = "takes"
        self._clock = clock
        self._step = step
        self._watch = watch

    def send(self, repository: str, event_type: str, client_payload: Json, *, deadline: float) -> Outcome:  # noqa: ARG002 - the port
        try:
            with self._step("call"):
                if self._clock() > deadline:
                    return RetryAfter("no time was left to ask it")
                self._watch.called()
        except Outage:
            return _UNSEEN
        try:
            with self._step("answer"):
                if self._clock() > deadline:
                    return _LATE
                return self._answer(event_type, client_payload)
        except Outage:
            return _CUT

    def identity(self, repository: str) -> str:  # noqa: ARG002 - the port
        return "token"

    def _answer(self, event_type: str, client_payload: Json) -> Outcome:
        if self.mood == "is closed":
            return _UNSEEN
        if self.mood in TAKES:
            self._watch.taken(event_type, client_payload, told=self.mood == "takes")
        return classify(_ANSWERS[self.mood], self._clock()) if self.mood in _ANSWERS else _CUT
