"""The state of a request, as GET /api/requests/{id} tells it, read so that any JSON object has one."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from relay.approval.gates import DECIDED_ELSEWHERE
from relay.cli.failures import plain

PENDING: Final = "pending"
APPROVED: Final = "approved"
REJECTED: Final = "rejected"
OWED: Final = "owed"


@dataclass(frozen=True, slots=True)
class SeenReview:
    """A review: the verdict, the name and the words of the person, and the stage."""

    verdict: str
    by: str
    stage: str
    comment: str


@dataclass(frozen=True, slots=True)
class SeenRun:
    """The dispatch or the run: its status, its words, and its address."""

    status: str = ""
    text: str = ""
    url: str = ""


@dataclass(frozen=True, slots=True)
class State:
    """A request at one time. All its texts are on one line each, and safe to print."""

    status: str
    stage: str = ""
    reviews: tuple[SeenReview, ...] = ()
    cancelled_by: str = ""
    dispatch: SeenRun = field(default_factory=SeenRun)
    run: SeenRun = field(default_factory=SeenRun)

    @property
    def decision(self) -> str:
        """Return approved or rejected, or "" if there is no decision."""
        return self.status if self.status in (APPROVED, REJECTED) else ""

    @property
    def is_decided_elsewhere(self) -> bool:
        """Tell whether a run that waits was decided on GitHub instead."""
        return self.cancelled_by == DECIDED_ELSEWHERE

    @property
    def is_over(self) -> bool:
        """Tell whether the request has ended, with or without a decision."""
        return self.status != PENDING


def read_state(found: Mapping[str, Any]) -> State:
    """Return the state that an answer of the relay tells. Parts of another form are left out."""
    reviews = found.get("reviews")
    dispatch, run = _object(found.get("dispatch")), _object(found.get("run"))
    return State(
        _text(found, "status"),
        _text(found, "stage"),
        tuple(_review(_object(each)) for each in reviews) if isinstance(reviews, list) else (),
        _text(found, "cancelled_by"),
        SeenRun(_text(dispatch, "status"), _text(dispatch, "last_error"), _text(dispatch, "run_url")),
        SeenRun(_text(run, "status"), _text(run, "text"), _text(run, "url")),
    )


def _review(found: Mapping[str, Any]) -> SeenReview:
    person = _object(found.get("by"))
    name = _text(person, "name") or _text(person, "id") or "an unknown person"
    return SeenReview(_text(found, "verdict"), name, _text(found, "stage"), _text(found, "comment"))


def _object(value: object) -> Mapping[str, Any]:
    return value if isinstance(value, dict) else {}


def _text(found: Mapping[str, Any], name: str) -> str:
    value = found.get(name)
    return " ".join(plain(value).split()) if isinstance(value, str) else ""
