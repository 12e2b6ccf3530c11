"""The settings and the policy of an environment, read together."""

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Final

from relay.approval.policy import Policy
from relay.chats.table import kinds, pressed
from relay.policy_toml import parse
from relay.settings import APP_SERVICE, DEFAULT_POLICY, ENTRA, GITHUB, Settings, SettingsError, is_policy_text

if TYPE_CHECKING:
    from relay.approval.deciders import Ways

_SHOWN: Final = 200  # characters of a path that a message repeats


def read_all(environ: Mapping[str, str]) -> tuple[Settings, Policy]:
    """Read settings and policy. Raises SettingsError with every problem of either."""
    settings, policy, problems = read_anyway(environ)
    if problems:
        raise SettingsError(problems)
    return settings, policy


def read_anyway(environ: Mapping[str, str]) -> tuple[Settings, Policy, dict[str, str]]:
    """Return settings and policy as far as they can be read, and the problem of each wrong setting."""
    settings, problems = Settings.read_anyway(environ)
    try:
        policy = _policy_of(environ.get("RELAY_POLICY", "").strip())
    except SettingsError as error:
        policy, problems = Policy(), error.problems | problems
    return settings, policy, problems


def read_policy(setting: str) -> Policy:
    """Read the policy from RELAY_POLICY, a path or the TOML itself. Raises SettingsError."""
    try:
        text = setting if is_policy_text(setting) else _policy_path(setting).read_text("utf-8")
        return parse.parse(text, kinds())
    except (OSError, UnicodeDecodeError) as error:
        reason = getattr(error, "strerror", None) or "not UTF-8"
        problem = f"names a file that cannot be read: {setting[:_SHOWN]!r}, {reason}"
        raise SettingsError({"RELAY_POLICY": problem}) from error
    except parse.PolicyError as error:
        raise SettingsError({"RELAY_POLICY": f"is no policy: {error}"}) from error


def _policy_of(setting: str) -> Policy:
    """Read the policy, from its default place if the setting is empty. Raises SettingsError."""
    if not setting and not _policy_path(DEFAULT_POLICY).exists():
        raise SettingsError({"RELAY_POLICY": f"is not set, and there is no {DEFAULT_POLICY}: `relay init` writes one"})
    return read_policy(setting or DEFAULT_POLICY)


def ways_of(settings: Settings) -> "Ways":
    """Return the identities that some chat or page proves under these settings."""
    from relay.approval.deciders import Ways  # noqa: PLC0415 - a cold press does not pay for it

    pages = {ENTRA: "entra", GITHUB: "github", APP_SERVICE: "entra"}
    proofs = {pages[way] for way in settings.sign_in if way in pages}
    proofs.update(proof for name, chat in pressed().items() for proof in chat.proves(settings.chats[name]))
    teams = [team for name, chat in pressed().items() for team in chat.own_teams(settings.chats[name])]
    return Ways(proofs, settings.entra_tenants, teams)


def _policy_path(setting: str) -> Path:
    """Return the policy's path. A relative one is looked for beside function_app.py, then in the working directory."""
    beside = Path(__file__).parent.parent.parent / setting
    return beside if beside.exists() else Path(setting)
