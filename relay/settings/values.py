"""The values of single settings, each read from its text. A ValueError has the cure and never quotes a secret."""

import re
from collections.abc import Mapping
from typing import Final

from relay.approval.globs import repository_fault
from relay.chats.settings_reader import SettingsReader
from relay.hosting import on_azure
from relay.identity.github_issuers import PUBLIC_API, check_issuer, issuer_of
from relay.model.request import ApiKey
from relay.net.addresses import check_url

MIN_API_KEY: Final = 32  # characters: what is guessed from outside is as strong as a ticket key
THREADS: Final = "PYTHON_THREADPOOL_THREAD_COUNT"  # the Python worker of Azure Functions reads it
FEWEST_THREADS: Final = 32


def read_api_key(text: str) -> ApiKey:
    """Read `name:key:scope`. Raises ValueError with the cure, without quoting the key."""
    name, _, rest = text.partition(":")
    key, _, scope = rest.rpartition(":")
    if not name or not scope or (scope != "operator" and "/" not in scope and scope != "*"):
        raise ValueError("holds an entry that is not name:key:scope, where scope is a repository glob or operator")
    if not key or not key.isascii() or not key.isprintable() or " " in key:
        raise ValueError("holds a key with a blank, or one that cannot stand in a header; `relay keys new` makes one")
    if len(key) < MIN_API_KEY:
        raise ValueError(
            f"holds a key under {MIN_API_KEY} characters; `relay keys new --api NAME SCOPE` makes an entry"
        )
    if scope != "operator" and repository_fault(scope):
        raise ValueError(f"holds a scope that matches no repository: {repository_fault(scope)}")
    return ApiKey(name, key, scope)


def function_key(text: str) -> str:
    """Return a key of the functions. Raises ValueError for one that is too short or that a header cannot carry."""
    if len(text) < 16 or not text.isascii() or not text.isprintable() or " " in text:  # noqa: PLR2004 - too short to guard
        raise ValueError(
            "holds a key of fewer than 16 characters or with a blank, or one that cannot stand in a header"
        )
    return text


def webhook_secret(text: str) -> str:
    """Return a secret of GitHub's webhooks. Raises ValueError for one that is short, or has a control character."""
    if len(text) < 16 or not text.isprintable():  # noqa: PLR2004 - too short to prove anything
        raise ValueError("holds a secret of fewer than 16 characters, or with a control character")
    return text


def app_key(text: str) -> str:
    """Return the private key of a GitHub App, in PEM. Raises ValueError."""
    from relay.github.app_key import read_private_key  # noqa: PLC0415 - only for those who use an App

    read_private_key(text)
    return text


def issuer_prefix(text: str) -> str:
    """Return the address before the tenant in an issuer, with a slash at its end. Raises ValueError."""
    return check_url(text) + "/"


def api_version(text: str) -> str:
    """Return a version of GitHub's API, which is a date. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{4}-[0-9]{2}-[0-9]{2}", text):
        raise ValueError("is a date such as 2022-11-28")
    return text


def number_of_days(text: str) -> str:
    """Return a number of days, as text. Raises ValueError."""
    if not re.fullmatch(r"[0-9]{1,4}", text) or not int(text):
        raise ValueError("is a number of days from 1 to 9999, such as 90")
    return text


def read_issuers(environ: Mapping[str, str], reader: SettingsReader) -> tuple[str, ...]:
    """Return the issuers of workflows' tokens. They belong to the GitHub of RELAY_GITHUB_API_URL."""
    api_url = environ.get("RELAY_GITHUB_API_URL", "").strip() or PUBLIC_API
    try:
        check_url(api_url)
    except ValueError:  # a problem of that setting, told there
        return ()
    listed = reader.many("RELAY_GITHUB_OIDC_ISSUER", lambda text: check_issuer(text.rstrip("/"), api_url))
    try:
        return listed or (issuer_of(api_url),)
    except ValueError:  # the address is no URL, which is a problem of its own setting
        return ()


def read_threads(environ: Mapping[str, str]) -> int | None:
    """Return the threads that Azure's worker will have, or None elsewhere."""
    text = environ.get(THREADS, "").strip()
    return (int(text) if text.isascii() and text.isdigit() else 0) if on_azure(environ) else None


def is_policy_text(policy: str) -> bool:
    """Tell whether RELAY_POLICY is the TOML itself and not a path."""
    return "\n" in policy or "=" in policy
