"""The rules of policy.toml."""

from collections.abc import Mapping
from itertools import product
from types import MappingProxyType
from typing import Final

from relay.approval.gates import GATE
from relay.approval.globs import glob_fault, overlap, repository_fault
from relay.approval.policy import DAY, ChatChannel, Person, Rule
from relay.model.request import Proof
from relay.policy_toml.channels import check_channels
from relay.policy_toml.stages import STAGE_KEYS, WISHES, Groups, check_event_type, read_announced, read_stages
from relay.policy_toml.targets import KEYS as TARGET_KEYS
from relay.policy_toml.targets import read_target
from relay.policy_toml.token_rules import KEYS as TOKEN_KEYS
from relay.policy_toml.token_rules import read_token_rule
from relay.policy_toml.toml_table import Table, meant, quoted
from relay.signed.durations import parse_duration

PLAIN_KEYS: Final = ("plain", "repository", "event_types")
KEYS: Final = (
    *PLAIN_KEYS,
    *("environment", "reject_event_types", "requests", "expires_in", "self_approval", "stage"),
    *("supersede", "on_request", "confirm_cards", "channels", "retry"),
    *TARGET_KEYS,
    *TOKEN_KEYS,
)
_NOT_OF_GATES: Final = ("event_types", "requests", "reject_event_types", "on_request", "retry", *TOKEN_KEYS)
_PROOFS: Final[Mapping[str, Proof]] = MappingProxyType(
    {"oidc": "oidc", "key": "key", "offline": "offline", "command": "command"}
)
_HINTS: Final = {**WISHES, **dict.fromkeys(STAGE_KEYS, "it belongs under [[rule.stage]]")}
_DEFAULT_PROOFS: Final = ("oidc", "key")


def read_rules(
    tables: tuple[Table, ...], people: Mapping[str, Person], groups: Groups, channels: Mapping[str, ChatChannel | None]
) -> tuple[Rule, ...]:
    """Read every `[[rule]]`, in order; `channels` are the names of the policy's."""
    return tuple(_read_rule(table, people, groups, channels) for table in tables)


def _read_rule(
    table: Table, people: Mapping[str, Person], groups: Groups, channels: Mapping[str, ChatChannel | None]
) -> Rule:
    repository = _read_repository(table)
    target, workflow = read_target(table)
    if target == "deployment_protection" and not table.flag("plain", default=False, if_wrong=False):
        return _read_gate_rule(table, repository, people, groups, channels)
    event_types = _read_event_types(table, "event_types")
    if "event_types" not in table.values:
        table.report("event_types", "the rule has no event_types", 'write event_types = ["..."]')
    if table.flag("plain", default=False, if_wrong=False):
        _check_plain(table)
        return Rule(repository=repository, event_types=event_types, plain=True)
    table.only(KEYS, hints=_HINTS)
    self_approval = table.flag("self_approval", default=False, if_wrong=True)
    reject_event_types = _read_event_types(table, "reject_event_types", empty=True)
    for rejecting, releasing in product(reject_event_types, event_types):
        if overlap(releasing, rejecting):
            message = f"the reject event type {quoted(rejecting)} could be the releasing {quoted(releasing)}"
            table.report("reject_event_types", message, "a rejection must never release; use another name")
    guarded = (*event_types, *reject_event_types)
    return Rule(
        repository=repository,
        event_types=event_types,
        environment=_read_environment(table),
        reject_event_types=reject_event_types,
        requests=_read_requests(table),
        expires_in=_read_expires_in(table),
        self_approval=self_approval,
        supersede=table.flag("supersede", default=False, if_wrong=False),
        confirm_cards=table.flag("confirm_cards", default=False, if_wrong=True),
        on_request=read_announced(table, "on_request", guarded),
        stages=read_stages(table, people, groups, guarded, channels, self_approval=self_approval),
        channels=_read_channels(table, channels),
        tokens=read_token_rule(table),
        target=target,
        workflow=workflow,
        retry=table.flag("retry", default=False, if_wrong=False),
    )


def _read_gate_rule(
    table: Table,
    repository: str,
    people: Mapping[str, Person],
    groups: Groups,
    channels: Mapping[str, ChatChannel | None],
) -> Rule:
    """Read a rule for runs that wait at an environment. GitHub asks by its webhook, and nothing is dispatched."""
    table.only(KEYS, hints=_HINTS)
    for key in _NOT_OF_GATES:
        if key in table.values:
            message = f"a rule with target {quoted('deployment_protection')} has no {quoted(key)}"
            table.report(key, message, "the run waits at its environment and gets a verdict, no event; remove it")
    for stage in table.tables("stage"):
        if "on_pass" in stage.values:
            stage.report("on_pass", "a stage of a protection rule dispatches nothing when it passes", "remove on_pass")
    self_approval = table.flag("self_approval", default=False, if_wrong=True)
    return Rule(
        repository=repository,
        event_types=(GATE,),
        environment=_read_environment(table),
        requests=("github",),
        expires_in=_read_expires_in(table),
        self_approval=self_approval,
        supersede=table.flag("supersede", default=False, if_wrong=False),
        confirm_cards=table.flag("confirm_cards", default=False, if_wrong=True),
        stages=read_stages(table, people, groups, (), channels, self_approval=self_approval),
        channels=_read_channels(table, channels),
        target="deployment_protection",
    )


def _read_channels(table: Table, known: Mapping[str, ChatChannel | None]) -> tuple[str, ...]:
    channels = table.texts("channels", empty=True)
    check_channels(table, channels, known)
    return channels


def _check_plain(table: Table) -> None:
    for key in table.values:
        if key not in PLAIN_KEYS:
            hint = "nobody approves a plain rule: it has plain, repository and event_types"
            table.report(key, f"a rule with plain = true has no {quoted(key)}", hint)


def _read_repository(table: Table) -> str:
    repository = table.text("repository")
    if "repository" not in table.values:
        table.report("repository", "the rule has no repository", 'write repository = "OWNER/NAME"; globs are allowed')
    elif repository.strip() and "/" not in repository and "*" not in repository:
        table.report("repository", f"no repository is called {quoted(repository)}", 'write "OWNER/NAME" or "OWNER/*"')
    elif repository.strip() and repository_fault(repository):
        table.report("repository", f"no repository matches {quoted(repository)}", repository_fault(repository))
    return repository


def _read_environment(table: Table) -> str:
    environment = table.text("environment", "*")
    if glob_fault(environment):
        table.report("environment", f"no environment matches {quoted(environment)}", glob_fault(environment))
    return environment


def _read_event_types(table: Table, key: str, *, empty: bool = False) -> tuple[str, ...]:
    event_types = table.texts(key, empty=empty)
    for event_type in event_types:
        check_event_type(table, key, event_type)
        if glob_fault(event_type):
            table.report(key, f"no event type matches {quoted(event_type)}", glob_fault(event_type))
    return event_types


def _read_requests(table: Table) -> tuple[Proof, ...]:
    names = table.texts("requests", _DEFAULT_PROOFS)
    for name in names:
        if name not in _PROOFS:
            hint = meant(name, _PROOFS) or f"known: {', '.join(_PROOFS)}"
            table.report("requests", f"requests takes no proof {quoted(name)}", hint)
    return tuple(_PROOFS[name] for name in names if name in _PROOFS)


def _read_expires_in(table: Table) -> int:
    text = table.text("expires_in", "24h")
    try:
        return parse_duration(text)
    except ValueError as error:
        if text.strip():
            table.report("expires_in", f"expires_in {error}")
        return DAY
