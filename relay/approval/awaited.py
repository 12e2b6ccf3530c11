"""People that a pending case waits for."""

from collections.abc import Callable

from relay.approval.policy import ANYONE, Person, Policy, identity, is_requester, progress, rule_of
from relay.model import Actor, Case


def awaited(policy: Policy, case: Case, person_id: Callable[[Person], str]) -> tuple[Person, ...]:
    """Return the approvers of the current stage who may still speak; `anyone` names nobody.

    They come in the order of their names in the policy. `person_id` returns a person's id in a chat, such as
    `entra:TENANT/OBJECT`, or an empty text for a person who is not there and is left out.
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
