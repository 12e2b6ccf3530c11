"""A run of checks: side by side, in time, and each fault told once."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ThreadPoolExecutor, wait
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from relay.errors import Outage
from relay.model.findings import Finding, LeftOut

TIME: Final = 20.0  # seconds for a whole run
SPARE: Final = 1.5  # seconds of it that no call of a check uses
WORKERS: Final = 8
STATUSES: Final = ("ok", "warning", "failed")
_NO_TIME: Final = LeftOut(f"there was no time left: a run ends after {TIME:.0f} seconds")
_NETWORK: Final = (
    "Ask again. If it stays, look at the way from here to there: the name, the proxy, the firewall, the certificate."
)
Subject = TypeVar("Subject")


@dataclass(frozen=True, slots=True)
class Check(Generic[Subject]):
    """One check. Its name is a heading of docs/doctor.md.

    It is left out if one of its `needs`, which are above it in the table, is not ok. It is left out too if one of the
    `settings` that it uses is wrong. An Outage of `look` is a failure.
    """

    name: str
    look: Callable[[Subject], Iterable[Finding | LeftOut]]
    needs: tuple[str, ...] = ()
    settings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Report:
    """The findings and the checks left out, by the name of the check, in the order of the table."""

    findings: Sequence[tuple[str, Finding]]
    left_out: Sequence[tuple[str, LeftOut]]

    @property
    def status(self) -> str:
        """Return the worst status."""
        return max((finding.status for _, finding in self.findings), key=STATUSES.index, default="ok")

    def as_json(self) -> dict[str, Any]:
        """Return the report as POST /api/doctor answers it."""
        return {
            "status": self.status,
            "checks": [
                {"name": name, "status": each.status, "detail": each.detail, "cure": each.cure}
                for name, each in self.findings
            ],
            "left_out": [{"name": name, "because": each.because} for name, each in self.left_out],
        }


def examine(
    checks: Sequence[Check[Subject]],
    subject: Subject,
    *,
    clock: Callable[[], float],
    wrong: Mapping[str, str] | None = None,
    seconds: float = TIME,
) -> Report:
    """Make all checks within `seconds` of `clock`. `wrong` maps each setting with a problem to that problem."""
    ends = clock() + seconds
    seen: dict[str, list[Finding | LeftOut]] = {}
    running: dict[Future[list[Finding | LeftOut]], str] = {}
    waiting = list(checks)
    pool = ThreadPoolExecutor(WORKERS, "doctor")
    try:
        while waiting or running:
            for check in [*waiting]:
                if any(name not in seen for name in check.needs):
                    continue
                waiting.remove(check)
                impossible = _impossible(check, seen, wrong or {})
                if impossible:
                    seen[check.name] = [impossible]
                else:
                    running[pool.submit(_made, check, subject)] = check.name
            done, _ = wait(running, timeout=max(0.0, ends - clock()), return_when=FIRST_COMPLETED)
            for future in done:
                seen[running.pop(future)] = future.result()
            if running and not done:
                break
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
    found = [(check.name, each) for check in checks for each in seen.get(check.name, [_NO_TIME])]
    return Report(
        [(name, each) for name, each in found if isinstance(each, Finding)],
        [(name, each) for name, each in found if isinstance(each, LeftOut)],
    )


def _made(check: Check[Subject], subject: Subject) -> list[Finding | LeftOut]:
    try:
        return list(check.look(subject))
    except Outage as outage:
        return [Finding("failed", outage.what, _NETWORK)]


def _impossible(
    check: Check[Any], seen: Mapping[str, list[Finding | LeftOut]], wrong: Mapping[str, str]
) -> LeftOut | None:
    """Return the reason why a check cannot be made, or None."""
    reasons = [*_failed(check, seen), *(f"{name} is wrong or missing" for name in check.settings if name in wrong)]
    return LeftOut("; ".join(reasons)) if reasons else None


def _failed(check: Check[Any], seen: Mapping[str, list[Finding | LeftOut]]) -> Iterator[str]:
    """Yield the name and the state of each needed check that has no finding with the status ok."""
    for name in check.needs:
        statuses = [each.status for each in seen[name] if isinstance(each, Finding)]
        if "ok" not in statuses:
            yield f"{name} failed" if "failed" in statuses else f"{name} does not hold" if statuses else _left(name)


def _left(name: str) -> str:
    return f"{name} was left out"
