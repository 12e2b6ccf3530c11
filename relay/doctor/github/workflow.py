"""The check of the workflows: whether one on the default branch listens to each event type of the policy.

https://docs.github.com/rest/repos/contents#get-repository-content
"""

import base64
from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final
from urllib.parse import quote

from relay.approval.globs import matches
from relay.approval.policy import Rule
from relay.doctor.github.asking import FOUND, NOT_FOUND, read, refused
from relay.doctor.github.listening import Listening, nearest, read_workflow
from relay.doctor.github.repositories import is_glob, is_named_by, rules_of
from relay.doctor.inside.subject import Inside
from relay.errors import Outage
from relay.github.api import NoToken, repository_path
from relay.model.findings import Finding, LeftOut
from relay.net.call import HttpResponse

FOLDER: Final = ".github/workflows"
_ENDS: Final = (".yml", ".yaml")
_READ: Final = "Contents: write includes reading: check the permissions of the credential."
_LATER: Final = "Ask the doctor again later."
_START: Final = (
    "The `workflow` of a rule is the name of a file in .github/workflows of the default branch, with `on: "
    "workflow_dispatch`."
)
_MISSPELT: Final = "Write `types:`. Without it every event type starts the workflow, also one of another environment."
_LISTEN: Final = (
    "Add `on: repository_dispatch: types: [{event}]` to a workflow in .github/workflows of the default branch. GitHub "
    "takes a dispatch that no workflow listens to, and starts nothing"
)


def workflow(inside: Inside) -> Iterator[Finding | LeftOut]:
    """Read the workflows of each repository, and compare their `types:` with the policy."""
    found = inside.repositories()
    if not found:
        yield LeftOut("the policy names no repository, and the credential sees none of its globs")
    rules = {each: [rule for rule in rules_of(inside.policy, each.name) if not rule.is_for_gates] for each in found}
    if found and not any(rules.values()):
        yield LeftOut("no rule sends a dispatch")
    for repository in filter(rules.__getitem__, found):
        try:
            listening = _listening(inside, repository.name)
        except NoToken:
            listening = None
        except Outage as outage:
            cure = _READ if outage.permanent else _LATER
            yield Finding("warning", f"{repository.name}: its workflows cannot be read: {outage.what}", cure)
            continue
        except ValueError as error:
            yield Finding("warning", f"{repository.name}: {error}", "Correct the workflow.")
            continue
        if listening is None:
            yield LeftOut(f"{repository.name} cannot be read, which github-permission tells")
            continue
        named = [rule for rule in rules[repository] if is_named_by(rule, repository.name, inside.policy)]
        yield from _compared(repository.name, rules[repository], named, listening)


def _listening(inside: Inside, repository: str) -> list[Listening] | None:
    """Return the workflows of a repository, or None for one that the credential cannot read.

    Raises Outage, and ValueError for a workflow that is no YAML.
    """
    github, path = inside.github, repository_path(repository)
    token = github.token_for(repository)
    answer = github.ask("GET", path, token)
    _check_busy(inside, answer)
    if answer.status != FOUND:
        return None
    answer = github.ask("GET", f"{path}/contents/{FOLDER}", token)
    if answer.status == NOT_FOUND:
        return []
    _check_busy(inside, answer)
    if answer.status != FOUND:
        raise Outage(refused(answer, inside.web.clock()).detail, permanent=True)
    entries = read(answer)
    names = sorted(str(each.get("name")) for each in entries if isinstance(each, dict)) if entries else []
    files = [name for name in names if name.endswith(_ENDS)]
    texts = [_text(inside, github.ask("GET", f"{path}/contents/{FOLDER}/{quote(name)}", token)) for name in files]
    return [read_workflow(name, text) for name, text in zip(files, texts, strict=True)]


def _check_busy(inside: Inside, answer: HttpResponse) -> None:
    """Raise Outage if GitHub is busy or fails, so that it may give another answer later."""
    if answer.status != FOUND and (found := refused(answer, inside.web.clock())).status == "warning":
        raise Outage(found.detail)


def _text(inside: Inside, answer: HttpResponse) -> str:
    _check_busy(inside, answer)
    match read(answer):
        case {"content": str(content)}:
            return base64.b64decode(content).decode("utf-8", "replace")
        case _:
            raise Outage("GitHub gives no content of a workflow", permanent=True)


def _compared(repository: str, rules: list[Rule], named: list[Rule], listening: list[Listening]) -> Iterator[Finding]:
    """Compare the rules that take a repository, of which some are `named` as they name it, with its workflows."""
    heard: list[str] = []
    for each in listening:
        if each.misspelt and any(rule.target == "repository_dispatch" or rule.other_events for rule in rules):
            detail = f"{each.file} has `{each.misspelt}:` under repository_dispatch, which GitHub does not know there"
            yield Finding("failed", f"{repository}: {detail}", _MISSPELT)
    for file in dict.fromkeys(rule.workflow for rule in rules if rule.workflow):
        if any(each.file == file and each.can_be_started for each in listening):
            heard.append(file)
        else:
            must = any(rule.workflow == file for rule in named)
            yield Finding("failed" if must else "warning", f"{repository}: {file} is not there to be started", _START)
    wanted, must_release = _wanted(rules), _wanted(named)
    strange = [replace(each, types=tuple(_strange(each, wanted))) for each in listening]
    for event_type in wanted:
        files = [each.file for each in listening if _hears(each, event_type)]
        if files:
            heard.append(f"{event_type} ({', '.join(files)})")
            continue
        near = "" if is_glob(event_type) else nearest(event_type, strange)
        missing = f"{repository}: no workflow on the default branch listens to {event_type}"
        if near:
            yield Finding("failed", f"{missing}; one listens to {near}", f"Write {event_type} into its `types:`.")
        else:
            must = must_release.get(event_type, False)
            yield Finding("failed" if must else "warning", missing, f"{_LISTEN.format(event=event_type)}.")
    if heard:
        yield Finding("ok", f"{repository}: {', '.join(heard)}")


def _strange(listening: Listening, wanted: Iterable[str]) -> Iterator[str]:
    """Yield the listened types that no rule sends: another event type of the policy is no misspelt one."""
    for each in listening.types:
        if not any(each == one or (is_glob(one) and matches(one, each)) for one in wanted):
            yield each


def _hears(listening: Listening, event_type: str) -> bool:
    if not listening.hears_dispatches:
        return False
    if not is_glob(event_type):
        return listening.hears(event_type)
    return not listening.types or any(matches(event_type, each) for each in listening.types)


def _wanted(rules: list[Rule]) -> dict[str, bool]:
    """Return the event types that the rules send, and whether each of them releases."""
    found: dict[str, bool] = {}
    for rule in rules:
        if rule.target == "repository_dispatch":
            found.update(dict.fromkeys(rule.event_types, True))
        for each in rule.other_events:
            found.setdefault(each, False)
    return found
