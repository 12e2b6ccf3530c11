"""GET /api/metrics: the counts of this process, and the debts in the store now."""

from collections import Counter
from collections.abc import Collection
from typing import Final

from relay.github.rate_limit import HOUR_LIMIT, allowance
from relay.journal.metrics import KIND, METRICS
from relay.model.delivery import Reply
from relay.store.contract import Store

LOOKED_AT: Final = 500  # cases with a debt that is refused or dead


def metrics(store: Store, identities: Collection[str], now: float) -> Reply:
    """Return the metrics as OpenMetrics. `identities` are those that GitHub counts calls for. Raises Outage."""
    rows = store.rows()
    debts = Counter((row.kind, "owed") for row in rows if not row.parked)
    for case_id in list(dict.fromkeys(row.case_id for row in rows if row.parked))[:LOOKED_AT]:
        case = store.load(case_id)
        stuck = [debt for debt in case.debts if debt.row and debt.status in ("refused", "dead")] if case else []
        debts.update((debt.kind, debt.status) for debt in stuck)
    oldest = min((row.since for row in rows if not row.parked), default=now)
    left = [allowance(store.bucket(identity), HOUR_LIMIT, now).calls for identity in identities]
    text = METRICS.text(
        {
            "relay_debts": [
                ({"kind": kind, "status": status}, count) for (kind, status), count in sorted(debts.items())
            ],
            "relay_oldest_debt_age_seconds": [({}, max(0.0, now - oldest))],
            "relay_github_allowance_remaining": [({}, min(left, default=HOUR_LIMIT))],
        }
    )
    return Reply(200, {"Content-Type": KIND, "Cache-Control": "no-store"}, text.encode())
