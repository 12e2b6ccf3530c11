"""The one function that writes to the log, and the lines of a terminal."""

import logging
from collections.abc import Iterable
from typing import Final

from relay.journal import metrics
from relay.journal.calls import note, trace
from relay.journal.events import TRACE, Entry, Event, Fields, changes, entry
from relay.model.case import Case

_LOG = logging.getLogger("relay")
OF_A_CALL: Final = ("press", "http")
_FACTS: Final = ("request", "repository", "outcome", "check", "person")
DATES = "%Y-%m-%d %H:%M:%S"


def write(event: Event, fields: Fields, level: int = logging.INFO) -> None:
    """Write one event. An event of a call is a fact of its message too."""
    if event in OF_A_CALL:
        note(**{name: str(fields[name]) for name in _FACTS if fields.get(name)})
    write_all([entry(event, fields, level)])


def write_changes(before: Case, after: Case, by: str = "") -> None:
    """Write every change that a commit has made. `by` is the person, or the key, that no review names."""
    metrics.count_decision(before, after)
    write_all(changes(before, after, by))


def write_all(entries: Iterable[Entry]) -> None:
    """Write entries, each as one JSON object with the trace of its call, and count them."""
    for each in entries:
        metrics.count(each)
        if _LOG.isEnabledFor(each.level):
            _LOG.log(each.level, "%s", _traced(each))


def _traced(found: Entry) -> Entry:
    known = found.fields.get(TRACE) or trace()
    return found._replace(fields={**found.fields, TRACE: known}) if known else found


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
