"""Missing approvers: the people that a pending case still waits for."""

from collections.abc import Callable
from typing import Final

from relay.approval.approvers import identity, progress
from relay.approval.policy import ANYONE, GITHUB_ID, Person, Policy, rule_of
from relay.approval.requesters import is_requester
from relay.model.case import Case
from relay.model.people import Actor

MAX_NAMED: Final = 10  # people
MAX_NAMES: Final = 150  # characters


def awaited(policy: Policy, case: Case, person_id: Callable[[Person], str]) -> tuple[Person, ...]:
    """Return the missing approvers of the current stage, in the order of their keys.

    `anyone` in a list of approvers adds no person. `person_id` returns a person's id in a chat, such as
    `entra:TENANT/OBJECT`, or an empty text for a person who is not in that chat, and is left out.
    """
    request = case.request
    rule = rule_of(policy, request)
    if rule is None:
        return ()
    now = progress(policy, rule, request, case.reviews)
    named = policy.names(now.stage.approvers)
    if request.approvers and ANYONE not in request.approvers:
        wanted = policy.names(request.approvers)
        named = wanted if ANYONE in now.stage.approvers else named & wanted
    spoken = {identity(policy, review.by) for review in now.counted}
    found = ((policy.people[key], person_id(policy.people[key])) for key in sorted(named - spoken))
    return tuple(
        person
        for person, known in found
        if known and (rule.self_approval or not is_requester(policy, request, Actor(known, person.name)))
    )


def awaited_names(policy: Policy, case: Case) -> str:
    """Return the names of these approvers as one text, at most ten of them, or an empty text if there are none."""
    people = awaited(policy, case, _some_id)
    more = f" and {len(people) - MAX_NAMED} more" if len(people) > MAX_NAMED else ""
    names = ", ".join(person.name for person in people[:MAX_NAMED]) + more
    return names if len(names) <= MAX_NAMES else names[: MAX_NAMES - 1] + "…"


def _some_id(person: Person) -> str:
    """Return an id under which a person may press in some chat or page, or an empty text."""
    ids = (
        person.entra and f"entra:{person.entra}",
        person.slack and f"slack:{person.slack[0]}",
        person.github_id and f"{GITHUB_ID}{person.github_id}",
    )
    return next((each for each in ids if each), "")
