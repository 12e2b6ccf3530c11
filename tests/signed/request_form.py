"""A request as a form holds it, and the fault of a wrong one."""

from collections.abc import Callable
from typing import Any

import pytest

from relay.errors import Refusal
from relay.model.request import ApprovalRequest
from relay.signed.request import read_form

NOW = 1_790_000_000
NONCE = "n" * 22
FORM: dict[str, Any] = {"repository": "octo/api", "event_type": "deploy-api", "title": "Deploy api"}


def asked(**changes: object) -> ApprovalRequest:
    return read_form(FORM | changes, issued_at=NOW, nonce=NONCE, lifetime=86_400)


def refusal(ask: Callable[[], object]) -> Refusal:
    with pytest.raises(Refusal) as raised:
        ask()
    assert raised.value.code == "malformed"
    return raised.value
