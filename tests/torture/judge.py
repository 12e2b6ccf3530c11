"""Judgement of a stage that has settled, from GitHub's arrivals, people's answers and the store."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from itertools import chain, pairwise

from relay.approval.runs import FINAL
from relay.model.case import Case
from relay.model.debts import Debt
from relay.outbox.kinds.card import TWICE_UNSURE
from tests.support.chaos import promises
from tests.support.chaos.github import GONE, gate_of
from tests.support.chaos.promises import RULES, Violations, decided_event, name_of
from tests.support.chaos.redeems import WON, redeemed_wrongly
from tests.torture import rules, shown
from tests.torture.attempts import Attempts
from tests.torture.diary import CUT, OUTSIDERS, Answered, ids_of
from tests.torture.order import disorder
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
        known = {card.id for card in stage.diary.cards if card.registered}
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
        attempts = Attempts(stage.journal, promises.gates_of(self.cases))
        found = (
            self.record.violations(),
            self._people(),
            self._gates(),
            disorder(stage, self.cases, self.record.arrivals),
            redeemed_wrongly(stage.diary.redeemed, self._last_runs(), jumped=stage.jumped),
            shown.channels(self.cases, stage.neighbours, attempts, jumped=stage.jumped),
            stage.untrue,
        )
        for rule, text in chain.from_iterable(found):
            self.found.blame(rule, text)
        self._attempts(attempts)
        titles = Counter(case.request.title for case in self.cases.values() if case.proof == "key")
        for title, times in titles.items():
            if times > 1:
                self.found.blame("made twice", f"{title} is {times} requests")
        for text in stage.stuck:
            self.found.blame("stuck", text)
        raised = [str(note.details[0]) for note in stage.journal.notes if note.event == "raised"]
        for text in (*stage.diary.unexpected, *raised):
            self.found.blame("unexpected", text)
        self._count()
        self._locate()
        return self.found

    def _locate(self) -> None:
        """Add to each violation its scenario, and where its relay was struck."""
        environments = {card.id: card.environment for card in self.stage.diary.cards}
        for found in self.found.violations.values():
            for index, text in enumerate(found):
                ids = [each for each in environments if each in text]
                groups = {environments[each].partition("-")[2] for each in ids}
                struck = [self.stage.struck_at[group] for group in groups if group in self.stage.struck_at]
                found[index] = f"{self.stage.name} on {self.stage.kind.name}: {text} {struck or ''}".rstrip()

    def _people(self) -> Violations:
        """Check answers against cases, and reviews against presses."""
        answers = self.stage.diary.answers
        pressed = {(answer.id, answer.act, one) for answer in answers for one in ids_of(answer.person)}
        for answer in self.stage.diary.answers:
            case = self.cases.get(answer.id)
            taken = case is not None and any(
                self.record.taken(answer.id, name, before=answer.ended) for name in _decided_names(case)
            )
            if not is_true(answer, case, taken=taken, jumped=self.stage.jumped):
                yield "untrue answer", f"{answer}; it is {case.status if case else 'unknown'}"
        for told in self.stage.diary.told:
            case = self.cases.get(told.id)
            found = next((run.status for run in case.runs if run.id == told.run), "") if case else ""
            if told.answer == "taken" and told.status in FINAL and found not in FINAL:
                yield "run forgotten", f"{told}; it is {found or 'unknown'}"
        for case in self.cases.values():
            for review in case.reviews:
                given = (case.request.id, review.verdict, review.by.id) in pressed
                if not given or review.by.id in OUTSIDERS:
                    yield "untrue answer", f"{case.request.id} has a review that nobody gave"

    def _gates(self) -> Violations:
        """Check that each run that the relay took has one request."""
        gates = Counter(
            gate_of(case.gate.run_id, case.request.environment) for case in self.cases.values() if case.gate
        )
        for gate in {*gates, *self.stage.diary.waiting}:
            if gates[gate] != 1:
                yield "made twice" if gates[gate] else "gate without its verdict", f"{gate}: {gates[gate]} requests"

    def _last_runs(self) -> dict[str, int]:
        """Return the number of the last release of each request that was sent."""
        return {case_id: max(debt.run for debt in case.debts) for case_id, case in self.cases.items() if case.debts}

    def _attempts(self, attempts: Attempts) -> None:
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
        counts["answers"] += len(self.stage.diary.answers)
        counts["busy or cut answers"] += _count(self.stage.diary.answers, ("busy", CUT, "0", "503"))
        counts["dispatches that GitHub took"] += sum(each.taken for each in self.stage.github.arrivals)
        counts["dispatches that it did not"] += sum(not each.taken for each in self.stage.github.arrivals)
        counts["verdicts that GitHub took"] += len(self.stage.github.settled)
        counts["redeems"] += len(self.stage.diary.redeemed)
        counts["redeems that won"] += sum(each.status == WON for each in self.stage.diary.redeemed)
        counts["messages in Slack"] += len(self.stage.neighbours.slack.heard)
        counts["events that the receiver took"] += len(self.stage.neighbours.receiver.heard)
        counts["debts"] += sum(len(case.debts) for case in self.cases.values())
        counts["rows of parked debts"] += len(self.record.rows)
        counts["rows of lives"] += len(self.record.lives)
        counts["calls the store failed"] += sum(note.event == "outage" for note in journal.notes)
        for case in self.cases.values():
            counts[case.status] += 1


def _count(answers: Iterable[Answered], codes: tuple[str, ...]) -> int:
    return sum(answer.code in codes for answer in answers)


def _decided_names(case: Case) -> set[str]:
    """Return the names of the dispatches of the last word: more than one if the release ran again."""
    names = {name_of(debt) for debt in case.debts if debt.kind == "dispatch" and not debt.decision}
    return {decided_event(case), *names}


def _is_refusable(case: Case, debt: Debt) -> bool:
    if debt.kind != "dispatch" and debt.last_error == TWICE_UNSURE:
        return debt.status == "dead"
    return debt.status == "refused" and case.request.repository == GONE
