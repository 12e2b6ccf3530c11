"""The relay's settings: the environment, read once, with all its problems reported together."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

from relay.approval.globs import repository_fault
from relay.chats.settings_reader import SettingsReader, guid, one_word
from relay.chats.table import CHATS
from relay.github.app_key import read_private_key
from relay.hosting import may_trust_sign_in, on_azure
from relay.identity import github_oidc
from relay.model import ApiKey
from relay.net.addresses import check_url, origin
from relay.net.setting_names import OF_THE_RELAY, misspelt
from relay.signed import receipts, tickets
from relay.signed.receipts import ReceiptKey
from relay.signed.tickets import TicketKey
from relay.store.tables.account import CLIENT_ID, Storage, read_prefix, read_storage
from relay.store.tables.account import CONNECTION as STORAGE

MIN_API_KEY: Final = 32  # characters: what is guessed from outside is as strong as a ticket key
SQLITE: Final = "sqlite:///"
TABLES: Final = "tables"
DEFAULT_POLICY: Final = "policy.toml"
OFF: Final = "off"
APP_SERVICE: Final = "app-service"
ENTRA: Final = "entra"
GITHUB: Final = "github"
THREADS: Final = "PYTHON_THREADPOOL_THREAD_COUNT"  # the Python worker of Azure Functions reads it
FEWEST_THREADS: Final = 32
NOT_ENABLED: Final = "not-enabled"  # asked for, but the platform does not say that it protects the app
_OF_STORE: Final = ("RELAY_STORE", "RELAY_TABLE_PREFIX")
RESERVED: Final = MappingProxyType(
    {
        "RELAY_GITHUB_WEBHOOK_SECRET": "",
        "RELAY_TEAMS_WEBHOOK_KEYS": "",
    }
)
"""Names reserved for parts that this version does not have, with their defaults.

Any other value is reported, so that no operator believes it works.
"""


class SettingsError(Exception):
    """Settings are wrong or missing; `problems` maps the name of each to the problem and the cure."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name} {problem}" for name, problem in problems.items()))
        self.problems = dict(problems)


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """All settings of this version, checked; `chats` are those of each chat. It has no repr, since it holds secrets."""

    public_url: str
    ticket_keys: tuple[TicketKey, ...]
    receipt_keys: tuple[ReceiptKey, ...]
    policy: str
    store: str
    storage: Storage | None
    keep_days: int
    github_url: str
    github_api_url: str
    github_api_version: str
    github_token: str
    github_app_client_id: str
    github_app_private_key: str
    github_oidc_issuers: tuple[str, ...]
    entra_authority: str
    entra_v1_issuer: str
    entra_tenants: tuple[str, ...]
    chats: Mapping[str, Any]
    sign_in: tuple[str, ...]
    entra_sign_in_client_id: str
    entra_sign_in_client_secret: str
    entra_sign_in_identity: str
    github_sign_in_client_id: str
    github_sign_in_client_secret: str
    api_keys: tuple[ApiKey, ...]
    function_keys: tuple[str, ...]
    reserved: tuple[str, ...]
    unknown: tuple[tuple[str, str], ...]
    threads: int | None  # None off Azure, 0 where it is not set

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings. Raises SettingsError with every problem."""
        unresolved = unresolved_references(environ)
        environ = {name: value for name, value in environ.items() if name not in unresolved}
        reader = SettingsReader(environ)
        settings = cls(
            public_url=reader.one("RELAY_PUBLIC_URL", origin),
            ticket_keys=reader.many("RELAY_TICKET_KEYS", tickets.parse_key, required=True),
            receipt_keys=reader.many("RELAY_RECEIPT_KEYS", receipts.parse_key, required=True),
            policy=reader.one("RELAY_POLICY", str, DEFAULT_POLICY),
            store=reader.one("RELAY_STORE", _store_on(environ), _default_store(environ)),
            storage=_storage(environ, reader.problems),
            keep_days=int(reader.one("RELAY_KEEP_DAYS", _days, "90") or 0),
            github_url=reader.one("RELAY_GITHUB_URL", check_url, "https://github.com"),
            github_api_url=reader.one("RELAY_GITHUB_API_URL", check_url, github_oidc.PUBLIC_API),
            github_api_version=reader.one("RELAY_GITHUB_API_VERSION", _version, "2022-11-28"),
            github_token=reader.one("RELAY_GITHUB_TOKEN", one_word, ""),
            github_app_client_id=reader.one("RELAY_GITHUB_APP_CLIENT_ID", one_word, ""),
            github_app_private_key=reader.one("RELAY_GITHUB_APP_PRIVATE_KEY", _app_key, ""),
            github_oidc_issuers=_issuers(environ, reader),
            entra_authority=reader.one("RELAY_ENTRA_AUTHORITY", check_url, "https://login.microsoftonline.com"),
            entra_v1_issuer=reader.one("RELAY_ENTRA_V1_ISSUER", _prefix, "https://sts.windows.net/"),
            entra_tenants=reader.many("RELAY_ENTRA_TENANTS", guid),
            chats={name: chat.read_settings(reader) for name, chat in CHATS.items()},
            sign_in=_sign_in(reader, environ),
            entra_sign_in_client_id=reader.one("RELAY_ENTRA_SIGN_IN_CLIENT_ID", guid, ""),
            entra_sign_in_client_secret=reader.one("RELAY_ENTRA_SIGN_IN_CLIENT_SECRET", one_word, ""),
            entra_sign_in_identity=environ.get(CLIENT_ID, "").strip(),
            github_sign_in_client_id=reader.one("RELAY_GITHUB_SIGN_IN_CLIENT_ID", one_word, ""),
            github_sign_in_client_secret=reader.one("RELAY_GITHUB_SIGN_IN_CLIENT_SECRET", one_word, ""),
            api_keys=reader.many("RELAY_API_KEYS", read_api_key),
            function_keys=reader.many("RELAY_FUNCTION_KEYS", _function_key),
            reserved=tuple(name for name, same in RESERVED.items() if environ.get(name, "").strip() not in {"", same}),
            unknown=tuple(misspelt(environ)),
            threads=_threads(environ),
        )
        _check_together(settings, reader.problems)
        _check_sign_in(settings, reader.problems, on_azure=on_azure(environ))
        reader.problems.update(unresolved)
        if reader.problems:
            raise SettingsError(reader.problems)
        return settings


def read_store(environ: Mapping[str, str]) -> tuple[str, Storage | None]:
    """Return the store of the settings, and the account of its tables. Raises SettingsError for these alone."""
    problems = unresolved_references(
        {name: environ[name] for name in environ if name.startswith((STORAGE, *_OF_STORE))}
    )
    environ = {name: value for name, value in environ.items() if name not in problems}
    reader = SettingsReader(environ)
    store = reader.one("RELAY_STORE", _store_on(environ), _default_store(environ))
    storage = _storage(environ, reader.problems)
    if reader.problems or problems:
        raise SettingsError({**reader.problems, **problems})
    return store, storage


def unresolved_references(environ: Mapping[str, str]) -> dict[str, str]:
    """Return a problem for each setting that still holds the text of a reference, since the app could not resolve it.

    https://learn.microsoft.com/azure/app-service/app-service-key-vault-references
    """
    names = [name for name in environ if name in OF_THE_RELAY or name.startswith(STORAGE)]
    vault = (
        "is a Key Vault reference that was not resolved: give the app's identity Key Vault Secrets User on the vault, "
    )
    other = "is a reference that was not resolved: give the app's identity App Configuration Data Reader on the store, "
    begins = {"@microsoft.keyvault(": vault, "@microsoft.appconfiguration(": other}
    return {
        name: f"{problem}or correct the reference"
        for name in names
        for begin, problem in begins.items()
        if begin in environ[name].lower()
    }


def is_policy_text(policy: str) -> bool:
    """Tell whether RELAY_POLICY is the TOML itself and not a path."""
    return "\n" in policy or "=" in policy


def sqlite_path(store: str) -> str:
    """Return the file's path in `sqlite:///PATH`; a fourth slash makes it absolute."""
    return store.removeprefix(SQLITE)


def _check_together(settings: Settings, problems: dict[str, str]) -> None:
    kids = [key.kid for key in settings.ticket_keys]
    if len(set(kids)) != len(kids):
        problems["RELAY_TICKET_KEYS"] = "holds one kid twice; every key needs its own"
    if any(key.repository for key in settings.ticket_keys):
        problems["RELAY_TICKET_KEYS"] = "holds a key derived for one repository; the relay needs its own"
    app = (settings.github_app_client_id, settings.github_app_private_key)
    if any(app) and not all(app):
        missing = "RELAY_GITHUB_APP_PRIVATE_KEY" if app[0] else "RELAY_GITHUB_APP_CLIENT_ID"
        problems.setdefault(missing, "is missing: a GitHub App needs both its client id and its private key")
    if not any(app) and not settings.github_token:
        missing = "is missing: a fine-grained token with Contents: write, or a GitHub App"
        problems.setdefault("RELAY_GITHUB_TOKEN", missing)
    if any(app) and settings.github_token:
        problems["RELAY_GITHUB_TOKEN"] = "is set beside a GitHub App: unset one of them"  # noqa: S105 - a sentence


def _sign_in(reader: SettingsReader, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Read the ways to sign in. App Service is trusted only where it protects the app from other callers."""

    def read(text: str) -> str:
        if text not in (OFF, APP_SERVICE, ENTRA, GITHUB):
            raise ValueError(f"must be {OFF}, or a list of {ENTRA}, {GITHUB} and {APP_SERVICE}")
        return NOT_ENABLED if text == APP_SERVICE and not may_trust_sign_in(environ) else text

    found = tuple(dict.fromkeys(reader.many("RELAY_SIGN_IN", read)))
    if OFF in found and len(found) > 1:
        reader.problems["RELAY_SIGN_IN"] = f"holds {OFF} beside others: leave it out"
    return tuple(way for way in found if way != OFF)


def _check_sign_in(settings: Settings, problems: dict[str, str], *, on_azure: bool) -> None:
    """Add a problem for each way to sign in whose client is missing."""
    if ENTRA in settings.sign_in:
        if not settings.entra_sign_in_client_id:
            problems.setdefault(
                "RELAY_ENTRA_SIGN_IN_CLIENT_ID", "is missing: the client id of the app registration that signs in"
            )
        if not settings.entra_sign_in_client_secret and not on_azure:
            problems["RELAY_ENTRA_SIGN_IN_CLIENT_SECRET"] = "is missing: a managed identity replaces it on Azure only"  # noqa: S105 - a sentence
    if GITHUB in settings.sign_in:
        if not settings.github_sign_in_client_id:
            problems["RELAY_GITHUB_SIGN_IN_CLIENT_ID"] = "is missing: the client id of the GitHub App that signs in"
        if not settings.github_sign_in_client_secret:
            problems["RELAY_GITHUB_SIGN_IN_CLIENT_SECRET"] = "is missing: a client secret of that GitHub App"  # noqa: S105 - a sentence


def _function_key(text: str) -> str:
    if len(text) < 16 or not text.isascii() or not text.isprintable():  # noqa: PLR2004 - too short to guard anything
        raise ValueError("holds a key of fewer than 16 characters, or one that cannot stand in a header")
    return text


def _issuers(environ: Mapping[str, str], reader: SettingsReader) -> tuple[str, ...]:
    """Return the issuers of workflows' tokens. They belong to the GitHub of RELAY_GITHUB_API_URL."""
    api_url = environ.get("RELAY_GITHUB_API_URL", "").strip() or github_oidc.PUBLIC_API
    try:
        check_url(api_url)
    except ValueError:  # a problem of that setting, told there
        return ()
    listed = reader.many("RELAY_GITHUB_OIDC_ISSUER", lambda text: github_oidc.check_issuer(text.rstrip("/"), api_url))
    try:
        return listed or (github_oidc.issuer_of(api_url),)
    except ValueError:  # the address is no URL, which is a problem of its own setting
        return ()


def _threads(environ: Mapping[str, str]) -> int | None:
    """Return the threads that Azure's worker will have, or None elsewhere."""
    text = environ.get(THREADS, "").strip()
    return (int(text) if text.isascii() and text.isdigit() else 0) if on_azure(environ) else None


def _app_key(text: str) -> str:
    read_private_key(text)
    return text


def _prefix(text: str) -> str:
    return check_url(text) + "/"


def _version(text: str) -> str:
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError("is a date such as 2022-11-28")
    return text


def _days(text: str) -> str:
    if not re.fullmatch(r"[0-9]{1,4}", text) or not int(text):
        raise ValueError("is a number of days from 1 to 9999, such as 90")
    return text


def _default_store(environ: Mapping[str, str]) -> str:
    return TABLES if on_azure(environ) else f"{SQLITE}.relay/relay.db"


def _storage(environ: Mapping[str, str], problems: dict[str, str]) -> Storage | None:
    """Read the account of the tables, if the store is tables."""
    if (environ.get("RELAY_STORE", "").strip() or _default_store(environ)) == TABLES:
        return read_storage(environ, problems)
    read_prefix(environ, problems)
    return None


def _store_on(environ: Mapping[str, str]) -> Callable[[str], str]:
    def read(text: str) -> str:
        if text == TABLES:
            return text
        if not sqlite_path(text) or not text.startswith(SQLITE):
            raise ValueError("must be tables or sqlite:///PATH")
        if on_azure(environ):
            raise ValueError("is SQLite, which the instances of an Azure app do not share")
        return text

    return read


def read_api_key(text: str) -> ApiKey:
    """Read `name:key:scope`. Raises ValueError with the cure, without quoting the key."""
    name, _, rest = text.partition(":")
    key, _, scope = rest.rpartition(":")
    if not name or not scope or (scope != "operator" and "/" not in scope and scope != "*"):
        raise ValueError("holds an entry that is not name:key:scope, where scope is a repository glob or operator")
    if not key or not key.isascii() or not key.isprintable():
        raise ValueError("holds a key that cannot stand in a header; `relay keys new` makes one")
    if len(key) < MIN_API_KEY:
        raise ValueError(
            f"holds a key under {MIN_API_KEY} characters; `relay keys new --api NAME SCOPE` makes an entry"
        )
    if scope != "operator" and repository_fault(scope):
        raise ValueError(f"holds a scope that matches no repository: {repository_fault(scope)}")
    return ApiKey(name, key, scope)
