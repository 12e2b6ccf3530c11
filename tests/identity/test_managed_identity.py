"""The managed identity's token, as the app's credential at Entra."""

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import azure.identity
import pytest
from azure.core.exceptions import ClientAuthenticationError

from relay.errors import Outage
from relay.identity import managed_identity


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[Any]]:
    """Return the client ids and scopes that a made-up identity is asked for."""
    seen: list[Any] = []

    def get_token(scope: str) -> SimpleNamespace:
        seen.append(scope)
        if seen[0] == "away":
            raise ClientAuthenticationError("no endpoint")
        return SimpleNamespace(token="the token")

    def credential(*, client_id: str | None, **_times: object) -> SimpleNamespace:
        seen.append(client_id)
        return SimpleNamespace(get_token=get_token)

    monkeypatch.setattr(azure.identity, "ManagedIdentityCredential", credential)
    managed_identity._credential.cache_clear()
    yield seen
    managed_identity._credential.cache_clear()


@pytest.mark.parametrize(("client_id", "expected"), [("a-client", "a-client"), ("", None)])
def test_the_token_is_asked_for_as_a_credential_of_an_app(
    asked: list[Any], client_id: str, expected: str | None
) -> None:
    assert "the token" == managed_identity.assertion(client_id)
    assert [expected, "api://AzureADTokenExchange/.default"] == asked


def test_an_identity_that_gives_no_token_is_an_outage(asked: list[Any]) -> None:
    with pytest.raises(Outage, match="ClientAuthenticationError"):
        managed_identity.assertion("away")
