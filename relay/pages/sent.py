"""What the form of the review page sends."""

from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from relay.errors import Refusal
from relay.model import Delivery, Verdict
from relay.signed.fields import without_controls

MAX_BODY: Final = 1024 * 1024
_FORM: Final = "application/x-www-form-urlencoded"
_NEEDED: Final = frozenset({"token", "decision", "comment"})
_TICKET: Final = "ticket"  # only of a request that nobody has decided on yet


@dataclass(frozen=True, slots=True)
class Sent:
    """A press: the form's token, the decision, the comment, a ticket.

    The comment's line breaks are one character each, control characters are left out as no request may hold them, and
    a comment in which nothing can be seen is none.
    """

    token: str
    verdict: Verdict
    comment: str
    ticket: str


def read(delivery: Delivery) -> Sent:
    """Return what was sent. Raises Refusal malformed or too-large, whatever it is."""
    if len(delivery.body) > MAX_BODY:
        raise Refusal("too-large", "body")
    if delivery.headers.get("content-type", "").partition(";")[0].strip().lower() != _FORM:
        raise Refusal("malformed", "the body is no urlencoded form")
    try:
        pairs = parse_qsl(
            delivery.body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=len(_NEEDED) + 1,
        )
    except ValueError:
        raise Refusal("malformed", "the body is no urlencoded form in UTF-8") from None
    form = dict(pairs)
    if len(form) != len(pairs) or not _NEEDED <= set(form) <= _NEEDED | {_TICKET}:
        raise Refusal("malformed", "the form has a field twice, too many, or too few")
    verdict = form["decision"]
    if verdict not in ("approve", "reject"):
        raise Refusal("malformed", "the decision is not approve or reject")
    comment = without_controls(form["comment"].replace("\r\n", "\n").replace("\r", "\n"))
    if not any(each.isprintable() and not each.isspace() for each in comment):
        comment = ""
    return Sent(form["token"], "approve" if verdict == "approve" else "reject", comment, form.get(_TICKET, ""))
