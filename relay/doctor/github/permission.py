"""The check of the permission for each repository: a dispatch that GitHub must refuse tells whether one may be sent.

https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event
https://docs.github.com/rest/actions/workflows#create-a-workflow-dispatch-event
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from relay.approval.policy import Rule
from relay.doctor.github.asking import refused
from relay.doctor.github.repositories import is_named_by, rules_of
from relay.doctor.inside.subject import Inside
from relay.errors import Outage
from relay.github.api import repository_path
from relay.github.purposes import DISPATCH, START, Purpose
from relay.model.findings import Finding, LeftOut

_WITHOUT_EVENT: Final = 422  # GitHub looks at the permission first, and then misses the event type, or the ref
_NOT_FOUND: Final = 404
_FINE_GRAINED: Final = "github_pat_"
_OWNER: Final = (
    "A fine-grained token reaches the repositories of one owner, and only those chosen when it was made: the token "
    "must be made for the owner of this repository, with it among its repositories"
)


def permission(inside: Inside) -> Iterator[Finding | LeftOut]:
    """Ask for a dispatch without an event type in each repository: 422 with the permission, 403 or 404 without."""
    found = inside.repositories()
    if not found:
        yield LeftOut("the policy names no repository, and the credential sees none of its globs")
        return
    good = []
    calls = {each.name: asked for each in found if (asked := _calls(rules_of(inside.policy, each.name)))}
    if not calls:
        yield LeftOut("no rule sends a dispatch")
    for repository, asked in calls.items():
        named = _calls(
            rule for rule in rules_of(inside.policy, repository) if is_named_by(rule, repository, inside.policy)
        )
        troubles = [
            trouble
            for path, purpose in asked.items()
            if (trouble := _look(inside, repository, path, purpose, must=path in named))
        ]
        yield from troubles
        if not troubles:
            good.append(repository)
    if good:
        yield Finding("ok", f"dispatches may be sent to {', '.join(good)}")


def _calls(rules: Iterable[Rule]) -> dict[str, Purpose]:
    """Return the paths of the calls that the rules make, each with its purpose."""
    found: dict[str, Purpose] = {}
    for rule in rules:
        if rule.workflow:
            found[f"/actions/workflows/{quote(rule.workflow, safe='')}/dispatches"] = START
        if rule.target == "repository_dispatch" or rule.other_events:
            found["/dispatches"] = DISPATCH
    return found


def _look(inside: Inside, repository: str, path: str, purpose: Purpose, *, must: bool) -> Finding | None:
    github = inside.github
    try:
        token = github.token_for(repository, purpose.permission)
        answer = github.ask("POST", repository_path(repository) + path, token, {})
    except Outage as outage:
        if outage.permanent:
            return Finding("failed", f"{repository}: there is no credential for it", outage.what)
        return Finding("failed", f"{repository}: {outage.what}", "Ask the doctor again later.")
    if answer.status == _WITHOUT_EVENT:
        return None
    trouble = refused(answer, inside.web.clock(), repository, purpose)
    if answer.status == _NOT_FOUND and purpose is START and not must:  # it may have no such workflow
        return replace(trouble, status="warning")
    if answer.status == _NOT_FOUND and github.token.startswith(_FINE_GRAINED):
        return Finding("failed", trouble.detail, f"{_OWNER}; or {trouble.cure}.")
    return trouble
