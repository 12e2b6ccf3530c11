from typing import Literal

import pytest

from relay.channels.labels import label
from relay.core.request import read_form
from tests.genuine import NOW


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
    ],
)
def test_a_label_begins_with_the_relays_own_word(
    verdict: Literal["approve", "reject"], own: str | None, expected: str
) -> None:
    form = {"repository": "octo/api", "event_type": "deploy", "title": "배포"} | (
        {f"{verdict}_label": own} if own else {}
    )
    request = read_form(form, issued_at=NOW, nonce="n" * 22, lifetime=60)
    assert expected == label(request, verdict)
