"""`relay audit`: an export of a relay that runs, and the proof of it."""

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from pytest_httpx import HTTPXMock

from relay.signed import receipt_keys
from relay.signed.audit_chain import chain
from tests.cli.running import RELAY, run
from tests.cli.serving import serving
from tests.signed.receipt_keys import KEY, KEYS, NOW
from tests.signed.test_audit_chain import LINES
from tests.support import entra_tokens, road

OPERATOR = {"RELAY_API_KEY": road.OPERATOR_KEY}
WHOLE = chain(LINES, KEY, issuer=RELAY, since=NOW - 60, until=NOW, now=NOW)


def _public(key: Any) -> str:
    return base64.b64encode(key.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)).decode()


def test_an_export_of_a_running_relay_is_proven_and_a_changed_one_is_not(tmp_path: Path) -> None:
    days = ["--since", time.strftime("%Y-%m-%d", time.gmtime())]
    with serving(tmp_path) as served:
        with served.client() as client:
            form = {"repository": "octo/api", "event_type": "deploy-api", "title": "x", "environment": "production"}
            asked = client.post("/api/requests", json=form, headers={"x-relay-key": road.API_KEY}).json()
            client.post(f"/api/requests/{asked['id']}/cancel", headers={"x-relay-key": road.API_KEY})
        days += ["--until", time.strftime("%Y-%m-%d", time.gmtime())]  # another day if it is midnight
        exported = run("audit", "export", *days, "--relay", served.origin, env=OPERATOR)
        assert 0 == exported.exit_code, exported.output
        (tmp_path / "audit.jsonl").write_text(exported.stdout)
        whole = run("audit", "verify", str(tmp_path / "audit.jsonl"), "--relay", served.origin)
        (tmp_path / "changed.jsonl").write_text(exported.stdout.replace("cancelled", "approved"))
        changed = run("audit", "verify", str(tmp_path / "changed.jsonl"), "--relay", served.origin)
        refused = run("audit", "export", *days, "--relay", served.origin, env={"RELAY_API_KEY": road.API_KEY})
    line, signed = exported.stdout.splitlines()
    assert ("cancelled", "key:ci", 2) == (json.loads(line)["status"], json.loads(line)["ended_by"], signed.count("."))
    assert 3 == whole.exit_code  # its public address is another: the relay signs under RELAY_PUBLIC_URL
    assert "made by another relay" in whole.output
    assert 3 == changed.exit_code
    assert 1 == refused.exit_code
    assert "Only an operator may do this" in refused.output


@pytest.mark.parametrize(
    ("text", "code", "said"),
    [
        (WHOLE, 0, "Genuine: 5 lines from 2026-09-21T14:12:20Z to 2026-09-21T14:13:20Z"),
        (chain(LINES[:1], KEY, issuer=RELAY, since=0, until=1, now=NOW), 0, "Genuine: one line"),
        (WHOLE.replace("r3", "r9"), 3, "Not genuine. Line 5 does not follow the line before"),
        ("", 3, "The last line is no signature"),
    ],
)
def test_a_file_is_proven_with_nothing_but_the_public_keys(
    text: str, code: int, said: str, tmp_path: Path, httpx_mock: HTTPXMock
) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/keys", json=KEYS)
    (tmp_path / "audit.jsonl").write_text(text)
    result = run("audit", "verify", str(tmp_path / "audit.jsonl"), env={"RELAY_URL": RELAY})
    assert code == result.exit_code
    assert said in result.output


@pytest.mark.parametrize("until", ["2026-09-20", "2026-09-20T23:59:59Z", "2026-09-21T01:00:00+02:00"])
def test_a_trail_that_would_end_before_it_begins_is_wrong_usage(until: str) -> None:
    days = ("--since", "2026-09-21", "--until", until)
    result = run("audit", "export", *days, "--relay", RELAY, env=OPERATOR)
    assert (2, True) == (result.exit_code, "--until: is before --since" in result.stderr)


def test_a_relay_that_is_not_reached_proves_nothing(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/keys", status_code=404)
    (tmp_path / "audit.jsonl").write_text(WHOLE)
    assert 1 == run("audit", "verify", str(tmp_path / "audit.jsonl"), "--relay", RELAY).exit_code


@pytest.mark.parametrize("since", ["yesterday", "2026-02-30", ""])
def test_what_is_no_date_is_wrong_usage(since: str) -> None:
    result = run("audit", "export", "--since", since, "--relay", RELAY, env=OPERATOR)
    assert 2 == result.exit_code
    assert "--since" in result.output


def test_what_answers_without_lines_is_no_relay(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/audit?since=2026-01-01", text="<html>")
    result = run("audit", "export", "--since", "2026-01-01", "--relay", RELAY, env=OPERATOR)
    assert 1 == result.exit_code
    assert "does not answer as a relay does" in result.output


@pytest.mark.parametrize("text", [_public(entra_tokens.PUBLIC), "AAAA", "not base64"])
def test_what_is_no_key_of_this_kind_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="relay keys new"):
        receipt_keys.parse_any_key(text)


def test_a_retired_key_is_kept_as_its_public_half() -> None:
    found = receipt_keys.parse_any_key(_public(KEY.private.public_key()))
    assert isinstance(found, receipt_keys.RetiredKey)
    assert KEYS == receipt_keys.jwks([found])
