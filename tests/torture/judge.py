"""Judgement of a stage that has settled, from GitHub's arrivals, people's answers and the store."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, pairwise

from relay.model import Case, Debt
from tests.support.chaos import promises
from tests.support.chaos.github import GONE
from tests.support.chaos.promises import RULES, Violations, decided_event
from tests.torture import rules
from tests.torture.attempts import Attempts
from tests.torture.order import disorder
from tests.torture.people import CUT, Answered, actor
from tests.torture.stage import Stage
from tests.torture.truth import is_true


@dataclass
class Verdict:
    """Counts, and the violations of each promise."""

    counts: Counter[str] = field(default_factory=Counter)
    violations: dict[str, list[str]] = field(default_factory=lambda: defaultdict(list))

    def add(self, other: "Verdict") -> None:
        """Add the counts and violations of another scenario."""
        self.counts.update(other.counts)
        for rule, found in other.violations.items():
            self.violations[rule] += found

    def blame(self, rule: str, text: str) -> None:
        """Note a violation."""
        assert rule in RULES
        self.violations[rule].append(text)


def judge(stage: Stage) -> Verdict:
    """Judge a stage that has settled."""
    return _Judge(stage).verdict()


class _Judge:
    def __init__(self, stage: Stage) -> None:
        self.stage = stage
        self.found = Verdict()
        known = {card.id for card in stage.people.cards if card.registered}
        self.record = promises.read(
            stage.store,
            stage.shelf.ids() | known,
            rules.PARSED,
            stage.github.arrivals,
            stage.shelf.lives(stage.store),
            _is_refusable,
        )
        self.cases = self.record.cases

    def verdict(self) -> Verdict:
        stage = self.stage
        for rule, text in chain(self.record.violations(), self._people(), disorder(stage, self.cases)):
            self.found.blame(rule, text)
        self._attempts()
        titles = Counter(case.request.title for case in self.cases.values() if case.proof == "key")
        for title, times in titles.items():
            if times > 1:
                self.found.blame("made twice", f"{title} is {times} requests")
        for text in stage.stuck:
            self.found.blame("stuck", text)
        raised = [str(note.details[0]) for note in stage.journal.notes if note.event == "raised"]
        for text in (*stage.people.unexpected, *raised):
            self.found.blame("unexpected", text)
        self._count()
        self._locate()
        return self.found

    def _locate(self) -> None:
        """Add to each violation its scenario, and where its relay was struck."""
        environments = {card.id: card.environment for card in self.stage.people.cards}
        for found in self.found.violations.values():
            for index, text in enumerate(found):
                ids = [each for each in environments if each in text]
                groups = {environments[each].partition("-")[2] for each in ids}
                struck = [self.stage.struck_at[group] for group in groups if group in self.stage.struck_at]
                found[index] = f"{self.stage.name} on {self.stage.kind.name}: {text} {struck or ''}".rstrip()

    def _people(self) -> Violations:
        """Check answers against cases, and reviews against presses."""
        pressed = {(answer.id, answer.act, actor(answer.person)) for answer in self.stage.people.answers}
        for answer in self.stage.people.answers:
            case = self.cases.get(answer.id)
            taken = case is not None and self.record.taken(answer.id, decided_event(case), before=answer.ended)
            if not is_true(answer, case, taken=taken, jumped=self.stage.jumped):
                yield "untrue answer", f"{answer}; it is {case.status if case else 'unknown'}"
        for case in self.cases.values():
            for review in case.reviews:
                given = (case.request.id, review.verdict, review.by.id) in pressed
                if not given or review.by.id == actor(rules.OUTSIDER):
                    yield "untrue answer", f"{case.request.id} has a review that nobody gave"

    def _attempts(self) -> None:
        attempts = Attempts(self.stage.journal)
        for (case_id, event_type), arrivals in self.record.sent.items():
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
        counts["places where a relay may end"] += self.stage.points_there
        counts["places where one was ended"] += self.stage.points_struck
        counts["requests"] += len(self.cases)
        counts["answers"] += len(self.stage.people.answers)
        counts["busy or cut answers"] += _count(self.stage.people.answers, ("busy", CUT, "0", "503"))
        counts["dispatches that GitHub took"] += sum(each.taken for each in self.stage.github.arrivals)
        counts["dispatches that it did not"] += sum(not each.taken for each in self.stage.github.arrivals)
        counts["debts"] += sum(len(case.debts) for case in self.cases.values())
        counts["rows of parked debts"] += len(self.record.rows)
        counts["rows of lives"] += len(self.record.lives)
        counts["calls the store failed"] += sum(note.event == "outage" for note in journal.notes)
        for case in self.cases.values():
            counts[case.status] += 1


def _count(answers: Iterable[Answered], codes: tuple[str, ...]) -> int:
    return sum(answer.code in codes for answer in answers)


def _is_refusable(case: Case, debt: Debt) -> bool:
    return debt.status == "refused" and case.request.repository == GONE
