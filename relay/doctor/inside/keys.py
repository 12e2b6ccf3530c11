"""Checks of the keys that prove people and workflows: tenants of Microsoft Entra, and issuers of workflow tokens."""

from collections.abc import Iterator
from typing import Final

from relay.doctor.inside.subject import Inside
from relay.errors import Outage
from relay.model.findings import Finding, LeftOut
from relay.signed.canonical_json import members

OK: Final = 200


def tenants(inside: Inside) -> Iterator[Finding | LeftOut]:
    """Fetch the keys of each tenant whose people may act."""
    own = inside.settings
    if not own.entra_tenants:
        yield LeftOut("RELAY_ENTRA_TENANTS is empty")
    for tenant in own.entra_tenants:
        trouble = _trouble(inside, f"{own.entra_authority}/{tenant}/discovery/v2.0/keys")
        cure = "Correct RELAY_ENTRA_TENANTS, or RELAY_ENTRA_AUTHORITY for a sovereign cloud."
        yield _finding(f"tenant {tenant}", trouble, cure)


def issuers(inside: Inside) -> Iterator[Finding | LeftOut]:
    """Fetch the keys of each issuer of workflow tokens."""
    if not any("oidc" in rule.requests and not rule.plain for rule in inside.policy.rules):
        yield LeftOut("no rule takes a workflow's token")
        return
    for issuer in inside.settings.github_oidc_issuers:
        trouble = _trouble(inside, f"{issuer}/.well-known/jwks")
        cure = "Correct RELAY_GITHUB_OIDC_ISSUER, or let the relay call this host."
        yield _finding(issuer, trouble and f"{trouble}; no workflow can ask by its token", cure)


def _finding(prover: str, trouble: str, cure: str) -> Finding:
    return Finding("failed", f"{prover}: {trouble}", cure) if trouble else Finding("ok", f"{prover} has keys")


def _trouble(inside: Inside, url: str) -> str:
    try:
        answer = inside.web.ask("GET", url)
    except Outage as outage:
        return outage.what
    if answer.status != OK:
        return f"the address of its keys answers {answer.status}"
    return "" if members(answer.body).get("keys") else "the address of its keys has none"
