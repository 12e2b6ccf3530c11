"""Second runs of a failed release: it is dispatched once more, under the same approval. Pure."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

from relay.approval.approvers import allow_review
from relay.approval.judge import Decision, Step, confirmed, settled_decision
from relay.approval.policy import DAY, Policy, rule_of
from relay.approval.requests import allow_request
from relay.approval.wording import NO_RETRY, RAN_OFTEN, UNDECIDED, deciding
from relay.errors import Refusal
from relay.model.case import Case, EndOfRetries
from relay.model.debts import Debt
from relay.model.delivery import Interaction
from relay.model.people import Rerun

MAX_RERUNS: Final = 5
OFFERED_FOR: Final = DAY  # seconds after the run has failed


def is_offered(case: Case, policy: Policy, now: float) -> bool:
    """Tell whether the cards of a case offer to run it again. GitHub may have taken a newer approval all the same."""
    rule = rule_of(policy, case.request)
    open_ = _failed_at(case) is not None and not _end(case, now, overtaken=False)
    return open_ and rule is not None and rule.retry and len(case.reruns) < MAX_RERUNS


def take_again(
    case: Case,
    interaction: Interaction,
    policy: Policy,
    *,
    now: float,
    overtaken: bool,
    confirms: Callable[[str], bool] = confirmed,
) -> Step:
    """Judge a press of "Run again". `overtaken`: GitHub has taken a newer approval of its group.

    The order is that of an approval: first the state of the case, then the policy. Raises Refusal: malformed if the
    request is still open, no-rule, not-allowed, own-request.
    """
    settled = settled_decision(case, policy, now)
    if settled is None:
        raise Refusal("malformed", UNDECIDED)
    if _failed_at(case) is None:
        return Step(settled, case, changed=False)
    end = _end(case, now, overtaken=overtaken)
    if end:
        # Recorded, so that the buttons of every card go.
        over = replace(case, retries_ended=end)
        return Step(Decision(end, case.stage), over, changed=over != case)
    rule = allow_request(policy, case.request, case.proof)
    if not rule.retry:
        raise Refusal("not-allowed", NO_RETRY)
    stage = rule.stages[-1]
    allow_review(policy, rule, stage, case.request, interaction.actor)
    if len(case.reruns) >= MAX_RERUNS:
        raise Refusal("not-allowed", RAN_OFTEN)
    if rule.confirm_cards and not confirms(stage.name):
        return Step(Decision("confirm", stage.name), case, changed=False)
    person = policy.person(interaction.actor)
    by = replace(interaction.actor, name=person.name) if person else interaction.actor
    reruns = (*case.reruns, Rerun(by, int(now)))
    debts = (*case.debts, _dispatch(case, now, run=len(reruns) + 1))
    return Step(Decision("again", stage.name), replace(case, reruns=reruns, debts=debts), changed=True)


def _failed_at(case: Case) -> int | None:
    """Return when the run of the last release has failed or was cancelled, or None if it did not."""
    run, released = case.run, deciding(case.debts)
    if case.status != "approved" or run is None or released is None or case.debts[run.debt] is not released:
        return None
    return run.at if run.status in ("failure", "cancelled") else None


def _end(case: Case, now: float, *, overtaken: bool) -> EndOfRetries:
    """Return why a failed run can no longer run again, or an empty text if it can."""
    failed_at = _failed_at(case) or 0
    if case.retries_ended or overtaken:
        return case.retries_ended or "superseded"
    return "expired" if now >= failed_at + OFFERED_FOR else ""


def _dispatch(case: Case, now: float, *, run: int) -> Debt:
    first = deciding(case.debts)
    workflow = first.workflow if first else ""
    return Debt(case.request.event_type, int(now), now, since=now, workflow=workflow, run=run)
