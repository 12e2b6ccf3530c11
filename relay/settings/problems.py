"""Problems of settings, by the name of each, and references that the platform did not resolve."""

from collections.abc import Mapping

from relay.net.setting_names import OF_THE_RELAY
from relay.store.tables.account import CONNECTION as STORAGE


class SettingsError(Exception):
    """Settings are wrong or missing; `problems` maps the name of each to the problem and the cure."""

    def __init__(self, problems: Mapping[str, str]) -> None:
        super().__init__("; ".join(f"{name} {problem}" for name, problem in problems.items()))
        self.problems = dict(problems)


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
