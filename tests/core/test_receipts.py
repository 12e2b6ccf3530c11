import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ec import SECP256R1
from cryptography.hazmat.primitives.asymmetric.ec import generate_private_key as generate_ec_key
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.core import canonical, receipts
from relay.core.errors import Refusal
from relay.core.model import Actor, Case, Debt, Review
from relay.core.receipts import ReceiptKey
from relay.core.request import read_form
from tests import genuine
from tests.requests import FORMS, WORDS

NOW = 1_790_000_000
DAY = 86_400
ORIGIN = "https://relay.example"
POLICY = "f" * 64
PRIVATE = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
OTHER = receipts.parse_key(receipts.format_key(Ed25519PrivateKey.from_private_bytes(bytes(32))))
KEY = receipts.parse_key(receipts.format_key(PRIVATE))
KEYS = receipts.jwks([KEY])
ADA = Actor("entra:t/ada", "에이다 Lovelace")
REVIEW = Review("approve", ADA, "release", NOW + 60, "배포해도 좋습니다")
DEBT = Debt("deploy-api", NOW + 60, NOW + 60)
Json = dict[str, Any]


def approved(form: Mapping[str, object] | None = None, *reviews: Review) -> Case:
    asked = {"repository": "octo/api", "event_type": "deploy-api", "title": "배포"} if form is None else form
    request = read_form(asked, issued_at=NOW, nonce="n" * 22, lifetime=DAY)
    return Case(request, "oidc", "approved", "release", reviews or (REVIEW,), NOW + 60, (DEBT,), 2, "c2")


def paid(case: Case, key: ReceiptKey = KEY, debt: Debt = DEBT) -> Json:
    return dict(receipts.client_payload(case, debt, key, issuer=ORIGIN, policy_sha256=POLICY, now=NOW + 61.5))


def receipt() -> str:
    return str(paid(approved())["approval"]["receipt"])


def verified(text: str, now: float = NOW + 70, **changes: Any) -> Json:
    given: Json = {"keys": KEYS, "issuer": ORIGIN, "repository": "octo/api"} | changes
    keys = given.pop("keys")
    return receipts.verify(text, keys, now=now, **given)


def check_failed(attempt: Callable[[], object]) -> str:
    with pytest.raises(Refusal) as raised:
        attempt()
    assert raised.value.code == "not-genuine"
    return raised.value.check.removeprefix("receipt: ")


def minted(claims: object, key: ReceiptKey = KEY, **header: object) -> str:
    body = claims if isinstance(claims, bytes) else canonical.encode(claims)
    return jwt.api_jws.encode(body, key.private, algorithm="EdDSA", headers={"kid": key.kid, **header})


@settings(deadline=None, max_examples=50)
@given(FORMS, st.lists(WORDS, min_size=1, max_size=3))
def test_a_receipt_claims_all_that_github_gets(form: Json, comments: list[str]) -> None:
    case = approved(form, *(replace(REVIEW, comment=comment) for comment in comments))
    payload = paid(case)
    approval = payload.pop("approval")
    claims = verified(approval["receipt"], repository=case.request.repository)
    expected = receipts.sealed(approval) | {
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
    payload = paid(case)
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
    assert {"login": None, "id": None, "proven": False} == approval["requested_by"]
    assert [None, None, None] == [approval[name] for name in ("environment", "ref", "sha")]


def test_a_plain_dispatch_goes_as_it_came() -> None:
    plain = replace(approved(), proof="plain")
    assert plain.request.client_payload is receipts.client_payload(
        plain, DEBT, KEY, issuer=ORIGIN, policy_sha256=POLICY, now=NOW
    )


def crowded(reviewers: int, payload: int) -> Case:
    form = {"repository": "octo/api", "event_type": "deploy-api", "title": "t", "client_payload": {"a": "x" * payload}}
    return approved(form, *(replace(REVIEW, comment="가" * 1_000) for _ in range(reviewers)))


@pytest.mark.parametrize(
    ("reviewers", "payload", "length"),
    [
        (1, 40_000, 1_000),
        (9, 40_000, 1_000),
        (20, 40_000, 200),
        (40, 40_000, 40),
        (45, 40_000, 0),
        (42, 0, 1_000),
        (136, 0, 0),
    ],
)
def test_comments_are_shortened_until_github_takes_the_body(reviewers: int, payload: int, length: int) -> None:
    case = crowded(reviewers, payload)
    sent = paid(case)
    comments = {review["comment"] for review in sent["approval"]["reviews"]}
    assert {"가" * length} == comments
    assert len(json.dumps(sent, ensure_ascii=False, separators=(",", ":"))) <= receipts.MAX_BODY
    claims = verified(sent["approval"]["receipt"])
    assert receipts.sealed(sent["approval"])["reviews"] == claims["reviews"]
    assert {canonical.sha256(("가" * length).encode())} == {review["comment"] for review in claims["reviews"]}


def test_without_room_for_any_comment_all_reviewers_are_named_still() -> None:
    approval = paid(crowded(60, 40_000))["approval"]
    assert [""] * 60 == [review["comment"] for review in approval["reviews"]]
    assert verified(approval["receipt"])


def test_a_receipt_is_genuine_in_whatever_case_the_repository_is_written() -> None:
    assert "octo/api" == verified(receipt(), repository="Octo/API")["aud"]


def test_a_receipt_of_any_key_of_the_list_is_genuine() -> None:
    keys = receipts.jwks([OTHER, KEY])
    assert verified(receipt(), keys=keys)
    assert verified(paid(approved(), OTHER)["approval"]["receipt"], keys=keys)


@settings(deadline=None, max_examples=100)
@given(st.data())
def test_no_bit_of_a_receipt_can_be_changed(data: st.DataObject) -> None:
    parts = [bytearray(canonical.from_base64url(part)) for part in receipt().split(".")]
    part = data.draw(st.sampled_from(parts))
    bit = data.draw(st.integers(0, 8 * len(part) - 1))
    part[bit // 8] ^= 1 << bit % 8
    check_failed(lambda: verified(".".join(canonical.base64url(bytes(each)) for each in parts)))


@pytest.mark.parametrize(
    "text", ["", "a.b", "a.b.c.d", "가.나.다", "\ud800..", "e30", "W10.e30.e30", "NQ.e30.e30", "_w.e30.e30"]
)
def test_what_is_no_compact_jws_is_not_genuine(text: str) -> None:
    assert check_failed(lambda: verified(text)) == "form"


@pytest.mark.parametrize(
    "header",
    [
        {},
        {"alg": "EdDSA"},
        {"alg": "EdDSA", "kid": 5},
        {"alg": "EdDSA", "kid": "../keys"},
        {"alg": "EdDSA", "kid": "\ud800"},
        {"alg": "EdDSA", "kid": [KEY.kid]},
        {"alg": "none", "kid": KEY.kid},
        {"alg": "HS256", "kid": KEY.kid},
        {"alg": ["EdDSA"], "kid": KEY.kid},
        {"alg": "EdDSA", "kid": KEY.kid, "crit": ["exp"]},
        {"alg": "EdDSA", "kid": KEY.kid, "jwk": {}},
        {"alg": "EdDSA", "kid": KEY.kid, "jku": "https://evil.example/"},
        {"alg": "EdDSA", "kid": KEY.kid, "b64": False},
    ],
)
def test_a_header_takes_nothing_but_ours(header: Json) -> None:
    public = KEY.private.public_key().public_bytes_raw()
    text = genuine.sign_hs256(header, verified(receipt()), public)
    assert check_failed(lambda: verified(text)) == "signed by no key of this relay"


def test_a_receipt_signed_by_another_key_is_not_genuine() -> None:
    foreign = ReceiptKey(KEY.kid, OTHER.private)
    assert check_failed(lambda: verified(paid(approved(), foreign)["approval"]["receipt"])) == "signature"
    assert check_failed(lambda: verified(paid(approved(), OTHER)["approval"]["receipt"])) == (
        "signed by no key of this relay"
    )


@pytest.mark.parametrize(
    "keys",
    [
        {},
        {"keys": None},
        {"keys": {}},
        {"keys": [5, "x", None]},
        {"keys": [{"kid": KEY.kid}]},
        {"keys": [{"kid": KEY.kid, "crv": "X25519", "x": "A" * 43}]},
        {"keys": [{"kid": KEY.kid, "crv": "Ed25519"}]},
        {"keys": [{"kid": KEY.kid, "crv": "Ed25519", "x": 5}]},
        {"keys": [{"kid": KEY.kid, "crv": "Ed25519", "x": "short"}]},
    ],
)
def test_without_its_key_no_receipt_is_genuine(keys: Json) -> None:
    assert check_failed(lambda: verified(receipt(), keys=keys)) == "signed by no key of this relay"


def test_a_key_of_any_form_in_the_set_is_no_error() -> None:
    keys = {"keys": [{"kid": KEY.kid, "crv": "Ed25519", "x": "_" * 43}]}
    assert check_failed(lambda: verified(receipt(), keys=keys)) == "signature"


@pytest.mark.parametrize(
    ("changes", "check"),
    [
        ({"iss": "https://other.example"}, "made by another relay"),
        ({"iss": None}, "made by another relay"),
        ({"aud": "octo/site"}, "made for another repository"),
        ({"aud": ["octo/api"]}, "made for another repository"),
        ({"iat": NOW + 70 + 301}, "not valid at this time; a receipt lives one day"),
        ({"exp": NOW + 70 - 300}, "not valid at this time; a receipt lives one day"),
        ({"iat": "1"}, "claims"),
        ({"iat": True}, "claims"),
        ({"exp": None}, "claims"),
    ],
)
def test_each_claim_is_checked(changes: Json, check: str) -> None:
    assert check_failed(lambda: verified(minted(verified(receipt()) | changes))) == check


@pytest.mark.parametrize("payload", [b"", b"[]", b"5", b'{"a":1,"a":1}', b"\xff", b'{"iat":1.5,"exp":2}'])
def test_a_payload_of_another_form_is_not_genuine(payload: bytes) -> None:
    assert check_failed(lambda: verified(minted(payload))) in {"claims", "signature"}


def test_the_clocks_may_differ_by_five_minutes() -> None:
    assert verified(receipt(), now=NOW + 61 - 300)
    assert verified(receipt(), now=NOW + 61 + DAY + 299)
    assert check_failed(lambda: verified(receipt(), now=NOW + 61 + DAY + 300)).startswith("not valid at this time")
    assert check_failed(lambda: verified(receipt(), now=NOW + 61 - 301)).startswith("not valid at this time")


def test_a_receipt_for_another_repository_or_relay_is_refused_with_a_sentence() -> None:
    with pytest.raises(Refusal) as raised:
        verified(receipt(), repository="octo/site")
    assert "The receipt is not genuine: made for another repository." == raised.value.message


@pytest.mark.parametrize(
    "spoil", [{"reviews": None}, {"reviews": [5]}, {"reviews": [{}]}, {"reviews": [{"comment": 5}]}]
)
def test_an_approval_of_another_form_cannot_be_sealed(spoil: Json) -> None:
    with pytest.raises((KeyError, TypeError, AttributeError)):
        receipts.sealed(spoil)
    with pytest.raises(KeyError):
        receipts.sealed({})


def test_the_payloads_digest_leaves_out_what_the_relay_wrote() -> None:
    mine = {"version": "1.2.3", "배포": [1]}
    assert receipts.payload_sha256(mine) == receipts.payload_sha256(mine | {"approval": {"x": 1.5}})
    assert receipts.payload_sha256(mine) != receipts.payload_sha256(mine | {"version": "1.2.4"})


@settings(deadline=None, max_examples=20)
@given(st.binary(min_size=32, max_size=32))
def test_a_key_goes_round(seed: bytes) -> None:
    private = Ed25519PrivateKey.from_private_bytes(seed)
    key = receipts.parse_key(f" {receipts.format_key(private)}\n")
    assert private.public_key() == key.private.public_key()


def test_the_key_set_holds_public_halves_named_by_their_thumbprint() -> None:
    assert {
        "keys": [
            {
                "kty": "OKP",
                "crv": "Ed25519",
                "x": "A6EHv_POEL4dcN0Y50vAmWfk1jCbpQ1fHdyGZBJVMbg",
                "kid": KEY.kid,
                "alg": "EdDSA",
                "use": "sig",
            }
        ]
    } == KEYS
    assert 43 == len(KEY.kid)


RSA = base64.b64encode(genuine.KEY.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())).decode()
EC = base64.b64encode(
    generate_ec_key(SECP256R1()).private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
).decode()
TRUNCATED = receipts.format_key(PRIVATE)[:-8]


@pytest.mark.parametrize("text", ["", "s3cr3t!", "s3cr3t==", TRUNCATED, "키", RSA, EC])
def test_a_key_of_another_form_is_told_without_quoting_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"must be .*Ed25519 key.*`relay keys new` makes one") as raised:
        receipts.parse_key(text)
    assert not text or text[:6] not in str(raised.value)


QA = Review("approve", ADA, "qa", NOW + 30, "확인")


@pytest.mark.parametrize("decided", [False, True])
def test_what_is_sent_before_the_last_word_tells_only_what_was_true_by_then(decided: bool) -> None:
    case = approved(None, QA, REVIEW)
    case = case if decided else replace(case, status="pending", stage="release", decided_at=0)
    requested = replace(DEBT, event_type="preview", since=NOW + 1.5, decision="requested")
    passed = replace(DEBT, event_type="stage", since=NOW + 30.5, decision="approved", passed=("qa",))
    told = [paid(case, debt=debt)["approval"] for debt in (requested, passed)]
    expected = [
        ("requested", "", "2026-09-21T14:13:21Z", []),
        ("approved", "qa", "2026-09-21T14:13:50Z", [receipts.review_entry(QA)]),
    ]
    assert expected == [tuple(each[name] for name in ("decision", "stage", "decided_at", "reviews")) for each in told]
    for approval, debt in zip(told, (requested, passed), strict=True):
        claims = verified(approval["receipt"])
        assert receipts.sealed(approval).items() <= claims.items()
        assert debt.event_type == claims["event_type"]
