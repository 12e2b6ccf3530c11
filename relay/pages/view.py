"""The view of a case for one person: judged by the judge of production, without a decision."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from relay.approval import judge
from relay.approval.approvers import Progress, identity, progress
from relay.approval.debts import is_dispatch
from relay.approval.judge import Decision
from relay.approval.policy import ANYONE, Policy, Rule, Stage, rule_of
from relay.approval.requesters import is_requester
from relay.approval.run_again import take_again
from relay.errors import Refusal
from relay.model.answer import NO_WORDS
from relay.model.answer import Words as OperatorWords
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.delivery import Interaction
from relay.model.people import Actor, Review, Verdict
from relay.model.request import Status
from relay.pages.form_token import fingerprint

StageState = Literal["passed", "waits", "comes_later", "was_rejected", "not_reached"]


@dataclass(frozen=True, slots=True)
class Step:
    """A stage with its state, its reviews, and the people who decide it. None means anyone."""

    stage: Stage
    state: StageState
    reviews: tuple[Review, ...]
    counted: int
    deciders: tuple[str, ...] | None


@dataclass(frozen=True, slots=True)
class View:
    """A case as one person sees it at `now`: the verdicts they may give, or the code of the reason why not."""

    case: Case
    status: Status
    person: Actor
    now: float
    ends_at: int
    stage: str
    steps: tuple[Step, ...]
    loose: tuple[Review, ...]
    verdicts: tuple[Verdict, ...]
    why_not: str
    may_run_again: bool
    mine: frozenset[str]

    @property
    def asks(self) -> bool:
        """Tell whether the request needs a decision. A notification needs none."""
        return bool(self.case.request.event_type)

    @property
    def operator_words(self) -> OperatorWords:
        """Return the operator's words for the buttons of the stage that waits."""
        return next((step.stage.words for step in self.steps if step.stage.name == self.stage), NO_WORDS)

    @property
    def dispatches(self) -> tuple[Debt, ...]:
        """Return the dispatches of the case."""
        return tuple(debt for debt in self.case.debts if is_dispatch(debt))


def view(case: Case, status: Status, policy: Policy, person: Actor, now: float) -> View:
    """Return the view of a case with a known `status`."""
    request = case.request
    found = _rule_and_progress(case, policy)
    steps = _steps(case, status, policy, *found) if found else ()
    known = {step.stage.name for step in steps}
    stage = found[1].stage.name if found else ""
    verdicts, why_not = (
        _possible_verdicts(case, policy, person, now, stage) if status == "pending" and request.event_type else ((), "")
    )
    own_identity, known_person = identity(policy, person), policy.person(person)
    return View(
        case=case,
        status=status,
        person=replace(person, name=known_person.name or person.name) if known_person else person,
        now=now,
        ends_at=judge.ends_at(case, policy),
        stage=stage,
        steps=steps,
        loose=tuple(review for review in case.reviews if review.stage not in known),
        verdicts=verdicts,
        why_not=why_not,
        may_run_again=_may_run_again(case, policy, person, now),
        mine=frozenset(review.by.id for review in case.reviews if identity(policy, review.by) == own_identity)
        | {person.id},
    )


def stage_of(case: Case, policy: Policy) -> str:
    """Return the stage in which a case waits under the present policy, or an empty text without a rule."""
    found = _rule_and_progress(case, policy)
    return found[1].stage.name if found else ""


def decision_of(view: View, code: str) -> Decision | None:
    """Return the decision for an outcome code, or None if the code does not fit the case."""
    match code:
        case "approved" | "rejected" | "again" if view.status == ("approved" if code == "again" else code):
            return Decision(code, view.case.stage)
        case "counted" | "already-counted" if view.status == "pending" and view.steps:
            current = next(step for step in view.steps if step.stage.name == view.stage)
            missing = max(0, current.stage.required - current.counted)
            last = next((review.stage for review in reversed(view.case.reviews) if review.by.id in view.mine), "")
            passed = last if code == "counted" and last != view.stage else ""
            return Decision(code, view.stage, missing, passed)
        case "already-approved" | "already-rejected" if view.status == code.removeprefix("already-"):
            return Decision(code, view.case.stage)
        case "superseded" | "cancelled" | "expired" if code in (view.status, view.case.retries_ended):
            return Decision(code, view.case.stage)
        case _:
            return None


def earlier_outcome(view: View, verdict: Verdict, drawn: str) -> str:
    """Return the outcome of an earlier, equal press on the same form, or an empty text if there is none."""
    # Equal means: by this person, on the very case that the form showed. No clock can tell this, since two people may
    # press within a second.
    reviews = view.case.reviews
    for index, review in enumerate(reviews):
        before = replace(view.case, status="pending", reviews=reviews[:index])
        if review.by.id in view.mine and review.verdict == verdict and fingerprint(before, review.stage) == drawn:
            last_word = index == len(reviews) - 1 and view.status in ("approved", "rejected")
            return view.status if last_word else current_code(view)
    return ""


def current_code(view: View) -> str:
    """Return the outcome code of a press that changes nothing."""
    match view.status:
        case "pending":
            return "already-counted"
        case "approved" | "rejected":
            return f"already-{view.status}"
        case _:
            return view.status


def _rule_and_progress(case: Case, policy: Policy) -> tuple[Rule, Progress] | None:
    """Return the rule of a request and the progress of its stages, or None without a rule."""
    request = case.request
    rule = rule_of(policy, request) if request.event_type else None
    return (rule, progress(policy, rule, request, case.reviews)) if rule else None


def _possible_verdicts(
    case: Case, policy: Policy, person: Actor, now: float, drawn_for: str
) -> tuple[tuple[Verdict, ...], str]:
    """Return the verdicts that this person may give, and the reason why an approval is refused."""
    verdicts: list[Verdict] = []
    why_not = ""
    kinds: tuple[Verdict, ...] = ("approve", "reject")
    for verdict in kinds:
        interaction = Interaction("", verdict, "a comment", person)
        try:
            step = judge.take(case, interaction, policy, now=now, drawn_for=drawn_for, confirms=judge.confirmed)
        except Refusal as refusal:
            why_not = why_not or refusal.code
            continue
        if step.changed:
            verdicts.append(verdict)
        else:
            why_not = step.decision.code
    return tuple(verdicts), why_not


def _may_run_again(case: Case, policy: Policy, person: Actor, now: float) -> bool:
    """Tell whether this person may run a failed release again. A newer approval is looked for at the press."""
    interaction = Interaction("", "again", "", person)
    try:
        return take_again(case, interaction, policy, now=now, overtaken=False).decision.code == "again"
    except Refusal:
        return False


def _steps(case: Case, status: Status, policy: Policy, rule: Rule, progress_now: Progress) -> tuple[Step, ...]:
    found: list[Step] = []
    open_, states = status == "pending", _states(case, status, rule, progress_now)
    for stage, state in zip(rule.stages, states, strict=True):
        reviews = tuple(review for review in case.reviews if review.stage == stage.name)
        approvals = {identity(policy, review.by) for review in reviews if review.verdict == "approve"}
        counted = len(progress_now.counted) if open_ and stage.name == progress_now.stage.name else len(approvals)
        found.append(Step(stage, state, reviews, counted, _deciders(policy, rule, stage, case)))
    return tuple(found)


def _states(case: Case, status: Status, rule: Rule, progress_now: Progress) -> Sequence[StageState]:
    names = [stage.name for stage in rule.stages]
    # A request that was decided on GitHub may have been decided here before.
    if status == "approved" or (status == "cancelled" and not progress_now.missing):
        return ["passed" for _ in names]
    vetoed = status == "cancelled" and any(review.verdict == "reject" for review in case.reviews)
    was_rejected = status == "rejected" or vetoed
    at = case.stage if was_rejected and case.stage in names else progress_now.stage.name
    here = names.index(at)
    current: StageState = "waits" if status == "pending" else "was_rejected" if was_rejected else "not_reached"
    later: StageState = "comes_later" if status == "pending" else "not_reached"
    return ["passed" if index < here else current if index == here else later for index in range(len(names))]


def _deciders(policy: Policy, rule: Rule, stage: Stage, case: Case) -> tuple[str, ...] | None:
    """Return the names of a stage's deciders, narrowed by the request, less its requester. None means anyone."""
    lists = [each for each in (stage.approvers, case.request.approvers) if each and ANYONE not in each]
    if not lists:
        return None
    keys = frozenset.intersection(*(policy.names(each) for each in lists))
    barred = frozenset() if rule.self_approval else _requesters(policy, case)
    return tuple(person.name or key for key, person in policy.people.items() if key in keys - barred)


def _requesters(policy: Policy, case: Case) -> frozenset[str]:
    """Return the keys of the people who asked, by any of their ids."""
    actors = (Actor(id_, "") for id_ in policy.by_id)
    asked = (policy.person(actor) for actor in actors if is_requester(policy, case.request, actor))
    return frozenset(person.key for person in asked if person)
