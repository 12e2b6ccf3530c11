"""The one function that writes to the log, and the lines of a terminal."""

import logging
from collections.abc import Iterable

from relay.journal.events import Entry, Event, Fields, changes, entry
from relay.model import Case

_LOG = logging.getLogger("relay")
DATES = "%Y-%m-%d %H:%M:%S"


def write(event: Event, fields: Fields, level: int = logging.INFO) -> None:
    """Write one event, if its level is logged."""
    if _LOG.isEnabledFor(level):
        write_all([entry(event, fields, level)])


def write_changes(before: Case, after: Case, by: str = "") -> None:
    """Write every change that a commit has made. `by` is the person, or the key, that no review names."""
    if _LOG.isEnabledFor(logging.ERROR):
        write_all(changes(before, after, by))


def write_all(entries: Iterable[Entry]) -> None:
    """Write entries, each as one JSON object."""
    for each in entries:
        _LOG.log(each.level, "%s", each)


class LinesForPeople(logging.Formatter):
    """A formatter for a terminal: date, level, event, and names with values."""

    def __init__(self) -> None:
        super().__init__("%(asctime)s %(levelname)s %(message)s", DATES)

    def formatMessage(self, record: logging.LogRecord) -> str:  # noqa: N802 - the name in logging
        """Format an entry for people, and any other line as it is."""
        match record.args:
            case (Entry() as found,):
                record.message = found.for_people()
        return super().formatMessage(record)
