"""Facts that every card shows of a request, and a case cut to a chat's size."""

from collections.abc import Iterator
from dataclasses import replace
from types import MappingProxyType
from typing import Final

from relay.model.answer import NO_WORDS, Words
from relay.model.case import Case
from relay.model.request import BY_COMMAND, ApprovalRequest, Origin, Proof, Proven

STATED: Final = " (as stated by the sender)"
_NAMES: Final = MappingProxyType({"sha": "commit"})

ASKS_YOU_TO_NOTE: Final = "The sender asks you to note"


def note(request: ApprovalRequest, words: Words = NO_WORDS) -> tuple[str, str]:
    """Return the name and the text of the note for the approvers. The operator's note goes before the request's."""
    return ("Please note", words.confirm) if words.confirm else (ASKS_YOU_TO_NOTE, request.confirm)


def released(
    request: ApprovalRequest, proven: Proven, *, expires: str, words: Words = NO_WORDS
) -> list[tuple[str, str]]:
    """Return the facts of a release in the relay's words: names and values, without those that are not known.

    If GitHub has `proven` any, each other fact of the code, and the requester, says that it is stated by the sender.
    """

    def claimed(name: str, value: str) -> str:
        return value + STATED if value and name not in proven else value

    by_command = BY_COMMAND in proven  # its environment is the operator's, and it has no code of its own
    code = claimed if proven and not by_command else lambda _name, value: value
    facts_proven = ", ".join(_NAMES.get(name, name) for name in proven if name != BY_COMMAND)
    facts = [
        ("Repository", request.repository),
        ("Environment", code("environment", request.environment)),
        ("Event", request.event_type),
        ("Ref", code("ref", request.ref)),
        ("Commit", code("sha", request.sha)),
        ("Requested by", _requester(request, claimed("requester", request.requested_by))),
        ("Proven by the chat" if by_command else "Proven by GitHub", facts_proven),
        ("Expires", expires if request.event_type else ""),
        note(request, words),
    ]
    return [(name, value) for name, value in facts if value]


def _requester(request: ApprovalRequest, by: str) -> str:
    """Return the requester, and the person who ran the workflow again, in one line."""
    also = request.requested_by_also
    again = f"run again by {also}{STATED}" if also else ""
    return f"{request.requested_by}, {again}" if by and also else again or by


def sample_case(request: ApprovalRequest, proof: Proof) -> Case:
    """Return a case with the largest card that a proof allows: for another repository, little is proven."""
    return Case(request, proof, origin=Origin("1", ("run",), "octo/ci") if proof == "oidc" else None)


def shortened(case: Case) -> Iterator[Case]:
    """Yield the case as it is, then with its comments cut further and further, for a card that grows too large."""
    yield case
    for length in (500, 200, 40, 0):
        yield cut_short(case, length)


def cut_short(case: Case, length: int) -> Case:
    """Return the case with each comment, and the text of each run, cut to a length; at 0 without addresses of runs."""
    reviews = tuple(replace(each, comment=each.comment[:length]) for each in case.reviews)
    runs = tuple(replace(each, text=each.text[:length], url=each.url if length else "") for each in case.runs)
    return replace(case, reviews=reviews, runs=runs)
