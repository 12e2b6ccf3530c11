"""Presses and commands that a chat brings to the relay."""

from typing import TYPE_CHECKING, Final, NamedTuple, Protocol

from relay.model.answer import Answer
from relay.model.delivery import ChatSignal, Delivery, Interaction, Refresh, Reply, Verified

if TYPE_CHECKING:
    from collections.abc import Mapping

    from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

    from relay.chats.contract.commands import TypedCommand

MAX_BODY: Final = 1024 * 1024  # bytes


class Budget(NamedTuple):
    """Seconds from arrival: until when GitHub is waited for, and until when everything is answered.

    Of the latter `for_asides` are kept for what an HTTP answer cannot bring.
    """

    github_until: float
    all_until: float
    for_asides: float = 0.0

    def ends(self, arrived_at: float) -> tuple[float, float]:
        """Return the two times for a delivery that arrived at `arrived_at`, in Unix seconds."""
        return arrived_at + self.github_until, arrived_at + self.all_until


class Clicks(Protocol):
    """The presses of a chat. Every method is pure; `verify` is handed the keys that it may need."""

    @property
    def budget(self) -> Budget:
        """Return how long a press may take."""

    @property
    def max_body(self) -> int:
        """Return the largest body taken, in bytes."""

    def keys_needed(self, delivery: Delivery) -> tuple[str, str] | None:
        """Return address and id of the public key that may prove a delivery, or None if a shared secret proves it.

        Raises Refusal, never anything else.
        """

    def verify(self, delivery: Delivery, keys: "Mapping[str, RSAPublicKey]", now: float) -> Verified:
        """Prove a delivery and its person. Raises Refusal, never anything else."""

    def read(self, verified: Verified) -> "Interaction | Refresh | ChatSignal | TypedCommand":
        """Read a press, a wish to see the case, a command, or an event that needs no judging. Raises Refusal."""

    def reply(self, answer: Answer, delivery: Delivery) -> Reply:
        """Answer with the outcome of a press, or with the state of the case, in the form of the pressed card."""

    def refuse(self, code: str, check: str = "", delivery: Delivery | None = None, /) -> Reply:
        """Answer a press that was not taken; `check` names the failed check, for the chat alone."""


class Typed(Protocol):
    """The commands that a chat brings to an address of their own. Every method is pure."""

    @property
    def budget(self) -> Budget:
        """Return how long a command may take."""

    @property
    def max_body(self) -> int:
        """Return the largest body taken, in bytes."""

    def read(self, delivery: Delivery, now: float) -> "TypedCommand | Reply":
        """Prove and read a command, or answer another delivery at once. Raises Refusal alone."""

    def refuse(self, code: str, check: str = "") -> Reply:
        """Answer a delivery that was not read; `check` names the failed check."""
