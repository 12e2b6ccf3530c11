"""Checks at every step: of each write, each dispatch that GitHub takes, and each answer to a person."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from relay.api.register import CLAIM_LIFETIME
from relay.approval import backoff, debts, wake_ups
from relay.approval.groups import Rank, group_of, rank_of
from relay.approval.judge import settled_decision
from relay.approval.wake_ups import WakeUp
from relay.github import rate_limit
from relay.model.answer import Answer
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.delivery import Interaction
from tests.model.actors import Actor
from tests.model.rules import POLICY
from tests.support.chaos.answers import Attempt, PressAnswer
from tests.support.chaos.github import Arrival, GitHub
from tests.support.chaos.order import Sent, is_outlived, overtakes, too_fast
from tests.support.chaos.promises import decided_event, rule_of
from tests.support.memory_store import MemoryStore
from tests.support.memory_tables import Step, Tables

STUCK: Final = ("owed", "refused", "dead")


@dataclass(frozen=True)
class Take:
    """A dispatch that GitHub took: its debt and group as they were, its sender, and the sender's faults until then."""

    arrival: Arrival
    sent: Sent
    group: str
    debt: Debt
    actor: Actor
    faults: int


class Watch:
    """Checks a world at every step. Actors at work while the clock jumps may be wrong about leases."""

    def __init__(
        self, tables: Tables, github: GitHub, clock: Callable[[], float], acting: Callable[[], Actor | None]
    ) -> None:
        self.takes: list[Take] = []
        self._tables = tables
        self._github = github
        self._clock = clock
        self._acting = acting
        self._step = 0
        self._jumped = 0
        self._began: dict[Actor, int] = {}
        self._looked: dict[Actor, int] = {}
        self._owed_since: dict[tuple[str, str], int] = {}
        self._newest: dict[str, list[tuple[Rank, int]]] = {}
        self._made: dict[str, tuple[str, float]] = {}
        self._lapsed: set[str] = set()
        self._expired_at: dict[str, int] = {}
        self.decided: dict[str, Case] = {}

    def began(self, actor: Actor) -> None:
        self._began[actor] = self._step

    def stepped(self, what: str) -> None:
        self._step += 1
        if what == "queue":
            self._looked[self._actor()] = self._step

    def jump(self) -> None:
        """Note that the clock jumped: the actors at work now may be wrong about time."""
        self._step += 1
        self._jumped = self._step
        self._github.calls.clear()

    def taken(self, arrival: Arrival) -> None:
        """Check a dispatch that GitHub takes against the stored case."""
        actor, case, event_type = self._actor(), self._case(arrival.id), arrival.event_type
        debt = next(debt for debt in case.debts if debt.event_type == event_type)
        if not self.is_bewildered(actor):
            assert debt.status == "owed", f"sent what is {debt.status}"
            assert actor.is_of(debt.lease), "sent without the lease"
            assert debt.due_at > self._clock(), "sent after the lease had ended"
        if not debt.decision:
            wanted = {case.request.event_type: "approved", case.request.reject_event_type: "rejected"}[event_type]
            assert wanted == case.status == arrival.decision, f"{event_type} sent of a case that is {case.status}"
        looked = self._looked.get(actor, self._step)
        sent = Sent((debt.since, arrival.id), self._clock(), self._owed_since[arrival.id, event_type], looked)
        take = Take(arrival, sent, group_of(case.request, event_type), debt, actor, actor.faults)
        newest_counts = rule_of(POLICY, case.request).supersede
        for earlier in self.takes:
            if (earlier.arrival.id, earlier.arrival.event_type) == (arrival.id, event_type):
                assert self._attempt(earlier).cause(), "sent twice without need"
            if earlier.arrival.answered and earlier.group == take.group and not self.is_bewildered(actor):
                assert not overtakes(earlier.sent, sent, newest_counts=newest_counts), "sent after a newer one"
        self.takes.append(take)

    def written(self, before: Case | None, after: Case) -> None:
        """Check a commit against the one before it."""
        actor = self._actor()
        old = before.debts if before else ()
        if before is not None and before.status != "pending":
            for name in ("status", "reviews", "decided_at", "stage", "superseded_by"):
                assert getattr(before, name) == getattr(after, name), f"{name} of a decided case changed"
        elif before is not None and after.status != "approved":
            assert before.reviews == after.reviews[: len(before.reviews)], "a review is gone"
        if after.status == "approved" and (before is None or before.status == "pending"):
            self._may_release(after, actor)
        for index, debt in enumerate(after.debts):
            if index >= len(old) or (old[index].status != "owed" and debt.status == "owed"):
                self._owed_since[after.request.id, debt.event_type] = self._step
            if index < len(old):
                self._changes(old[index], debt, actor)
        if after.status != "pending":
            self.decided[after.request.id] = after

    def everything(self) -> None:
        """Check that calls keep GitHub's limit, and that each debt and each case has its row."""
        assert [] == [*too_fast(self._github.calls, rate_limit.MINUTE_LIMIT)]
        for case in self._tables.cases():
            for index, debt in enumerate(case.debts):
                leaves = debt.status != "owed" and case.life_at <= self._clock()  # its rows may go before it does
                if debt.status in STUCK and (debt.row or debt.status == "owed") and not leaves:
                    row = wake_ups.row_of(case, index)
                    assert row in self._tables.rows, f"{debt.event_type} is {debt.status} and out of sight"
            if case.status == "pending":
                life = WakeUp(case.life_at, case.request.id, wake_ups.LIFE)
                assert case.life_at and life in self._tables.rows, "nothing will end the case"  # noqa: PT018 - one thing

    def acknowledged(self, actor: Actor, case_id: str, key: str) -> None:
        """Check the answer to a registration: the case is stored, and older ones are closed."""
        made, at = self._made.get(key, (case_id, self._clock()))
        if key and made != case_id and self._clock() < at + CLAIM_LIFETIME / 2 and not self.is_bewildered(actor):
            raise AssertionError("one key made two requests")
        self._made[key] = case_id, at if made == case_id else self._clock()
        case = self._case(case_id)
        if not rule_of(POLICY, case.request).supersede:
            return
        group, mark = group_of(case.request, case.request.event_type), rank_of(case.request)
        known = self._newest.setdefault(group, [])
        known.append((mark, self._step))
        newest = max(mark for mark, _ in known)
        for older, _ in known:
            if older != newest and self._is_open(older.id):
                assert older.id in self._lapsed or self.is_bewildered(actor), "an older one is left pending"

    def is_cancelled(self, case_id: str) -> None:
        assert self._case(case_id).status == "cancelled"

    def answered(self, actor: Actor, answer: Answer, interaction: Interaction) -> None:
        """Check the answer to a press against the store and against GitHub."""
        case = self._tables.case(answer.case.request.id)
        if case is None:
            assert answer.code == "expired" or self.is_bewildered(actor), f"{answer.code}, and nothing is stored"
            return
        if answer.code == "expired":
            self._expired_at[case.request.id] = self._step
        event_type = decided_event(case)
        taken = any((take.arrival.id, take.arrival.event_type) == (case.request.id, event_type) for take in self.takes)
        answered = PressAnswer(answer.code, answer.sentence, interaction.verdict, frozenset({interaction.actor.id}))
        true = answered.is_true(case, taken=taken, refusable=True, settled=False)
        assert true, f"answered {answer.code} {answer.sentence}, and it is {case.status}"

    def _actor(self) -> Actor:
        actor = self._acting()
        assert actor is not None
        return actor

    def _case(self, case_id: str) -> Case:
        case = self._tables.case(case_id)
        assert case is not None, "the case is gone"
        return case

    def is_bewildered(self, actor: Actor) -> bool:
        """Tell whether the clock jumped while the actor was at work."""
        return self._began[actor] < self._jumped

    def _is_open(self, case_id: str) -> bool:
        """Tell whether a case is pending and not over."""
        case = self._tables.case(case_id)
        if case is None or case.status != "pending":
            return False
        is_open = settled_decision(case, POLICY, self._clock()) is None
        if not is_open:  # it may be open again when the clock goes back
            self._lapsed.add(case_id)
        return is_open

    def _may_release(self, case: Case, actor: Actor) -> None:
        since = self._expired_at.get(case.request.id, -1)
        assert since <= self._jumped or since > self._began[actor], "released although told expired before the click"
        group, mark = group_of(case.request, case.request.event_type), rank_of(case.request)
        if is_outlived(mark, self._began[actor], self._newest.get(group, ())):
            assert case.request.id in self._lapsed, "released although a newer one was there before the click"

    def _changes(self, old: Debt, new: Debt, actor: Actor) -> None:
        assert (old.event_type, old.decision, old.passed) == (new.event_type, new.decision, new.passed)
        operated = actor.kind.startswith("operator")
        if old.kind == "card":
            leased = debts.is_leased(old, self._clock()) and new != old and not self.is_bewildered(actor)
            assert not leased or actor.is_of(old.lease), "a card changed while somebody else has the lease"
            return
        assert operated or old.since == new.since, "a debt lost its place"
        assert operated or old.status in {"owed", new.status}, f"what was {old.status} is {new.status}"
        if debts.is_leased(old, self._clock()) and new != old and not self.is_bewildered(actor):
            assert actor.is_of(old.lease), "changed while somebody else has the lease"
        if old.status == "owed" and new.status == "dead" and not operated:
            assert self._clock() + 2 * backoff.LONGEST_WAIT > new.created_at + debts.GIVE_UP_AFTER, "given up too early"
        if old.status == "owed" and new.status == "delivered":
            assert any(take.actor == actor and take.debt.lease == old.lease for take in self.takes), "never sent"

    def _attempt(self, take: Take) -> Attempt:
        ended = take.actor.faults > take.faults or self.is_bewildered(take.actor)
        return Attempt(answered=take.arrival.answered, ended=ended, over=take.debt.due_at <= self._clock())


class Watched(MemoryStore):
    """Store in memory under a watch."""

    def __init__(self, tables: Tables, step: Step, watch: Watch) -> None:
        super().__init__(tables, step)
        self._watch = watch

    def _write(self, case: Case) -> bool:
        before = self.tables.case(case.request.id)
        done = super()._write(case)
        if done:
            self._watch.written(before, case)
        return done
