"""The HTTP client of the adapters, which knows nothing of this machine's proxies and certificates."""

from collections.abc import Iterator

import pytest

from relay.adapters.http_client import Client, make_client

_PROXIES = ("HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY", "NO_PROXY")


@pytest.fixture
def no_proxy_of_this_machine(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in (*_PROXIES, *map(str.lower, _PROXIES), "SSL_CERT_FILE", "SSL_CERT_DIR"):
        monkeypatch.delenv(name, raising=False)


@pytest.fixture
def client(no_proxy_of_this_machine: None) -> Iterator[Client]:
    with make_client() as made:
        yield made
