"""People of the simulated chat: each person of the policy with an id, and a stranger."""

import uuid
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Final

from relay.approval.policy import Policy

TENANT: Final = "3f2a6c1e-7b4d-4e0a-9c58-1d6f0b2a4e77"  # of the sample policy
TEAM: Final = "T0SIMULATOR"  # of the sample policy
_OTHER_TEAM: Final = "T0STRANGER"
_STRANGER: Final = "0e9d8c7b-6a5f-4e3d-8c2b-1a0f9e8d7c6b"


@dataclass(frozen=True, slots=True)
class Person:
    """A person of the simulator. `key` is the policy's, and so are the GitHub login and id if it has them."""

    key: str
    name: str
    part: str
    tenant: str
    object_id: str
    github: str = ""
    github_id: int = 0
    slack_team: str = ""
    slack_user: str = ""


def people_of(policy: Policy) -> tuple[Person, ...]:
    """Return the policy's people with an id in Entra or Slack, and a stranger."""
    found: list[Person] = []
    for key, person in policy.people.items():
        if person.entra or person.slack:
            # An id that the policy does not have is made up: with it a person is none of the policy's.
            tenant, _, object_id = (person.entra or f"{TENANT}/{uuid.uuid5(uuid.NAMESPACE_OID, key)}").partition("/")
            team, _, user = (person.slack[0] if person.slack else f"{TEAM}/{_made_up_user(key)}").partition("/")
            groups = ", ".join(name for name, members in policy.groups.items() if key in members) or "in no group"
            login, number = person.github or "", person.github_id or 0
            found.append(Person(key, person.name or key, groups, tenant, object_id, login, number, team, user))
    tenant = found[0].tenant if found else TENANT
    stranger = Person("stranger", "A stranger", "not in the policy", tenant, _STRANGER)
    return (*found, replace(stranger, slack_team=_OTHER_TEAM, slack_user="U0STRANGER"))


def github_people(policy: Policy) -> tuple[Person, ...]:
    """Return the policy's people with an account at GitHub."""
    return tuple(
        Person(key, each.name or key, f"@{each.github or key}", "", "", each.github or key, each.github_id)
        for key, each in policy.people.items()
        if each.github_id
    )


def _made_up_user(key: str) -> str:
    return f"U{uuid.uuid5(uuid.NAMESPACE_OID, key).hex[:12].upper()}"


def requester_of(people: Sequence[Person]) -> Person | None:
    """Return the requester of the samples: the last person with a GitHub login."""
    return next((person for person in reversed(people) if person.github), None)
