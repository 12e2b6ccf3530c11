"""The audit trail as a chain of lines: cases that are still here, and the lines of cases that are gone."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from relay.approval.policy import DAY, Policy
from relay.errors import malformed
from relay.journal.audit import AuditLine, audit_line
from relay.model.delivery import Reply
from relay.model.people import Actor
from relay.signed.audit_chain import chain
from relay.signed.receipt_keys import ReceiptKey
from relay.store.contract import Store

KIND: Final = "application/jsonl; charset=utf-8"
_DATE: Final = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_YEARS: Final = (-62_135_596_800, 253_402_300_799)  # the first second of year 1, and the last of year 9999
_FORM: Final = "is a date such as 2026-01-31, or a time such as 2026-01-31T12:00:00Z"


@dataclass(frozen=True, slots=True)
class AuditTrail:
    """The audit trail of a store, signed by the relay's receipt key; `clock` returns Unix seconds."""

    store: Store
    policy: Policy
    key: ReceiptKey
    public_url: str
    clock: Callable[[], float]

    def export(self, query: Mapping[str, str]) -> Reply:
        """Return the lines of cases that ended from `since` to `until`. Raises Refusal malformed, and Outage."""
        now = self.clock()
        since = read_time("since", query.get("since", ""), 0.0, last=False)
        until = read_time("until", query.get("until", ""), now, last=True)
        if until < since:  # else a signed trail without lines would look like a proof that nothing ended
            raise malformed("until", "is before since")
        found: dict[str, AuditLine] = {}
        # The cases first: one that is removed meanwhile has its line before it goes, so the lines show it. In the other
        # order a signed trail could be without it.
        for case in self.store.cases():
            line = audit_line(case, self._key_of)
            if line is not None and since <= line.at <= until:
                found[line.request] = line
        for line in self.store.audit(since, until):
            found.setdefault(line.request, line)
        lines = [line.facts for line in sorted(found.values(), key=lambda line: (line.at, line.request))]
        text = chain(lines, self.key, issuer=self.public_url, since=since, until=until, now=now)
        return Reply(200, {"Content-Type": KIND, "Cache-Control": "no-store"}, text.encode("utf-8", "replace"))

    def _key_of(self, actor: Actor) -> str:
        person = self.policy.person(actor)
        return person.key if person else ""


def read_time(field: str, text: str, default: float, *, last: bool) -> float:
    """Return the Unix seconds of a date or a time in ISO 8601, in UTC unless it says otherwise.

    A date means its first second, or if `last` its last one. Raises Refusal malformed.
    """
    if not text:
        return default
    try:
        at = datetime.fromisoformat(text)
    except ValueError:
        raise malformed(field, _FORM) from None
    seconds = (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    if not _YEARS[0] <= seconds <= _YEARS[1]:  # in UTC it may be of a year before or after
        raise malformed(field, _FORM)
    return seconds + DAY - 1 if last and _DATE.fullmatch(text) else seconds
