"""The tables of all checks, in the order of the report. Each name is a heading of docs/doctor.md."""

from collections.abc import Iterable, Iterator
from functools import partial

from relay.chats.contract.chat import ChatCheck
from relay.chats.table import CHATS
from relay.doctor.checkup import Check
from relay.doctor.github.app import app
from relay.doctor.github.credential import credential, expiry, limit
from relay.doctor.github.permission import permission
from relay.doctor.github.workflow import workflow
from relay.doctor.inside.clocks import clock
from relay.doctor.inside.configuration import people, settings, threads, vault
from relay.doctor.inside.ids import ids
from relay.doctor.inside.keys import issuers, tenants
from relay.doctor.inside.public_url import public_url
from relay.doctor.inside.sign_in import sign_in
from relay.doctor.inside.storage import outbox, store, timer
from relay.doctor.inside.subject import Inside
from relay.doctor.outside.address import address, headers, health, version
from relay.doctor.outside.proofs import foreign_token, forged_sign_in, keys, review_page
from relay.doctor.outside.subject import Outside
from relay.model.findings import Finding, LeftOut

_POLICY = ("RELAY_POLICY",)
_STORE = ("RELAY_STORE", "RELAY_TABLE_PREFIX", "AzureWebJobsStorage")
_GITHUB = (
    *("RELAY_GITHUB_API_URL", "RELAY_GITHUB_API_VERSION", "RELAY_GITHUB_TOKEN"),
    *("RELAY_GITHUB_APP_CLIENT_ID", "RELAY_GITHUB_APP_PRIVATE_KEY"),
)
_ENTRA = ("RELAY_ENTRA_AUTHORITY", "RELAY_ENTRA_TENANTS")
_SIGN_IN = (
    *("RELAY_PUBLIC_URL", "RELAY_SIGN_IN", "RELAY_ENTRA_SIGN_IN_CLIENT_ID", "RELAY_ENTRA_SIGN_IN_CLIENT_SECRET"),
    *("RELAY_GITHUB_URL", "RELAY_GITHUB_SIGN_IN_CLIENT_ID", "RELAY_GITHUB_SIGN_IN_CLIENT_SECRET"),
)


def inside_checks() -> tuple[Check[Inside], ...]:
    """Return the checks from inside. A check comes after those that it needs."""
    return (
        Check("settings", settings),
        Check("vault", vault),
        Check("threads", threads),
        Check("people", people, settings=(*_POLICY, *_ENTRA, "RELAY_SIGN_IN")),
        Check("store", store, settings=_STORE),
        Check("timer", timer, needs=("store",), settings=_STORE),
        Check("outbox", outbox, needs=("store",), settings=_STORE),
        Check("github-credential", credential, settings=_GITHUB),
        Check("github-expiry", expiry, needs=("github-credential",)),
        Check("github-app", app, needs=("github-credential",), settings=_POLICY),
        Check("github-permission", permission, needs=("github-credential",), settings=_POLICY),
        Check("github-workflow", workflow, needs=("github-credential",), settings=_POLICY),
        Check("github-limit", limit, needs=("github-credential",), settings=_POLICY),
        Check("clock", clock),
        Check("ids", ids, needs=("github-credential",), settings=(*_POLICY, "RELAY_ENTRA_TENANTS")),
        Check("entra-keys", tenants, settings=_ENTRA),
        Check("oidc-keys", issuers, settings=(*_POLICY, "RELAY_GITHUB_OIDC_ISSUER")),
        Check("sign-in", sign_in, settings=(*_SIGN_IN, *_ENTRA)),
        Check("public-url", public_url, settings=("RELAY_PUBLIC_URL", "RELAY_RECEIPT_KEYS")),
        *_of_chats(),
    )


def _of_chats() -> Iterator[Check[Inside]]:
    for name, chat in CHATS.items():
        for check in chat.checks():
            yield Check(check.name, partial(_look_at_chat, name, check), check.needs, check.settings)


def _look_at_chat(name: str, check: ChatCheck, inside: Inside) -> Iterable[Finding | LeftOut]:
    return check.look(inside.setup(name), inside.web.deadline)


def outside_checks() -> tuple[Check[Outside], ...]:
    """Return the checks from outside."""
    return (
        Check("address", address),
        Check("health", health, needs=("address",)),
        Check("version", version, needs=("address",)),
        Check("forged-sign-in", forged_sign_in, needs=("address",)),
        Check("foreign-token", foreign_token, needs=("address",)),
        Check("review-page", review_page, needs=("address",)),
        Check("keys", keys, needs=("address",)),
        Check("headers", headers, needs=("address",)),
    )
