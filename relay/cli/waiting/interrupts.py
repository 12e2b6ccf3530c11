"""The signals that end a step: SIGINT and SIGTERM, and on Windows Ctrl-Break. They raise Interrupted."""

import signal
from dataclasses import dataclass, field
from types import FrameType
from typing import Any, Final, NoReturn, Self

_NAMES: Final = ("SIGINT", "SIGTERM", "SIGBREAK")


class Interrupted(KeyboardInterrupt):
    """A signal asks this command to end. Its text is the name of the signal."""


@dataclass(slots=True)
class Interrupts:
    """The handlers of these signals, for the time of a `with`.

    The first signal is held until `release`, for a registration whose request has no id here yet. A second one is not
    held. Signals that come between an Interrupted and `resume` are one with it.
    """

    _held: bool = True
    _name: str = ""
    _raised: bool = False
    _before: dict[int, Any] = field(default_factory=dict)

    def __enter__(self) -> Self:
        # A runner that was started in the background leaves SIGINT ignored, so it is taken in this case too.
        for number in (getattr(signal, name) for name in _NAMES if hasattr(signal, name)):
            self._before[number] = signal.signal(number, self._take)
        return self

    def __exit__(self, *_: object) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler or signal.SIG_DFL)

    def release(self) -> None:
        """Raise Interrupted if a signal has come, and at the next one from now on."""
        self._held = False
        if self._name:
            self._raise()

    def resume(self) -> None:
        """Raise Interrupted at the next signal again."""
        self._raised = False

    def _take(self, number: int, _frame: FrameType | None) -> None:
        if self._raised:  # an exception within the handling of the first one would leave the request as it is
            return
        held, self._name = self._held and not self._name, signal.Signals(number).name
        if not held:
            self._raise()

    def _raise(self) -> NoReturn:
        self._raised = True
        raise Interrupted(self._name)
