from typing import Literal

import pytest

from relay.chats.labels import label, opener
from relay.model.request import ApprovalRequest
from relay.signed.request import read_form
from tests.support.entra_tokens import NOW


@pytest.mark.parametrize(
    ("verdict", "own", "expected"),
    [
        ("approve", None, "Approve"),
        ("reject", None, "Reject"),
        ("approve", "Approve", "Approve"),
        ("approve", "Approve release", "Approve release"),
        ("approve", "approve\trelease", "approve release"),
        ("reject", "Reject, for now", "Reject, for now"),
        ("approve", "Ship it", "Approve: Ship it"),
        ("approve", "Approved by nobody", "Approve: Approved by nobody"),
        ("approve", "Reject", "Approve: Reject"),
        ("reject", "Approve", "Reject: Approve"),
        ("reject", "Approve, not Reject", "Reject: Approve, not Reject"),
        ("reject", "\u200bReject", "Reject: \u200bReject"),
        ("approve", "배포", "Approve: 배포"),
        ("approve", "\u202etcejeR", r"Approve: \u202etcejeR"),
    ],
)
def test_a_label_begins_with_the_relays_own_word(
    verdict: Literal["approve", "reject"], own: str | None, expected: str
) -> None:
    assert expected == label(ask(verdict, own), verdict)


@pytest.mark.parametrize(
    ("verdict", "own", "expected"),
    [
        ("approve", None, "Approve"),
        ("approve", "Ship it", "Ship it"),
        ("reject", "반려", "반려"),
        ("approve", "Reject", "Approve: Reject"),
        ("reject", "approve it", "Reject: approve it"),
    ],
)
def test_a_button_that_only_opens_another_says_what_the_sender_says_but_for_the_other_word(
    verdict: Literal["approve", "reject"], own: str | None, expected: str
) -> None:
    assert expected == opener(ask(verdict, own), verdict)


def ask(verdict: Literal["approve", "reject"], own: str | None) -> ApprovalRequest:
    form = {"repository": "octo/api", "event_type": "deploy", "title": "배포"} | (
        {f"{verdict}_label": own} if own else {}
    )
    return read_form(form, issued_at=NOW, nonce="n" * 22, lifetime=60)
