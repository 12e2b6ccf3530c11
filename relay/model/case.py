"""A case: a request and all that happened to it."""

from dataclasses import dataclass
from typing import Literal

from relay.model.debts import Debt
from relay.model.delivery import Conversation
from relay.model.people import Rerun, Review
from relay.model.request import BY_COMMAND, ApprovalRequest, Origin, Proof, Proven, Status
from relay.model.runs import WORST_FIRST, Gate, Run

EndOfRetries = Literal["", "superseded", "expired"]


@dataclass(frozen=True, slots=True)
class Successor:
    """The newer request that superseded another."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Case:
    """A request and all that happened to it: the unit that is stored, under optimistic concurrency.

    `version` counts commits, from 0. By `commit_id` a committer knows its own write again. `life_at` is the time at
    which the timer expires or removes the case, or 0 if none is set. `ranked` tells that the case got its rank among
    the requests of its group when it was made. `ended_by` names the key that cancelled it. `runs` are the runs that
    its dispatches started, `run_events` the events of runs that came true so far, and `reports` the digests of the
    reports about them. `events` are the keys of all its events, in their order. The `conversation` is that of the
    command which made the request. `gate` is set if a run waits for the decision. `reruns` are the releases beyond the
    first, and `retries_ended` tells why there is no more.
    """

    request: ApprovalRequest
    proof: Proof
    status: Status = "pending"
    stage: str = ""
    reviews: tuple[Review, ...] = ()
    decided_at: int = 0
    debts: tuple[Debt, ...] = ()
    version: int = 0
    commit_id: str = ""
    life_at: float = 0.0
    ranked: bool = False
    superseded_by: Successor | None = None
    origin: Origin | None = None
    ended_by: str = ""
    events: tuple[str, ...] = ()
    gate: Gate | None = None
    runs: tuple[Run, ...] = ()
    run_events: tuple[str, ...] = ()
    reports: tuple[str, ...] = ()
    reruns: tuple[Rerun, ...] = ()
    retries_ended: EndOfRetries = ""
    conversation: Conversation | None = None

    @property
    def run(self) -> Run | None:
        """Return the run of the last dispatch, of several runs the worst, or None if none is known."""
        last = max((n for n, debt in enumerate(self.debts) if debt.kind == "dispatch"), default=-1)
        of_last = [run for run in self.runs if run.debt == last]
        return min(of_last, key=lambda run: WORST_FIRST.index(run.status), default=None)

    @property
    def proven(self) -> Proven:
        """Return the facts that a workflow's token proved, or the chat of a command."""
        if self.proof == "command":
            return ("requester",)
        return self.origin.proven if self.origin else ()

    @property
    def proven_on_cards(self) -> Proven:
        """Return the proven facts, with a mark that the chat of a command proved them."""
        return (*self.proven, BY_COMMAND) if self.proof == "command" else self.proven

    @property
    def is_requester_proven(self) -> bool:
        """Tell whether the proof of the request names its requester. `requested_by_also` is always only stated."""
        return "requester" in self.proven
