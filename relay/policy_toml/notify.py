"""The entries `[[notify]]` of policy.toml: which channels hear of which events, and how."""

from collections.abc import Mapping
from typing import Final

from relay.approval.events import EVENTS, GROUPS
from relay.approval.globs import glob_fault, repository_fault
from relay.approval.notice_text import MAX_TEXT, template_fault
from relay.approval.notify import Notify
from relay.approval.policy import ChatChannel
from relay.model.events import EventName, NoticeStyle
from relay.model.request import ORIGIN
from relay.policy_toml.channels import one_of
from relay.policy_toml.toml_table import Table, meant, quoted
from relay.signed import canonical_json

STYLES: Final[tuple[NoticeStyle, ...]] = ("message", "thread", "edit")
NAMES: Final = (*EVENTS, *GROUPS)
KEYS: Final = ("on", "to", "style", "repository", "environment", "event_types", "text")


def read_notify(tables: tuple[Table, ...], channels: Mapping[str, ChatChannel | None]) -> tuple[Notify, ...]:
    """Read every `[[notify]]`, in order. A channel of the policy that is faulty itself is None."""
    return tuple(_read(table, channels) for table in tables)


def _read(table: Table, channels: Mapping[str, ChatChannel | None]) -> Notify:
    table.only(KEYS)
    to, style = _to(table, channels), one_of(table, "style", STYLES, "message")
    repository, environment = table.text("repository", "*"), table.text("environment", "*")
    event_types, text = table.texts("event_types", ("*",)), table.text("text")
    on = _on(table)
    for key, fault in (("repository", repository_fault(repository)), ("environment", glob_fault(environment))):
        if fault:
            table.report(key, f"{key} {quoted(table.text(key, '*'))} matches nothing", fault)
    if style != "message" and to and all(_is_webhook(channels.get(name)) for name in to):
        table.report("style", f"a webhook has no {style}: it gets every event", "take style away")
    _check_text(table, text)
    written = [list(on), list(to), style, repository, environment, list(event_types), text]
    return Notify(
        name=canonical_json.sha256(canonical_json.encode(written))[:16],
        on=on,
        to=to,
        style=next((each for each in STYLES if each == style), "message"),
        repository=repository,
        environment=environment,
        event_types=event_types,
        text=text,
    )


def _on(table: Table) -> tuple[EventName, ...]:
    names = table.texts("on")
    if "on" not in table.values:
        table.report("on", "the entry names no events", 'write on = ["approved"]')
    for name in names:
        if name not in NAMES:
            table.report("on", f"no event {quoted(name)}", meant(name, NAMES) or f"known: {', '.join(NAMES)}")
    wanted = {each for name in names for each in GROUPS.get(name, (name,))}
    return tuple(event for event in EVENTS if event in wanted)


def _to(table: Table, channels: Mapping[str, ChatChannel | None]) -> tuple[str, ...]:
    names = table.texts("to")
    if "to" not in table.values:
        table.report("to", "the entry names no channels", 'write to = ["NAME"], of [channels.NAME]')
    for name in names:
        if name not in channels and name != ORIGIN:
            table.report("to", f"no channel {quoted(name)}", meant(name, channels) or "add [channels.NAME]")
    return tuple(dict.fromkeys(names))


def _check_text(table: Table, text: str) -> None:
    if len(text) > MAX_TEXT:
        table.report("text", "text is too long", f"at most {MAX_TEXT} characters")
    if fault := template_fault(text):
        table.report("text", f"text has {fault[0]}", fault[1])


def _is_webhook(channel: ChatChannel | None) -> bool:
    return channel is not None and not channel.takes_cards
