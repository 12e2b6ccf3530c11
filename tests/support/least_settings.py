"""The least settings with which a relay starts, and the problems of others."""

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay.settings import Settings, SettingsError
from relay.signed import receipt_keys, tickets

ISSUER = "https://token.actions.githubusercontent.com"
TENANT = "7d1e9b0a-3c55-4f6e-9a51-0f2b6c8d4e10"
MASTER = tickets.TicketKey("k1", bytes(range(32)))
RECEIPT_KEYS = [receipt_keys.format_key(Ed25519PrivateKey.from_private_bytes(bytes([n] * 32))) for n in (1, 2)]
SECRET = "s3cr3t-s3cr3t-s3cr3t-s3cr3t-s3cr3t"
LEAST = {
    "RELAY_PUBLIC_URL": "https://relay.example",
    "RELAY_TICKET_KEYS": tickets.format_key(MASTER),
    "RELAY_RECEIPT_KEYS": RECEIPT_KEYS[0],
    "RELAY_GITHUB_TOKEN": "github_pat_made_up",
}


def read(**changes: str) -> Settings:
    return Settings.read(LEAST | changes)


def problems(**changes: str) -> dict[str, str]:
    with pytest.raises(SettingsError) as raised:
        read(**changes)
    assert SECRET not in str(raised.value)
    for name, problem in raised.value.problems.items():
        assert f"{name} {problem}" in str(raised.value)
    return raised.value.problems
