"""What must hold at every step: of each write, each event that GitHub takes, and each answer that a person gets."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, cast

from relay.api.register import CLAIM_LIFETIME
from relay.approval import debts
from relay.approval.debts import WakeUp
from relay.approval.groups import Rank, group_of, mark_of
from relay.approval.judge import settled_decision
from relay.approval.policy import Policy, rule_for
from relay.approval.wording import deciding
from relay.github import rate_limit
from relay.model import Actor as Person
from relay.model import Answer, Case, Debt, Json
from relay.outbox.turns import AT_ONCE
from tests.model.actors import Actor
from tests.support.memory_store import MemoryStore, Step, Tables

MINUTE: Final = 60.0
STUCK: Final = ("owed", "refused", "dead")


@dataclass(frozen=True)
class Take:
    """An event that GitHub took: of which debt, by whom, in which step, and how the debt stood."""

    case_id: str
    event_type: str
    group: str
    debt: Debt
    actor: Actor
    faults: int
    step: int
    looked: int
    told: bool
    at: float

    def place(self) -> tuple[float, str]:
        return self.debt.since, self.case_id


class Watch:
    """The judge of a world. Its `clock` jumped last at `jumped`; actors that lived through it may err about leases."""

    def __init__(
        self, tables: Tables, policy: Policy, clock: Callable[[], float], acting: Callable[[], Actor | None]
    ) -> None:
        self.takes: list[Take] = []
        self._tables = tables
        self._policy = policy
        self._clock = clock
        self._acting = acting
        self._step = 0
        self._jumped = 0
        self._began: dict[Actor, int] = {}
        self._looked: dict[Actor, int] = {}
        self._owed_since: dict[tuple[str, str], int] = {}
        self._calls: list[float] = []
        self._newest: dict[str, list[tuple[Rank, int]]] = {}
        self._made: dict[str, tuple[str, float]] = {}
        self._lapsed: set[str] = set()
        self._told_expired: dict[str, int] = {}
        self.decided: dict[str, Case] = {}

    def began(self, actor: Actor) -> None:
        self._began[actor] = self._step

    def stepped(self, what: str) -> None:
        self._step += 1
        if what == "queue":
            self._looked[self._actor()] = self._step

    def jump(self) -> None:
        """Take note that the clock is no longer to be believed by who acts now."""
        self._step += 1
        self._jumped = self._step
        self._calls.clear()

    def called(self) -> None:
        """Hold calls against GitHub's limit."""
        now = self._clock()
        self._calls = [at for at in self._calls if at > now - MINUTE] + [now]
        assert len(self._calls) <= rate_limit.MINUTE_LIMIT, f"{len(self._calls)} calls within a minute"

    def taken(self, event_type: str, client_payload: Json, *, told: bool) -> None:
        """Hold an event that GitHub takes against the case as it is stored at that moment."""
        actor, approval = self._actor(), cast("dict[str, Any]", client_payload["approval"])
        case = self._case(approval["id"])
        debt = next(debt for debt in case.debts if debt.event_type == event_type)
        group = group_of(case.request, event_type)
        looked = self._looked.get(actor, self._step)
        take = Take(
            case.request.id, event_type, group, debt, actor, actor.faults, self._step, looked, told, self._clock()
        )
        if not self.is_bewildered(actor):
            assert debt.status == "owed", f"sent what is {debt.status}"
            assert actor.is_of(debt.lease), "sent without the lease"
            assert debt.due_at > self._clock(), "sent after the lease had ended"
        if not debt.decision:
            wanted = {case.request.event_type: "approved", case.request.reject_event_type: "rejected"}[event_type]
            assert wanted == case.status == approval["decision"], f"{event_type} sent of a case that is {case.status}"
        for earlier in self.takes:
            if earlier.case_id == take.case_id and earlier.event_type == event_type:
                assert self._may_be_repeated(earlier), "sent twice without need"
            was_owed = self._owed_since[take.case_id, event_type] < earlier.looked
            if earlier.told and earlier.group == group and earlier.place() > take.place() and was_owed:
                side_by_side = earlier.at - debt.since < AT_ONCE and not self._supersedes(case)
                assert side_by_side or self.is_bewildered(actor), (
                    "sent after a newer one, which had seen that it was owed"
                )
        self.takes.append(take)

    def written(self, before: Case | None, after: Case) -> None:
        """Hold a commit against the one before it."""
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
        """Hold what is stored against itself: every debt is in sight, no later than somebody may take it."""
        for case in self._tables.cases():
            for index, debt in enumerate(case.debts):
                leaves = debt.status != "owed" and case.life_at <= self._clock()  # its rows may go before it does
                if debt.status in STUCK and (debt.row or debt.status == "owed") and not leaves:
                    row = debts.row_of(case, index)
                    assert row in self._tables.rows, f"{debt.event_type} is {debt.status} and out of sight"
            if case.status == "pending":
                life = WakeUp(case.life_at, case.request.id, debts.LIFE)
                assert case.life_at and life in self._tables.rows, "nothing will end the case"  # noqa: PT018 - one thing

    def acknowledged(self, actor: Actor, case_id: str, key: str) -> None:
        """Hold the answer to a registration against the store: the case is there, and older ones are closed."""
        made, at = self._made.get(key, (case_id, self._clock()))
        if key and made != case_id and self._clock() < at + CLAIM_LIFETIME / 2 and not self.is_bewildered(actor):
            raise AssertionError("one key made two requests")
        self._made[key] = case_id, at if made == case_id else self._clock()
        case = self._case(case_id)
        if not self._supersedes(case):
            return
        group, mark = group_of(case.request, case.request.event_type), mark_of(case.request)
        known = self._newest.setdefault(group, [])
        known.append((mark, self._step))
        newest = max(mark for mark, _ in known)
        for older, _ in known:
            if older != newest and self._is_open(older.id):
                assert older.id in self._lapsed or self.is_bewildered(actor), "an older one is left pending"

    def is_cancelled(self, case_id: str) -> None:
        assert self._case(case_id).status == "cancelled"

    def answered(self, actor: Actor, answer: Answer, who: Person) -> None:
        """Hold what a person was told against the store and against what GitHub took."""
        case = self._tables.case(answer.case.request.id)
        told, code = answer.sentence, answer.code
        if case is None:
            assert code == "expired" or self.is_bewildered(actor), f"{code}, and nothing is stored"
            return
        debt = deciding(case.debts)
        has_taken = any(
            take.case_id == case.request.id and debt and take.event_type == debt.event_type for take in self.takes
        )
        assert "GitHub has taken it" not in told or has_taken, f"told {told}"
        mine = [review for review in case.reviews if review.by.id == who.id]
        match code:
            case "released" | "approved-retrying" | "approved-refused" | "already-approved":
                true = case.status == "approved" and debt is not None
            case "rejected" | "already-rejected":
                true = case.status == "rejected"
            case "counted" | "already-counted":
                true = bool(mine)
            case "expired":
                true = case.status in {"expired", "pending"}
                self._told_expired[case.request.id] = self._step
            case _:
                true = case.status == code
        assert true, f"told {code}, and it is {case.status}"
        if code in {"released", "approved-retrying", "approved-refused", "rejected"}:
            assert mine, f"told {code}, and the review is not there"

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
        """Tell whether a case waits; one whose time was over once may come to life again when the clock goes back."""
        case = self._tables.case(case_id)
        if case is None or case.status != "pending":
            return False
        is_open = settled_decision(case, self._policy, self._clock()) is None
        if not is_open:
            self._lapsed.add(case_id)
        return is_open

    def _supersedes(self, case: Case) -> bool:
        request = case.request
        rule = rule_for(self._policy, request.repository, request.environment, request.event_type)
        return rule is not None and rule.supersede

    def _may_release(self, case: Case, actor: Actor) -> None:
        told = self._told_expired.get(case.request.id, -1)
        assert told <= self._jumped or told > self._began[actor], "released although told expired before the click"
        group, mark = group_of(case.request, case.request.event_type), mark_of(case.request)
        for newer, step in self._newest.get(group, ()):
            if newer > mark and step <= self._began[actor]:
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
            assert self._clock() + 2 * debts.LONGEST_WAIT > new.created_at + debts.GIVE_UP_AFTER, "given up too early"
        if old.status == "owed" and new.status == "delivered":
            assert any(take.actor == actor and take.debt.lease == old.lease for take in self.takes), "never sent"

    def _may_be_repeated(self, take: Take) -> bool:
        hurt = take.actor.faults > take.faults or self.is_bewildered(take.actor)
        return not take.told or hurt or take.debt.due_at <= self._clock()


class Watched(MemoryStore):
    """The store in memory under a watch."""

    def __init__(self, tables: Tables, step: Step, watch: Watch) -> None:
        super().__init__(tables, step)
        self._watch = watch

    def _write(self, case: Case) -> bool:
        before = self.tables.case(case.request.id)
        done = super()._write(case)
        if done:
            self._watch.written(before, case)
        return done
