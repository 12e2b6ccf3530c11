"""The fields of the request that a command makes, as POST /api/requests takes them. Pure."""

from typing import Final

from relay.approval.commands import SAID
from relay.approval.policy import Person
from relay.commands.choice import Chosen
from relay.errors import malformed
from relay.formats.template import fill
from relay.model.people import Actor
from relay.model.request import ApprovalRequest
from relay.signed.request import MAX_LIFETIME, read_form

MAX_TITLE: Final = 300  # characters, as a request takes
_GLOB: Final = frozenset("*?[]")


def request_of(
    chosen: Chosen, text: str, actor: Actor, person: Person | None, *, issued_at: int, nonce: str
) -> ApprovalRequest:
    """Return the request of a command that `person` of the policy said as `actor`. Raises Refusal malformed."""
    return read_form(
        form_of(chosen, text, person),
        issued_at=issued_at,
        nonce=nonce,
        lifetime=MAX_LIFETIME,
        required=("repository", "title", "event_type"),
        requester="" if person and person.github else actor.id,
    )


def form_of(chosen: Chosen, text: str, person: Person | None) -> dict[str, object]:
    """Return the fields. Raises Refusal malformed for a value that could be taken for a pattern."""
    command, values = chosen.command, chosen.values
    form: dict[str, object] = {
        "title": _title(fill(command.title, {SAID: " ".join(text.split()), **values})),
        "client_payload": dict(values),
        "channels": list(command.channels),
    }
    for name in ("repository", "environment", "event_type"):
        filled = fill(getattr(command, name), values)
        if _GLOB & {*filled}:  # one that a rule's pattern would match in another sense
            raise malformed(name, "takes no * ? [ ] from a command")
        form[name] = filled or None
    if person is not None and person.github:
        form["requested_by"] = person.github
    if person is not None and person.github_id:
        form["requested_by_id"] = person.github_id
    return form


def _title(text: str) -> str:
    return text if len(text) <= MAX_TITLE else text[: MAX_TITLE - 1] + "…"
