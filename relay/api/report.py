"""Reports: a released workflow, or any CI, tells the outcome of its dispatch. A report decides nothing."""

import re
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from relay.api.api_keys import Asker
from relay.api.json_replies import answered, json_reply
from relay.api.proofs import TokenAsker
from relay.api.request_body import read_body
from relay.api.status import BUDGET, RELEASED_BY, RequestStatus
from relay.approval import runs
from relay.errors import Outage, Refusal, malformed, unknown_field
from relay.model.case import Case
from relay.model.delivery import Delivery, Reply
from relay.model.runs import Run, RunStatus
from relay.model.values import Json
from relay.outbox import commit
from relay.signed.fields import READERS, report_text

MAX_BODY: Final = 64 * 1024
_STATES: Final = MappingProxyType[str, RunStatus]({"started": "running", "success": "success", "failure": "failure"})
_FIELDS: Final = frozenset({"state", "text", "url"})


@dataclass(frozen=True, slots=True)
class Reports:
    """POST /api/requests/{id}/report. Runs of GitHub have their pages below `github_url`."""

    requests: RequestStatus
    github_url: str

    def report(self, delivery: Delivery, case_id: str) -> Reply:
        """Take a report, show it on every card, and answer 200 with the state of the request."""
        return answered(lambda: json_reply(200, self.requests.describe(self._report(delivery, case_id))))

    def _report(self, delivery: Delivery, case_id: str) -> Case:
        asker, requests = self.requests.proofs.prove(delivery), self.requests
        if len(delivery.body) > MAX_BODY:
            raise Refusal("too-large", "body", message=f"The body is larger than {MAX_BODY // 1024} KiB.")
        deadline = requests.clock() + BUDGET
        while True:
            case = requests.load(asker, case_id, reports=True)
            run = self._read(read_body(delivery), case, asker)
            after = runs.with_report(case, run)
            if after is None:
                return case
            if len(after.reports) > runs.MAX_REPORTS:
                raise Refusal("too-many", "reports of one request")
            now, nonce = requests.clock(), requests.payer.nonce()
            committed = commit.write(requests.store, requests.policy, case, after, nonce=nonce, now=now)
            if committed is not None:
                return requests.payer.update_cards(committed, deadline=deadline)[0]
            if now > deadline:
                raise Outage("too many report at once")

    def _read(self, form: Json, case: Case, asker: Asker | TokenAsker) -> Run:
        """Read a report about the last dispatch of a case. Raises Refusal malformed, not-dispatched."""
        for name in form.keys() - _FIELDS:
            raise unknown_field(name)
        state = _STATES.get(str(form.get("state")))
        if state is None:
            raise malformed("state", "is required: started, success or failure")
        text = report_text("text", form["text"]) if "text" in form else ""
        url = READERS["run_url"]("url", form["url"]) if form.get("url") not in (None, "") else ""
        debt = runs.last_sent(case)
        if debt is None:
            raise Refusal("not-dispatched", "nothing was sent yet")
        run_id, attempt = _proven_numbers(asker, case) or self._numbers(url, case)
        return Run(state, int(self.requests.clock()), "report", text, url, run_id, attempt, debt)

    def _numbers(self, url: str, case: Case) -> tuple[str, int]:
        """Return the id and the attempt in the address of a run of the repository, or "" and 0 if it has none."""
        begin = re.escape(f"{self.github_url}/{case.request.repository}/actions/runs/")
        found = re.fullmatch(rf"{begin}([1-9][0-9]{{0,19}})(?:/attempts/([1-9][0-9]{{0,3}}))?/?", url, re.IGNORECASE)
        return (found[1], int(found[2] or 0)) if found else ("", 0)


def _proven_numbers(asker: Asker | TokenAsker, case: Case) -> tuple[str, int] | None:
    """Return the id and the attempt of the run that reports, if its token proves it to be one of those released."""
    # The address is the reporter's word: by it another run could take back what GitHub told of this one.
    if isinstance(asker, Asker) or asker.token.event_name not in RELEASED_BY:
        return None
    token = asker.token
    is_own = token.repository.lower() == case.request.repository.lower()
    return (token.run_id, token.run_attempt) if is_own else None
