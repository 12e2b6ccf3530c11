"""The files that programs of an operator fetch: the audit trail, and the metrics."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from relay.api.audit import AuditTrail
from relay.api.json_replies import answered
from relay.api.metrics import metrics
from relay.model.delivery import Delivery, Reply
from relay.pages.operator.access import Access
from relay.pages.operator.program_access import need_operator, with_bearer_as_key


@dataclass(frozen=True, slots=True)
class OperatorFiles:
    """The files, for operators alone; `clock` returns Unix seconds, `identities` are those of calls at GitHub."""

    access: Access
    trail: AuditTrail
    identities: Collection[str]
    clock: Callable[[], float]

    def audit(self, delivery: Delivery, query: Mapping[str, str]) -> Reply:
        """Answer GET /api/audit."""

        def work() -> Reply:
            need_operator(self.access, delivery)
            return self.trail.export(query)

        return answered(work)

    def metrics(self, delivery: Delivery) -> Reply:
        """Answer GET /api/metrics. It takes the key as a Bearer too."""

        def work() -> Reply:
            need_operator(self.access, with_bearer_as_key(delivery))
            return metrics(self.trail.store, self.identities, self.clock())

        return answered(work)
