"""The judge of one review on one case: the decision and the next case. Pure, since it may run twice."""

from collections.abc import Callable
from dataclasses import replace
from typing import Literal, NamedTuple

from relay.approval import debts
from relay.approval.approvers import Progress, allow_rejection, allow_review, counts, identity, progress
from relay.approval.gates import GATE, owe_report, reported
from relay.approval.policy import Policy, Rule, rule_of
from relay.approval.requests import allow_request, expires_at
from relay.approval.targets import allow_target
from relay.errors import Refusal
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.delivery import Interaction
from relay.model.people import Review, Verdict

UnreleasedCode = Literal[
    "rejected",
    "counted",
    "already-counted",
    "already-approved",
    "already-rejected",
    "superseded",
    "cancelled",
    "expired",
    "confirm",
]
"""The decisions that release nothing. A press is answered by their own codes."""
DecisionCode = Literal["approved", UnreleasedCode, "again"]


class Decision(NamedTuple):
    """The result of a press. `stage` still needs `missing` approvals. This review has completed the stage `passed`."""

    code: DecisionCode
    stage: str = ""
    missing: int = 0
    passed: str = ""


class Step(NamedTuple):
    """A decision and the case that follows. `changed` is false if there is nothing to commit."""

    decision: Decision
    case: Case
    changed: bool


def confirmed(_stage: str) -> bool:
    """Tell that a press decides at once, since the person saw a card or page of the relay itself."""
    return True


def unconfirmed(_stage: str) -> bool:
    """Tell that a rule with `confirm_cards` asks for a second press."""
    return False


def take(
    case: Case,
    interaction: Interaction,
    policy: Policy,
    *,
    now: float,
    drawn_for: str = "",
    confirms: Callable[[str], bool] = unconfirmed,
) -> Step:
    """Judge `interaction` on `case` under the policy in force.

    `drawn_for` is the stage of the pressed button, empty for a card as it was first sent. `confirms` tells whether the
    pressed card is the relay's own view of a stage. Raises Refusal: no-rule, not-allowed, own-request,
    comment-required.
    """
    settled = settled_decision(case, policy, now)
    if settled is not None:
        return Step(settled, case, changed=False)
    request, known = case.request, case
    rule = allow_request(policy, request, case.proof)
    if case.proof == "offline" and not case.reviews:
        allow_target(rule, request)
        case = opened(case, rule, now)
    current = progress(policy, rule, request, case.reviews)
    if interaction.verdict == "approve" and current.missing:
        # Pressing an older button after its stage has passed is a double click, and not a review of the next stage.
        earlier = _counted_before(case, interaction, policy, current, drawn_for)
        if earlier is not None:
            return Step(Decision("already-counted", current.stage.name, current.missing, earlier), case, changed=False)
    if interaction.verdict == "approve":
        allow_review(policy, rule, current.stage, request, interaction.actor)
    else:
        allow_rejection(policy, rule, current.stage, case, interaction.actor)
    to_confirm = rule.confirm_cards and not confirms(current.stage.name)
    if request.require_comment and not to_confirm and not _is_readable(interaction.comment):
        raise Refusal("comment-required", "the request asks for a comment")
    again = interaction.verdict == "approve" and _counts_now(policy, current, interaction)
    if again and current.missing:
        return Step(Decision("already-counted", current.stage.name, current.missing), case, changed=False)
    if to_confirm:
        return Step(Decision("confirm", current.stage.name, current.missing), known, changed=False)
    if again:  # the policy became milder since: the earlier reviews are enough now
        return _release(case, rule, policy, now)
    person = policy.person(interaction.actor)
    by = replace(interaction.actor, name=person.name) if person else interaction.actor
    verdict: Verdict = "reject" if interaction.verdict == "reject" else "approve"
    review = Review(verdict, by, current.stage.name, int(now), interaction.comment)
    return _record(replace(case, reviews=(*case.reviews, review)), review, rule, policy, now)


def settled_decision(case: Case, policy: Policy, now: float) -> Decision | None:
    """Return the decision of a decided or expired case, or None if the case is pending."""
    match case.status:
        case "approved":
            return Decision("already-approved", case.stage)
        case "rejected":
            return Decision("already-rejected", case.stage)
        case "superseded" | "cancelled" | "expired":
            return Decision(case.status, case.stage)
        case _:
            return Decision("expired", case.stage) if now >= ends_at(case, policy) else None


def ends_at(case: Case, policy: Policy) -> int:
    """Return the time at which the case expires: the request's end, or the rule's if that is sooner."""
    request = case.request
    rule = rule_of(policy, request)
    return request.expires_at if rule is None else expires_at(rule, request)


def opened(case: Case, rule: Rule, now: float) -> Case:
    """Return a new case that owes its rule's `on_request` dispatch. An offline one is opened at its first review."""
    if not rule.on_request:
        return case
    others = (debt for debt in case.debts if debt.kind != "dispatch")
    return replace(case, debts=(*others, _dispatch(rule.on_request, now, decision="requested")))


def _is_readable(comment: str) -> bool:
    """Tell whether a comment has a visible character. Blanks of zero width are not visible."""
    return any(each.isprintable() and not each.isspace() for each in comment)


def _counted_before(
    case: Case, interaction: Interaction, policy: Policy, current: Progress, drawn_for: str
) -> str | None:
    """Return the stage that passed with this person's approval since the button was drawn, or None."""
    if drawn_for == current.stage.name:
        return None
    first = current.passed.index(drawn_for) if drawn_for in current.passed else 0
    person = identity(policy, interaction.actor)
    approved = (
        review.stage
        for review in case.reviews
        if review.stage in current.passed[first:]
        and review.verdict == "approve"
        and identity(policy, review.by) == person
    )
    return next(approved, None)


def _counts_now(policy: Policy, current: Progress, interaction: Interaction) -> bool:
    person = identity(policy, interaction.actor)
    return any(identity(policy, review.by) == person for review in current.counted)


def _record(case: Case, review: Review, rule: Rule, policy: Policy, now: float) -> Step:
    if review.verdict == "reject":
        event_type = GATE if case.gate else case.request.reject_event_type
        owed = (_dispatch(event_type, now),) if event_type else ()
        rejected = replace(case, status="rejected", stage=review.stage, decided_at=int(now), debts=(*case.debts, *owed))
        return Step(Decision("rejected", review.stage), debts.without_unwanted(rejected, now), changed=True)
    current = progress(policy, rule, case.request, case.reviews)
    if current.missing:
        passed = "" if current.stage.name == review.stage else review.stage
        counted = Decision("counted", current.stage.name, current.missing, passed)
        announced = _announced(case, rule, current.passed, now)
        after = replace(case, stage=current.stage.name, debts=announced)
        return Step(counted, owe_report(after, reported(review, counted.stage, counted.missing), now), changed=True)
    return _release(case, rule, policy, now)


def _release(case: Case, rule: Rule, policy: Policy, now: float) -> Step:
    stages = tuple(stage.name for stage in rule.stages)
    approved = replace(
        case,
        status="approved",
        stage=stages[-1],
        decided_at=int(now),
        reviews=_counted_reviews(case, rule, policy),
        debts=(
            *_announced(case, rule, stages, now),
            replace(_dispatch(case.request.event_type, now), workflow=rule.workflow),
        ),
    )
    return Step(Decision("approved", stages[-1]), approved, changed=True)


def _announced(case: Case, rule: Rule, passed: tuple[str, ...], now: float) -> tuple[Debt, ...]:
    """Return the debts with the dispatches of the passed stages. Each stage has one, even if it must pass again."""
    announced = {debt.passed[-1] for debt in case.debts if debt.passed}
    events = {stage.name: stage.on_pass for stage in rule.stages if stage.on_pass}
    fresh = [(number, name) for number, name in enumerate(passed, 1) if name in events and name not in announced]
    return (
        *case.debts,
        *(_dispatch(events[name], now, decision="approved", passed=passed[:number]) for number, name in fresh),
    )


def _counted_reviews(case: Case, rule: Rule, policy: Policy) -> tuple[Review, ...]:
    # A review that no longer counts is left out, so that the receipt names no reviewer without a say.
    return tuple(
        review
        for review in case.reviews
        if any(counts(policy, rule, stage, case.request, review) for stage in rule.stages)
    )


def _dispatch(
    event_type: str, now: float, *, decision: Literal["", "requested", "approved"] = "", passed: tuple[str, ...] = ()
) -> Debt:
    return Debt(event_type=event_type, created_at=int(now), due_at=now, since=now, decision=decision, passed=passed)
