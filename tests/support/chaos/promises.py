"""The promises of the relay, each stated once: every harness that breaks relays holds what is left against them.

A violation is the name of a promise and a text that says how it was broken.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import chain
from typing import Final, Protocol

from relay.approval import wake_ups
from relay.approval.gates import GATE
from relay.approval.groups import group_of, rank_of
from relay.approval.policy import Policy, Rule, rule_for
from relay.approval.wake_ups import WakeUp
from relay.approval.wording import deciding
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.request import ApprovalRequest
from tests.support.chaos.github import Arrival, gate_of, named, review_of

FAR: Final = 9e9  # Unix seconds that no case outlives
ALL: Final = 10**6
RULES: Final = (
    "approved and never dispatched",
    "dispatched again without cause",
    "dispatched under another's lease",
    "released without approval",
    "given up though it was sent",
    "stuck",
    "untrue answer",
    "rows that are not debts",
    "lives that are not cases",
    "out of order",
    "older one approved",
    "made twice",
    "over GitHub's limit",
    "run forgotten",
    "gate without its verdict",
    "told the other verdict",
    "redeemed twice",
    "redeemed and refused",
    "untrue card",
    "posted again without cause",
    "event told twice",
    "event never told",
    "told out of order",
    "unexpected",
)
Violations = Iterator[tuple[str, str]]


class Store(Protocol):
    """A store as the promises read it."""

    def load(self, case_id: str) -> Case | None:
        """Return a case, or None if there is none."""

    def rows(self) -> Collection[WakeUp]:
        """Return the row of every debt."""

    def expiring_cases(self, now: float, limit: int) -> Collection[WakeUp]:
        """Return the rows of lives until then."""


def _no_debt(_case: Case, _debt: Debt) -> bool:
    return False


@dataclass
class Record:
    """Record of a store that has settled: `rows` of debts, `lives` as ids of cases, and the arrivals at GitHub.

    An `excused` debt may stay refused or dead.
    """

    policy: Policy
    cases: Mapping[str, Case]
    rows: frozenset[WakeUp]
    lives: Collection[str]
    arrivals: Iterable[Arrival] = ()
    excused: Callable[[Case, Debt], bool] = _no_debt
    missing: Collection[str] = ()
    sent: dict[tuple[str, str], list[Arrival]] = field(init=False)

    def __post_init__(self) -> None:
        self.sent = defaultdict(list)
        for arrival in self.arrivals:
            self.sent[arrival.id, arrival.event_type].append(arrival)

    def taken(self, case_id: str, event_type: str, *, before: float = FAR) -> bool:
        """Tell whether GitHub had taken an event by a time of the machine's clock."""
        return any(each.taken and each.at <= before for each in self.sent[case_id, event_type])

    def violations(self) -> Violations:
        """Yield each promise that is broken now that all has settled."""
        for case in self.cases.values():
            yield from chain.from_iterable(self._debt(case, debt) for debt in case.debts)
            yield from self._release(case)
        yield from self._rows()
        yield from self._arrivals()

    def _debt(self, case: Case, debt: Debt) -> Violations:
        """Check that every dispatch is delivered, or accounted for."""
        name = f"{case.request.id} {name_of(debt)} ({case.request.environment})"
        taken = self.taken(case.request.id, name_of(debt))
        if debt.status in ("owed", "refused", "dead") and (debt.status == "owed" or not self.excused(case, debt)):
            yield "stuck", f"{name} is {debt.status}: {debt.last_error}"
        if debt.kind == "dispatch" and debt.status == "delivered" and not taken:
            yield "approved and never dispatched", f"{name} is delivered and GitHub has no such"
        if debt.kind == "dispatch" and debt.status == "cancelled" and not debt.decision:
            if taken:
                yield "given up though it was sent", f"{name}: {debt.last_error}"
            if not self._is_overtaken(case, debt):
                yield "approved and never dispatched", f"{name} is cancelled: {debt.last_error}"

    def _is_overtaken(self, case: Case, debt: Debt) -> bool:
        """Tell whether a newer request, which was approved, may take the place of this one."""
        rule, group = rule_of(self.policy, case.request), group_of(case.request, debt.event_type)
        return rule.supersede and any(
            other.status == "approved" and rank_of(other.request) > rank_of(case.request)
            for other in self.cases.values()
            if group_of(other.request, debt.event_type) == group
        )

    def _release(self, case: Case) -> Violations:
        """Check that an approved request is released once, with all its announcements, and that no other request is."""
        request, rule = case.request, rule_of(self.policy, case.request)
        if case.gate:
            yield from self._verdict(case)
            return
        events = Counter(name_of(debt) for debt in case.debts if debt.kind == "dispatch")
        if case.status == "approved":
            if events[request.event_type] != 1:
                yield "approved and never dispatched", f"{request.id} has {events[request.event_type]} debts"
            wanted = {rule.on_request, *(stage.on_pass for stage in rule.stages)} - {""}
            if not wanted <= {*events}:
                yield "approved and never dispatched", f"{request.id} never announced {wanted - {*events}}"
        elif self.sent[request.id, request.event_type] or events[request.event_type]:
            yield "released without approval", f"{request.id} is {case.status}"
        if case.status != "rejected" and self.sent[request.id, request.reject_event_type]:
            yield "released without approval", f"{request.id}: told of a rejection, and is {case.status}"

    def _verdict(self, case: Case) -> Violations:
        """Check that a run that waited has the verdict of its request, and never had the other one."""
        verdicts = self.sent[case.request.id, GATE]
        right = "approved" if case.status == "approved" else "rejected"
        for each in verdicts:
            if case.status == "pending" or each.decision != right:
                yield "told the other verdict", f"{each}, and it is {case.status}"
        if case.status != "pending" and not any(each.taken for each in verdicts):
            yield "gate without its verdict", f"{case.request.id} is {case.status}"

    def _rows(self) -> Violations:
        """Check that every row stands for a debt or a case, and that every debt and every case has its row."""
        wanted = {row for case in self.cases.values() for row in wake_ups.rows_of(case) if row.nonce != wake_ups.LIFE}
        for text, rows in (("stands for no debt", self.rows - wanted), ("is missing", wanted - self.rows)):
            for row in rows:
                yield "rows that are not debts", f"{row} {text}"
        lives = Counter(self.lives)
        for case_id in self.cases:
            if lives[case_id] != 1:
                yield "lives that are not cases", f"{case_id} has {lives[case_id]} rows of life"
        for case_id in self.missing:
            yield "lives that are not cases", f"{case_id} is known, and not in the store"

    def _arrivals(self) -> Violations:
        """Check that GitHub is sent nothing but dispatches of a case."""
        for (case_id, event_type), arrivals in self.sent.items():
            case = self.cases.get(case_id)
            if arrivals and (case is None or event_type not in {name_of(debt) for debt in case.debts}):
                yield "released without approval", f"{case_id} {event_type} was never owed"


def read(
    store: Store,
    ids: Iterable[str],
    policy: Policy,
    arrivals: Iterable[Arrival],
    lives: Collection[WakeUp] | None = None,
    excused: Callable[[Case, Debt], bool] = _no_debt,
) -> Record:
    """Return the record of a store that holds cases of these ids at least."""
    rows = frozenset(store.rows())
    found = [row.case_id for row in (store.expiring_cases(FAR, ALL) if lives is None else lives)]
    known = {*ids, *found, *(row.case_id for row in rows)}
    loaded = {case_id: store.load(case_id) for case_id in known}
    cases = {case_id: case for case_id, case in loaded.items() if case is not None}
    gates = gates_of(cases)
    named_ = [replace(each, id=gates.get(each.id, each.id)) for each in arrivals]
    return Record(policy, cases, rows, found, named_, excused, known - {*cases})


def gates_of(cases: Mapping[str, Case]) -> dict[str, str]:
    """Return the ids of the requests for gates by the names under which GitHub knows the gates."""
    waiting = ((case_id, case.gate, case.request.environment) for case_id, case in cases.items())
    return {gate_of(gate.run_id, environment): case_id for case_id, gate, environment in waiting if gate}


def rule_of(policy: Policy, request: ApprovalRequest) -> Rule:
    """Return the rule of a request that a policy allows."""
    rule = rule_for(policy, request.repository, request.environment, request.event_type)
    assert rule is not None
    return rule


def decided_event(case: Case) -> str:
    """Return the event that tells GitHub of the last word, or nothing if there is none."""
    debt = deciding(case.debts)
    return debt.event_type if debt else ""


def name_of(debt: Debt) -> str:
    """Return the name of a dispatch among those of its case."""
    return review_of("", debt.report) if debt.report else named(debt.event_type, debt.run)
