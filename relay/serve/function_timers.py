"""Timer triggers, each run at least every five seconds, regardless of its schedule."""

import logging
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    import azure.functions as func
    from azure.functions.decorators.function_app import Function

EVERY: Final = 5.0  # seconds
_LOG: Final = logging.getLogger(__name__)


class FunctionTimers:
    """One thread that runs every timer of `functions` in turn, every `every` seconds from start to start.

    Timers never overlap, and a pause follows each run. An exception of a timer is logged, and the timer goes on.
    """

    def __init__(self, functions: Sequence["Function"], *, every: float = EVERY) -> None:
        self._timers = _timers(functions)
        self._every = every
        self._over = Event()
        self._thread = Thread(target=self._run, name="timers", daemon=True)

    def start(self) -> None:
        """Run all timers at once, and then regularly."""
        self._thread.start()  # at once: debts of a killed process are paid first

    def end(self) -> None:
        """Start no further timer."""
        self._over.set()

    def stop(self, timeout: float = 10.0) -> None:
        """End after the current timers, or after `timeout` seconds."""
        self._over.set()
        self._thread.join(timeout)

    def _run(self) -> None:
        last = datetime.now(UTC)
        with ThreadPoolExecutor(1, "timer") as worker:
            while not self._over.is_set():
                now, started = datetime.now(UTC), time.monotonic()
                for name, binding, function in self._timers:
                    error = worker.submit(function, **{binding: self._request(last, now)}).exception()
                    if error is not None:
                        _LOG.error("timer %s failed; it goes on", name, exc_info=error)
                last = now
                self._over.wait(max(self._every / 5, self._every - (time.monotonic() - started)))

    def _request(self, last: datetime, now: datetime) -> "func.TimerRequest":
        from azure.functions.timer import TimerRequest  # noqa: PLC0415 - only `relay dev` has the package

        following = now + timedelta(seconds=self._every)
        status = {"Last": last.isoformat(), "LastUpdated": now.isoformat(), "Next": following.isoformat()}
        return TimerRequest(past_due=False, schedule_status=status, schedule={"AdjustForDST": True})


def _timers(functions: Sequence["Function"]) -> tuple[tuple[str, str, Callable[..., Any]], ...]:
    from azure.functions.decorators.timer import TimerTrigger  # noqa: PLC0415 - as above

    found = [(str(function.get_function_name()), function.get_trigger(), function) for function in functions]
    return tuple(
        (name, trigger.name, function.get_user_function())
        for name, trigger, function in found
        if isinstance(trigger, TimerTrigger)
    )
