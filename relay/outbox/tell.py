"""The telling of notices in a timer run: channels side by side, so that one that hangs holds up no other.

Meanwhile the run goes on with dispatches and cards that become due.
"""

from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor, wait
from contextvars import copy_context
from dataclasses import dataclass
from typing import Final

from relay.approval import debts
from relay.approval.notices import due_now
from relay.approval.wake_ups import WakeUp
from relay.model.case import Case
from relay.model.debts import Outcome, RetryAfter
from relay.outbox.commit import write
from relay.outbox.hourly import in_its_hour
from relay.outbox.pay import Payer

BUDGET: Final = 5.0  # seconds for the notices of one request in one channel
CHANNELS: Final = 16  # told side by side
BETWEEN: Final = 1.0  # seconds after which the run looks for other work, while a channel takes its time
CONFLICTS: Final = 5  # other commits of the same case that a notice outlives in one run
Pay = Callable[[Case, WakeUp], Sequence[Outcome]]


@dataclass(frozen=True, slots=True)
class Teller:
    """Tells the notices that are due. `handle` loads the case of a wake-up and hands both over, or drops the wake-up.

    `is_over` tells whether the run has no more time, `meanwhile` does other work and returns how much was tried.
    """

    payer: Payer
    handle: Callable[[WakeUp, Pay], Sequence[Outcome]]
    is_over: Callable[[], bool]
    meanwhile: Callable[[], int]

    def run(self, rows: Iterable[WakeUp]) -> int:
        """Tell the notices of some wake-ups, and return how many debts were tried."""
        channels: dict[str, list[WakeUp]] = {}
        for row in rows:
            channels.setdefault(row.group, []).append(row)
        if not channels:
            return 0
        # A channel that failed before goes last, so that its turn takes none from another.
        ordered = sorted(channels.values(), key=lambda rows: rows[0].tried)
        tried = 0
        with ThreadPoolExecutor(min(CHANNELS, len(ordered)), "notices") as pool:
            work = [pool.submit(copy_context().run, self._tell_channel, each) for each in ordered]
            while wait(work, BETWEEN).not_done:
                tried += self.meanwhile()
        return tried + sum(each.result() for each in work)

    def _tell_channel(self, rows: Sequence[WakeUp]) -> int:
        """Tell the notices of one channel, until it fails once or the time is over."""
        tried = 0
        for row in rows:
            if self.is_over():
                break
            outcomes = self.handle(row, self._tell_lane)
            tried += len(outcomes)
            if any(isinstance(outcome, RetryAfter) and outcome.tried for outcome in outcomes):
                break
        return tried

    def _tell_lane(self, case: Case, row: WakeUp) -> Sequence[Outcome]:
        """Tell the notices of a case in one channel, in their order, as long as the channel takes them."""
        outcomes, conflicts = list[Outcome](), 0
        over_at = self.payer.clock() + BUDGET
        while self.payer.clock() < over_at and conflicts < CONFLICTS:
            index = due_now(case, row.group, self.payer.clock())
            if index is None:
                break
            ready = self._in_its_hour(case, index)
            if ready is not None:
                case, paid = self.payer.pay_due(ready, "notice", deadline=over_at, only=index)
                outcomes += paid.values()
                if paid:
                    continue
            # It waits for its hour, or another channel of the same request was told meanwhile.
            conflicts += 1
            case = self.payer.store.load(case.request.id) or case
        return outcomes

    def _in_its_hour(self, case: Case, index: int) -> Case | None:
        """Return the case if its notice may be told now. Else commit it as postponed or cancelled, and return None."""
        payer, now, nonce = self.payer, self.payer.clock(), self.payer.nonce()
        ready = in_its_hour(payer.store, payer.policy, case, index, now=now, nonce=nonce)
        if debts.is_due(ready.debts[index], now):
            return ready
        write(payer.store, payer.policy, case, ready, nonce=nonce, now=now)
        return None
