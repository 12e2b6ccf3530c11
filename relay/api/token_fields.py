"""The fields of a request that a workflow's token proves: filled in, and never contradicted."""

from relay.errors import malformed
from relay.identity.github_oidc import WorkflowToken
from relay.model.request import Origin
from relay.model.values import Json

_IN_ANY_CASE = frozenset({"repository", "sha", "requested_by", "environment"})  # as GitHub compares them


def fill(form: Json, token: WorkflowToken, github_url: str) -> tuple[Json, Origin]:
    """Return the form with the facts of the token in it, and what the token proves of the request.

    Raises Refusal malformed, naming the field, if the form says another thing than the token.
    """
    # Another repository than its own is judged by the policy's askers later; of it the token proves nothing.
    own = _is_same("repository", form.get("repository") or token.repository, token.repository)
    facts: dict[str, object] = {
        "run_url": f"{github_url}/{token.repository}/actions/runs/{token.run_id}",
        "requested_by": token.actor,
        "requested_by_id": int(token.actor_id),
    }
    proven = ["run", *(["requester"] if token.proves_requester else [])]
    if own:
        facts["repository"] = token.repository
        proven.insert(0, "repository")
    if own and token.proves_commit:
        facts |= {"ref": token.ref, "sha": token.sha}
        proven[1:1] = ["ref", "sha"]
    if own and token.environment:
        facts["environment"] = token.environment
        proven.insert(proven.index("run") + 1, "environment")
    for name, fact in facts.items():
        given = form.get(name)
        if given is not None and not _is_same(name, given, fact):
            raise malformed(name, "differs from what the token proves; leave it out")
    return {**form, **facts}, Origin(token.repository_id, tuple(proven), "" if own else token.repository)


def _is_same(name: str, given: object, fact: object) -> bool:
    if type(given) is not type(fact):  # type() since a bool is an int too
        return False
    if name in _IN_ANY_CASE:
        return str(given).lower() == str(fact).lower()
    return given == fact
