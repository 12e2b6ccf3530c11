"""Checks of the store, of the timer, and of what is owed."""

from collections import Counter
from collections.abc import Iterator
from typing import Final

from relay.approval.groups import Rank
from relay.doctor.inside.subject import Inside
from relay.errors import Outage
from relay.health import TIMER_STOPPED_AFTER
from relay.model.findings import Finding, LeftOut
from relay.model.values import iso

PROBE: Final = "doctor"
LOOKED_AT: Final = 100  # cases
_ROLE: Final = "give the app's identity the role Storage Table Data Contributor on the account"
_TIMER: Final = (
    "Is the function `pay` of the app disabled, or does the app not run? A timer of Azure that stopped for good needs "
    "another monitor that calls GET /api/health?round=1"
)


def store(inside: Inside) -> Iterator[Finding | LeftOut]:
    """Write a value, read it, and add and remove a row. A store that is not there is not made."""
    now = inside.web.clock()
    try:
        born_at = inside.store.born_at()
    except Outage as outage:
        missing = outage.permanent and "there is no store" in outage.what
        cure = "The relay makes it at its first use: correct RELAY_STORE if it has been used before."
        yield Finding("warning" if missing else "failed", outage.what, cure if missing else _cure(inside))
        return
    rank = Rank(int(now), PROBE)
    step = "written into"
    try:
        inside.store.put(PROBE, str(now), until=now)
        step = "read from"
        inside.store.get(PROBE, now=now)
        inside.store.add_to_group(PROBE, rank)
        step = "removed from"
        inside.store.remove_from_group(PROBE, rank)
    except Outage as outage:
        yield Finding("failed", f"nothing can be {step} the store: {outage.what}", _cure(inside))
        return
    yield Finding("ok", f"made {iso(born_at)}; a value was written, read and removed")


def timer(inside: Inside) -> Iterator[Finding]:
    """Look at the time of the last round."""
    last = inside.store.last_round() or inside.store.born_at()
    silent = int(inside.web.clock() - last)
    if silent > TIMER_STOPPED_AFTER:
        yield Finding("failed", f"no round for {silent} s", _TIMER)
    else:
        yield Finding("ok", f"the last round was {max(0, silent)} s ago")


def outbox(inside: Inside) -> Iterator[Finding]:
    """Look for debts that are refused or dead."""
    rows = [row for row in inside.store.rows() if row.parked]
    kinds = Counter[str]()
    for case_id in list(dict.fromkeys(row.case_id for row in rows))[:LOOKED_AT]:
        case = inside.store.load(case_id)
        stuck = [debt for debt in case.debts if debt.row and debt.status in {"refused", "dead"}] if case else []
        kinds.update(debt.kind for debt in stuck)
    if kinds["dispatch"]:
        yield Finding(
            "failed",
            f"dispatches that were never taken: {kinds['dispatch']}",
            "`relay outbox list` tells the cure of each; then replay them",
        )
    others = kinds["card"] + kinds["notice"]
    if others:
        yield Finding(
            "warning", f"cards and notices that were never taken: {others}", "`relay outbox list` tells the cure"
        )
    if not kinds:
        yield Finding("ok", "nothing is refused or dead")


def _cure(inside: Inside) -> str:
    if inside.settings.storage is None:
        return "Correct RELAY_STORE, or the rights on its folder; make room on the disk; end a program that holds it."
    return f"Check the account, {_ROLE}, and wait ten minutes after a change of roles."
