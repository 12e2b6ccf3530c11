"""People of the simulated chat: each person of the policy with an Entra id, and a stranger."""

from dataclasses import dataclass, replace
from typing import Final

from relay.approval.policy import Policy

TENANT: Final = "3f2a6c1e-7b4d-4e0a-9c58-1d6f0b2a4e77"  # of the sample policy
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


def people_of(policy: Policy) -> tuple[Person, ...]:
    """Return the policy's people with an Entra id, and a stranger.

    The requester of the samples is marked as such.
    """
    found: list[Person] = []
    for key, person in policy.people.items():
        if person.entra:
            tenant, _, object_id = person.entra.partition("/")
            groups = ", ".join(name for name, members in policy.groups.items() if key in members) or "in no group"
            found.append(
                Person(key, person.name or key, groups, tenant, object_id, person.github or "", person.github_id or 0)
            )
    tenant = found[0].tenant if found else TENANT
    asker = requester_of(tuple(found))
    found = [replace(each, part=f"{each.part}; asks in the samples") if each is asker else each for each in found]
    return (*found, Person("stranger", "A stranger", "not in the policy", tenant, _STRANGER))


def requester_of(people: tuple[Person, ...]) -> Person | None:
    """Return the requester of the samples: the last person with a GitHub login."""
    return next((person for person in reversed(people) if person.github), None)
