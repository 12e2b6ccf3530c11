"""Checks of the address: https, health, version, and the room for headers."""

from collections.abc import Iterator
from typing import Any, Final

from relay.doctor.outside.subject import Outside
from relay.model.findings import Finding
from relay.signed.canonical_json import members

OK: Final = 200
UNAVAILABLE: Final = 503
HEADERS: Final = 16  # of 1 KiB each: a card's token and ticket come in headers
_STATUS: Final = {"ok": "ok", "degraded": "warning", "failing": "failed"}


def address(outside: Outside) -> Iterator[Finding]:
    """Reach the relay: over https, or over http on this machine."""
    answer = outside.health()  # an Outage of it says that nothing answers
    if members(answer.body).get("status") in _STATUS:
        yield Finding("ok", f"a relay answers at {outside.url}")
        return
    detail = f"{outside.url}/api/health answers {answer.status}, and not as a relay does"
    cure = "Use the origin that the operator set as RELAY_PUBLIC_URL, and look whether the function app runs."
    yield Finding("failed", detail, cure)


def health(outside: Outside) -> Iterator[Finding]:
    """Look at the relay's own health."""
    said = members(outside.health().body)
    troubles = [each for each in said.get("checks", ()) if isinstance(each, dict) and each.get("status") != "ok"]
    for each in troubles:
        yield Finding(
            "failed" if each.get("status") == "failing" else "warning",
            f"{each.get('name')}: {each.get('detail')}",
            "docs/operations.md, Health, has the cure of each.",
        )
    if not troubles:
        yield Finding("ok", "every check of its health is ok")


def version(outside: Outside) -> Iterator[Finding]:
    """Compare the version with the expected one."""
    said: dict[str, Any] = members(outside.health().body)
    found, built = said.get("version"), said.get("built")
    found_version = f"version {found}" + (f", built {built}" if built else "")
    if outside.expected and found != outside.expected:
        detail = f"{found_version} answers, and {outside.expected} is expected"
        yield Finding("failed", detail, "The deployment has not taken effect: wait a minute, or restart the app.")
    else:
        yield Finding("ok", found_version)


def headers(outside: Outside) -> Iterator[Finding]:
    """Send 16 KiB of headers, as a press with a long token and ticket may have."""
    sent = {f"x-relay-doctor-{number}": "0" * 1000 for number in range(HEADERS)}
    answer = outside.web.ask("GET", f"{outside.url}/api/keys", headers=sent)
    if answer.status == OK:
        yield Finding("ok", f"{HEADERS} KiB of headers pass")
    else:
        detail = f"{HEADERS} KiB of headers are answered {answer.status}"
        yield Finding("failed", detail, "Let the proxy take 32 KiB of headers, in nginx large_client_header_buffers.")
