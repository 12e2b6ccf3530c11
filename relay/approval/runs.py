"""The runs that a case has started: news of them, from GitHub or from a workflow's report, in any order. Pure."""

from dataclasses import replace
from types import MappingProxyType
from typing import Final

from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.runs import WORST_FIRST, Run, RunStatus
from relay.signed import canonical_json

MAX_RUNS: Final = 20  # runs of one case; every workflow that listens to the event makes one for each dispatch
MAX_REPORTS: Final = 20
LEEWAY: Final = 60.0  # seconds by which GitHub's clock may be behind the relay's
NEAR: Final = 5.0  # seconds: of two dispatches, a run belongs to the last that was owed by then
FINAL: Final = frozenset({"success", "failure", "cancelled"})
_EVENTS: Final = MappingProxyType(
    {"running": "run_started", "success": "run_success", "failure": "run_failure", "cancelled": "run_failure"}
)


def last_sent(case: Case) -> int | None:
    """Return the index of the last dispatch that was sent, or None before any. Words on the page of a run are none."""
    sent = [n for n, debt in enumerate(case.debts) if debt.kind == "dispatch" and debt.was_sent and not debt.report]
    return sent[-1] if sent else None


def dispatch_of(case: Case, run_id: str, started_by: str, created_at: float) -> int | None:
    """Return the index of the dispatch that started a run of the case's repository, or None if none did.

    `started_by` is the event of the run. A run that the relay knows by its id may be of any time. Any other was created
    no earlier than the first try of its dispatch, with a minute of leeway.
    """
    known = next((run.debt for run in case.runs if run.id == run_id), None)
    known = next((n for n, debt in enumerate(case.debts) if debt.run_id == run_id), known)
    sent = [
        index
        for index, debt in enumerate(case.debts)
        if debt.kind == "dispatch" and debt.was_sent and started_by == _event_of(debt)
    ]
    if known is not None:
        return known if known in sent else None
    possible = [index for index in sent if _first_try(case.debts[index]) <= created_at + LEEWAY]
    near = [index for index in possible if case.debts[index].since <= created_at + NEAR]
    return near[-1] if near else possible[0] if possible else None


def early_event(case: Case, run: Run) -> str:
    """Return the event type that started a run before the decision, as of a preview, or "" for a run of the release."""
    debt = case.debts[run.debt] if run.debt < len(case.debts) else None
    return debt.event_type if debt and debt.decision else ""


def with_run(case: Case, run: Run) -> Case:
    """Return the case with the news of a run: another run, a later state of a known one, or nothing new.

    The attempt is 0 if the news does not say it: then it is the one that is known.
    """
    index = _index(case.runs, run)
    if index is not None:
        merged = _merged(case.runs[index], run)
        known = replace(case, runs=(*case.runs[:index], merged, *case.runs[index + 1 :]))
    else:
        fresh = replace(run, attempt=run.attempt or 1)
        known = replace(case, runs=_kept((*case.runs, fresh)))
    return _with_event(known)


def with_report(case: Case, run: Run) -> Case | None:
    """Return the case with a workflow's report of a run, or None if it is the same report twice in a row."""
    digest = canonical_json.sha256(canonical_json.encode([run.status, run.text, run.url]))[:16]
    if case.reports[-1:] == (digest,):
        return None
    return replace(with_run(case, run), reports=(*case.reports, digest))


def _kept(runs: tuple[Run, ...]) -> tuple[Run, ...]:
    """Return the runs, without the most harmless one if they are too many: runs that others start hide no failure."""
    if len(runs) <= MAX_RUNS:
        return runs
    newest = max(run.debt for run in runs)

    def harmless(index: int) -> tuple[bool, int, int]:
        return runs[index].debt < newest, WORST_FIRST.index(runs[index].status), index

    least = max(range(len(runs)), key=harmless)
    return (*runs[:least], *runs[least + 1 :])


def _index(runs: tuple[Run, ...], run: Run) -> int | None:
    """Return the index of the known run that the news is about, or None for another run."""
    if run.id and any(known.id == run.id for known in runs):
        return next(index for index, known in enumerate(runs) if known.id == run.id)
    of_dispatch = [index for index, known in enumerate(runs) if known.debt == run.debt]
    without_id = [index for index in of_dispatch if not runs[index].id]
    if without_id:  # a report that named no run of GitHub told of it first
        return without_id[0]
    if run.id or not of_dispatch:
        return None
    # A report without the address of a run is about the one that GitHub told of last.
    return of_dispatch[-1]


def _merged(known: Run, news: Run) -> Run:
    """Return a known run after news of it. Within one attempt nothing takes a later state back."""
    if not news.id and news.url and not known.id and known.url and news.url != known.url:
        return replace(news, attempt=1)  # a run elsewhere, which has no number: another address is another run
    named, news = replace(known, id=known.id or news.id), replace(news, attempt=news.attempt or known.attempt)
    if news.attempt != known.attempt:
        return replace(news, debt=known.debt) if news.attempt > known.attempt else named
    order, earlier = _order(news.status), _order(known.status)
    if order > earlier:
        return replace(news, id=named.id, debt=known.debt, url=news.url or known.url)
    if news.status != known.status or (order and known.status in FINAL and known.text):
        return named
    return replace(named, text=news.text or known.text, url=known.url or news.url)


def _event_of(debt: Debt) -> str:
    return "workflow_dispatch" if debt.workflow else "repository_dispatch"


def _first_try(debt: Debt) -> float:
    return debt.tried_at or debt.since


def _order(status: RunStatus) -> int:
    return 2 if status in FINAL else int(status == "running")


def _with_event(case: Case) -> Case:
    """Return the case with the event of its run, unless the event came true before in this attempt."""
    run = case.run
    if run is None or run.status not in _EVENTS:
        return case
    attempt = max(each.attempt for each in case.runs if each.debt == run.debt)
    event = f"{run.debt}.{attempt}.{_EVENTS[run.status]}"
    return case if event in case.run_events else replace(case, run_events=(*case.run_events, event))
