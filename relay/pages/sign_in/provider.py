"""The contract of a sign-in provider, and the ways in which an attempt can end without a person."""

from typing import Final, Literal, Protocol

from relay.model.people import Actor
from relay.pages.sign_in.attempts import Attempt

Code = Literal[
    "sign-in-expired",
    "sign-in-denied",
    "sign-in-refused",
    "sign-in-clock",
    "sign-in-setup",
    "sign-in-away",
    "sign-in-provider",
    "foreign",
]
TIMEOUT: Final = 8.0  # seconds from arrival for all calls of one callback
OK: Final = 200


class Fault(Exception):  # noqa: N818 - an answer, not an error of ours
    """The end of an attempt without a person: `code` chooses the page, and `check` is the reason for the log."""

    def __init__(self, code: Code, check: str) -> None:
        super().__init__(code)
        self.code: Code = code
        self.check = check


class Provider(Protocol):
    """One provider of identities."""

    @property
    def label(self) -> str:
        """Return its name for people."""

    def authorize_url(self, attempt: Attempt, *, choose: bool) -> str:
        """Return the address where a person signs in. With `choose` they are asked for the account."""

    def person(self, attempt: Attempt, code: str, deadline: float) -> Actor:
        """Exchange a code for the proven person. Raises Fault."""
