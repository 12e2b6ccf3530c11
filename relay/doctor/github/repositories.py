"""The repositories that the policy dispatches to, and the event types that each is to listen to."""

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from relay.approval.globs import matches
from relay.approval.policy import Policy, Rule
from relay.doctor.github.asking import GitHub, read

if TYPE_CHECKING:
    from relay.github.app import GitHubApp

MOST: Final = 20  # repositories of globs
_WILD: Final = frozenset("*?[")
_PAGE: Final = "per_page=100"


@dataclass(frozen=True, slots=True)
class Repository:
    """A repository, and whether the policy writes its whole name."""

    name: str
    is_named: bool


def is_glob(text: str) -> bool:
    """Tell whether a text of the policy has a wildcard."""
    return bool(_WILD & set(text))


def repositories(policy: Policy, seen: Callable[[], Iterable[str]]) -> list[Repository]:
    """Return the repositories named by the rules, and of their globs those that the credential has `seen`, at most 20.

    `seen` is called only if a rule has a glob.
    """
    globs = [rule.repository for rule in policy.rules]
    named = dict.fromkeys([glob for glob in globs if not is_glob(glob)] + [policy.plain_repository or ""])
    found = [Repository(name, is_named=True) for name in named if name]
    wild = [glob for glob in globs if is_glob(glob)]
    known = {name.lower() for name in named}
    if wild:
        matching = [name for name in seen() if name.lower() not in known and any(matches(glob, name) for glob in wild)]
        found += [Repository(name, is_named=False) for name in matching[:MOST]]
    return found


def rules_of(policy: Policy, repository: str) -> Iterator[Rule]:
    """Yield each rule that takes a repository."""
    return (rule for rule in policy.rules if matches(rule.repository, repository))


def is_named_by(rule: Rule, repository: str, policy: Policy) -> bool:
    """Tell whether a rule that takes a repository takes it by its name. Of a glob it may well release nothing."""
    is_default = rule.plain and repository.lower() == policy.plain_repository.lower()
    return is_default or not is_glob(rule.repository)


def seen_by(github: GitHub) -> Iterator[str]:
    """Yield the repositories that the credential sees, the first hundred of an owner. Raises Outage."""
    app = github.app
    if app is None:
        yield from _names(read(github.ask("GET", f"/user/repos?{_PAGE}", github.token)))
        return
    for installation in _list(read(github.ask("GET", f"/app/installations?{_PAGE}", app.credential()))):
        yield from _of_installation(github, app, installation)


def _of_installation(github: GitHub, app: "GitHubApp", installation: object) -> Iterator[str]:
    match installation:
        case {"id": int(number), **others} if not others.get("suspended_at"):
            path = f"/app/installations/{number}/access_tokens"
        case _:
            return
    match read(github.ask("POST", path, app.credential(), {"permissions": {"metadata": "read"}})):
        case {"token": str(token)}:
            found = read(github.ask("GET", f"/installation/repositories?{_PAGE}", token))
            yield from _names(found.get("repositories") if isinstance(found, dict) else None)


def _names(found: object) -> Iterator[str]:
    for each in _list(found):
        match each:
            case {"full_name": str(name)}:
                yield name
            case _:
                pass


def _list(found: Any) -> list[Any]:
    return found if isinstance(found, list) else []
