"""A request for approval, and the proof of its requester."""

from dataclasses import dataclass, field
from typing import Final, Literal

from relay.model.values import Json

Proven = tuple[str, ...]  # names of FACTS
Proof = Literal["oidc", "key", "offline", "plain", "command", "github"]
Target = Literal["repository_dispatch", "workflow_dispatch", "deployment_protection"]
Status = Literal["pending", "approved", "rejected", "expired", "superseded", "cancelled"]
FACTS: Final[Proven] = ("repository", "ref", "sha", "run", "environment", "requester")  # a token can prove these
BY_COMMAND: Final = "command"  # among what is proven, on a card: by a chat, and not by GitHub
ORIGIN: Final = "origin"  # among channels: the conversation where a command was said


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
class Origin:
    """Workflow that made a request by its token: the id of its repository, and the facts that it has `proven`.

    `asker` is the name of that repository if the request is for another one, else empty.
    """

    repository_id: str
    proven: Proven = ()
    asker: str = ""


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key that asks for approvals; `scope` is a glob of repositories, or `operator`."""

    name: str
    key: str = field(repr=False)
    scope: str
