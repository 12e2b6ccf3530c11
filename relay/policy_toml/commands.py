"""The commands of policy.toml: the formats that a person may say, and the request that they make."""

import re
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Final

from relay.approval.commands import SAID, Command
from relay.approval.policy import ANYONE, ChatChannel
from relay.errors import Refusal
from relay.formats.grammar import MAX_VALUE, Format, FormatError, read_format
from relay.formats.template import fill, names_in
from relay.model.request import ORIGIN
from relay.policy_toml.channels import Named, check_channels
from relay.policy_toml.people import check_approver
from relay.policy_toml.toml_table import Table, meant, quoted
from relay.signed.fields import MAX_DISPATCH_KEYS, OURS, READERS

MAX_COMMANDS: Final = 100
MAX_FORMATS: Final = 20
MAX_DESCRIPTION: Final = 200  # characters
HELP: Final = "help"
_NAME: Final = re.compile(r"[a-z][a-z0-9-]{0,39}")
_VALUE_NAME: Final = re.compile(r"[a-z][a-z0-9_]{0,39}")
_TEMPLATES: Final = ("repository", "environment", "event_type", "title")
KEYS: Final = (
    *("name", "description", "formats", "who", *_TEMPLATES),
    *("channels", "extra", "approve", "values", "fixed"),
)
_SAMPLES: Final = ("x", "x/x")  # values with which a template is tried at load


@dataclass(slots=True)
class _Seen:
    """The names and formats of the commands above."""

    names: set[str] = field(default_factory=set)
    formats: set[str] = field(default_factory=set)


def read_commands(document: Table, people: Named, channels: Mapping[str, ChatChannel | None]) -> tuple[Command, ...]:
    """Read every `[[command]]`, in order; `channels` are the names of the policy's."""
    tables = document.tables("command")
    if len(tables) > MAX_COMMANDS:
        document.report("command", f"a policy has at most {MAX_COMMANDS} commands", "join some: each has many formats")
    seen = _Seen()
    return tuple(_read_command(table, people, channels, seen) for table in tables)


def _read_command(table: Table, people: Named, channels: Mapping[str, ChatChannel | None], seen: _Seen) -> Command:
    table.only(KEYS)
    for key in ("name", "formats", "who", "repository", "event_type"):
        if key not in table.values:
            table.report(key, f"the command has no {key}", f"write {key} = ...")
    formats = _read_formats(table, seen)
    extra, fixed, values = _read_extra(table), _read_texts(table.table("fixed")), _read_lists(table.table("values"))
    _check_names(table, formats, extra, fixed, values)
    command = Command(
        name=_read_name(table, seen),
        formats=formats,
        who=_read_who(table, people),
        repository=table.text("repository"),
        event_type=table.text("event_type"),
        environment=table.text("environment"),
        title=table.text("title", f"{{{{{SAID}}}}}"),
        description=_read_description(table),
        channels=table.texts("channels", (ORIGIN,), empty=True),
        extra=extra,
        approve=table.flag("approve", default=False, if_wrong=False),
        values=values,
        fixed=fixed,
    )
    check_channels(table, [name for name in command.channels if name != ORIGIN], channels)
    always = {*fixed}.union(frozenset.intersection(*(each.always for each in formats)) if formats else ())
    for key in _TEMPLATES:
        if key in table.values and formats:
            _check_template(table, key, always, command)
    return command


def _read_name(table: Table, seen: _Seen) -> str:
    name = table.text("name")
    if name.strip() and not _NAME.fullmatch(name):
        table.report("name", f"{quoted(name)} is no name of a command", "a-z, 0-9 and hyphens, at most 40 characters")
    if name in seen.names:
        table.report("name", f"a second command {quoted(name)}", "rename it; one command may have many formats")
    seen.names.add(name)
    return name


def _read_description(table: Table) -> str:
    description = table.text("description")
    if len(description) > MAX_DESCRIPTION or not description.isprintable():
        table.report("description", f"description takes 1 to {MAX_DESCRIPTION} characters on one line", "shorten it")
    return description


def _read_who(table: Table, people: Named) -> tuple[str, ...]:
    who = table.texts("who")
    for name in who:
        if name != ANYONE:
            check_approver(table, "who", name, people.people, people.groups)
    return who


def _read_formats(table: Table, seen: _Seen) -> tuple[Format, ...]:
    texts = table.texts("formats")
    if len(texts) > MAX_FORMATS:
        table.report("formats", f"a command has at most {MAX_FORMATS} formats", "make a second command of the others")
    found: list[Format] = []
    for text in texts:
        try:
            form = read_format(text)
        except FormatError as error:
            table.report("formats", f"{quoted(text)}: {error}", error.hint)
            continue
        if form.key == HELP:
            table.report("formats", f"{quoted(text)} lists the commands already", "begin with another word")
        if form.key in seen.formats:
            table.report("formats", f"the format {quoted(text)} stands twice", "the first one wins; take one away")
        seen.formats.add(form.key)
        found.append(form)
    return tuple(found)


def _read_extra(table: Table) -> tuple[str, ...]:
    extra = table.texts("extra", empty=True)
    once = tuple(dict.fromkeys(extra))
    for name in once:
        if extra.count(name) > 1:
            table.report("extra", f"{quoted(name)} stands twice in extra", "name it once")
    return once


def _read_texts(table: Table) -> dict[str, str]:
    """Read the fixed values."""
    texts = {name: table.text(name) for name in table.values}
    for name, text in texts.items():
        _check_value(table, name, text)
    return texts


def _read_lists(table: Table) -> dict[str, tuple[str, ...]]:
    lists = {name: table.texts(name) for name in table.values}
    for name, values in lists.items():
        for value in values:
            _check_value(table, name, value)
        if len({value.casefold() for value in values}) < len(values):
            table.report(name, "two values differ in capitals alone, or not at all", "a value is taken in any capitals")
    return lists


def _check_value(table: Table, name: str, value: str) -> None:
    if len(value) > MAX_VALUE or not value.isprintable():
        table.report(name, f"a value takes 1 to {MAX_VALUE} characters on one line", "shorten it")


def _check_names(
    table: Table,
    formats: tuple[Format, ...],
    extra: tuple[str, ...],
    fixed: Mapping[str, str],
    values: Mapping[str, tuple[str, ...]],
) -> None:
    """Check that each name has one source, and that lists are for names that exist."""
    placed = {each.name for form in formats for each in form.placeholders}
    for key, own in (("extra", extra), ("fixed", tuple(fixed))):
        for name in own:
            if not _VALUE_NAME.fullmatch(name):
                table.report(key, f"{quoted(name)} is no name of a value", "a-z, 0-9 and _, beginning with a letter")
            if name in placed or (key == "fixed" and name in extra):
                table.report(key, f"{quoted(name)} has a value already", "take it away here, or rename it")
    names = {*placed, *extra, *fixed}
    if len(names) > MAX_DISPATCH_KEYS:
        table.report("formats", f"{len(names)} names; a command has at most {MAX_DISPATCH_KEYS}", "use fewer names")
    if OURS in names:
        table.report("formats", f"{OURS} is the relay's own name", "rename the value")
    _check_lists(table.table("values"), formats, extra, values)


def _check_lists(
    table: Table, formats: tuple[Format, ...], extra: tuple[str, ...], values: Mapping[str, tuple[str, ...]]
) -> None:
    """Check that each list is for a name that can be said, and has the defaults of that name."""
    placed = {each.name for form in formats for each in form.placeholders}
    for name, known in values.items():
        if formats and name not in placed and name not in extra:
            cure = meant(name, [*placed, *extra]) or "a list is for a name of a format, or of extra"
            table.report(name, f"no format has {quoted(name)}", cure)
        for default in _defaults(formats, name):
            if known and default.casefold() not in {value.casefold() for value in known}:
                message = f"the default {quoted(default)} is not of the list of {name}"
                table.report(name, message, "add it to the list, or change the default")


def _defaults(formats: tuple[Format, ...], name: str) -> Iterator[str]:
    return (
        each.default for form in formats for each in form.placeholders if each.name == name and each.default is not None
    )


def _check_template(table: Table, key: str, always: Collection[str], command: Command) -> None:
    """Check that a template can be filled by every format, and that something it makes is valid."""
    template: str = getattr(command, key)
    known = {*always, *((SAID,) if key == "title" else ())}
    try:
        names = names_in(template)
    except FormatError as error:
        table.report(key, f"{key}: {error}", error.hint)
        return
    for name in names:
        if name not in known:
            cure = meant(name, known) or f"known: {', '.join(sorted(known)) or 'none'}"
            table.report(key, f"{key} has {quoted(name)}, which not every format gives a value", cure)
    faults = [_fault(key, each) for each in _samples(template, names, command)] if known >= {*names} else []
    if template.strip() and faults and all(faults):
        table.report(key, f"{key} {quoted(template)} makes nothing valid", faults[0])


def _samples(template: str, names: tuple[str, ...], command: Command) -> Iterator[str]:
    for sample in _SAMPLES:
        given = {name: (command.values.get(name) or (sample,))[0] for name in names}
        yield fill(template, {**given, **command.fixed})


def _fault(key: str, text: str) -> str:
    """Return why a field of a request cannot be this text, or an empty text if it can."""
    try:
        READERS[key](key, text)
    except Refusal as refusal:
        return refusal.message
    return ""
