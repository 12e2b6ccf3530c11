"""Requesters: the person behind a request, and a person that started its workflow run again."""

from relay.approval.policy import Person, Policy
from relay.model.people import Actor
from relay.model.request import ApprovalRequest


def is_requester(policy: Policy, request: ApprovalRequest, actor: Actor) -> bool:
    """Tell whether the actor is a requester, or started the run again. A match of login or numeric id is enough."""
    person = policy.person(actor)
    by_id = bool(request.requested_by_id) and f"github:{request.requested_by_id}" == actor.id
    by_id = by_id or _unteamed(request.requested_by) == _unteamed(actor.id)  # asked by command, without a GitHub login
    return by_id or (person is not None and is_asker(policy, person, request))


def is_asker(policy: Policy, person: Person, request: ApprovalRequest) -> bool:
    """Tell whether a person of the policy is a requester."""
    logins = {login.lower() for login in (request.requested_by, request.requested_by_also) if login}
    by_id = bool(person.github_id) and person.github_id == request.requested_by_id
    own = {f"entra:{person.entra}", *(_unteamed(f"slack:{each}") for each in person.slack)}
    by_id = by_id or _unteamed(request.requested_by) in own
    return by_id or person.github.lower() in logins or _may_be_the_second(policy, person, request)


def _may_be_the_second(policy: Policy, person: Person, request: ApprovalRequest) -> bool:
    """Tell whether a person of whom the policy has an id at GitHub and no login may have started the run again."""
    # GitHub names the second by a login alone. If the first has the same one, their id tells who it is.
    also = request.requested_by_also.lower()
    if person.github or not person.github_id or also in ("", request.requested_by.lower()):
        return False
    return all(other.github.lower() != also for other in policy.people.values())


def _unteamed(identity: str) -> str:
    """Return an id of Slack without its team: a person of an organization acts in several. Any other id stays whole."""
    return f"slack:{identity.rpartition('/')[2]}" if identity.startswith("slack:") else identity
