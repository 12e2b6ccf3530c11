"""The stages of a rule of policy.toml: their approvers, and the number of required approvals."""

from collections.abc import Collection, Mapping
from types import MappingProxyType
from typing import Final

from relay.approval.globs import matches
from relay.approval.policy import ANYONE, GROUP, ChatChannel, Person, Stage
from relay.model.answer import Words
from relay.policy_toml.channels import check_channels
from relay.policy_toml.people import check_approver
from relay.policy_toml.toml_table import Table, quoted

_DEFAULT_NAME: Final = "approval"
_MAX_NAME: Final = 40
_MAX_REQUIRED: Final = 50
_MAX_EVENT_TYPE: Final = 100
_MAX_WORDS: Final = MappingProxyType({"approve_label": 40, "reject_label": 40, "confirm": 300})  # as a request takes

STAGE_KEYS: Final = ("name", "approvers", "required", "on_pass", "channels", *_MAX_WORDS)
_RULE_KEYS: Final = ("environment", "event_types", "expires_in", "self_approval", "supersede", "confirm_cards")
_ALL: Final = "write required = 2, without quotes; for all of a group, how many they are"
WISHES: Final = MappingProxyType(  # keys that other tools have, and the way to the same here
    {
        "branches": 'write refs = ["refs/heads/main"]',
        "min_approvals": "write required = 2 under [[rule.stage]]",
        "require_comment": "a request asks for a comment: relay send --require-comment",
        "requesters": "the scope of an API key says for which repositories it asks; of tokens askers, events and "
        "workflows do",
        "stage_order": "stages pass in the order in which they are written",
        "timeout": 'write expires_in = "24h" under [[rule]]',
    }
)
_HINTS: Final = {**WISHES, **dict.fromkeys(_RULE_KEYS, "it belongs under [[rule]], above its stages")}
Groups = Mapping[str, tuple[str, ...]]


def read_stages(
    rule: Table,
    people: Mapping[str, Person],
    groups: Groups,
    guarded: Collection[str],
    channels: Mapping[str, ChatChannel | None],
    *,
    self_approval: bool,
) -> tuple[Stage, ...]:
    """Read every `[[rule.stage]]`, in order. `guarded` holds the event types that the rule itself dispatches.

    `channels` are the names of the policy's.
    """
    tables = rule.tables("stage")
    if not tables and rule.values.get("stage", []) == []:
        rule.report("stage", "the rule has no stage, so nobody could approve", "add [[rule.stage]] with approvers")
    stages: list[Stage] = []
    for table in tables:
        table.only(STAGE_KEYS, hints=_HINTS)
        stage = Stage(
            name=_read_stage_name(table, alone=len(tables) == 1),
            approvers=table.texts("approvers"),
            required=table.number("required", 1, most=_MAX_REQUIRED, hint=_ALL),
            on_pass=read_announced(table, "on_pass", guarded),
            channels=table.texts("channels", empty=True),
            words=Words(**{key: _read_words(table, key, most) for key, most in _MAX_WORDS.items()}),
        )
        check_channels(table, stage.channels, channels)
        if "name" in table.values and stage.name in {earlier.name for earlier in stages}:
            table.report("name", f"a second stage {quoted(stage.name)} in one rule", "reviews belong to one; rename it")
        if "approvers" not in table.values:
            table.report("approvers", "the stage has no approvers", 'write approvers = ["group:NAME"]')
        for approver in stage.approvers:
            if approver != ANYONE:
                check_approver(table, "approvers", approver, people, groups)
        _check_required(table, stage, groups)
        if not self_approval:
            _check_self_approval(table, stage, people, groups)
        stages.append(stage)
    return tuple(stages)


def _read_words(table: Table, key: str, most: int) -> str:
    """Read a label, or the question before a press counts, within the limits of a request's own."""
    words = table.text(key)
    if len(words) > most or not words.isprintable():
        table.report(key, f"{key} takes 1 to {most} characters on one line", "shorten it")
    return words


def read_announced(table: Table, key: str, guarded: Collection[str]) -> str:
    """Read an event type that is dispatched before the final decision. It must not be a `guarded` one."""
    event_type = table.text(key)
    check_event_type(table, key, event_type)
    if event_type and any(matches(glob, event_type) for glob in guarded):
        message = f"{key} {quoted(event_type)} is an event type that this rule asks approval for, or its rejection"
        table.report(key, message, "what is sent before the approval must never release; use another name")
    return event_type


def check_event_type(table: Table, key: str, event_type: str) -> None:
    """Report an event type that GitHub would refuse.

    https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event
    """
    if len(event_type) > _MAX_EVENT_TYPE:
        table.report(key, f"{quoted(event_type)} is too long", f"GitHub takes {_MAX_EVENT_TYPE} characters")


def _read_stage_name(table: Table, *, alone: bool) -> str:
    name = table.text("name", _DEFAULT_NAME)
    if "name" not in table.values and not alone:
        table.report("name", "a stage without name", "each stage needs one where a rule has several")
    if len(name) > _MAX_NAME:
        table.report("name", "the stage's name is too long", f"at most {_MAX_NAME} characters")
    return name


def _check_required(table: Table, stage: Stage, groups: Groups) -> None:
    approvers = _names(stage, groups)
    if stage.approvers and ANYONE not in approvers and len(approvers) < stage.required:
        message = f"required is {stage.required}, more than the number of approvers, {len(approvers)}"
        table.report("required", message, "name more people, or require fewer; a person counts once")


def _check_self_approval(table: Table, stage: Stage, people: Mapping[str, Person], groups: Groups) -> None:
    # Without self_approval the judge compares each approver's GitHub account with the requester's, so it must have one.
    if ANYONE in stage.approvers:
        table.report(
            "approvers",
            f"{ANYONE} may approve, and self_approval is false: whether they asked themselves cannot be known",
            "name people or groups, or write self_approval = true",
        )
    for name in _names(stage, groups):
        if name in people and not people[name].github and not people[name].github_id:
            table.report(
                "approvers",
                f"{quoted(name)} may approve, has no GitHub account here, and self_approval is false",
                f"add github and github_id to [people.{name}], or write self_approval = true",
            )


def _names(stage: Stage, groups: Groups) -> tuple[str, ...]:
    """Return the names of the approvers, each once, with the people of each group in its place."""
    names: dict[str, None] = {}
    for approver in stage.approvers:
        members = groups.get(approver.removeprefix(GROUP), ()) if approver.startswith(GROUP) else (approver,)
        names.update(dict.fromkeys(members))
    return tuple(names)
