"""The operator's policy: people, rules and stages, and the functions that apply them.

`policy_toml` reads it from TOML. A glob (`*`, `?`, `[ab]`) matches the whole name, `*` also matches a slash, and case
is ignored.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from fnmatch import fnmatchcase

from relay.approval.groups import Rank, group_of_released
from relay.approval.token_rules import ANY_TOKEN, TokenRule
from relay.errors import Refusal
from relay.model import NO_WORDS, Actor, ApprovalRequest, Case, Debt, Proof, Review, Words
from relay.signed.fields import MAX_PAYLOAD

ANYONE = "anyone"
GITHUB_ID = "github:"
GROUP = "group:"
DAY = 86_400
TAKEN_PROOFS: frozenset[Proof] = frozenset({"oidc", "key", "offline"})
"""The proofs of an asker that some route takes."""
PROVEN_IDS = ("entra", "slack")
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


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of the policy: the releases it covers, the proofs of a request that it accepts, and its stages.

    With `supersede` a newer request of the same repository, environment and event type closes the older ones.
    `on_request` is dispatched when a request is made. `channels` get a card of every request. With `confirm_cards` a
    press on a card that the relay has not drawn itself counts only once the same person has pressed the relay's own.
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

    def covers(self, repository: str, event_type: str) -> bool:
        """Tell whether the rule covers this repository and event type, in any environment."""
        return matches(self.repository, repository) and any(matches(glob, event_type) for glob in self.event_types)


@dataclass(frozen=True, slots=True)
class ChatChannel:
    """A chat where the relay itself posts cards. `place` is the id of the conversation, `card` the format of a card.

    Instead of a place it may have `people`, by their keys: each gets a message of their own.
    """

    name: str
    kind: str
    place: str
    card: str = "adaptive"
    people: tuple[str, ...] = ()


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


@dataclass(frozen=True, slots=True)
class Progress:
    """The progress of a request: its current stage, the reviews that count there, and the number of missing approvals.

    When every stage has passed, `stage` is the last one and `missing` is 0.
    """

    stage: Stage
    counted: tuple[Review, ...]
    missing: int
    passed: tuple[str, ...]
    next_stage: str


def is_proven_by(actor_id: str) -> bool:
    """Tell whether some chat or page proves people by an id of this kind."""
    return any(actor_id.startswith(f"{kind.removesuffix('_id')}:") for kind in PROVEN_IDS)


def takeable(rule: Rule) -> tuple[Proof, ...]:
    """Return the proofs of the rule that some route takes."""
    return tuple(proof for proof in rule.requests if proof in TAKEN_PROOFS)


def matches(glob: str, name: str) -> bool:
    """Tell whether a policy glob matches a name, in any case."""
    # GitHub ignores case in repositories and environments: writing `Production` must not evade a rule.
    return fnmatchcase(name.lower(), glob.lower())


def rule_for(policy: Policy, repository: str, environment: str, event_type: str) -> Rule | None:
    """Return the first rule that matches, or None. Rules for the plain form do not apply to requests."""
    for rule in policy.rules:
        if not rule.plain and rule.covers(repository, event_type) and matches(rule.environment, environment):
            return rule
    return None


def rule_of(policy: Policy, request: ApprovalRequest) -> Rule | None:
    """Return the rule of a request, or None."""
    return rule_for(policy, request.repository, request.environment, request.event_type)


def newest_counts(policy: Policy, request: ApprovalRequest) -> bool:
    """Tell whether a newer request of the same group supersedes this request."""
    rule = rule_of(policy, request)
    return rule is not None and rule.supersede


@dataclass(frozen=True, slots=True)
class Release:
    """The release of an approval: its group, its rank there, and whether the newest counts alone under its rule."""

    group: str
    rank: Rank
    supersede: bool


def release_of(policy: Policy, case: Case, debt: Debt) -> Release | None:
    """Return the release that a dispatch is, or None for an announcement, a rejection or a plain dispatch."""
    if case.status != "approved" or debt.decision or debt.card is not None or case.proof == "plain":
        return None
    request = case.request
    group = group_of_released(request.repository, request.environment, debt.event_type)
    # The later decision is the newer one.
    return Release(group, Rank(case.decided_at, request.id), newest_counts(policy, request))


def allow_request(policy: Policy, request: ApprovalRequest, proof: Proof) -> Rule:
    """Return the rule under which `request` may be made and judged. Raises Refusal no-rule if there is none."""
    rule = rule_of(policy, request)
    if rule is None or not request.event_type:
        raise Refusal("no-rule", "no rule matches repository, environment and event type")
    if proof not in rule.requests:
        raise Refusal("no-rule", f"the rule does not take requests proven by {proof}")
    if request.reject_event_type:
        allow_reject_event(rule, request.reject_event_type)
    return rule


def allow_reject_event(rule: Rule, event_type: str) -> None:
    """Raise Refusal for a reject event that the rule does not list, or that could release something under the rule."""
    if not any(matches(glob, event_type) for glob in rule.reject_event_types):
        raise Refusal("no-rule", "the rule does not list the reject event type", field="reject_event_type")
    if any(matches(glob, event_type) for glob in rule.event_types):
        raise Refusal("no-rule", "the reject event type is a releasing one", field="reject_event_type")


def allow_plain(policy: Policy, repository: str, event_type: str) -> Rule:
    """Return the plain rule for an unproven dispatch. Raises Refusal no-rule if another rule guards the same event."""
    covering = [rule for rule in policy.rules if rule.covers(repository, event_type)]
    if not covering or not all(rule.plain for rule in covering):
        raise Refusal("no-rule", "no plain rule, or a rule with approvers guards the same event")
    return covering[0]


def expires_at(rule: Rule, request: ApprovalRequest) -> int:
    """Return the time at which the request expires: its own end, or the rule's if that is sooner."""
    return min(request.expires_at, request.issued_at + rule.expires_in)


def allow_review(policy: Policy, rule: Rule, stage: Stage, request: ApprovalRequest, actor: Actor) -> None:
    """Raise Refusal (not-allowed, own-request) if the actor may not approve in `stage`."""
    _allow_in(policy, stage, (_approvers(stage, actor), request.approvers or (ANYONE,)), actor)
    if not rule.self_approval and is_requester(policy, request, actor):
        raise Refusal("own-request", "the requester may not approve")


def allow_rejection(policy: Policy, rule: Rule, stage: Stage, case: Case, actor: Actor) -> None:
    """Raise Refusal (not-allowed, own-request) if the actor may not reject in `stage`."""
    # The asker takes a veto away neither by `approvers` nor by a requester that is only stated.
    _allow_in(policy, stage, (_approvers(stage, actor),), actor)
    request = replace(case.request, requested_by_also="")
    if case.is_requester_proven and not rule.self_approval and is_requester(policy, request, actor):
        raise Refusal("own-request", "the requester cancels, and does not reject")


def _approvers(stage: Stage, actor: Actor) -> tuple[str, ...]:
    """Return the approvers of a stage that can mean the actor."""
    # Anybody has an account at GitHub, while tenants and teams are listed: there only a named person approves.
    return tuple(each for each in stage.approvers if each != ANYONE or not actor.id.startswith(GITHUB_ID))


def _allow_in(policy: Policy, stage: Stage, lists: Iterable[tuple[str, ...]], actor: Actor) -> None:
    """Raise Refusal not-allowed unless each of the lists of approvers has the actor."""
    for approvers in lists:
        person = policy.person(actor)
        if ANYONE not in approvers and (person is None or person.key not in policy.names(approvers)):
            raise Refusal("not-allowed", f"not an approver of stage {stage.name}")


def is_requester(policy: Policy, request: ApprovalRequest, actor: Actor) -> bool:
    """Tell whether the actor is a requester, the one of a re-run included. A match of login or numeric id is enough."""
    person = policy.person(actor)
    by_id = bool(request.requested_by_id) and f"github:{request.requested_by_id}" == actor.id
    return by_id or (person is not None and is_asker(person, request))


def is_asker(person: Person, request: ApprovalRequest) -> bool:
    """Tell whether a person of the policy is a requester."""
    logins = {login.lower() for login in (request.requested_by, request.requested_by_also) if login}
    by_id = bool(person.github_id) and person.github_id == request.requested_by_id
    return by_id or person.github.lower() in logins


def counts(policy: Policy, rule: Rule, stage: Stage, request: ApprovalRequest, review: Review) -> bool:
    """Tell whether a stored review counts in `stage` under the policy in force now."""
    if review.stage != stage.name or review.verdict != "approve":
        return False
    try:
        allow_review(policy, rule, stage, request, review.by)
    except Refusal:
        return False
    return True


def identity(policy: Policy, actor: Actor) -> str:
    """Return the key of a person, or else their immutable id without its team. Each identity counts once."""
    person = policy.person(actor)
    if person:
        return person.key
    platform, _, identifier = actor.id.partition(":")
    return f"{platform}:{identifier.rpartition('/')[2]}"


def progress(policy: Policy, rule: Rule, request: ApprovalRequest, reviews: Sequence[Review]) -> Progress:
    """Return the progress of a request: all reviews are judged again, stage by stage, under the policy in force."""
    passed: list[str] = []
    for stage in rule.stages:
        counted = {
            identity(policy, review.by): review for review in reviews if counts(policy, rule, stage, request, review)
        }
        missing = max(0, stage.required - len(counted))
        following = rule.stages[len(passed) + 1 :]
        current = Progress(
            stage=stage,
            counted=tuple(counted.values()),
            missing=missing,
            passed=tuple(passed),
            next_stage=following[0].name if following else "",
        )
        if missing:
            break
        passed.append(stage.name)
    return current


def payload_room(rule: Rule) -> int:
    """Return the bytes of JSON that a requester's payload may have under the rule."""
    # GitHub takes 65,535 characters in all. Each review takes some 1,100 of them, in the payload and in the receipt.
    return min(MAX_PAYLOAD, 57_000 - 1_100 * sum(stage.required for stage in rule.stages))
