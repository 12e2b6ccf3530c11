"""The parser of policy.toml: its text becomes a Policy, or an error with every problem."""

import hashlib
import re
import tomllib
from collections.abc import Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from relay.approval.policy import ChatChannel, Person, Policy
from relay.policy_toml.channels import Named, ReadChannel, read_channels
from relay.policy_toml.people import read_groups, read_operators, read_people
from relay.policy_toml.rules import read_rules
from relay.policy_toml.toml_table import Problem, Table
from relay.signed.fields import OWNER

if TYPE_CHECKING:
    from relay.approval.commands import Command
    from relay.approval.notify import Notify
    from relay.policy_toml.toml_positions import Positions

__all__ = ["PolicyError", "Problem", "parse"]

KEYS: Final = ("operators", "people", "groups", "rule", "plain_repository", "channels", "command", "notify")
_REPOSITORY: Final = re.compile(rf"{OWNER}/[A-Za-z0-9._-]+")
_CURLY: Final = re.compile("[\u2018-\u201f\u00ab\u00bb]")
_SYNTAX: Final = re.compile(r"(.*) \(at (?:line (\d+), column (\d+)|end of document)\)", re.DOTALL)
NO_KINDS: Final[Mapping[str, ReadChannel]] = MappingProxyType({})
_BOM: Final = "\ufeff"


class PolicyError(Exception):
    """The text is no policy. `problems` holds all that were found, in the order of the text."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__("\n".join(map(str, problems)))
        self.problems = problems


def parse(text: str, kinds: Mapping[str, ReadChannel] = NO_KINDS) -> Policy:
    """Return the policy that `text` (TOML) describes; PolicyError with every problem, and never another error.

    `kinds` read the channels, each those of its chat.
    """
    document = document_of(text)
    document.only(KEYS)
    people = read_people(document.table("people"))
    groups = read_groups(document.table("groups"), people)
    plain_repository = document.text("plain_repository")
    if plain_repository.strip() and not _REPOSITORY.fullmatch(plain_repository):
        document.report("plain_repository", "plain_repository is not OWNER/NAME of a repository", "no globs, no URL")
    named = Named(people, groups)
    channels = read_channels(document.table("channels"), kinds, named)
    known = {name: channels.get(name) for name in document.table("channels").values}
    policy = Policy(
        rules=read_rules(document.tables("rule"), people, groups, known),
        people=people,
        groups=groups,
        operators=read_operators(document, people, groups),
        plain_repository=plain_repository,
        sha256=hashlib.sha256(text.encode()).hexdigest(),
        by_id=_by_id(people),
        channels=channels,
        commands=_commands(document, named, known),
        notify=_notify(document, known),
    )
    if document.problems:
        raise PolicyError(tuple(sorted(document.problems)))
    return policy


def _by_id(people: Mapping[str, Person]) -> dict[str, Person]:
    by_id: dict[str, Person] = {}
    for person in people.values():
        if person.entra:
            by_id[f"entra:{person.entra}"] = person
        by_id.update({f"slack:{identifier}": person for identifier in person.slack})
        if person.github_id:
            by_id[f"github:{person.github_id}"] = person
    return by_id


def _commands(document: Table, people: Named, known: Mapping[str, ChatChannel | None]) -> "tuple[Command, ...]":
    if "command" not in document.values:
        return ()
    from relay.policy_toml.commands import read_commands  # noqa: PLC0415 - most policies have none

    return read_commands(document, people, known)


def _notify(document: Table, known: Mapping[str, ChatChannel | None]) -> "tuple[Notify, ...]":
    if "notify" not in document.values:
        return ()
    from relay.policy_toml.notify import read_notify  # noqa: PLC0415 - many policies have none

    return read_notify(document.tables("notify"), known)


def document_of(text: str) -> Table:
    """Return the root of a TOML text. Raises PolicyError if it is none."""

    @cache
    def positions() -> "Positions":
        from relay.policy_toml.toml_positions import locate  # noqa: PLC0415 - only a fault has a position

        return locate(text)

    return Table(load(text), (), lambda path: positions().of(path), [])


def load(text: str) -> dict[str, object]:
    try:
        text.encode()
        return tomllib.loads(text)
    except UnicodeEncodeError as error:
        line, column = _position(text, error.start)
        problem = Problem(line, column, "a character that UTF-8 cannot hold", "save the file as UTF-8")
    except RecursionError:
        problem = Problem(0, 0, "brackets are nested too deeply", "a policy needs two levels at most")
    except ValueError as error:
        problem = _syntax(text, str(error))
    raise PolicyError((problem,))


def _syntax(text: str, message: str) -> Problem:
    """Return the problem that a message of tomllib describes. Before Python 3.14 only the message has the position."""
    if text.startswith(_BOM):
        return Problem(1, 1, "the text starts with a byte order mark", "save the file as UTF-8 without BOM")
    found = _SYNTAX.fullmatch(message)
    if found is None:  # the message about a number of thousands of digits has another form
        return Problem(0, 0, f"not TOML: {message}", "the form is described at https://toml.io/en/v1.0.0")
    line, column = (int(found[2]), int(found[3])) if found[2] else _position(text, len(text))
    twice = found[1].startswith("Cannot")  # declare, overwrite, mutate: tomllib's messages for a repeated key
    hint = "a key or table stands once" if twice else "texts need quotes, and each key a line of its own"
    if _CURLY.search(text.splitlines()[line - 1] if 0 < line <= len(text.splitlines()) else ""):
        hint = "curly quotes are no quotes here: write straight ones, \" or '"
    return Problem(line, column, f"not TOML: {found[1]}", hint)


def _position(text: str, at: int) -> tuple[int, int]:
    return text.count("\n", 0, at) + 1, at - text.rfind("\n", 0, at)
