"""An outbox of one request, for the commands that look after it."""

from dataclasses import replace

from relay.approval import debts
from relay.cli.context import Context
from relay.errors import Outage, Refusal
from relay.model.case import Case
from relay.model.debts import Debt
from relay.signed.request import read_form
from tests.cli.running import make_edges
from tests.support.entra_tokens import NOW

REQUEST = read_form(
    {"repository": "octo/api", "event_type": "deploy-api", "title": "배포\n"[:2]},
    issued_at=NOW,
    nonce="n" * 22,
    lifetime=86_400,
)
OWED = Debt("deploy-api", NOW, NOW + 60)
REFUSED = replace(OWED, status="refused", attempts=1, last_error="a permission is missing", cure="add Contents: write")


class Outbox:
    """Holds one case and does with its debts what the payer does."""

    def __init__(self, *owing: Debt) -> None:
        self.case = Case(REQUEST, "key", "approved", "release", (), NOW, owing)
        self.asked_for = ""

    def owed(self) -> list[tuple[Case, int]]:
        return [(self.case, index) for index, debt in enumerate(self.case.debts) if debt.status != "delivered"]

    def replay(self, case_id: str, *, card: str = "", anyway: bool = False) -> Case:
        self._need(case_id)
        self.asked_for = card
        return debts.replay(self.case, 0, now=NOW, nonce="n", last=anyway)

    def replay_all(self, cause: str = "") -> int:
        self.asked_for = cause
        return len(self.owed())

    def drop(self, case_id: str, *, card: str = "") -> Case:
        self._need(case_id)
        self.asked_for = card
        return debts.drop(self.case, 0)

    def _need(self, case_id: str) -> None:
        if case_id != REQUEST.id:
            raise Refusal("unknown-request", "nothing in the outbox", message="The outbox has nothing of this id.")


class BrokenOutbox(Outbox):
    def __init__(self, *, permanent: bool) -> None:
        super().__init__()
        self.permanent = permanent

    def owed(self) -> list[tuple[Case, int]]:
        raise Outage("the disk is full", permanent=self.permanent)


def holding(*owing: Debt) -> Context:
    return make_edges(outbox=lambda: Outbox(*owing))
