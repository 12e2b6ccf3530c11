"""Identity of the relay at its storage account."""

from dataclasses import replace
from typing import Final

import pytest
from azure.core.credentials import AccessToken
from azure.core.exceptions import ClientAuthenticationError

from relay.errors import Outage
from relay.store.tables import access
from relay.store.tables.access import connect
from relay.store.tables.account import Storage
from relay.store.tables.store import TableStore
from tests.support.stores import ID, NOW


class NoToken:
    """An identity without a token."""

    def __init__(self) -> None:
        self.scopes: list[str] = []

    def get_token(self, *scopes: str, **_options: object) -> AccessToken:
        self.scopes += scopes
        raise ClientAuthenticationError("no identity s3cr3t")


IDENTITY: Final = Storage(prefix="relay", url="https://relay.table.core.windows.net", managed=True)


def test_an_identity_without_a_token_is_told_with_its_cure(monkeypatch: pytest.MonkeyPatch) -> None:
    token = NoToken()
    monkeypatch.setattr(access, "_identity", lambda _storage: token)
    store = TableStore(IDENTITY, lambda: float(NOW))
    with pytest.raises(Outage, match=r"refuses the relay \(no token\): give its identity the role") as caught:
        store.load(ID)
    assert caught.value.permanent
    assert "s3cr3t" not in caught.value.what
    assert ["https://storage.azure.com/.default"] == token.scopes
    store.close()


@pytest.mark.parametrize(
    ("storage", "kind"),
    [
        (IDENTITY, "ManagedIdentityCredential"),
        (replace(IDENTITY, client_id="5b2c7f18-90ab-4cde-8f01-23456789abcd"), "ManagedIdentityCredential"),
        (replace(IDENTITY, managed=False), "DefaultAzureCredential"),
    ],
)
def test_the_apps_own_identity_is_used_where_it_is_managed(storage: Storage, kind: str) -> None:
    with connect(storage) as service:
        assert kind == type(service.credential).__name__
        assert IDENTITY.url == service.url
