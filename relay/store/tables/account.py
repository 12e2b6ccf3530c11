"""Storage account of the function app, by a connection string or by an identity. Pure."""

import base64
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from relay.hosting import on_azure
from relay.identity.directory import is_guid
from relay.net.addresses import check_url

CONNECTION: Final = "AzureWebJobsStorage"
TABLES_URL: Final = "AzureWebJobsStorage__tableServiceUri"
ACCOUNT: Final = "AzureWebJobsStorage__accountName"
CLIENT_ID: Final = "AzureWebJobsStorage__clientId"
CREDENTIAL: Final = "AzureWebJobsStorage__credential"
PREFIX: Final = "RELAY_TABLE_PREFIX"
DEVELOPMENT: Final = "usedevelopmentstorage=true"  # Azurite on this machine
_HOSTS: Final = ".table.core.windows.net"
_ACCOUNT: Final = re.compile(r"[a-z0-9]{3,24}")
_PREFIX: Final = re.compile(r"[A-Za-z][A-Za-z0-9]{1,39}")  # a table's name has at most 63 letters and digits


@dataclass(frozen=True, slots=True, repr=False)
class Storage:
    """The account, and the prefix of the tables' names: `connection` is a connection string, else `url` the service's.

    Without a connection string an identity opens the account: if `managed` the app's own, of `client_id` if it has
    one; otherwise that of the signed-in developer. It has no repr, since it holds a key.
    """

    prefix: str
    connection: str = ""
    url: str = ""
    client_id: str = ""
    managed: bool = False

    @property
    def account(self) -> str:
        """Return the account's name or address for people, without any key."""
        if self.url:
            return self.url
        fields = dict(part.strip().partition("=")[::2] for part in self.connection.split(";"))
        return fields.get("AccountName") or fields.get("TableEndpoint") or "this machine"


def tables_url(storage: Storage) -> str:
    """Return the address of the tables, or "" for an account in development, which a connection string only names."""
    fields = dict(part.strip().partition("=")[::2] for part in storage.connection.split(";"))
    named = {name.lower(): value for name, value in fields.items()}
    if storage.url or "tableendpoint" in named:
        return storage.url or named["tableendpoint"]
    if "accountname" not in named:
        return ""
    scheme = named.get("defaultendpointsprotocol", "https")
    return f"{scheme}://{named['accountname']}.table.{named.get('endpointsuffix', 'core.windows.net')}"


def read_storage(environ: Mapping[str, str], problems: dict[str, str]) -> Storage:
    """Read the settings of the account as the Functions host does. Add problems by the setting's name.

    https://learn.microsoft.com/azure/azure-functions/functions-reference#connecting-to-host-storage-with-an-identity
    """
    connection, url, account, client_id, credential = (
        environ.get(name, "").strip() for name in (CONNECTION, TABLES_URL, ACCOUNT, CLIENT_ID, CREDENTIAL)
    )
    if connection and (url or account):
        problems[CONNECTION] = f"is set beside {TABLES_URL if url else ACCOUNT}: unset one of them"
    elif connection:
        _note(problems, CONNECTION, _trouble_with_connection(connection))
    elif url:
        _note(problems, TABLES_URL, _trouble_with_url(url))
    elif account:
        _note(problems, ACCOUNT, "" if _ACCOUNT.fullmatch(account) else "is 3 to 24 small letters and digits")
        url = f"https://{account}{_HOSTS}"
    else:
        problems[CONNECTION] = f"is missing: set it to a connection string, or {ACCOUNT} for an identity"
    _note(problems, CLIENT_ID, "" if not client_id or is_guid(client_id) else "is not a GUID")
    managed = credential.lower() == "managedidentity" or on_azure(environ)
    return Storage(read_prefix(environ, problems), connection, url, client_id, managed)


def read_prefix(environ: Mapping[str, str], problems: dict[str, str]) -> str:
    """Return the prefix of the tables' names, `relay` if none is set."""
    prefix = environ.get(PREFIX, "").strip() or "relay"
    _note(problems, PREFIX, "" if _PREFIX.fullmatch(prefix) else "is 2 to 40 letters and digits, a letter first")
    return prefix


def _note(problems: dict[str, str], name: str, trouble: str) -> None:
    if trouble:
        problems[name] = trouble


def _trouble_with_connection(text: str) -> str:
    """Return the problem of a connection string, empty if it has none.

    https://learn.microsoft.com/azure/storage/common/storage-configure-connection-string
    """
    if text.lower().rstrip(";") == DEVELOPMENT:
        return ""
    fields = [part.partition("=") for part in text.split(";") if part.strip()]
    found = {name.strip().lower(): value.strip() for name, _, value in fields}
    account, endpoint = found.get("accountname", ""), found.get("tableendpoint", "")
    if not (account and _is_key(found.get("accountkey", ""))) and not found.get("sharedaccesssignature"):
        return "is no connection string of a storage account: copy it whole, from AccountName to EndpointSuffix"
    if not account and not endpoint:
        return "names neither AccountName nor TableEndpoint: copy the connection string whole"
    scheme = found.get("defaultendpointsprotocol", "https")
    suffix = found.get("endpointsuffix", "core.windows.net")
    trouble = _trouble_with_url(endpoint or f"{scheme}://{account}.table.{suffix}")
    return trouble and f"names an address of the tables that {trouble}"


def _trouble_with_url(url: str) -> str:
    try:
        check_url(url)
    except ValueError as error:
        return str(error)
    return ""


def _is_key(text: str) -> bool:
    try:
        return bool(base64.b64decode(text, validate=True))
    except ValueError:
        return False
