"""A tenant of this run: its key and tokens, tickets for fresh requests, and the settings of the relay and its peers."""

import hmac
import json
import secrets
import time
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

import jwt
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat, load_pem_private_key

from relay.chats.slack.card import first
from relay.model.request import ApprovalRequest
from relay.signed import receipt_keys, tickets
from relay.signed.canonical_json import base64url
from relay.signed.request import read_form

TENANT: Final = "11111111-2222-4333-8444-555555555555"
ADA: Final = "aaaaaaaa-0000-4000-8000-000000000001"
SLACK_TEAM: Final = "T0123456789"
SLACK_USER: Final = "U0123456789"
SLACK_SECRET: Final = "8f742231b10e8888abcd99yyyzzz85a5"  # noqa: S105 - Slack publishes it as its example
AUDIENCE: Final = "api://relay.example"
CALLER: Final = "48af08dc-f6d2-435f-b2a7-069abd99c086"
ORIGIN: Final = "https://relay.example"
REPOSITORY: Final = "octo/api"
EVENT: Final = "deploy-api"
PAYLOAD: Final = {"version": "1.4.2", "image": "registry.example/octo/api:1.4.2", "replicas": 3}
FORM: Final = {
    "repository": REPOSITORY,
    "event_type": EVENT,
    "environment": "production",
    "title": "Deploy api 1.4.2",
    "client_payload": PAYLOAD,
    "requested_by": "octocat",
    "sha": "0123456789abcdef0123456789abcdef01234567",
    "ref": "refs/heads/main",
}
TICKET_KEY: Final = tickets.TicketKey("k1", bytes(range(32)))
RECEIPT_KEY: Final = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
POLICY: Final = f"""
[people.ada]
name = "Ada Lovelace"
entra = "{TENANT}/{ADA}"
slack = "{SLACK_TEAM}/{SLACK_USER}"
github = "ada"
github_id = 1001

[people.grace]
name = "Grace Hopper"
entra = "{TENANT}/aaaaaaaa-0000-4000-8000-000000000002"
github = "grace"
github_id = 1002

[groups]
owners = ["ada", "grace"]

[[rule]]
repository = "octo/*"
environment = "production"
event_types = ["deploy-*"]
requests = ["oidc", "key", "offline"]
[[rule.stage]]
name = "release"
approvers = ["group:owners"]
"""
_KID: Final = "bench"
_LIFETIME: Final = 3_600
_BITS: Final = 2_048


@dataclass(frozen=True, slots=True)
class Click:
    """One press of a button, as its contestant receives it: header names in lower case."""

    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class Tenant:
    """The signer of the people's tokens. Several processes share its key through a file."""

    key: rsa.RSAPrivateKey

    def jwks(self) -> bytes:
        """Return the public key as a key set (RFC 7517)."""
        public = self.key.public_key().public_numbers()
        n, e = (base64url(each.to_bytes((each.bit_length() + 7) // 8)) for each in (public.n, public.e))
        return json.dumps(
            {"keys": [{"kty": "RSA", "use": "sig", "alg": "RS256", "kid": _KID, "n": n, "e": e}]}
        ).encode()

    def token(self, outside: str) -> str:
        """Return a token as Entra issues it for a person's click. Its issuer has the address of the fake outside."""
        now = int(time.time())
        claims = {
            "iss": f"{outside}/{TENANT}/v2.0",
            "aud": AUDIENCE,
            "azp": CALLER,
            "azpacr": "2",
            "iat": now - 5,
            "nbf": now - 5,
            "exp": now + _LIFETIME,
            "tid": TENANT,
            "oid": ADA,
            "name": "Ada Lovelace",
            "preferred_username": "ada@contoso.example",
            "rh": "1.AXEA",
            "scp": "Actions.Post",
            "sub": secrets.token_urlsafe(16),
            "uti": secrets.token_urlsafe(16),
            "ver": "2.0",
        }
        return jwt.encode(claims, self.key, algorithm="RS256", headers={"kid": _KID})


def create(folder: Path) -> Tenant:
    """Make a tenant and keep its key in the folder."""
    key = rsa.generate_private_key(public_exponent=65537, key_size=_BITS)
    (folder / "tenant.pem").write_bytes(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
    return Tenant(key)


def load(folder: Path) -> Tenant:
    """Return the tenant of `create`."""
    key = load_pem_private_key((folder / "tenant.pem").read_bytes(), password=None)
    if not isinstance(key, rsa.RSAPrivateKey):
        raise TypeError("the tenant's key is an RSA key")
    return Tenant(key)


def environ(outside: str, store: Path) -> dict[str, str]:
    """Return the settings of a relay, and of the ordinary peers, before the fake outside."""
    return {
        "RELAY_PUBLIC_URL": ORIGIN,
        "RELAY_TICKET_KEYS": tickets.format_key(TICKET_KEY),
        "RELAY_RECEIPT_KEYS": receipt_keys.format_key(RECEIPT_KEY),
        "RELAY_POLICY": POLICY,
        "RELAY_STORE": f"sqlite:///{store}",
        "RELAY_GITHUB_API_URL": outside,
        "RELAY_GITHUB_TOKEN": "github_pat_made_up",
        "RELAY_SLACK_SIGNING_SECRET": SLACK_SECRET,
        "RELAY_SLACK_TEAMS": SLACK_TEAM,
        "RELAY_ENTRA_AUTHORITY": outside,
        "RELAY_ENTRA_TENANTS": TENANT,
        "RELAY_CARD_AUDIENCE": AUDIENCE,
        "ORDINARY_STORE": f"{store}.ordinary",
        "ORDINARY_OUTSIDE": outside,
    }


def ticket(repository: str = REPOSITORY) -> str:
    """Return a card's ticket for a new request."""
    return _ticket(_request(repository))


def _request(repository: str) -> ApprovalRequest:
    form = FORM | {"repository": repository}
    return read_form(form, issued_at=int(time.time()), nonce=secrets.token_urlsafe(16), lifetime=_LIFETIME)


def _ticket(request: ApprovalRequest) -> str:
    return tickets.sign(request, TICKET_KEY, ORIGIN, self_contained=True)


def press(token: str, ticket_text: str) -> Click:
    """Return the click on the Approve button of a card of the relay."""
    headers = {
        "authorization": f"Bearer {token}",
        "content-type": "application/json",
        "relay-ticket": ticket_text,
        "relay-verdict": "approve",
    }
    return Click(headers, b'{"comment": ""}')


def relay_click(token: str) -> Click:
    """Return a click on a fresh request, in the relay's form."""
    return press(token, ticket())


def slack_click() -> Click:
    """Return a press in Slack on a fresh request, as Slack sends it for a person's click: with the whole message."""
    now, request = int(time.time()), _request(REPOSITORY)
    value = _ticket(request)
    message = {"type": "message", "ts": f"{now}.000100", "app_id": "A0123456789", **first(request, (), value)}
    payload = {
        "type": "block_actions",
        "user": {"id": SLACK_USER, "username": "ada", "name": "ada", "team_id": SLACK_TEAM},
        "api_app_id": "A0123456789",
        "token": "verification-token",
        "container": {"type": "message", "message_ts": f"{now}.000100", "channel_id": "C0123456789"},
        "trigger_id": "111.222.333",
        "team": {"id": SLACK_TEAM, "domain": "octo"},
        "channel": {"id": "C0123456789", "name": "releases"},
        "message": message,
        "state": {"values": {"comment-1": {"comment": {"type": "plain_text_input", "value": None}}}},
        "actions": [{"action_id": "approve", "block_id": "decide", "type": "button", "value": value}],
    }
    body = urlencode({"payload": json.dumps(payload)}).encode()
    signature = hmac.digest(SLACK_SECRET.encode(), b"v0:%d:%s" % (now, body), "sha256").hex()
    return Click({"x-slack-request-timestamp": str(now), "x-slack-signature": f"v0={signature}"}, body)


def ordinary_click(token: str) -> Click:
    """Return the same click in the form of the ordinary peers, which believe the body."""
    body = {"id": secrets.token_hex(16), "repository": REPOSITORY, "event_type": EVENT, "client_payload": PAYLOAD}
    return Click({"authorization": f"Bearer {token}", "content-type": "application/json"}, json.dumps(body).encode())
