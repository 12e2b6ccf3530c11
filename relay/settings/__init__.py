"""The relay's settings: the environment, read once, with all its problems reported together."""

from relay.settings.all_settings import DEFAULT_POLICY, Settings
from relay.settings.problems import SettingsError
from relay.settings.sign_in import APP_SERVICE, ENTRA, GITHUB, NOT_ENABLED
from relay.settings.store import SQLITE, read_store, sqlite_path
from relay.settings.values import FEWEST_THREADS, THREADS, is_policy_text, read_api_key

__all__ = [
    "APP_SERVICE",
    "DEFAULT_POLICY",
    "ENTRA",
    "FEWEST_THREADS",
    "GITHUB",
    "NOT_ENABLED",
    "SQLITE",
    "THREADS",
    "Settings",
    "SettingsError",
    "is_policy_text",
    "read_api_key",
    "read_store",
    "sqlite_path",
]
