"""News of runs: GitHub reports the progress of the workflow runs that the relay's dispatches have started."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from relay.approval.runs import dispatch_of, with_run
from relay.errors import Outage
from relay.github.workflow_runs import SeenRun, read_run
from relay.journal.calls import note_case
from relay.model.case import Case
from relay.model.runs import Run
from relay.model.values import Json
from relay.outbox import commit
from relay.outbox.kinds.dispatch import run_key
from relay.outbox.pay import Payer
from relay.store.contract import Store

BUDGET: Final = 5.0  # seconds in which cards are updated before the answer; GitHub waits ten
MAX_IDS: Final = 5  # ids in the title of one run that are looked at
_ID: Final = re.compile(r"\b[a-z2-7]{32}\b")


@dataclass(frozen=True, slots=True)
class RunNews:
    """The reader of `workflow_run`. `clock` returns Unix seconds."""

    store: Store
    payer: Payer
    github_url: str
    clock: Callable[[], float]

    def take(self, payload: Json) -> bool:
        """Record the news of a run of ours, and show it on every card. Return False for a run of others."""
        seen = read_run(payload, self.github_url)
        return seen is not None and any(self._record(case_id, seen) for case_id in self._cases_of(seen))

    def _cases_of(self, seen: SeenRun) -> Iterator[str]:
        """Yield the ids of requests that may have started a run: the one noted at dispatch, and any in its title."""
        known = self.store.get(run_key(seen.id), now=self.clock()) if seen.started_by == "workflow_dispatch" else None
        if known:
            yield known
        yield from dict.fromkeys(_ID.findall(seen.title)[:MAX_IDS])

    def _record(self, case_id: str, seen: SeenRun) -> bool:
        deadline = self.clock() + BUDGET
        while True:
            case = self.store.load(case_id)
            debt = dispatch_of(case, seen.id, seen.started_by, seen.created_at) if case else None
            if case is None or debt is None or not _is_its_repository(case, seen):
                return False
            note_case(case)
            now = self.clock()
            run = Run(seen.status, int(now), "github", seen.text, seen.url, seen.id, seen.attempt, debt)
            after = with_run(case, run)
            if after == case:
                return True
            committed = commit.write(self.store, self.payer.policy, case, after, nonce=self.payer.nonce(), now=now)
            if committed is not None:
                self.payer.update_cards(committed, deadline=deadline)
                return True
            if now > deadline:
                raise Outage("too many commits of one request at once")


def _is_its_repository(case: Case, seen: SeenRun) -> bool:
    """Tell whether a run is of the repository of a case: by its id where a token proved that, else by its name."""
    origin = case.origin
    if origin and not origin.asker:
        return origin.repository_id == seen.repository_id
    return case.request.repository.lower() == seen.repository.lower()
