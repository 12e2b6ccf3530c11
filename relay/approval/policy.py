"""The operator's policy: people, rules and stages, and the rule that covers a request.

`policy_toml` reads it from TOML. A glob (`*`, `?`, `[ab]`) matches the whole name, `*` also matches a slash, and case
is ignored.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from relay.approval.gates import GATE
from relay.approval.globs import matches
from relay.model.answer import NO_WORDS, Words
from relay.model.delivery import Conversation
from relay.model.people import Actor
from relay.model.request import ORIGIN, ApprovalRequest, Proof, Target

if TYPE_CHECKING:
    from relay.approval.commands import Command
    from relay.approval.notify import Notify

ANYONE = "anyone"
GITHUB_ID = "github:"
GROUP = "group:"
DAY = 86_400
TAKEN_PROOFS: frozenset[Proof] = frozenset({"oidc", "key", "offline", "command", "github"})
"""The proofs of an asker that some route takes."""
PROVEN_IDS = ("entra", "slack", "github_id")
"""The ids of a person by which some chat or page proves them."""


@dataclass(frozen=True, slots=True)
class Person:
    """A person and their immutable ids. `key` is their name in the policy."""

    key: str
    name: str
    entra: str = ""
    slack: tuple[str, ...] = ()
    github: str = ""
    github_id: int = 0

    @property
    def can_press(self) -> bool:
        """Tell whether the person has an id that some chat or page proves."""
        return any(getattr(self, kind) for kind in PROVEN_IDS)


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a rule, which passes with `required` approvals. `on_pass` is dispatched when it passes.

    An approver is the key of a person, `group:NAME` or `anyone`. `channels` get a card whose buttons live in this
    stage alone. `words` are for the buttons of every card while this is the current stage.
    """

    name: str
    approvers: tuple[str, ...]
    required: int = 1
    on_pass: str = ""
    channels: tuple[str, ...] = ()
    words: Words = NO_WORDS


class TokenRule(NamedTuple):
    """The keys of a rule that judge a workflow's token. Empty ones judge nothing, but for `events`.

    `events` replaces the events that may ask by default. `askers` are globs of repositories that may ask for others.
    """

    events: tuple[str, ...] = ()
    refs: tuple[str, ...] = ()
    workflows: tuple[str, ...] = ()
    owner_id: str = ""
    askers: tuple[str, ...] = ()


ANY_TOKEN = TokenRule()


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the policy: the releases it covers, the proofs of a request that it accepts, and its stages.

    With `supersede` a newer request of the same repository, environment and event type closes the older ones.
    `on_request` is dispatched when a request is made. `channels` get a card of every request. With `confirm_cards` a
    press on a card that the relay has not drawn itself counts only once the same person has pressed the relay's own.
    A rule whose `target` is workflow_dispatch starts `workflow`, by the name of its file. With `retry` approvers of the
    last stage may run a failed release again.
    """

    repository: str
    event_types: tuple[str, ...]
    environment: str = "*"
    reject_event_types: tuple[str, ...] = ()
    requests: tuple[Proof, ...] = ("oidc", "key")
    expires_in: int = DAY
    self_approval: bool = False
    plain: bool = False
    supersede: bool = False
    on_request: str = ""
    confirm_cards: bool = False
    stages: tuple[Stage, ...] = ()
    channels: tuple[str, ...] = ()
    tokens: TokenRule = ANY_TOKEN
    target: Target = "repository_dispatch"
    workflow: str = ""
    retry: bool = False

    @property
    def is_for_gates(self) -> bool:
        """Tell whether the rule is for runs that wait at an environment."""
        return self.target == "deployment_protection"

    @property
    def needs_webhooks(self) -> bool:
        """Tell whether the rule does nothing without GitHub's webhooks."""
        return self.is_for_gates or self.retry

    @property
    def other_events(self) -> tuple[str, ...]:
        """Return all other event types than the release's: of requests, of passed stages, and globs of rejections.

        Each is sent as a repository_dispatch, whatever the target of the rule.
        """
        events = (*self.reject_event_types, self.on_request, *(stage.on_pass for stage in self.stages))
        return tuple(filter(None, events))

    def covers(self, repository: str, event_type: str) -> bool:
        """Tell whether the rule covers this repository and event type, in any environment."""
        if self.is_for_gates != (event_type.lower() == GATE):  # no glob of events is meant for runs that wait
            return False
        return matches(self.repository, repository) and any(matches(glob, event_type) for glob in self.event_types)


@dataclass(frozen=True, slots=True)
class ChatChannel:
    """A chat where the relay itself posts cards. `place` is the id of the conversation, `card` the format of a card.

    Instead of a place it may have `people`, by their keys: each gets a message of their own. A channel that
    `takes_cards` shows requests; any channel takes notices.
    """

    name: str
    kind: str
    place: str
    card: str = "adaptive"
    people: tuple[str, ...] = ()
    takes_cards: bool = True


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole policy. `sha256` is the digest of its text."""

    rules: tuple[Rule, ...] = ()
    people: Mapping[str, Person] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    operators: tuple[str, ...] = ()
    plain_repository: str = ""
    sha256: str = ""
    by_id: Mapping[str, Person] = field(default_factory=dict)
    channels: Mapping[str, ChatChannel] = field(default_factory=dict)
    commands: "tuple[Command, ...]" = ()
    notify: "tuple[Notify, ...]" = ()

    def channel(self, name: str, conversation: Conversation | None) -> ChatChannel | None:
        """Return a channel by its name, or the origin of a command as one, or None if there is none."""
        if name == ORIGIN:
            return ChatChannel(ORIGIN, conversation.kind, conversation.id) if conversation else None
        return self.channels.get(name)

    def channels_in_use(self, kind: str) -> tuple[str, ...]:
        """Return the names of the channels of a kind to which the policy itself sends cards or notices."""
        named = {name for rule in self.rules for name in rule.channels}
        named.update(name for rule in self.rules for stage in rule.stages for name in stage.channels)
        named.update(name for command in self.commands for name in command.channels)
        named.update(name for entry in self.notify for name in entry.to)
        return tuple(name for name, channel in self.channels.items() if channel.kind == kind and name in named)

    def person(self, actor: Actor) -> Person | None:
        """Return the person of a proven actor, by immutable id alone, or None if the policy has none."""
        return self.by_id.get(actor.id)

    def names(self, approvers: Iterable[str]) -> frozenset[str]:
        """Return the keys of the people in a list of approvers. `anyone` adds none."""
        found: set[str] = set()
        for approver in approvers:
            if approver.startswith(GROUP):
                found.update(self.groups.get(approver.removeprefix(GROUP), ()))
            elif approver in self.people:
                found.add(approver)
        return frozenset(found)


def is_proven_by(actor_id: str) -> bool:
    """Tell whether some chat or page proves people by an id of this kind."""
    return any(actor_id.startswith(f"{kind.removesuffix('_id')}:") for kind in PROVEN_IDS)


def takeable(rule: Rule) -> tuple[Proof, ...]:
    """Return the proofs of the rule that some route takes."""
    return tuple(proof for proof in rule.requests if proof in TAKEN_PROOFS)


def rule_for(policy: Policy, repository: str, environment: str, event_type: str) -> Rule | None:
    """Return the first rule that matches, or None. Rules for the plain form do not apply to requests."""
    for rule in policy.rules:
        if not rule.plain and rule.covers(repository, event_type) and matches(rule.environment, environment):
            return rule
    return None


def rule_of(policy: Policy, request: ApprovalRequest) -> Rule | None:
    """Return the rule of a request, or None."""
    return rule_for(policy, request.repository, request.environment, request.event_type)
