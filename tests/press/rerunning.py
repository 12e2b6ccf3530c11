"""Approved requests whose run failed."""

from typing import Any, Final

from relay.model.delivery import Reply
from tests.support import road
from tests.support.example_policy import RELEASE, rule, stage
from tests.support.github_webhooks import workflow_run

RETRY: Final = "".join(
    [
        rule("again", RELEASE, retry=True, requests=["key", "offline"]),
        rule("checked", RELEASE, retry=True, confirm_cards=True, requests=["key"]),
        rule("twice", stage("qa", "group:qa"), stage("release", "grace"), retry=True, requests=["key"]),
    ]
)
FORM: Final = {"repository": "octo/api", "event_type": "deploy-api", "title": "T", "requested_by": "octocat"}


def approved(here: road.Road, environment: str = "again", *people: str, **fields: Any) -> tuple[str, str]:
    """Approve a request, and return its id and its ticket."""
    made = road.said(here.ask({**FORM, "environment": environment, **fields}))
    for person in people or ("ada",):
        here.press(person, "approve", made["ticket"])
    assert "approved" == here.case(made["id"]).status
    return made["id"], made["ticket"]


def failed(here: road.Road, case_id: str, conclusion: str = "failure", run: int = 7) -> None:
    event = workflow_run("completed", case_id, here.now(), conclusion=conclusion, id=run)
    assert "taken" == road.said(here.webhook(event))["status"]


def buttons(reply: Reply) -> list[str]:
    return [each["name"] for each in road.said(reply).get("potentialAction", ())]


def shown(here: road.Road, case_id: str) -> Any:
    return road.said(here.show(case_id))
