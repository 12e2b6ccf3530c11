"""Who signed in, by the platform's header: from a genuine one, one thing spoiled at a time."""

import json
from base64 import b64encode
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import Refusal
from relay.identity.app_service import read_principal
from relay.model.people import Actor
from tests.pages.browsing import OBJECT_ID, TENANT_ID, claims, principal
from tests.support.entra_tokens import OTHER_TENANT, TENANT

ADA = "aaaaaaaa-0000-4000-8000-000000000001"
ACTOR = f"entra:{TENANT}/{ADA}"
UPN = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/upn"
SUBJECT = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/nameidentifier"


def read(headers: dict[str, str], tenants: tuple[str, ...] = (TENANT,)) -> Actor | None:
    return read_principal(headers, tenants)


def check_of(headers: dict[str, str], tenants: tuple[str, ...] = (TENANT,)) -> str:
    with pytest.raises(Refusal) as refused:
        read(headers, tenants)
    assert "not-genuine" == refused.value.code
    return refused.value.check


def spoiled(**changes: str | None) -> dict[str, str]:
    """Return the genuine headers with claims changed, or left out by None."""
    kept = [each for each in claims() if each["typ"] not in changes]
    return principal(
        claims=[*kept, *({"typ": name, "val": value} for name, value in changes.items() if value is not None)]
    )


def test_somebody_of_a_listed_tenant_is_who_they_are() -> None:
    assert Actor(ACTOR, "Ada of the directory") == read(principal())


def test_the_short_names_of_claims_say_the_same() -> None:
    headers = principal(claims=[{"typ": "oid", "val": ADA}, {"typ": "tid", "val": TENANT}])
    assert Actor(ACTOR, "somebody") == read(headers)


def test_ids_are_compared_in_lower_case() -> None:
    headers = spoiled(**{OBJECT_ID: ADA.upper(), TENANT_ID: TENANT.upper()})
    assert ACTOR == getattr(read(headers), "id", None)


@pytest.mark.parametrize("headers", [{}, {"x-ms-client-principal": ""}, {"x-ms-client-principal": " "}])
def test_without_the_header_nobody_has_signed_in(headers: dict[str, str]) -> None:
    assert None is read(headers)


@pytest.mark.parametrize("provider", ["facebook", "google", "AAD", "", "github", None, 1, ["aad"]])
def test_another_provider_does_not_count(provider: object) -> None:
    assert "principal: signed in at another provider than Entra" == check_of(principal(auth_typ=provider))


@pytest.mark.parametrize("provider", ["facebook", "", "aad,facebook"])
def test_a_header_that_names_another_provider_contradicts(provider: str) -> None:
    assert "provider" in check_of(principal() | {"x-ms-client-principal-idp": provider})


def test_the_headers_beside_it_may_be_missing() -> None:
    alone = {name: value for name, value in principal().items() if name == "x-ms-client-principal"}
    assert ACTOR == getattr(read(alone), "id", None)


@pytest.mark.parametrize("identifier", ["", "aaaaaaaa-0000-4000-8000-000000000002", "ada@contoso.example"])
def test_a_header_that_names_another_person_contradicts(identifier: str) -> None:
    assert "another person" in check_of(principal() | {"x-ms-client-principal-id": identifier})


def test_the_header_beside_it_may_name_the_subject() -> None:
    headers = spoiled(**{SUBJECT: "pairwise-6Jq1"}) | {"x-ms-client-principal-id": "pairwise-6Jq1"}
    assert ACTOR == getattr(read(headers), "id", None)


def test_a_foreign_tenant_does_not_count_and_without_a_list_nobody_does() -> None:
    assert "tenant" in check_of(spoiled(**{TENANT_ID: OTHER_TENANT}))
    assert "tenant" in check_of(principal(), ())


def test_an_app_that_signed_in_is_nobody() -> None:
    for kind in ("app", "App", "APP", "device", "", " user"):
        assert "principal: an app signed in, and not a person" == check_of(spoiled(idtyp=kind))
    for kind in ("user", "User"):
        assert ACTOR == getattr(read(spoiled(idtyp=kind)), "id", None)


@pytest.mark.parametrize("name", ["sub", SUBJECT])
@pytest.mark.parametrize("subject", [ADA, ADA.upper()])
def test_a_subject_that_is_the_object_id_is_an_apps(name: str, subject: str) -> None:
    assert "principal: an app signed in, and not a person" == check_of(spoiled(**{name: subject}))
    assert ACTOR == getattr(read(spoiled(**{name: "pairwise-6Jq1"})), "id", None)


@pytest.mark.parametrize("name", [OBJECT_ID, TENANT_ID])
@pytest.mark.parametrize("value", [None, "", "ada", ADA + "x", f" {ADA}", f"{ADA}\n", ADA.replace("-", "")])
def test_without_one_guid_each_there_is_no_person(name: str, value: str | None) -> None:
    assert "GUID" in check_of(spoiled(**{name: value}))


@pytest.mark.parametrize("name", [OBJECT_ID, TENANT_ID, "oid", "tid"])
@pytest.mark.parametrize("value", [ADA, TENANT, "aaaaaaaa-0000-4000-8000-000000000002"])
def test_an_id_that_is_said_twice_is_refused_whatever_it_says(name: str, value: str) -> None:
    assert "GUID" in check_of(principal(claims=[*claims(), {"typ": name, "val": value}]))


def test_of_other_claims_there_may_be_many() -> None:
    many = [{"typ": "groups", "val": "a"}, {"typ": "groups", "val": "b", "issuer": "x"}]
    assert ACTOR == getattr(read(principal(claims=[*claims(), *many])), "id", None)


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"name": "  Ada\u202e\x00 Lovelace\n"}, "Ada Lovelace"),
        ({"name": None}, "ada@contoso.example"),
        ({"name": " \n", "preferred_username": ""}, "somebody"),
        ({"name": None, "preferred_username": None, "upn": "ada@up.example"}, "ada@up.example"),
        ({"name": None, "preferred_username": None, UPN: "ada@up.example"}, "ada@up.example"),
        ({"name": "김하늘"}, "김하늘"),
        ({"name": "A" * 500}, "A" * 200),
        ({"name": "half \ud800"}, "half"),
    ],
)
def test_the_name_is_fit_to_show(changes: dict[str, str | None], name: str) -> None:
    assert Actor(ACTOR, name) == read(spoiled(**changes))


@pytest.mark.parametrize(
    "entries",
    [None, {}, "oid", 1, [1], [None], [{}], [{"typ": "oid"}], [{"val": ADA}], [{"typ": 1, "val": ADA}]],
)
def test_claims_that_are_no_list_of_names_and_values_are_refused(entries: object) -> None:
    assert "claim" in check_of(principal(claims=entries))


def encoded(value: object) -> str:
    return b64encode(json.dumps(value).encode()).decode()


@pytest.mark.parametrize(
    "header",
    [
        "x",
        "ä",
        "e30",
        "e30=,e30=",
        "{}",
        b64encode(b"\xff").decode(),
        b64encode(b'{"auth_typ": "aad", "auth_typ": "aad"}').decode(),
        encoded([]),
        encoded("aad"),
        encoded(None),
        encoded({"userId": ADA, "identityProvider": "aad"}),
        "[" * 70_000,
        b64encode(b"[" * 9_000).decode(),
    ],
)
def test_what_is_not_of_the_platforms_form_is_refused(header: str) -> None:
    assert check_of(principal() | {"x-ms-client-principal": header}).startswith("principal: ")


@given(st.integers(0, 700), st.characters())
def test_no_change_of_one_character_makes_somebody_else(position: int, character: str) -> None:
    genuine = principal()["x-ms-client-principal"]
    at = position % len(genuine)
    header = genuine[:at] + character + genuine[at + 1 :]
    assert belongs_to_nobody_else(principal() | {"x-ms-client-principal": header})


@given(st.binary(max_size=200), st.integers(0, 600))
def test_no_bytes_within_the_json_are_more_than_a_refusal(spoil: bytes, position: int) -> None:
    principal = json.dumps({"auth_typ": "aad", "claims": claims()}).encode()
    header = b64encode(principal[:position] + spoil + principal[position:]).decode()
    assert belongs_to_nobody_else({"x-ms-client-principal": header})


VALUES: st.SearchStrategy[Any] = st.none() | st.booleans() | st.integers() | st.text() | st.lists(st.text(), max_size=2)


@given(st.sampled_from(["auth_typ", "claims"]), VALUES)
def test_no_other_value_of_a_member_is_more_than_a_refusal(name: str, value: object) -> None:
    assert belongs_to_nobody_else(principal(**{name: value}))


def belongs_to_nobody_else(headers: dict[str, str]) -> bool:
    """Tell whether a spoiled header proves nothing new: refused, no person, or the same person by another name."""
    try:
        actor = read(headers)
    except Refusal as refusal:
        return refusal.code == "not-genuine"
    return actor is None or actor.id == ACTOR
