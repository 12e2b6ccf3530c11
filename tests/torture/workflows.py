"""Runs of GitHub: those that wait at an environment, and those that approvals started, which redeem them."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final

from relay.approval.groups import Rank
from relay.signed import tickets
from tests.support import gates, github_tokens, github_webhooks, road
from tests.support.chaos.github import Arrival, gate_of
from tests.support.chaos.neighbours import OIDC, Neighbours
from tests.support.chaos.promises import Store
from tests.support.chaos.redeems import BUSY, Redeemed
from tests.torture import rules
from tests.torture.calls import call
from tests.torture.diary import Card, Diary, Told
from tests.torture.lives import Slot

RUNS: Final = 3  # that one dispatch starts: itself, and two that had its payload from the first


@dataclass
class Workflows:
    """The runs of all workflows. `open` are the runs of the approvals that were redeemed since all had settled."""

    outside: Neighbours
    diary: Diary
    store: Store
    open: dict[tuple[str, str], dict[str, Arrival]] = field(default_factory=dict)

    def tell(self, at: Slot, card: Card, action: str, run: int, conclusion: str = "") -> bool:
        """Deliver GitHub's webhook about a run, under one delivery id each time. Tell whether it was answered."""
        event = github_webhooks.workflow_run(action, card.id, at.now(), id=run, conclusion=conclusion or None)
        event["repository"]["full_name"] = card.repository
        answer = self._deliver(at, event, "workflow_run", f"{action}-{run}")
        if answer:
            with self.diary.lock:
                self.diary.told.append(Told(card.id, str(run), conclusion, answer))
        return bool(answer)

    def wait(self, at: Slot, environment: str, run: int) -> bool:
        """Deliver GitHub's webhook about a run that waits. Tell whether it was answered."""
        url = f"{self.outside.url}/repos/{rules.API}/actions/runs/{run}/deployment_protection_rule"
        event = gates.event(environment, str(run), deployment_callback_url=url)
        answer = self._deliver(at, event, "deployment_protection_rule", f"waits-{run}")
        if answer:
            with self.diary.lock:
                self.diary.waiting[gate_of(str(run), environment)] = environment
        return bool(answer)

    def cards(self) -> list[Card]:
        """Return new cards of the gates whose run's page leads to a request by now."""
        known = {card.id for card in self.diary.cards}
        pages = dict(self.outside.github.pages)
        new = [pages[gate] for gate in self.diary.waiting if gate in pages and pages[gate] not in known]
        found = [self._card(case_id) for case_id in new]
        with self.diary.lock:
            self.diary.cards += found
        return found

    def _card(self, case_id: str) -> Card:
        case = self.store.load(case_id)
        assert case is not None, "a page leads to no request"
        request = case.request
        ticket = tickets.sign(request, road.MASTER, road.ORIGIN, self_contained=False)
        mark = Rank(request.issued_at, request.id)
        return Card(request.id, request.environment, request.repository, ticket, mark, True, time.monotonic())

    def redeem(self, at: Slot, arrival: Arrival, number: int) -> bool:
        """Let one of the runs that had a dispatch redeem it. Tell whether it was answered."""
        return self._redeem(at, arrival, str(1_000 * (1 + self.outside.github.arrivals.index(arrival)) + number))

    def ask_again(self, at: Slot) -> None:
        """Let every run ask once more, now that all has settled."""
        for runs in self.open.values():
            for run, arrival in runs.items():
                self._redeem(at, arrival, run)
        self.open.clear()

    def _redeem(self, at: Slot, arrival: Arrival, run: str) -> bool:
        key, now = (arrival.id, arrival.event_type), int(at.now())
        with self.diary.lock:
            self.open.setdefault(key, {})[run] = arrival
        claims = github_tokens.fresh(
            "repository-dispatch",
            iss=self.outside.url + OIDC,
            repository=arrival.repository,
            run_id=run,
            nbf=now - 300,
            iat=now,
            exp=now + 300,
        )
        headers = {"authorization": f"Bearer {github_tokens.token(claims)}", "content-type": "application/json"}
        began = time.monotonic()
        body = json.dumps({"receipt": arrival.receipt}).encode()
        reply = call(self.diary, at, "/api/receipts/redeem", headers, body)
        said = json.loads(reply.body) if reply.status else {}
        winner = str(said.get("redeemed_by", {}).get("run_id", ""))
        redeemed = Redeemed(*key, run, reply.status, winner, began, time.monotonic())
        with self.diary.lock:
            self.diary.redeemed.append(redeemed)
        return reply.status not in BUSY

    def _deliver(self, at: Slot, event: dict[str, object], name: str, delivery: str) -> str:
        """Deliver a webhook, and return the answer's word, or nothing if it was not taken."""
        body = json.dumps(event).encode()
        headers = github_webhooks.headers(body, event=name, delivery=delivery)
        reply = call(self.diary, at, "/api/webhooks/github", headers, body)
        return str(json.loads(reply.body)["status"]) if reply.status == 202 else ""


def released(arrivals: Sequence[Arrival]) -> list[Arrival]:
    """Return the dispatches that started runs, and have a receipt."""
    return [each for each in arrivals if each.taken and each.receipt]
