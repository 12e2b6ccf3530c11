"""A relay with rules for protected environments, a fake GitHub, and the webhooks of runs that wait."""

import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from pytest_httpx import HTTPXMock

from relay.api.gates import Gates
from relay.model.case import Case
from relay.signed import tickets
from tests.support import example_policy, github_webhooks, road
from tests.support.fake_github import API, EVERY, SETTINGS, FakeGitHub

RUN: Final = "18200345671"
RULES: Final = """
[[rule]]
repository = "octo/api"
target = "deployment_protection"
environment = "production"
expires_in = "30d"
[[rule.stage]]
name = "qa"
approvers = ["group:qa"]
[[rule.stage]]
name = "release"
approvers = ["group:owners"]

[[rule]]
repository = "octo/api"
target = "deployment_protection"
environment = "newest"
supersede = true
[[rule.stage]]
approvers = ["ada"]
"""


def event(environment: str = "production", run_id: str = RUN, **changes: Any) -> dict[str, Any]:
    """Return a webhook as GitHub sends it when a run begins to wait."""
    address = f"{API}/repos/octo/api/actions/runs/{run_id}/deployment_protection_rule"
    made = {"environment": environment, "deployment_callback_url": address}
    return {**github_webhooks.waiting(), **made, **changes}


@dataclass
class Here:
    """The road, with a GitHub that has the App."""

    road: road.Road
    github: FakeGitHub

    @property
    def gates(self) -> Gates:
        made = self.road.world.gates()
        return replace(made, new_cases=self.road.new_cases())

    def told(self, webhook: Mapping[str, Any] | None = None) -> bool:
        """Let GitHub tell of a run that waits. Return whether it was for this relay."""
        webhook = event() if webhook is None else webhook
        if "environment" in webhook:
            run_id = str(webhook["deployment_callback_url"]).rsplit("/", 2)[1]
            self.github.waiting.add(("octo/api", run_id, webhook["environment"]))
        return self.gates.take(webhook)

    def completed(self, attempt: object, run_id: str = RUN) -> bool:
        """Let GitHub tell of a run that has completed."""
        run = {"id": int(run_id), "run_attempt": attempt, "status": "completed", "conclusion": "success"}
        told = {"action": "completed", "workflow_run": run, "repository": event()["repository"]}
        return self.gates.hear(told)

    def cases(self) -> list[Case]:
        """Return all cases, in the order of their runs."""
        rows = {row.case_id for row in self.road.world.store.expiring_cases(9e12, 500)}
        found = [self.road.case(each) for each in rows]
        return sorted(found, key=lambda case: (case.gate.run_id if case.gate else "", case.request.issued_at))

    def press(self, person: str, verdict: str, case: Case, comment: str | None = None) -> tuple[int, str]:
        ticket = tickets.sign(case.request, road.MASTER, road.ORIGIN, self_contained=False)
        return road.outcome(self.road.press(person, verdict, ticket, comment))


@contextmanager
def made(tmp_path: Path, httpx_mock: HTTPXMock, **changes: str) -> Iterator[Here]:
    """Yield a relay with its App installed at octo."""
    github = FakeGitHub(time.time)
    github.install("octo", "api")
    httpx_mock.add_callback(github.answer, url=EVERY, is_reusable=True, is_optional=True)
    policy = example_policy.POLICY + RULES
    with road.made(tmp_path, httpx_mock, **{"RELAY_POLICY": policy, **SETTINGS, **changes}) as here:
        yield Here(here, github)


def asked(here: Here, **changes: Any) -> Case:
    """Return the one request of a run that waits."""
    assert here.told(event(**changes))
    (case,) = here.cases()
    return case


def approve(here: Here, case: Case) -> tuple[int, str]:
    assert (200, "counted") == here.press("lin", "approve", case)
    return here.press("grace", "approve", case, "go @octo/all")


def verdicts(here: Here) -> list[tuple[str, str]]:
    return [(each["state"], each["comment"]) for _, _, each in here.github.verdicts]


def reports(here: Here) -> list[str]:
    return [each["comment"] for _, _, each in here.github.reports]
