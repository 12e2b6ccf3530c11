"""Who may approve what: the operator's rules, and the judge that applies them.

Reading the rules from TOML is `policy_file`'s work. A glob (`*`, `?`, `[ab]`) matches the whole name, `*` also
matches a slash, and case never counts: GitHub ignores it in repositories and environments, and a rule that could be
sidestepped by writing `Production` would be none.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

from relay.errors import Refusal
from relay.model import Actor, ApprovalRequest, Proof, Review

ANYONE = "anyone"
GROUP = "group:"
DAY = 86_400
MAX_PAYLOAD = 40 * 1024  # bytes of JSON


@dataclass(frozen=True, slots=True)
class Person:
    """One person and their immutable ids; `key` is their name in the policy."""

    key: str
    name: str
    entra: str = ""
    slack: str = ""
    github: str = ""
    github_id: int = 0


@dataclass(frozen=True, slots=True)
class Stage:
    """A step of a rule: `required` of the approvers must say yes. An approver: person, `group:NAME` or `anyone`.

    `on_pass` is dispatched when the stage passes.
    """

    name: str
    approvers: tuple[str, ...]
    required: int = 1
    on_pass: str = ""


@dataclass(frozen=True, slots=True)
class Rule:
    """What may be released where, asked for by which proofs, and by whose word.

    With `supersede` a newer request of the same repository, environment and event type closes the older ones;
    `on_request` is dispatched when a request is made.
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
    stages: tuple[Stage, ...] = ()

    def covers(self, repository: str, event_type: str) -> bool:
        """Tell whether the rule is about this repository and event type, in whatever environment."""
        return matches(self.repository, repository) and any(matches(glob, event_type) for glob in self.event_types)


@dataclass(frozen=True, slots=True)
class ChatChannel:
    """A chat where the relay posts cards itself: `place` is the id of the conversation, `card` the form of a card."""

    name: str
    kind: str
    place: str
    card: str = "adaptive"


@dataclass(frozen=True, slots=True)
class Policy:
    """The whole policy; `sha256` names the text it was read from."""

    rules: tuple[Rule, ...] = ()
    people: Mapping[str, Person] = field(default_factory=dict)
    groups: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    operators: tuple[str, ...] = ()
    plain_repository: str = ""
    sha256: str = ""
    by_id: Mapping[str, Person] = field(default_factory=dict)
    channels: Mapping[str, ChatChannel] = field(default_factory=dict)

    def person(self, actor: Actor) -> Person | None:
        """Return who this proven actor is, by immutable id alone."""
        return self.by_id.get(actor.id)

    def names(self, approvers: Iterable[str]) -> frozenset[str]:
        """Return the people behind a list of approvers; `anyone` names nobody."""
        found: set[str] = set()
        for approver in approvers:
            if approver.startswith(GROUP):
                found.update(self.groups.get(approver.removeprefix(GROUP), ()))
            elif approver in self.people:
                found.add(approver)
        return frozenset(found)


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a request has come: the stage it waits in, who counts there, and how many are missing.

    When every stage has passed, `stage` is the last one and `missing` is 0.
    """

    stage: Stage
    counted: tuple[Review, ...]
    missing: int
    passed: tuple[str, ...]
    next_stage: str


def matches(glob: str, name: str) -> bool:
    """Tell whether a policy glob matches a name, whatever the case."""
    return fnmatchcase(name.lower(), glob.lower())


def rule_for(policy: Policy, repository: str, environment: str, event_type: str) -> Rule | None:
    """Return the first rule that matches; rules for the plain form are none for requests."""
    for rule in policy.rules:
        if not rule.plain and rule.covers(repository, event_type) and matches(rule.environment, environment):
            return rule
    return None


def rule_of(policy: Policy, request: ApprovalRequest) -> Rule | None:
    """Return the rule that a request falls under."""
    return rule_for(policy, request.repository, request.environment, request.event_type)


def newest_counts(policy: Policy, request: ApprovalRequest) -> bool:
    """Tell whether a newer request of its group takes the place of a request."""
    rule = rule_of(policy, request)
    return rule is not None and rule.supersede


def allow_request(policy: Policy, request: ApprovalRequest, proof: Proof) -> Rule:
    """Return the rule under which `request` may be made and judged; Refusal no-rule where there is none."""
    rule = rule_of(policy, request)
    if rule is None or not request.event_type:
        raise Refusal("no-rule", "no rule matches repository, environment and event type")
    if proof not in rule.requests:
        raise Refusal("no-rule", f"the rule does not take requests proven by {proof}")
    if request.reject_event_type:
        allow_reject_event(rule, request.reject_event_type)
    return rule


def allow_reject_event(rule: Rule, event_type: str) -> None:
    """Refuse a reject event that the rule does not list, or that could release something under the rule."""
    if not any(matches(glob, event_type) for glob in rule.reject_event_types):
        raise Refusal("no-rule", "the rule does not list the reject event type", field="reject_event_type")
    if any(matches(glob, event_type) for glob in rule.event_types):
        raise Refusal("no-rule", "the reject event type is a releasing one", field="reject_event_type")


def allow_plain(policy: Policy, repository: str, event_type: str) -> Rule:
    """Return the plain rule for an unproven dispatch; Refusal no-rule if another rule guards the same event."""
    covering = [rule for rule in policy.rules if rule.covers(repository, event_type)]
    if not covering or not all(rule.plain for rule in covering):
        raise Refusal("no-rule", "no plain rule, or a rule with approvers guards the same event")
    return covering[0]


def expires_at(rule: Rule, request: ApprovalRequest) -> int:
    """Return when the request ends: its own wish, but never later than the rule allows."""
    return min(request.expires_at, request.issued_at + rule.expires_in)


def allow_review(policy: Policy, rule: Rule, stage: Stage, request: ApprovalRequest, actor: Actor) -> None:
    """Refuse (not-allowed, own-request) an actor whose word does not count in `stage`."""
    for approvers in (stage.approvers, request.approvers or (ANYONE,)):
        person = policy.person(actor)
        if ANYONE not in approvers and (person is None or person.key not in policy.names(approvers)):
            raise Refusal("not-allowed", f"not an approver of stage {stage.name}")
    if not rule.self_approval and is_requester(policy, request, actor):
        raise Refusal("own-request", "the requester may not approve")


def is_requester(policy: Policy, request: ApprovalRequest, actor: Actor) -> bool:
    """Tell whether the actor asked for this: a match of GitHub login or numeric id is enough."""
    person = policy.person(actor)
    ids = {f"github:{person.github_id}"} if person and person.github_id else set()
    by_id = bool(request.requested_by_id) and f"github:{request.requested_by_id}" in ids | {actor.id}
    by_login = bool(person and person.github and person.github.lower() == request.requested_by.lower())
    return by_id or by_login


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
    """Return what a person counts once by: their key in the policy, else their immutable id."""
    person = policy.person(actor)
    return person.key if person else actor.id


def progress(policy: Policy, rule: Rule, request: ApprovalRequest, reviews: Sequence[Review]) -> Progress:
    """Judge all reviews again, stage by stage, under the policy in force."""
    passed: list[str] = []
    for stage in rule.stages:
        counted = {
            identity(policy, review.by): review for review in reviews if counts(policy, rule, stage, request, review)
        }
        missing = max(0, stage.required - len(counted))
        following = rule.stages[len(passed) + 1 :]
        standing = Progress(
            stage=stage,
            counted=tuple(counted.values()),
            missing=missing,
            passed=tuple(passed),
            next_stage=following[0].name if following else "",
        )
        if missing:
            break
        passed.append(stage.name)
    return standing


def payload_room(rule: Rule) -> int:
    """Return how many bytes of JSON a requester's payload may have under the rule.

    GitHub takes 65,535 characters in all, and each review takes some 1,100 of them, in the payload and in the receipt.
    """
    return min(MAX_PAYLOAD, 57_000 - 1_100 * sum(stage.required for stage in rule.stages))


def check_narrowing(policy: Policy, rule: Rule, request: ApprovalRequest) -> str:
    """Return why a request's `approvers` can never be satisfied, or an empty string."""
    for approver in request.approvers:
        if approver.startswith(GROUP) and approver.removeprefix(GROUP) not in policy.groups:
            return "names a group that the policy does not have"
        if not approver.startswith(GROUP) and approver != ANYONE and approver not in policy.people:
            return "names a person that the policy does not have"
    if not request.approvers or ANYONE in request.approvers:
        return ""
    wanted = policy.names(request.approvers)
    for stage in rule.stages:
        left = wanted if ANYONE in stage.approvers else wanted & policy.names(stage.approvers)
        if len(left) < stage.required:
            return f"leaves {len(left)} of {stage.required} required approvers in stage {stage.name}"
    return ""
