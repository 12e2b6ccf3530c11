"""Debts that are owed or dead, as the operator sees and moves them."""

from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from functools import partial
from typing import Final, NamedTuple

from relay.approval import debts, wake_ups, wording
from relay.approval.cards import owed_anew
from relay.approval.next_version import with_wake_ups
from relay.errors import Refusal
from relay.journal import log as journal
from relay.journal.events import Event, entry, of_case
from relay.journal.message_log import MessageLog
from relay.journal.messages import Message
from relay.model.case import Case
from relay.model.debts import Debt, DebtKind
from relay.outbox.expiry import STALE_ROW
from relay.outbox.try_records import cause
from relay.store.contract import Store

GIVEN_UP: Final = "It was given up already, since a newer approval of the same came before it was sent."
_KINDS: Final[tuple[DebtKind, ...]] = ("dispatch", "card", "notice")
LOG_TIME: Final = 2.0  # seconds that the message of a change may take to be written
_STUCK: Final = ("owed", "refused", "dead")


@dataclass(frozen=True, slots=True)
class Outbox:
    """The debts of all cases; `clock` returns Unix seconds, `nonce` a new random word.

    `by` names the operator in the logs, `log` is that of the messages where no call has one.
    """

    store: Store
    clock: Callable[[], float]
    nonce: Callable[[], str]
    by: str = ""
    log: MessageLog | None = None

    def owed(self) -> list[tuple[Case, int]]:
        """Return every debt that is owed, refused or dead and was not dropped: its case, and its index there."""
        rows: dict[str, set[wake_ups.WakeUp]] = {}
        for row in self.store.rows():
            rows.setdefault(row.case_id, set()).add(row)
        found: list[tuple[Case, int]] = []
        for case_id, known in rows.items():
            case = self.store.load(case_id)
            # A commit that was cut off may have left a parked wake-up, and no timer run would meet it.
            for row in known - (wake_ups.rows_of(case) if case else frozenset()):
                if row.due_at < self.clock() - STALE_ROW:
                    self.store.drop_row(row)
            if case:
                found += [(case, index) for index, debt in enumerate(case.debts) if _is_stuck(debt, _STUCK)]
        return found

    def replay(self, case_id: str, *, card: str = "", anyway: bool = False) -> Case:
        """Owe the unpaid dispatches of a case anew, due now, or its card and notices in a channel.

        Raises Refusal unknown-request, being-paid, dropped. Raises Refusal overtaken if a newer approval of the same
        was delivered meanwhile, unless `anyway`: then the debt goes last.
        """
        return self.replay_counted(case_id, card=card, anyway=anyway).case

    def replay_counted(self, case_id: str, *, card: str = "", anyway: bool = False) -> "Moved":
        """Replay as `replay` does, and return the number of debts too."""
        statuses = (*_STUCK, "cancelled") if anyway else _STUCK
        return self._replay(case_id, lambda case: _stuck(case, card, statuses), card, anyway=anyway)

    def replay_all(self, cause: str = "") -> int:
        """Owe all refused and dead debts anew, or all that failed of one cause. Return how many.

        Debts that cannot be replayed now stay as they are: they are overtaken, or are being paid.
        """

        def picked(case: Case) -> list[int]:
            return [index for index, debt in enumerate(case.debts) if debt.row and _is_meant(debt, cause)]

        replayed = 0
        for case in {case.request.id: case for case, index in self.owed() if index in picked(case)}.values():
            with suppress(Refusal):
                replayed += self._replay(case.request.id, picked, "", anyway=False).moved
        return replayed

    def drop(self, case_id: str, *, card: str = "") -> Case:
        """Give up the unpaid dispatches of a case for good, or its card and notices in a channel.

        Raises Refusal unknown-request, being-paid, dropped, and overtaken if a newer approval cancelled them.
        """
        return self.drop_counted(case_id, card=card).case

    def drop_counted(self, case_id: str, *, card: str = "") -> "Moved":
        """Drop as `drop` does, and return the number of debts too."""
        stuck = partial(_stuck, card=card, statuses=_STUCK)
        return self._rewrite("dropped", case_id, stuck, debts.drop, self.nonce(), card=card, if_cancelled=GIVEN_UP)

    def _replay(self, case_id: str, pick: Callable[[Case], list[int]], card: str, *, anyway: bool) -> "Moved":
        now, nonce = self.clock(), self.nonce()

        def renew(case: Case, index: int) -> Case:
            overtaken = self._is_overtaken(case, case.debts[index])
            if overtaken and not anyway:
                raise Refusal("overtaken", "a newer one was delivered", message=wording.refusal("overtaken"))
            return debts.replay(case, index, now=now, nonce=nonce, last=overtaken)

        cancelled = wording.refusal("overtaken")
        return self._rewrite("replayed", case_id, pick, renew, nonce, card=card, if_cancelled=cancelled)

    def _rewrite(
        self,
        event: Event,
        case_id: str,
        pick: Callable[[Case], list[int]],
        change: Callable[[Case, int], Case],
        nonce: str,
        *,
        card: str,
        if_cancelled: str,
    ) -> "Moved":
        while True:
            case = self.store.load(case_id)
            rows = {row for row in self.store.rows() if row.case_id == case_id}
            stuck = pick(case) if case else []
            if case is None or not stuck:
                raise _nothing(case, card, if_cancelled)
            if any(debts.is_leased(case.debts[index], self.clock()) for index in stuck):
                raise Refusal("being-paid", "its lease runs", message=wording.refusal("being-paid"))
            changed = replace(case, version=case.version + 1, commit_id=nonce)
            for index in stuck:
                changed = change(changed, index)
            changed = with_wake_ups(owed_anew(changed, self.clock()), nonce)
            kept = wake_ups.rows_of(changed)
            if self.store.write_case(changed, to_set=kept - rows, to_clear=rows - kept):
                self._write(event, changed, stuck)
                return Moved(changed, len(stuck))

    def _write(self, event: Event, case: Case, moved: Sequence[int]) -> None:
        """Log the debts that the operator moved."""
        for index in moved:
            debt = case.debts[index]
            channel = "" if debt.kind == "dispatch" else debt.event_type
            journal.write_all([entry(event, {**of_case(case), "channel": channel, "person": self.by})])
        if self.log is not None:
            at, request = self.clock(), case.request
            command = "replay" if event == "replayed" else "drop"
            named = Message(at, "in", "command", command, event, request=request.id, repository=request.repository)
            self.log.keep([replace(named, person=self.by)])
            self.log.flush(LOG_TIME)

    def _is_overtaken(self, case: Case, debt: Debt) -> bool:
        """Tell whether a debt of the same group that came to be owed later was delivered."""
        group = wake_ups.group_of_debt(case, debt)
        return any(
            other.status == "delivered" and other.since > debt.since and wake_ups.group_of_debt(newer, other) == group
            for newer in self.store.released(group)
            for other in newer.debts
        )


class Moved(NamedTuple):
    """The case after a change of the operator, and how many debts were moved."""

    case: Case
    moved: int


def _nothing(case: Case | None, card: str, if_cancelled: str) -> Refusal:
    """Return the reason why a case has nothing to move."""
    if case and _stuck(case, card, ("cancelled",)):
        return Refusal("overtaken", "a newer one took its place", message=if_cancelled)
    if case and any(debts.shown_status(debt) == "dropped" for debt in case.debts if card in ("", debt.event_type)):
        return Refusal("dropped", "an operator dropped it", message=wording.refusal("dropped"))
    return Refusal("unknown-request", "nothing in the outbox", message="The outbox has nothing of this id.")


def _is_meant(debt: Debt, cause_code: str) -> bool:
    """Tell whether a debt failed with this code. An empty code stands for each debt that the relay has given up."""
    if cause_code:
        return debt.status in _STUCK and cause(debt.last_error) == cause_code
    return debt.status in ("refused", "dead")


def _is_stuck(debt: Debt, statuses: Sequence[str]) -> bool:
    """Tell whether a debt may be moved. One that the operator dropped has no wake-up, and a waiting notice none yet."""
    return debt.status in statuses and (bool(debt.row) or debt.status == "owed")


def _stuck(case: Case, card: str, statuses: Sequence[str]) -> list[int]:
    """Return the indexes of the debts to move: those in the channel of a `card`, or failed ones before those tried.

    Of either, dispatches go before cards and cards before notices, each kind alone: to give up a card that cannot be
    posted keeps the release.
    """
    movable = [
        index
        for index, debt in enumerate(case.debts)
        # A debt that was cancelled with its case stays so, and a notice whose newer state took its place.
        if _is_stuck(debt, statuses)
        if debt.status != "cancelled" or (debt.kind == "dispatch" and debts.is_still_wanted(case, debt))
        if not card or (debt.kind != "dispatch" and debt.event_type == card)
    ]

    def rank(index: int) -> tuple[bool, int]:
        return case.debts[index].status == "owed", _KINDS.index(case.debts[index].kind)

    first = min(map(rank, movable), default=None)
    return [index for index in movable if rank(index) == first]
