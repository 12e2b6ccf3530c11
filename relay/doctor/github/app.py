"""The check of a GitHub App: its installation at each repository, and the permissions that were accepted there.

https://docs.github.com/rest/apps/apps#get-a-repository-installation-for-the-authenticated-app
"""

from collections.abc import Iterable, Iterator, Mapping
from types import MappingProxyType
from typing import Final

from relay.approval.globs import matches
from relay.approval.policy import Rule
from relay.doctor.github.asking import FOUND, GitHub, read, refused
from relay.doctor.inside.subject import Inside
from relay.github.api import repository_path
from relay.github.app import BAD_SIGNATURE, GitHubApp
from relay.github.permissions import ACTIONS, CONTENTS, DEPLOYMENTS, Permission
from relay.model.findings import Finding, LeftOut

NEEDED: Final = MappingProxyType(
    {"repository_dispatch": CONTENTS, "workflow_dispatch": ACTIONS, "deployment_protection": DEPLOYMENTS}
)
"""The permission that the target of a rule needs."""
_LEVELS: Final = ("read", "write", "admin")
_EVENT: Final = "deployment_protection_rule"
_SETTINGS: Final = "Choose it in the App's settings, under Permissions & events."
_AWAY: Final = "the App is not installed there, or suspended, and jobs that wait get no verdict"
_INSTALL: Final = "Install the App on the repository (on GitHub: the App's page, Install App), or unsuspend it there."
_ACCEPT: Final = "The owner accepts it under Settings, GitHub Apps (or Applications), Review request."


def app(inside: Inside) -> Iterator[Finding | LeftOut]:
    """Look at the permissions that the App asks for, and at those that were accepted for each repository."""
    made, served = inside.gates.app, _served(inside)
    if made is None or not (served or inside.github.app):
        yield LeftOut("dispatches are sent with a token")
        return
    answer = inside.gates.about_credential()
    if answer.status != FOUND:
        found = refused(answer, inside.web.clock())
        yield Finding("failed", f"GitHub: {found.detail}", BAD_SIGNATURE)
        return
    wanted = _permissions(read(answer))
    lacking = [f"the permission {each.label}" for each in sorted(_needed(served)) if not _grants(wanted, each)]
    if not _hears(read(answer), served):
        lacking.append(f"the event {_EVENT}")
    if lacking:
        yield Finding("failed", f"the App does not ask for {', '.join(lacking)}", _SETTINGS)
        return
    yield from _accepted(inside, made, served, wanted)


def _served(inside: Inside) -> list[Rule]:
    """Return the rules that the App serves: all, or beside a token those for jobs that wait."""
    return [rule for rule in inside.policy.rules if inside.github.app or rule.is_for_gates]


def _needed(rules: Iterable[Rule]) -> set[Permission]:
    return {needed for rule in rules for needed in (NEEDED[rule.target], *[CONTENTS] * bool(rule.other_events))}


def _hears(about: object, served: Iterable[Rule]) -> bool:
    """Tell whether the App gets the webhook of jobs that wait, if a rule is for them. Without a list it may."""
    events = about.get("events") if isinstance(about, dict) else None
    return not isinstance(events, list) or _EVENT in events or not any(rule.is_for_gates for rule in served)


def _accepted(
    inside: Inside, made: GitHubApp, served: list[Rule], wanted: Mapping[str, str]
) -> Iterator[Finding | LeftOut]:
    good = []
    for repository in inside.repositories():
        rules = [rule for rule in served if matches(rule.repository, repository.name)]
        if not (rules or inside.github.app):
            continue
        accepted = _installed(inside.gates, made, repository.name)
        if accepted is None:
            if not inside.github.app:  # of its own dispatches github-permission tells
                yield Finding("failed" if repository.is_named else "warning", f"{repository.name}: {_AWAY}", _INSTALL)
            continue
        asked = wanted if inside.github.app else {each.name: each.level for each in _needed(rules)}
        missing = [name for name, level in asked.items() if not _allows(accepted, name, level)]
        if missing:
            # A dispatch that lacks its permission fails in github-permission; a verdict is tried nowhere else.
            is_verdict = any(rule.is_for_gates for rule in rules) and DEPLOYMENTS.name in missing
            detail = f"{repository.name}: the owner has not accepted the permission {', '.join(missing)}"
            yield Finding("failed" if is_verdict else "warning", detail, _ACCEPT)
        else:
            good.append(repository.name)
    if good:
        yield Finding("ok", f"installed at {', '.join(good)}, with all its permissions")
    elif inside.github.app:
        yield LeftOut("the App is installed at none of the repositories, which github-permission tells")


def _installed(github: GitHub, made: GitHubApp, repository: str) -> dict[str, str] | None:
    """Return the permissions that were accepted for a repository, or None where the App is not installed."""
    answer = github.ask("GET", f"{repository_path(repository)}/installation", made.credential())
    found = read(answer) if answer.status == FOUND else None
    return None if not isinstance(found, dict) or found.get("suspended_at") else _permissions(found)


def _permissions(found: object) -> dict[str, str]:
    permissions = found.get("permissions") if isinstance(found, dict) else None
    given = permissions if isinstance(permissions, dict) else {}
    return {str(name): str(level) for name, level in given.items()}


def _grants(permissions: Mapping[str, str], needed: Permission) -> bool:
    return _allows(permissions, needed.name, needed.level)


def _allows(permissions: Mapping[str, str], name: str, level: str) -> bool:
    have = permissions.get(name, "")
    return have in _LEVELS and (level not in _LEVELS or _LEVELS.index(have) >= _LEVELS.index(level))
