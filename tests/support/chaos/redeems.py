"""The promise about redemption: of all runs that had an approval, exactly one wins, and wins each time it asks."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Final

from tests.support.chaos.promises import Violations

BUSY: Final = (0, 503)  # no answer that tells anything
WON: Final = 200
LOST: Final = 409
EXPIRED: Final = 410


@dataclass(frozen=True)
class Redeemed:
    """The answer to a run that asked to redeem the dispatch `name` of a request; `winner` is the run that it names."""

    id: str
    name: str
    run: str
    status: int
    winner: str
    began: float
    ended: float


def redeemed_wrongly(answers: Iterable[Redeemed], later: Mapping[str, int], *, jumped: bool) -> Violations:
    """Yield every violation, once each run has asked again after all had settled.

    `later` is the number of the last release of each request. Where clocks jumped, a token or a receipt may have been
    refused for its time.
    """
    found: dict[tuple[str, str], list[Redeemed]] = defaultdict(list)
    for answer in answers:
        if answer.status not in BUSY:
            found[answer.id, answer.name].append(answer)
    won_last: dict[str, set[str]] = defaultdict(set)
    for (case_id, name), said in found.items():
        if _run_of(name) == later.get(case_id, 1):
            won_last[case_id] |= _winners(said)
    for (case_id, name), said in found.items():
        last = won_last[case_id] if _run_of(name) < later.get(case_id, 1) else None
        yield from _one(f"{case_id} {name}", said, last=last, jumped=jumped)


def _winners(said: Iterable[Redeemed]) -> set[str]:
    return {each.run for each in said if each.status == WON}


def _one(what: str, said: list[Redeemed], *, last: set[str] | None, jumped: bool) -> Violations:
    """Judge the answers about one release; `last` are the winners of the last release, if this is an earlier one."""
    winners, is_earlier = _winners(said), last is not None
    if len(winners) > 1:
        yield "redeemed twice", f"{what} by {sorted(winners)}"
    for each in said:
        is_told = each.winner in winners or (last is not None and each.winner in {"", *last})
        if each.status == LOST and not is_told:
            yield "redeemed and refused", f"{what}: {each} although {sorted(winners)} won"
        if each.status not in {WON, LOST, EXPIRED, *({401} if jumped else ())}:
            yield "unexpected", f"{what}: {each}"
    for run in winners:
        won = min(each.ended for each in said if each.run == run and each.status == WON)
        if not is_earlier and any(each.run == run and each.status == LOST and each.began > won for each in said):
            yield "redeemed and refused", f"{what}: run {run} had won"
    if not winners and not is_earlier and any(each.status == LOST for each in said):
        yield "redeemed and refused", f"{what}: no run ever won"


def _run_of(name: str) -> int:
    """Return the number of a release, from the name of its dispatch."""
    return int(name.rpartition(" run ")[2]) if " run " in name else 1
