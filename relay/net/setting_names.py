"""The names of all settings, and the nearest known one of a misspelt name. Pure."""

from collections.abc import Iterable, Iterator
from typing import Final

OF_THE_RELAY: Final = (
    *("RELAY_PUBLIC_URL", "RELAY_TICKET_KEYS", "RELAY_RECEIPT_KEYS", "RELAY_API_KEYS", "RELAY_POLICY", "RELAY_STORE"),
    *(
        "RELAY_TABLE_PREFIX",
        "RELAY_KEEP_DAYS",
        "RELAY_KEEP_AUDIT_DAYS",
        "RELAY_GITHUB_URL",
        "RELAY_GITHUB_API_URL",
        "RELAY_GITHUB_API_VERSION",
    ),
    *("RELAY_GITHUB_TOKEN", "RELAY_GITHUB_APP_CLIENT_ID", "RELAY_GITHUB_APP_PRIVATE_KEY"),
    *("RELAY_GITHUB_WEBHOOK_SECRET", "RELAY_GITHUB_OIDC_ISSUER", "RELAY_ENTRA_AUTHORITY", "RELAY_ENTRA_V1_ISSUER"),
    *("RELAY_ENTRA_TENANTS", "RELAY_CARD_AUDIENCE", "RELAY_CARD_CALLER", "RELAY_TEAMS_APP_ID"),
    *("RELAY_TEAMS_APP_PASSWORD", "RELAY_TEAMS_TENANT_ID", "RELAY_TEAMS_OPENID_URL", "RELAY_TEAMS_WEBHOOK_KEYS"),
    *("RELAY_SLACK_SIGNING_SECRET", "RELAY_SLACK_BOT_TOKEN", "RELAY_SLACK_TEAMS", "RELAY_SLACK_API_URL"),
    *("RELAY_SIGN_IN", "RELAY_ENTRA_SIGN_IN_CLIENT_ID", "RELAY_ENTRA_SIGN_IN_CLIENT_SECRET"),
    *("RELAY_GITHUB_SIGN_IN_CLIENT_ID", "RELAY_GITHUB_SIGN_IN_CLIENT_SECRET", "RELAY_FUNCTION_KEYS"),
    "RELAY_HOOKS",
)
OF_THE_COMMAND: Final = (
    *("RELAY_URL", "RELAY_API_KEY", "RELAY_WEBHOOK_URL", "RELAY_TICKET_KEY", "RELAY_SMTP", "RELAY_SMTP_USER"),
    *("RELAY_SMTP_PASSWORD", "RELAY_ORIGINATOR"),
)
OF_THE_TESTS: Final = ("RELAY_TORTURE_MINUTES", "RELAY_TESTS_FULL", "RELAY_TESTS_COMPLETE", "RELAY_MODEL_EXAMPLES")
KNOWN: Final = frozenset({*OF_THE_RELAY, *OF_THE_COMMAND, *OF_THE_TESTS})
PREFIX: Final = "RELAY_"
_NEAR: Final = 0.75  # of 1: the likeness above which a name is taken for a misspelt one


def misspelt(names: Iterable[str]) -> Iterator[tuple[str, str]]:
    """Yield each name of the environment that looks like a setting and is none, with the nearest one or ""."""
    for name in sorted(names):
        plain = name.upper().replace("-", "_")
        if name not in KNOWN and plain.startswith(PREFIX):
            yield name, plain if plain in KNOWN else _nearest(plain)


def _nearest(name: str) -> str:
    from difflib import get_close_matches  # noqa: PLC0415 - only a misspelt name pays for it

    known = [each.removeprefix(PREFIX) for each in sorted(KNOWN)]  # the same beginning makes no two names alike
    return next((PREFIX + each for each in get_close_matches(name.removeprefix(PREFIX), known, 1, _NEAR)), "")
