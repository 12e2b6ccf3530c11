"""Faults of people, keys and sign-in."""

from pathlib import Path

import httpx
from pytest_httpx import HTTPXMock

from tests.doctor.examining import API, AUTHORIZE, EVERYTHING, GITHUB_CODE, GUID, POLICY, TOKENS, refused_code
from tests.doctor.faults import Fault, answer, by_fault, check_fault
from tests.pages.sign_in import visitor
from tests.support import entra_tokens, github_tokens

TOKEN = ("POST", TOKENS)
CODE = ("POST", GITHUB_CODE)
OTHER = f"{entra_tokens.OTHER_TENANT}/aaaaaaaa-0000-4000-8000-000000000001"
IN_SLACK = {name: value for name, value in EVERYTHING.items() if name.startswith("RELAY_SLACK_")}
FAULTS = [
    Fault(
        "ids",
        "warning",
        "T999 is no team",
        "Add the team",
        environ={**IN_SLACK, "RELAY_POLICY": POLICY.replace("T111/U111", "T999/U111")},
    ),
    Fault(
        "ids",
        "warning",
        "ada: the tenant of entra is not",
        "Add the tenant",
        environ={"RELAY_POLICY": POLICY.replace(f"{entra_tokens.TENANT}/aaaaaaaa-0000-4000-8000-000000000001", OTHER)},
    ),
    Fault("people", "failed", "RELAY_ENTRA_TENANTS is empty", "people", environ={"RELAY_ENTRA_TENANTS": ""}),
    Fault(
        "ids",
        "failed",
        "no account ada",
        "Correct",
        {("GET", f"{API}/users/ada"): answer(404, {"message": "Not Found"})},
    ),
    Fault("ids", "failed", "is account 7", "Correct", {("GET", f"{API}/users/ada"): answer(200, {"id": 7})}),
    Fault(
        "ids",
        "warning",
        "has a login and no github_id",
        "github_id = 1001",
        environ={"RELAY_POLICY": POLICY.replace("github_id = 1001\n", "")},
    ),
    Fault("entra-keys", "failed", "answers 400", "RELAY_ENTRA_TENANTS", {("GET", entra_tokens.JWKS_URL): answer(400)}),
    Fault("entra-keys", "failed", "has none", "RELAY_ENTRA_TENANTS", {("GET", entra_tokens.JWKS_URL): answer(200)}),
    Fault(
        "oidc-keys", "failed", "answers 404", "RELAY_GITHUB_OIDC_ISSUER", {("GET", github_tokens.JWKS_URL): answer(404)}
    ),
    Fault(
        "entra-keys",
        "failed",
        "does not answer in time",
        "",
        {("GET", entra_tokens.JWKS_URL): {"exception": httpx.ReadTimeout("no")}},
    ),
    Fault(
        "oidc-keys",
        "failed",
        "cannot be reached",
        "this host",
        {("GET", github_tokens.JWKS_URL): {"exception": httpx.ConnectError("no")}},
    ),
    Fault("sign-in", "failed", "AADSTS7000215", "not its id", {TOKEN: refused_code("AADSTS7000215")}, visitor.ENTRA),
    Fault(
        "sign-in",
        "failed",
        "AADSTS7000215",
        "form of a secret's id",
        {TOKEN: refused_code("AADSTS7000215")},
        {**visitor.ENTRA, "RELAY_ENTRA_SIGN_IN_CLIENT_SECRET": GUID},
    ),
    Fault("sign-in", "failed", "AADSTS7000222", "expired", {TOKEN: refused_code("AADSTS7000222")}, visitor.ENTRA),
    Fault("sign-in", "failed", "AADSTS700016", "no such app", {TOKEN: refused_code("AADSTS700016")}, visitor.ENTRA),
    Fault(
        "sign-in",
        "failed",
        "AADSTS50011",
        "redirect URI",
        {("GET", AUTHORIZE): {"text": "<p>AADSTS50011: The redirect URI"}},
        visitor.ENTRA,
    ),
    Fault(
        "sign-in",
        "failed",
        "entra: login.microsoftonline.com cannot be reached",
        "",
        {TOKEN: {"exception": httpx.ConnectError("no")}},
        visitor.ENTRA,
    ),
    Fault(
        "sign-in",
        "failed",
        "incorrect_client_credentials",
        "client secret",
        {CODE: answer(200, {"error": "incorrect_client_credentials"})},
        visitor.GITHUB,
    ),
    Fault(
        "sign-in",
        "failed",
        "redirect_uri_mismatch",
        "callback URL",
        {CODE: answer(200, {"error": "redirect_uri_mismatch"})},
        visitor.GITHUB,
    ),
    Fault("sign-in", "failed", "answers 404", "RELAY_GITHUB_URL", {CODE: answer(404)}, visitor.GITHUB),
]


@by_fault(FAULTS)
def test_a_fault_is_found_with_its_cure_and_told_once(fault: Fault, tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    check_fault(fault, tmp_path, httpx_mock)
