"""The two ways in which a step of the road can end early. Every other exception is a bug."""

import re
from typing import Final, Literal

_FIELD: Final = re.compile("[a-z_]{1,40}")

Code = Literal[
    "too-large",
    "not-genuine",
    "malformed",
    "unknown-request",
    "no-rule",
    "not-allowed",
    "own-request",
    "comment-required",
    "key-reused",
    "already-decided",
    "being-paid",
    "overtaken",
    "dropped",
    "not-found",
    "stale",
    "expired",
    "not-dispatched",
    "too-many",
]


class Refusal(Exception):  # noqa: N818 - a refusal is an answer, not an error of ours
    """The sender's input is refused, and nothing was recorded.

    `check` names the check that failed, for the log. `message` is a sentence for the sender.
    Neither ever quotes the sender's text. `field` names the request's field at fault, if one is.
    """

    def __init__(self, code: Code, check: str, *, message: str = "", field: str = "") -> None:
        super().__init__(f"{code}: {check}")
        self.code: Code = code
        self.check = check
        self.message = message
        self.field = field
        self.person = ""  # the id of the proven person, once one is known; for the log alone


class Outage(Exception):  # noqa: N818 - the outside failed, the relay did not
    """An outside system cannot be used now (`permanent` false), or until an operator repairs it (true)."""

    def __init__(self, what: str, *, permanent: bool = False) -> None:
        super().__init__(what)
        self.what = what
        self.permanent = permanent


def unknown_field(name: str) -> Refusal:
    """Return the refusal of a field that is not known. The sender reads its name, and the log does not."""
    field = name if _FIELD.fullmatch(name) else "body"
    return Refusal("malformed", "an unknown field", message=f"{field}: no such field", field=field)


def malformed(field: str, message: str) -> Refusal:
    """Return the refusal of one field of a request. `message` names the fault and the cure."""
    return Refusal("malformed", f"field {field}", message=f"{field}: {message}", field=field)
