"""What must hold when all is over, whatever happened: judged from GitHub's log, people's answers and the store."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

from relay.approval import debts
from relay.model import Case, Debt
from tests.torture import rules
from tests.torture.attempts import Attempts
from tests.torture.github import Arrival
from tests.torture.order import disorder
from tests.torture.people import CUT, Answered, actor
from tests.torture.stage import Stage
from tests.torture.truth import is_true

FAR: Final = 1e12
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
    "unexpected",
)


@dataclass
class Verdict:
    """What was counted, and every violation by its rule."""

    counts: Counter[str] = field(default_factory=Counter)
    violations: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, other: "Verdict") -> None:
        """Take in what another scenario showed."""
        self.counts.update(other.counts)
        for rule, found in other.violations.items():
            self.violations[rule] += found

    def blame(self, rule: str, what: str) -> None:
        """Note a violation."""
        assert rule in RULES
        self.violations[rule].append(what)


def judge(stage: Stage) -> Verdict:
    """Judge a stage that has settled."""
    return _Judge(stage).verdict()


class _Judge:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.found = Verdict()
        self.rows = frozenset(stage.store.rows())
        self.lives = [row.case_id for row in stage.shelf.lives(stage.store)]
        known = {card.id for card in stage.people.cards if card.registered}
        ids = stage.shelf.ids() | known | {*self.lives} | {row.case_id for row in self.rows}
        loaded = {case_id: stage.store.load(case_id) for case_id in ids}
        self.cases = {case_id: case for case_id, case in loaded.items() if case is not None}
        for case_id in ids - {*self.cases}:
            self.found.blame("lives that are not cases", f"{case_id} is known, and not in the store")
        self.arrivals: dict[tuple[str, str], list[Arrival]] = defaultdict(list)
        for arrival in stage.github.arrivals:
            self.arrivals[arrival.id, arrival.event_type].append(arrival)

    def verdict(self) -> Verdict:
        stage = self.stage
        for case in self.cases.values():
            for debt in case.debts:
                self._debt(case, debt)
            self._released(case)
            self._reviews(case)
        self._rows()
        self._attempts()
        for rule, what in disorder(stage, self.cases):
            self.found.blame(rule, what)
        for answer in stage.people.answers:
            about = self.cases.get(answer.id)
            taken = bool(self.taken(answer.id, rules.RELEASE, before=answer.ended))
            if not is_true(answer, about, taken=taken, jumped=stage.jumped):
                self.found.blame("untrue answer", f"{answer}; it is {about.status if about else 'unknown'}")
        titles = Counter(case.request.title for case in self.cases.values() if case.proof == "key")
        for title, times in titles.items():
            if times > 1:
                self.found.blame("made twice", f"{title} is {times} requests")
        for what in self.stage.stuck:
            self.found.blame("stuck", what)
        raised = [str(said.more[0]) for said in self.stage.journal.said if said.what == "raised"]
        for what in (*self.stage.people.unexpected, *raised):
            self.found.blame("unexpected", what)
        self._count()
        self._place()
        return self.found

    def _place(self) -> None:
        """Add to each violation in which telling of a story it was, and where its relay was struck."""
        environments = {card.id: card.environment for card in self.stage.people.cards}
        for found in self.found.violations.values():
            for index, what in enumerate(found):
                ids = [each for each in environments if each in what]
                groups = {environments[each].partition("-")[2] for each in ids}
                told = [self.stage.told[group] for group in groups if group in self.stage.told]
                found[index] = f"{self.stage.name} on {self.stage.kind.name}: {what} {told or ''}".rstrip()

    def taken(self, case_id: str, event_type: str, *, before: float = FAR) -> list[Arrival]:
        return [each for each in self.arrivals[case_id, event_type] if each.taken and each.at <= before]

    def _debt(self, case: Case, debt: Debt) -> None:
        what = f"{case.request.id} {debt.event_type} ({case.request.environment})"
        taken = self.taken(case.request.id, debt.event_type)
        match debt.status:
            case "delivered":
                if not taken:
                    self.found.blame("approved and never dispatched", f"{what} is delivered and GitHub has no such")
            case "refused":
                if case.request.repository != rules.GONE:
                    self.found.blame("stuck", f"{what} is refused: {debt.last_error}")
            case "owed" | "dead":
                self.found.blame("stuck", f"{what} is {debt.status}: {debt.last_error}")
            case _:
                if not debt.decision and taken:
                    self.found.blame("given up though it was sent", f"{what}: {debt.last_error}")
        if (
            debt.status == "cancelled"
            and not debt.decision
            and rules.kind_of(case.request.environment) not in rules.SUPERSEDING
        ):
            self.found.blame("approved and never dispatched", f"{what} is cancelled: {debt.last_error}")

    def _released(self, case: Case) -> None:
        request = case.request
        releasing = [debt for debt in case.debts if debt.event_type == request.event_type]
        if case.status == "approved":
            if len(releasing) != 1:
                self.found.blame("approved and never dispatched", f"{request.id} has {len(releasing)} debts")
        elif self.arrivals[request.id, request.event_type] or releasing:
            self.found.blame("released without approval", f"{request.id} is {case.status}")
        if case.status != "rejected" and self.arrivals[request.id, request.reject_event_type]:
            self.found.blame("released without approval", f"{request.id}: told of a rejection, and is {case.status}")
        wanted = {"asked", "tested"} if rules.kind_of(request.environment) in rules.TWO_STAGES else set()
        events = {debt.event_type for debt in case.debts}
        if case.status == "approved" and not wanted <= events:
            self.found.blame("approved and never dispatched", f"{request.id} never announced {wanted - events}")

    def _reviews(self, case: Case) -> None:
        for review in case.reviews:
            pressed = any(
                (answer.id, answer.what, actor(answer.who)) == (case.request.id, review.verdict, review.by.id)
                for answer in self.stage.people.answers
            )
            if not pressed or review.by.id == actor(rules.OUTSIDER):
                self.found.blame("untrue answer", f"{case.request.id} has a review that nobody gave")

    def _rows(self) -> None:
        wanted = {row for case in self.cases.values() for row in debts.rows_of(case) if row.nonce != debts.LIFE}
        for text, rows in (("stands for no debt", self.rows - wanted), ("is missing", wanted - self.rows)):
            for row in rows:
                self.found.blame("rows that are not debts", f"{row} {text}")
        times = Counter(self.lives)
        for case_id in self.cases:
            if times[case_id] != 1:
                self.found.blame("lives that are not cases", f"{case_id} has {times[case_id]} rows of life")

    def _attempts(self) -> None:
        attempts = Attempts(self.stage.journal)
        for (case_id, event_type), arrivals in self.arrivals.items():
            case = self.cases.get(case_id)
            if arrivals and (case is None or event_type not in {debt.event_type for debt in case.debts}):
                self.found.blame("released without approval", f"{case_id} {event_type} was never owed")
            taken = [each for each in arrivals if each.taken]
            self.found.counts["dispatched again, an answer was lost"] += max(0, len(taken) - 1)
            for earlier, later in pairwise(arrivals):
                cause = attempts.cause(earlier, later)
                if not cause and not (self.stage.jumped and attempts.overlapped(earlier, later)):
                    self.found.blame("dispatched again without cause", f"{case_id} {event_type}: {earlier} and {later}")
                elif not self.stage.jumped and attempts.leased(earlier, later):
                    self.found.blame(
                        "dispatched under another's lease", f"{case_id} {event_type}: {earlier} and {later}"
                    )

    def _count(self) -> None:
        counts, journal = self.found.counts, self.stage.journal
        counts["kills"] += journal.kills
        counts["places where a relay may end"] += self.stage.places_there
        counts["places where one was ended"] += self.stage.places_struck
        counts["requests"] += len(self.cases)
        counts["answers"] += len(self.stage.people.answers)
        counts["busy or cut answers"] += _count(self.stage.people.answers, ("busy", CUT, "0", "503"))
        counts["dispatches that GitHub took"] += sum(each.taken for each in self.stage.github.arrivals)
        counts["dispatches that it did not"] += sum(not each.taken for each in self.stage.github.arrivals)
        counts["debts"] += sum(len(case.debts) for case in self.cases.values())
        counts["rows of parked debts"] += len(self.rows)
        counts["rows of lives"] += len(self.lives)
        counts["calls the store failed"] += sum(said.what == "outage" for said in journal.said)
        for case in self.cases.values():
            counts[case.status] += 1


def _count(answers: Iterable[Answered], codes: tuple[str, ...]) -> int:
    return sum(answer.code in codes for answer in answers)
