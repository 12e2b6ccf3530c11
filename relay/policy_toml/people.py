"""The people of policy.toml, their groups, and the lists that name them."""

import re
from collections.abc import Mapping
from typing import Final

from relay.approval.policy import ANYONE, GROUP, Person, Policy
from relay.identity.directory import is_guid
from relay.policy_toml.toml_table import Table, meant, quoted
from relay.signed.canonical_json import MAX_INTEGER

KEYS: Final = ("name", "entra", "slack", "github", "github_id")
_NAME: Final = re.compile(r"[A-Za-z0-9._-]+")
_SLACK: Final = re.compile("[TE][A-Z0-9]{1,20}/[UW][A-Z0-9]{1,20}")  # as Slack writes them
_LOGIN: Final = re.compile("[A-Za-z0-9][A-Za-z0-9_-]*")  # the underscore: logins of Enterprise Managed Users


def read_people(table: Table) -> dict[str, Person]:
    """Read `[people.KEY]`. An id that two people share is a problem."""
    people: dict[str, Person] = {}
    owners: dict[tuple[str, str], str] = {}
    for key in table.values:
        _check_name(table, key, "a person's key")
        if key == ANYONE:
            table.report(key, f"{ANYONE} is every proven person and cannot be one", "give the person another key")
        own = table.table(key)
        person = people[key] = _read_person(key, own)
        ids = [("entra", person.entra), ("github", person.github), ("github_id", str(person.github_id or ""))]
        for kind, value in [*ids, *(("slack", each) for each in person.slack)]:
            owner = owners.setdefault((kind, value.lower()), key)
            if value and owner != key:
                hint = f"an id belongs to one person: {quoted(owner)} and {quoted(key)} cannot both have it"
                own.report(kind, f"{kind} {quoted(value)} is taken", hint)
    return people


def read_groups(table: Table, people: Mapping[str, Person]) -> dict[str, tuple[str, ...]]:
    """Read `[groups]`: lists of people, not of groups."""
    groups: dict[str, tuple[str, ...]] = {}
    for name in table.values:
        _check_name(table, name, "a group's name")
        groups[name] = table.texts(name)
        for member in groups[name]:
            if member == ANYONE or member.startswith(GROUP):
                table.report(name, f"a group holds people, not {quoted(member)}", "name each person")
            else:
                check_approver(table, name, member, people, {})
    return groups


def read_operators(
    document: Table, people: Mapping[str, Person], groups: Mapping[str, tuple[str, ...]]
) -> tuple[str, ...]:
    """Read `operators`. A group is replaced by its people."""
    found: list[str] = []
    for operator in document.texts("operators", empty=True):
        if operator == ANYONE:
            document.report("operators", f"operators cannot be {ANYONE}", "name people or groups")
        else:
            check_approver(document, "operators", operator, people, groups)
            found += groups.get(operator.removeprefix(GROUP), ()) if operator.startswith(GROUP) else (operator,)
    return tuple(dict.fromkeys(found))


def check_approver(
    table: Table, key: str, approver: str, people: Mapping[str, Person], groups: Mapping[str, tuple[str, ...]]
) -> None:
    """Report a name under `key` that is neither a person nor `group:` with the name of a group."""
    if approver.startswith(GROUP):
        name = approver.removeprefix(GROUP)
        if name not in groups:
            table.report(key, f"no group {quoted(name)}", meant(name, groups) or "add it to [groups]")
    elif approver not in people:
        cure = f"write {quoted(GROUP + approver)}" if approver in groups else meant(approver, people)
        table.report(key, f"no person {quoted(approver)}", cure or "add a table [people.KEY]")


def platforms_in_use(policy: Policy) -> tuple[str, ...]:
    """Return the kinds of ids, `slack` and `entra`, under which a person may act, as far as the policy shows it."""
    kinds = {channel.kind for channel in policy.channels.values()}
    people = policy.people.values()
    return tuple(
        platform
        for platform, chat in (("slack", "slack"), ("entra", "teams"))
        if chat in kinds or any(getattr(person, platform) for person in people)
    )


def _read_person(key: str, table: Table) -> Person:
    table.only(KEYS)
    person = Person(
        key=key,
        name=table.text("name", key),
        entra=table.text("entra").lower(),
        slack=_read_slack(table),
        github=table.text("github"),
        github_id=table.number("github_id", 0, most=MAX_INTEGER),
    )
    if person.entra.strip() and not _is_entra_id(person.entra):
        table.report("entra", "entra is not TENANT/OBJECT", "two ids of the form 8-4-4-4-12 hexadecimal digits")
    if person.github.strip() and not _LOGIN.fullmatch(person.github):
        table.report("github", "github is not a login", "letters, digits and hyphens, without @")
    return person


def _is_entra_id(text: str) -> bool:
    tenant, _, person = text.partition("/")
    return is_guid(tenant) and is_guid(person)


def _read_slack(table: Table) -> tuple[str, ...]:
    """Read one id or a list of them: in an Enterprise organization a person may be known under two teams."""
    value = table.values.get("slack", [])
    found = table.texts("slack") if isinstance(value, list) else (table.text("slack"),)
    for each in found:
        if each.strip() and not _SLACK.fullmatch(each):
            hint = 'two ids in capitals, as in "T012ABC/U034DEF", which the person\'s profile shows; not a name'
            table.report("slack", "slack is not TEAM/USER", hint)
    if len({*found}) < len(found):
        table.report("slack", "slack names one id twice", "name it once")
    return tuple(dict.fromkeys(filter(str.strip, found)))


def _check_name(table: Table, name: str, subject: str) -> None:
    if not _NAME.fullmatch(name):
        table.report(name, f"{subject} is letters, digits, - _ and . only, not {quoted(name)}", "rename it")
