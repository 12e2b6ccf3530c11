"""Events of a case, and the notices that tell of them."""

from dataclasses import dataclass
from typing import Literal

from relay.model.people import Review
from relay.model.request import Status
from relay.model.runs import Run

CaseEventName = Literal[
    "requested",
    "reviewed",
    "passed",
    "approved",
    "rejected",
    "cancelled",
    "superseded",
    "expired",
    "delivered",
    "undelivered",
    "run_started",
    "run_success",
    "run_failure",
]
RelayEventName = Literal["failing", "recovered"]
EventName = Literal[CaseEventName, RelayEventName]
NoticeStyle = Literal["message", "thread", "edit"]


@dataclass(frozen=True, slots=True)
class CaseEvent:
    """An event of a case at the time when it came true. `number` counts all events of the request, from 1.

    `status` and `stage` are those of the case after it, or the stage that the event is about. `by` is the name of its
    author, and `reason` the words of the outside or of a workflow. The other fields belong to some events alone:
    `dispatch` is the status of the dispatch that decides, after so many `attempts`, and `run_url` the run that GitHub
    has named for it. `others` counts the events of the same cause that are told with this one.
    """

    name: EventName
    number: int
    at: int
    status: Status = "pending"
    stage: str = ""
    by: str = ""
    reason: str = ""
    review: Review | None = None
    dispatch: Literal["", "delivered", "refused", "dead"] = ""
    attempts: int = 0
    run: Run | None = None
    others: int = 0
    run_url: str = ""


@dataclass(frozen=True, slots=True)
class Notice:
    """A notice of an event in a channel, under the `entry` of the policy that asks for it.

    `text` is the template, empty for the sentence of the event. `person` is the key of the person who is written to,
    empty for the channel's own place. `place` and `message` say where it was posted. A posted notice keeps of its
    event the name, the number and the time alone.
    """

    event: CaseEvent
    entry: str
    style: NoticeStyle = "message"
    text: str = ""
    person: str = ""
    place: str = ""
    message: str = ""
