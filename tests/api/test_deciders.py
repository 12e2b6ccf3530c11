"""A request that nobody could decide is made all the same, and its asker is told."""

from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from tests.support.road import made, said

FORM = {"repository": "octo/api", "event_type": "deploy-api", "environment": "production", "title": "T"}
ENTRA = {
    "RELAY_SIGN_IN": "entra",
    "RELAY_ENTRA_SIGN_IN_CLIENT_ID": "0d6c1f3e-2222-4333-8444-555566667777",
    "RELAY_ENTRA_SIGN_IN_CLIENT_SECRET": "s",
}


@pytest.mark.parametrize(
    ("changes", "warned", "page"),
    [
        ({}, False, "off"),
        ({"RELAY_CARD_AUDIENCE": ""}, True, "off"),
        ({"RELAY_CARD_AUDIENCE": ""} | ENTRA, False, None),
        ({"RELAY_ENTRA_TENANTS": ""} | ENTRA, True, None),
    ],
    ids=["outlook", "nothing", "sign-in", "no tenant"],
)
def test_the_answer_warns_if_no_chat_and_no_sign_in_proves_enough_approvers(
    tmp_path: Path, httpx_mock: HTTPXMock, changes: dict[str, str], warned: bool, page: str | None
) -> None:
    with made(tmp_path, httpx_mock, **changes) as here:
        found = said(here.ask(FORM))
    assert (warned, page) == ("nobody could decide this" in found.get("warning", ""), found.get("review_page"))
