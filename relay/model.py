"""The nouns of the road. Times are Unix seconds; everything here is immutable."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Literal

Json = Mapping[str, object]
Verdict = Literal["approve", "reject"]
Status = Literal["pending", "approved", "rejected", "expired", "superseded", "cancelled"]
Proof = Literal["oidc", "key", "offline", "plain"]
DebtStatus = Literal["owed", "delivered", "refused", "dead", "cancelled"]

MAX_COMMENT: Final = 1_000  # characters that a person may say to a decision, a line break counting as one


@dataclass(frozen=True, slots=True)
class Delivery:
    """What arrived, unread: header names in lower case, the body as bytes."""

    channel: str
    headers: Mapping[str, str]
    body: bytes
    arrived_at: float


@dataclass(frozen=True, slots=True)
class Actor:
    """A proven person: `entra:TENANT/OBJECT`, `slack:TEAM/USER` or `github:ID`; the name is for display only."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Verified:
    """A delivery that a platform's proof was checked for, and the person it proves."""

    delivery: Delivery
    actor: Actor


@dataclass(frozen=True, slots=True)
class Interaction:
    """What a proven person asked for by a click; the ticket is still unopened."""

    ticket: str
    verdict: Verdict
    comment: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Refresh:
    """A proven person's wish to see how a case stands, such as a card's refresh; it says no word on the case."""

    ticket: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation where the relay may post: its chat's `kind`, its `id` there, and the `address` of the chat's API.

    `tenant` is whose chat it is, `name` what people call it, for display only.
    """

    kind: str
    id: str
    address: str
    tenant: str
    name: str


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """What is asked, exactly as its id says: the id is the digest of all that follows but the two times."""

    id: str
    repository: str
    title: str
    issued_at: int
    expires_at: int
    nonce: str
    event_type: str = ""
    client_payload: Json = field(default_factory=dict)
    text: str = ""
    summary: str = ""
    theme_color: str = ""
    sections: tuple[Json, ...] = ()
    actions: tuple[Json, ...] = ()
    facts: tuple[Json, ...] = ()
    links: tuple[Json, ...] = ()
    environment: str = ""
    ref: str = ""
    sha: str = ""
    run_url: str = ""
    requested_by: str = ""
    requested_by_id: int = 0
    reject_event_type: str = ""
    require_comment: bool = False
    approvers: tuple[str, ...] = ()
    approve_label: str = ""
    reject_label: str = ""
    confirm: str = ""
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """One person's counted word on one stage."""

    verdict: Verdict
    by: Actor
    stage: str
    at: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One card of a request, in a `channel` of the policy; `message` is what the chat calls it, empty until posted.

    It was posted in `place`, whatever the policy says later. `face` names what it shows.
    """

    channel: str
    place: str = ""
    message: str = ""
    fingerprint: str = ""


@dataclass(frozen=True, slots=True)
class Debt:
    """What is owed to the outside: a dispatch to GitHub, or a card that is to show the case as it stands.

    Of a card `event_type` is the channel's name; it is owed again whenever there is something new to show.
    While `lease` is set and `due_at` lies ahead, whoever holds the lease may pay, and nobody else. `due_at` of an
    owed debt is the time of its index row, whose nonce is `row`: the end of the lease, or the next attempt. `since`
    is its place among the debts of its group, `not_before` what the outside asked to wait for. What is owed before
    the last word was spoken says so: `decision` requested or approved, and the stages that had `passed`.
    """

    event_type: str
    created_at: int
    due_at: float
    kind: Literal["dispatch", "card"] = "dispatch"
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


@dataclass(frozen=True, slots=True)
class Successor:
    """The request that took the place of another."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Origin:
    """The workflow whose token made a request: the id of its repository, and the facts that it has `proven`.

    `asker` is the name of that repository if the request is for another one, else empty.
    """

    repository_id: str
    proven: tuple[str, ...] = ()
    asker: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A request and all that happened to it: the unit that is stored, under optimistic concurrency.

    `version` counts commits, 0 before the first; `commit_id` tells a committer its own write again. `life_at` is when
    the round looks at it next, to mark it expired or to remove it; 0 while nothing was arranged. `ranked` tells that it
    took its place among the requests of its group when it was made.
    """

    request: ApprovalRequest
    proof: Proof
    status: Status = "pending"
    stage: str = ""
    reviews: tuple[Review, ...] = ()
    decided_at: int = 0
    debts: tuple[Debt, ...] = ()
    version: int = 0
    commit_id: str = ""
    life_at: float = 0.0
    ranked: bool = False
    superseded_by: Successor | None = None
    origin: Origin | None = None


@dataclass(frozen=True, slots=True)
class Delivered:
    """The outside took what was owed; `note` tells the operator what to change all the same."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Not now. `seconds`: what the outside asked for, 0 if nothing; `ambiguous`: it may have been taken.

    `limited`: nothing else may be sent under the same credential until then; not `tried`: it had to wait its turn.
    """

    phrase: str
    seconds: float = 0
    ambiguous: bool = False
    limited: bool = False
    tried: bool = True


@dataclass(frozen=True, slots=True)
class Refused:
    """Never in this way. `phrase` is for the person who pressed, `cure` for the operator."""

    phrase: str
    cure: str


Outcome = Delivered | RetryAfter | Refused


@dataclass(frozen=True, slots=True)
class Answer:
    """What a click came to, or how a case stands, for its channel to say.

    `needs` is what a pending case waits for; `ticket` is for the buttons of its card, empty once none may live.
    """

    code: str
    sentence: str
    case: Case
    status: Status
    needs: str = ""
    ticket: str = ""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that asks for approvals; `scope` is a glob of repositories, or `operator`."""

    name: str
    key: str = field(repr=False)
    scope: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer: status, headers with their case, body."""

    status: int
    headers: Mapping[str, str]
    body: bytes


@dataclass(frozen=True, slots=True)
class ChatSignal:
    """A genuine delivery that needs no judging: its answer, and a place that it made known.

    Some chats read no answer; there the `message` is to be posted in the conversation `thread`.
    """

    reply: Reply
    place: Conversation | None = None
    thread: str = ""
    message: Json | None = None


@lru_cache(maxsize=256)  # a click writes the same second several times
def iso(at: float) -> str:
    """Return `at` as 2026-01-31T12:00:00Z."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
