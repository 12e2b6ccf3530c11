"""The ways to sign in to the pages, and their clients."""

from collections.abc import Mapping
from typing import Final

from relay.chats.settings_reader import SettingsReader
from relay.hosting import may_trust_sign_in

OFF: Final = "off"
APP_SERVICE: Final = "app-service"
ENTRA: Final = "entra"
GITHUB: Final = "github"
NOT_ENABLED: Final = "not-enabled"  # asked for, but the platform does not say that it protects the app


def read_sign_in(reader: SettingsReader, environ: Mapping[str, str]) -> tuple[str, ...]:
    """Read the ways to sign in. App Service is trusted only where it protects the app from other callers."""

    def read(text: str) -> str:
        if text not in (OFF, APP_SERVICE, ENTRA, GITHUB):
            raise ValueError(f"must be {OFF}, or a list of {ENTRA}, {GITHUB} and {APP_SERVICE}")
        return NOT_ENABLED if text == APP_SERVICE and not may_trust_sign_in(environ) else text

    found = tuple(dict.fromkeys(reader.many("RELAY_SIGN_IN", read)))
    if OFF in found and len(found) > 1:
        reader.problems["RELAY_SIGN_IN"] = f"holds {OFF} beside others: leave it out"
    return tuple(way for way in found if way != OFF)
