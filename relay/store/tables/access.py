"""Connection to the storage account, by its connection string or by an identity."""

import logging
from typing import TYPE_CHECKING, Final

import requests
from azure.core.pipeline.transport import RequestsTransport
from azure.data.tables import TableServiceClient
from requests.adapters import HTTPAdapter

from relay.store.tables.account import Storage

if TYPE_CHECKING:
    from azure.core.credentials import TokenCredential

CONNECTIONS: Final = 64  # one for each thread that may take a click
TOKEN_TIME: Final = 2.0  # seconds; the endpoint that hands out tokens is on the same machine
_SILENT: Final = ("azure", "msal", "requests", "urllib3")  # they write addresses, headers and bodies


def connect(storage: Storage) -> TableServiceClient:
    """Return a client to keep: a new one costs some 60 ms, and a TLS handshake for each of its connections.

    It sends nothing twice and follows no redirect. It obeys HTTPS_PROXY, NO_PROXY and REQUESTS_CA_BUNDLE.
    """
    for name in _SILENT:
        logging.getLogger(name).setLevel(logging.CRITICAL)
    session = requests.Session()
    for scheme in ("https://", "http://"):
        session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))
    transport = RequestsTransport(session=session)
    if storage.connection:
        client = TableServiceClient.from_connection_string(
            storage.connection.rstrip(";"), transport=transport, retry_total=0, permit_redirects=False
        )
    else:
        client = TableServiceClient(
            storage.url, credential=_identity(storage), transport=transport, retry_total=0, permit_redirects=False
        )
    session.trust_env = client.scheme == "https"  # plain http goes to this machine only, never through a proxy
    return client


def _identity(storage: Storage) -> "TokenCredential":
    """Return the app's own identity, or elsewhere that of the signed-in developer, as the Functions host does.

    https://learn.microsoft.com/azure/azure-functions/functions-reference#local-development-with-identity-based-connections
    """
    from azure.identity import DefaultAzureCredential, ManagedIdentityCredential  # noqa: PLC0415 - a key costs nothing

    if storage.managed:
        return ManagedIdentityCredential(
            client_id=storage.client_id or None, connection_timeout=TOKEN_TIME, read_timeout=TOKEN_TIME, retry_total=1
        )
    return DefaultAzureCredential()
