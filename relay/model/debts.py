"""Debts: calls to the outside that are still to be made, and how an attempt ends."""

from dataclasses import dataclass, field
from typing import Literal

from relay.model.events import Notice
from relay.model.runs import StartedRun

DebtKind = Literal["dispatch", "card", "notice"]
DebtStatus = Literal["owed", "delivered", "refused", "dead", "cancelled"]


@dataclass(frozen=True, slots=True)
class Card:
    """One card of a request, in a `channel` of the policy; `message` is its id in the chat, empty until posted.

    Before that, `place` is a person to write to, or empty for the channel's own place. The card stays in its `place`,
    even if the policy changes. Its buttons live in its `stages` alone, or in all if it has none. `fingerprint` is a
    digest of its content. `addressee` is the person to whom it was posted, by their id in the chat.
    """

    channel: str
    place: str = ""
    message: str = ""
    fingerprint: str = ""
    stages: tuple[str, ...] = ()
    addressee: str = ""


@dataclass(frozen=True, slots=True)
class Debt:
    """An action that the relay owes to the outside: a dispatch to GitHub, a card, or a notice of an event.

    For a card or a notice `event_type` is the channel's name. A card shows the current state of the case, and is owed
    again after every change that it shows. A notice without a wake-up waits for those before it in its channel.
    While `lease` is set and `due_at` lies ahead, only the holder of the lease may pay. `due_at` of an owed debt is the
    time of its index row, whose nonce is `row`: the end of the lease, or the next attempt. `since` is its position
    among the debts of its group, `not_before` the time until which the outside asked to wait. A debt from before the
    final decision has `decision` requested or approved, and the stages that had `passed`. A dispatch with a `workflow`,
    the name of its file, starts that one. `run_id` and `run_url` are of the run that GitHub has named. `tried_at` is
    the time of the first attempt whose outcome is known, or 0. `run` counts the releases of one approval from 1. In a
    case with a gate a dispatch is the verdict for that gate, or a `report` for the page of its run.
    `trace` is of the call that came to owe it.
    """

    event_type: str
    created_at: int
    due_at: float
    kind: DebtKind = "dispatch"
    status: DebtStatus = "owed"
    lease: str = ""
    attempts: int = 0
    last_error: str = ""
    cure: str = ""
    since: float = 0.0
    row: str = ""
    not_before: float = 0.0
    maybe_sent: bool = False
    decision: Literal["", "requested", "approved"] = ""
    passed: tuple[str, ...] = ()
    card: Card | None = None
    notice: Notice | None = None
    workflow: str = ""
    run_id: str = ""
    run_url: str = ""
    report: str = ""
    tried_at: float = 0.0
    run: int = 1
    trace: str = ""

    @property
    def was_sent(self) -> bool:
        """Tell whether the outside took the debt, or may have taken it: its answer may be lost or still awaited."""
        return self.status == "delivered" or self.maybe_sent or (self.status == "owed" and bool(self.lease))


@dataclass(frozen=True, slots=True)
class Delivered:
    """The outside accepted the debt. `note` tells the operator about a setting to change all the same.

    `run` is what was started, if the outside tells it.
    """

    note: str = ""
    run: StartedRun | None = None


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Not accepted now. `seconds` is the wait that the outside asked for, or 0. `ambiguous`: it may have been accepted.

    `limited`: nothing may be sent under the same credential until then. Not `tried`: it had to wait for its turn.
    `answered`: the outside gave an answer, and it was an error.
    """

    phrase: str
    seconds: float = 0
    ambiguous: bool = False
    limited: bool = False
    tried: bool = True
    answered: bool = False


@dataclass(frozen=True, slots=True)
class Refused:
    """Refused for good. `phrase` is for the person who pressed, `cure` for the operator.

    `elsewhere`: the outside has decided by itself, so that nothing is left to send. `of_place`: the relay may not post
    in that conversation. `in_doubt`: it never answered, and may have accepted it twice; the debt is dead. `overtaken`:
    it was not asked, since it has taken something newer.
    """

    phrase: str
    cure: str
    elsewhere: bool = False
    in_doubt: bool = False
    overtaken: bool = False
    of_place: bool = field(default=False, compare=False)  # one refusal, whichever conversation it is of


Outcome = Delivered | RetryAfter | Refused
