"""The managed identity of the app as its credential at Entra, in place of a client secret.

https://learn.microsoft.com/entra/workload-id/workload-identity-federation-config-app-trust-managed-identity
"""

from functools import cache
from typing import TYPE_CHECKING, Final

from relay.errors import Outage

if TYPE_CHECKING:
    from azure.identity import ManagedIdentityCredential

_SCOPE: Final = "api://AzureADTokenExchange/.default"
_TIMEOUT: Final = 2.0  # seconds; the endpoint that hands out tokens is on the same machine


def assertion(client_id: str) -> str:
    """Return a token of the identity `client_id`, or of the app's only one for an empty id. Raises Outage."""
    from azure.core.exceptions import AzureError  # noqa: PLC0415 - only a sign-in without a secret needs it

    try:
        token: str = _credential(client_id).get_token(_SCOPE).token
    except (AzureError, OSError) as error:
        raise Outage(f"the managed identity gives no token ({type(error).__name__})") from None
    return token


@cache  # it keeps its token until shortly before the end
def _credential(client_id: str) -> "ManagedIdentityCredential":
    from azure.identity import ManagedIdentityCredential  # noqa: PLC0415 - as above

    return ManagedIdentityCredential(
        client_id=client_id or None, connection_timeout=_TIMEOUT, read_timeout=_TIMEOUT, retry_total=1
    )
