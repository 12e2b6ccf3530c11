"""Requests of workflows with their own tokens."""

from typing import Any

from tests.api.asking import FORM
from tests.support import road
from tests.support.github_tokens import bearer


def ask(here: road.Road, case: str = "push", form: dict[str, Any] | None = None, **changes: Any) -> Any:
    """Ask as a workflow of a case does. Return the answer."""
    return here.post(
        road.encoded(FORM if form is None else form), x_relay_key="", authorization=bearer(case, **changes)
    )


def refusal(reply: Any) -> tuple[int, str, str]:
    said = road.said(reply)
    return reply.status, said["error"], said.get("field", "")
