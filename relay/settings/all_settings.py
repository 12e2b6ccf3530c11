"""All settings of the relay, read together and checked together."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final

from relay.chats.settings_reader import SettingsReader, guid, one_word
from relay.chats.table import CHATS
from relay.hosting import on_azure
from relay.identity.github_issuers import PUBLIC_API
from relay.model.request import ApiKey
from relay.net.addresses import check_url, origin
from relay.net.setting_names import misspelt
from relay.settings.problems import SettingsError, unresolved_references
from relay.settings.sign_in import ENTRA, GITHUB, read_sign_in
from relay.settings.store import default_store, read_account, read_store_on
from relay.settings.values import (
    api_version,
    app_key,
    function_key,
    issuer_prefix,
    number_of_days,
    read_api_key,
    read_issuers,
    read_threads,
    webhook_secret,
)
from relay.signed import tickets
from relay.signed.receipt_keys import ReceiptKey, RetiredKey, parse_any_key
from relay.signed.tickets import TicketKey
from relay.store.tables.account import CLIENT_ID, Storage

DEFAULT_POLICY: Final = "policy.toml"


@dataclass(frozen=True, slots=True, repr=False)
class Settings:
    """All settings of this version, checked; `chats` are those of each chat. It has no repr, since it holds secrets."""

    public_url: str
    ticket_keys: tuple[TicketKey, ...]
    receipt_keys: tuple[ReceiptKey, ...]
    retired_keys: tuple[RetiredKey, ...]
    policy: str
    store: str
    storage: Storage | None
    keep_days: int
    keep_audit_days: int
    github_url: str
    github_api_url: str
    github_api_version: str
    github_token: str
    github_app_client_id: str
    github_app_private_key: str
    github_webhook_secrets: tuple[str, ...]
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
    unknown: tuple[tuple[str, str], ...]
    threads: int | None  # None off Azure, 0 where it is not set

    @classmethod
    def read(cls, environ: Mapping[str, str]) -> "Settings":
        """Read the settings. Raises SettingsError with every problem."""
        settings, problems = cls.read_anyway(environ)
        if problems:
            raise SettingsError(problems)
        return settings

    @classmethod
    def read_anyway(cls, environ: Mapping[str, str]) -> "tuple[Settings, dict[str, str]]":
        """Return the settings, a wrong one as if it were not set, and the problem of each."""
        unresolved = unresolved_references(environ)
        environ = {name: value for name, value in environ.items() if name not in unresolved}
        reader = SettingsReader(environ)
        receipt_keys = reader.many("RELAY_RECEIPT_KEYS", parse_any_key, required=True)
        if receipt_keys and isinstance(receipt_keys[0], RetiredKey):
            reader.problems["RELAY_RECEIPT_KEYS"] = "begins with a public half, which signs nothing: put it last"
        settings = cls(
            public_url=reader.one("RELAY_PUBLIC_URL", origin),
            ticket_keys=reader.many("RELAY_TICKET_KEYS", tickets.parse_key, required=True),
            receipt_keys=tuple(key for key in receipt_keys if isinstance(key, ReceiptKey)),
            retired_keys=tuple(key for key in receipt_keys if isinstance(key, RetiredKey)),
            policy=reader.one("RELAY_POLICY", str, DEFAULT_POLICY),
            store=reader.one("RELAY_STORE", read_store_on(environ), default_store(environ)),
            storage=read_account(environ, reader.problems),
            keep_days=int(reader.one("RELAY_KEEP_DAYS", number_of_days, "90") or 0),
            keep_audit_days=int(reader.one("RELAY_KEEP_AUDIT_DAYS", number_of_days, "730") or 0),
            github_url=reader.one("RELAY_GITHUB_URL", check_url, "https://github.com"),
            github_api_url=reader.one("RELAY_GITHUB_API_URL", check_url, PUBLIC_API),
            github_api_version=reader.one("RELAY_GITHUB_API_VERSION", api_version, "2022-11-28"),
            github_token=reader.one("RELAY_GITHUB_TOKEN", one_word, ""),
            github_app_client_id=reader.one("RELAY_GITHUB_APP_CLIENT_ID", one_word, ""),
            github_app_private_key=reader.one("RELAY_GITHUB_APP_PRIVATE_KEY", app_key, ""),
            github_webhook_secrets=reader.many("RELAY_GITHUB_WEBHOOK_SECRET", webhook_secret),
            github_oidc_issuers=read_issuers(environ, reader),
            entra_authority=reader.one("RELAY_ENTRA_AUTHORITY", check_url, "https://login.microsoftonline.com"),
            entra_v1_issuer=reader.one("RELAY_ENTRA_V1_ISSUER", issuer_prefix, "https://sts.windows.net/"),
            entra_tenants=reader.many("RELAY_ENTRA_TENANTS", guid),
            chats={name: chat.read_settings(reader) for name, chat in CHATS.items()},
            sign_in=read_sign_in(reader, environ),
            entra_sign_in_client_id=reader.one("RELAY_ENTRA_SIGN_IN_CLIENT_ID", guid, ""),
            entra_sign_in_client_secret=reader.one("RELAY_ENTRA_SIGN_IN_CLIENT_SECRET", one_word, ""),
            entra_sign_in_identity=environ.get(CLIENT_ID, "").strip(),
            github_sign_in_client_id=reader.one("RELAY_GITHUB_SIGN_IN_CLIENT_ID", one_word, ""),
            github_sign_in_client_secret=reader.one("RELAY_GITHUB_SIGN_IN_CLIENT_SECRET", one_word, ""),
            api_keys=reader.many("RELAY_API_KEYS", read_api_key),
            function_keys=reader.many("RELAY_FUNCTION_KEYS", function_key),
            unknown=tuple(misspelt(environ)),
            threads=read_threads(environ),
        )
        _check_together(settings, reader.problems)
        _check_sign_in(settings, reader.problems, on_azure=on_azure(environ))
        reader.problems.update(unresolved)
        return settings, reader.problems


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
