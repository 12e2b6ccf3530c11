import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.model.case import Case
from relay.model.people import Review
from relay.model.request import Origin
from relay.signed import canonical_json, dispatch_payload, receipt_keys, receipts
from tests.signed.receipt_keys import (
    ADA,
    DAY,
    DEBT,
    KEY,
    NOW,
    ORIGIN,
    OTHER,
    POLICY,
    REVIEW,
    Json,
    approved,
    paid,
    receipt,
    verified,
)
from tests.support.request_forms import FORMS, WORDS


@settings(deadline=None, max_examples=50)
@given(FORMS, st.lists(WORDS, min_size=1, max_size=3))
def test_a_receipt_claims_all_that_github_gets(form: Json, comments: list[str]) -> None:
    case = approved(form, *(replace(REVIEW, comment=comment) for comment in comments))
    payload = paid(case)
    approval = payload.pop("approval")
    claims = verified(approval["receipt"], repository=case.request.repository)
    expected = receipts.receipt_fields(approval) | {
        "iss": ORIGIN,
        "aud": case.request.repository,
        "jti": case.request.id,
        "iat": NOW + 61,
        "exp": NOW + 61 + DAY,
        "event_type": "deploy-api",
        "payload_sha256": receipts.payload_sha256(payload),
        "policy_sha256": POLICY,
    }
    assert expected == claims
    assert case.request.client_payload == payload
    assert [review["comment"] for review in approval["reviews"]] == comments


def test_what_github_gets_is_as_the_contract_writes_it() -> None:
    case = approved(
        {
            "repository": "octo/api",
            "event_type": "deploy-api",
            "title": "t",
            "client_payload": {"version": "1.2.3"},
            "environment": "production",
            "ref": "refs/heads/main",
            "sha": "0123abc",
            "requested_by": "octocat",
            "requested_by_id": 583231,
        }
    )
    origin = Origin("710044512", ("repository", "run", "requester"))
    payload = paid(replace(case, origin=origin))
    payload["approval"].pop("receipt")
    expected = {
        "id": case.request.id,
        "decision": "approved",
        "stage": "release",
        "repository": "octo/api",
        "environment": "production",
        "ref": "refs/heads/main",
        "sha": "0123abc",
        "requested_by": {"login": "octocat", "id": 583231, "proven": True},
        "proven": ["repository", "run", "requester"],
        "decided_at": "2026-09-21T14:14:20Z",
        "reviews": [
            {
                "verdict": "approve",
                "by": {"id": "entra:t/ada", "name": "에이다 Lovelace"},
                "stage": "release",
                "at": "2026-09-21T14:14:20Z",
                "comment": "배포해도 좋습니다",
            }
        ],
    }
    assert {"version": "1.2.3", "approval": expected} == payload


def test_what_nobody_stated_is_null_and_what_was_stated_is_not_proven() -> None:
    approval = paid(replace(approved(), proof="offline"))["approval"]
    assert ({"login": None, "id": None, "proven": False}, []) == (approval["requested_by"], approval["proven"])
    assert [None, None, None] == [approval[name] for name in ("environment", "ref", "sha")]


def test_a_plain_dispatch_goes_as_it_came() -> None:
    plain = replace(approved(), proof="plain")
    assert plain.request.client_payload is dispatch_payload.dispatch_payload(
        plain, DEBT, KEY, issuer=ORIGIN, policy_sha256=POLICY, now=NOW
    )


def crowded(reviewers: int, payload: int) -> Case:
    form = {"repository": "octo/api", "event_type": "deploy-api", "title": "t", "client_payload": {"a": "x" * payload}}
    return approved(form, *(replace(REVIEW, comment="가" * 1_000) for _ in range(reviewers)))


@pytest.mark.parametrize(
    ("reviewers", "payload", "length"),
    [
        (3, 40_000, 1_000),
        (9, 40_000, 200),
        (20, 40_000, 40),
        (45, 40_000, 0),
        (15, 0, 1_000),
        (42, 0, 200),
        (100, 0, 40),
        (136, 0, 0),
    ],
)
def test_comments_are_shortened_until_github_takes_the_body(reviewers: int, payload: int, length: int) -> None:
    case = crowded(reviewers, payload)
    sent = paid(case)
    comments = {review["comment"] for review in sent["approval"]["reviews"]}
    assert {"가" * length} == comments
    assert len(json.dumps(sent, ensure_ascii=False, separators=(",", ":")).encode()) <= dispatch_payload.MAX_BODY
    claims = verified(sent["approval"]["receipt"])
    assert receipts.receipt_fields(sent["approval"])["reviews"] == claims["reviews"]
    assert {canonical_json.sha256(("가" * length).encode())} == {review["comment"] for review in claims["reviews"]}


def test_without_room_for_any_comment_all_reviewers_are_named_still() -> None:
    approval = paid(crowded(60, 40_000))["approval"]
    assert [""] * 60 == [review["comment"] for review in approval["reviews"]]
    assert verified(approval["receipt"])


def test_a_receipt_is_genuine_in_whatever_case_the_repository_is_written() -> None:
    assert "octo/api" == verified(receipt(), repository="Octo/API")["aud"]


def test_a_receipt_of_any_key_of_the_list_is_genuine() -> None:
    keys = receipt_keys.jwks([OTHER, KEY])
    assert verified(receipt(), keys=keys)
    assert verified(paid(approved(), OTHER)["approval"]["receipt"], keys=keys)


@pytest.mark.parametrize(
    "spoil", [{"reviews": None}, {"reviews": [5]}, {"reviews": [{}]}, {"reviews": [{"comment": 5}]}]
)
def test_an_approval_of_another_form_cannot_be_sealed(spoil: Json) -> None:
    with pytest.raises((KeyError, TypeError, AttributeError)):
        receipts.receipt_fields(spoil)
    with pytest.raises(KeyError):
        receipts.receipt_fields({})


def test_the_payloads_digest_leaves_out_what_the_relay_wrote() -> None:
    mine = {"version": "1.2.3", "배포": [1]}
    assert receipts.payload_sha256(mine) == receipts.payload_sha256(mine | {"approval": {"x": 1.5}})
    assert receipts.payload_sha256(mine) != receipts.payload_sha256(mine | {"version": "1.2.4"})


QA = Review("approve", ADA, "qa", NOW + 30, "확인")


@pytest.mark.parametrize("decided", [False, True])
def test_what_is_sent_before_the_last_word_tells_only_what_was_true_by_then(decided: bool) -> None:
    case = approved(None, QA, REVIEW)
    case = case if decided else replace(case, status="pending", stage="release", decided_at=0)
    requested = replace(DEBT, event_type="preview", since=NOW + 1.5, decision="requested")
    passed = replace(DEBT, event_type="stage", since=NOW + 30.5, decision="approved", passed=("qa",))
    approvals = [paid(case, debt=debt)["approval"] for debt in (requested, passed)]
    expected = [
        ("requested", "", "2026-09-21T14:13:21Z", []),
        ("approved", "qa", "2026-09-21T14:13:50Z", [dispatch_payload.review_entry(QA)]),
    ]
    assert expected == [
        tuple(each[name] for name in ("decision", "stage", "decided_at", "reviews")) for each in approvals
    ]
    for approval, debt in zip(approvals, (requested, passed), strict=True):
        claims = verified(approval["receipt"])
        assert receipts.receipt_fields(approval).items() <= claims.items()
        assert debt.event_type == claims["event_type"]
