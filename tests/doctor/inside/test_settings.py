"""Faults of settings, clock and address."""

from pathlib import Path

import httpx
from pytest_httpx import HTTPXMock

from tests.doctor.examining import API, POLICY, rate_limit
from tests.doctor.faults import Fault, answer, by_fault, check_fault
from tests.support import road

LIMITS = ("GET", f"{API}/rate_limit")
KEYS = ("GET", f"{road.ORIGIN}/api/keys")
FAULTS = [
    Fault("settings", "failed", "RELAY_TICKET_KEYS", "", environ={"RELAY_TICKET_KEYS": "short"}),
    Fault("settings", "failed", "RELAY_TICKET_KEYS is missing", "relay keys new", environ={"RELAY_TICKET_KEYS": ""}),
    Fault("settings", "warning", "did you mean RELAY_ENTRA_TENANTS", "", environ={"RELAY_ENTRA_TENANT": "x"}),
    Fault(
        "settings",
        "warning",
        "RELAY_HOOKS has no entry of the name events",
        "NAME:KEY:URL",
        environ={"RELAY_POLICY": f'{POLICY}[channels.events]\nkind = "webhook"\n'},
    ),
    Fault("settings", "failed", "RELAY_HOOKS", "", environ={"RELAY_HOOKS": "events"}),
    Fault(
        "vault",
        "failed",
        "RELAY_GITHUB_TOKEN is a Key Vault reference",
        "Key Vault Secrets User",
        environ={"RELAY_GITHUB_TOKEN": "@Microsoft.KeyVault(SecretUri=https://v.example/s)"},
    ),
    Fault("clock", "failed", "behind GitHub's", "NTP", {LIMITS: rate_limit(ahead=3_600)}),
    Fault("clock", "failed", "ahead of GitHub's", "NTP", {LIMITS: rate_limit(ahead=-3_600)}),
    Fault(
        "public-url", "failed", "other receipt keys", "RELAY_PUBLIC_URL", {KEYS: answer(200, {"keys": [{"kid": "x"}]})}
    ),
    Fault("public-url", "failed", "answers 502 and no keys", "proxy", {KEYS: answer(502)}),
    Fault(
        "public-url", "warning", "cannot be reached from here", "--url", {KEYS: {"exception": httpx.ConnectError("no")}}
    ),
]


@by_fault(FAULTS)
def test_a_fault_is_found_with_its_cure_and_told_once(fault: Fault, tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    check_fault(fault, tmp_path, httpx_mock)
