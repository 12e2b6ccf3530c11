"""Whose word a pending case waits for: they are named on its card, and for them it refreshes by itself."""

from relay.approval.policy import ANYONE, Person, Policy, identity, is_requester, progress, rule_of
from relay.model import Actor, Case

_ENTRA = "entra:"


def awaited(policy: Policy, case: Case) -> tuple[Person, ...]:
    """Return the approvers of the current stage who are in Entra, may speak and have not spoken; `anyone` names nobody.

    They come in the order of their names in the policy.
    """
    request = case.request
    rule = rule_of(policy, request)
    if rule is None:
        return ()
    standing = progress(policy, rule, request, case.reviews)
    named = policy.names(standing.stage.approvers)
    if request.approvers and ANYONE not in request.approvers:
        wanted = policy.names(request.approvers)
        named = wanted if ANYONE in standing.stage.approvers else named & wanted
    spoken = {identity(policy, review.by) for review in standing.counted}
    people = (policy.people[key] for key in sorted(named - spoken))
    return tuple(
        person
        for person in people
        if person.entra
        and (rule.self_approval or not is_requester(policy, request, Actor(_ENTRA + person.entra, person.name)))
    )
