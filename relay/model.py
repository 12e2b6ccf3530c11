"""The nouns of the road. Times are Unix seconds; everything here is immutable."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, Literal

Json = Mapping[str, object]
Proven = tuple[str, ...]  # names of FACTS
Verdict = Literal["approve", "reject"]
Status = Literal["pending", "approved", "rejected", "expired", "superseded", "cancelled"]
Proof = Literal["oidc", "key", "offline", "plain"]
DebtStatus = Literal["owed", "delivered", "refused", "dead", "cancelled"]

FACTS: Final[Proven] = ("repository", "ref", "sha", "run", "environment", "requester")  # a token can prove these
MAX_COMMENT: Final = 1_000  # characters that a person may say to a decision, a line break counting as one


@dataclass(frozen=True, slots=True)
class Delivery:
    """A request as it arrived, unread: header names in lower case, the body as bytes."""

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
    """A delivery with a checked proof of its platform, and the person that it proves."""

    delivery: Delivery
    actor: Actor


@dataclass(frozen=True, slots=True)
class Interaction:
    """A proven person's click. The ticket is still unopened.

    `pressed` is the place and the id of the message with the button, where the chat says them.
    """

    ticket: str
    verdict: Verdict
    comment: str
    actor: Actor
    pressed: tuple[str, str] = ("", "")


@dataclass(frozen=True, slots=True)
class Refresh:
    """A proven person's look at a case, such as a card's refresh. It carries no verdict."""

    ticket: str
    actor: Actor


@dataclass(frozen=True, slots=True)
class Conversation:
    """A conversation where the relay may post: its chat's `kind`, its `id` there, and the `address` of the chat's API.

    `tenant` owns the chat. `name` is for display only.
    """

    kind: str
    id: str
    address: str
    tenant: str
    name: str


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """A request for approval. Its id is the digest of all fields below, except the two times."""

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
    requested_by_also: str = ""
    reject_event_type: str = ""
    require_comment: bool = False
    approvers: tuple[str, ...] = ()
    approve_label: str = ""
    reject_label: str = ""
    confirm: str = ""
    channels: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Review:
    """One person's counted verdict in one stage."""

    verdict: Verdict
    by: Actor
    stage: str
    at: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Card:
    """One card of a request, in a `channel` of the policy; `message` is its id in the chat, empty until posted.

    Before that, `place` is a person to write to, or empty for the channel's own place. The card stays in its `place`,
    even if the policy changes. Its buttons live in its `stages` alone, or in all if it has none. `fingerprint` is a
    digest of its content.
    """

    channel: str
    place: str = ""
    message: str = ""
    fingerprint: str = ""
    stages: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Debt:
    """An action that the relay owes to the outside: a dispatch to GitHub, or a card with the current state of the case.

    For a card `event_type` is the channel's name, and the card is owed again after every change that it shows.
    While `lease` is set and `due_at` lies ahead, only the holder of the lease may pay. `due_at` of an owed debt is the
    time of its index row, whose nonce is `row`: the end of the lease, or the next attempt. `since` is its position
    among the debts of its group, `not_before` the time until which the outside asked to wait. A debt from before the
    final decision has `decision` requested or approved, and the stages that had `passed`.
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
    """The newer request that superseded another."""

    id: str
    title: str


@dataclass(frozen=True, slots=True)
class Origin:
    """Workflow that made a request by its token: the id of its repository, and the facts that it has `proven`.

    `asker` is the name of that repository if the request is for another one, else empty.
    """

    repository_id: str
    proven: Proven = ()
    asker: str = ""


@dataclass(frozen=True, slots=True)
class Case:
    """A request and all that happened to it: the unit that is stored, under optimistic concurrency.

    `version` counts commits, from 0. By `commit_id` a committer knows its own write again. `life_at` is the time at
    which the timer expires or removes the case, or 0 if none is set. `ranked` tells that the case got its rank among
    the requests of its group when it was made. `ended_by` names the key that cancelled it.
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
    ended_by: str = ""

    @property
    def proven(self) -> Proven:
        """Return the facts that a workflow's token proved."""
        return self.origin.proven if self.origin else ()

    @property
    def is_requester_proven(self) -> bool:
        """Tell whether the proof of the request names its requester. `requested_by_also` is always only stated."""
        return "requester" in self.proven


@dataclass(frozen=True, slots=True)
class Delivered:
    """The outside accepted the debt. `note` tells the operator about a setting to change all the same."""

    note: str = ""


@dataclass(frozen=True, slots=True)
class RetryAfter:
    """Not accepted now. `seconds` is the wait that the outside asked for, or 0. `ambiguous`: it may have been accepted.

    `limited`: nothing may be sent under the same credential until then. Not `tried`: it had to wait for its turn.
    """

    phrase: str
    seconds: float = 0
    ambiguous: bool = False
    limited: bool = False
    tried: bool = True


@dataclass(frozen=True, slots=True)
class Refused:
    """Refused for good. `phrase` is for the person who pressed, `cure` for the operator."""

    phrase: str
    cure: str


Outcome = Delivered | RetryAfter | Refused


@dataclass(frozen=True, slots=True)
class Words:
    """The operator's words for the buttons of a stage; an empty one leaves it to the request's own."""

    approve_label: str = ""
    reject_label: str = ""
    confirm: str = ""


NO_WORDS: Final = Words()


@dataclass(frozen=True, slots=True)
class Answer:
    """The result of a click or of a look at a case, which its channel words and draws.

    `needs` names the missing approvals of a pending case. `ticket` is for the buttons of its card, or empty. `comment`
    was typed with a press that is to be confirmed, and stands in the field of the card. `words` are the operator's for
    the buttons.
    """

    code: str
    sentence: str
    case: Case
    status: Status
    needs: str = ""
    ticket: str = ""
    comment: str = ""
    words: Words = NO_WORDS


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that asks for approvals; `scope` is a glob of repositories, or `operator`."""

    name: str
    key: str = field(repr=False)
    scope: str


@dataclass(frozen=True, slots=True)
class Aside:
    """A message that an HTTP answer cannot bring. It is sent once to a `thread` of the chat, and never owed."""

    thread: str
    message: Json


@dataclass(frozen=True, slots=True)
class Reply:
    """An HTTP answer: status, headers with their case, body; and asides, where the chat shows more than that.

    `cookies` are values of Set-Cookie, for an answer that sets more than one.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    asides: tuple[Aside, ...] = ()
    cookies: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class ChatSignal:
    """A verified delivery that needs no judging: its answer, and a conversation that it made known."""

    reply: Reply
    place: Conversation | None = None


@lru_cache(maxsize=256)  # a click writes the same second several times
def iso(at: float) -> str:
    """Return `at` as 2026-01-31T12:00:00Z."""
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
