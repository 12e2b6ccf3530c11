"""The answer with the current state of a case, for a chat or a page."""

from dataclasses import replace

from relay.approval import wording
from relay.approval.approvers import progress
from relay.approval.confirm import view_of
from relay.approval.judge import Decision, ends_at, settled_decision
from relay.approval.policy import Policy, rule_of
from relay.approval.run_again import is_offered
from relay.model.answer import NO_WORDS, Answer, Words
from relay.model.case import Case
from relay.model.debts import Outcome
from relay.model.delivery import Interaction
from relay.signed import tickets
from relay.signed.tickets import TicketKey


def current_answer(
    case: Case, policy: Policy, key: TicketKey, public_url: str, now: float, *, held: str = "", by: str = ""
) -> Answer:
    """Return the answer to a look at a case. Its ticket is for live buttons, or empty.

    The code is `pending`, or the code of a click on a decided case. A notification has no needs and no ticket, and
    neither has a request that no rule matches any more. `held` is the viewer's ticket of a case that may not be stored.
    `by` tells that the relay posts the card itself.
    """
    settled = settled_decision(case, policy, now)
    if settled is not None:
        answer = replace(settled_answer(settled, case), again=_again(case, policy, key, public_url, now, by))
        return _with_true_end(answer, policy)
    request = case.request
    rule = rule_of(policy, request)
    if rule is None or not request.event_type:
        sentence = wording.refusal("no-rule") if request.event_type else wording.NOTIFICATION
        return Answer("pending", sentence, case, "pending")
    current = progress(policy, rule, request, case.reviews)
    decision = Decision("counted", current.stage.name, current.missing)
    answer = pending_answer("pending", decision, case, key, public_url, held=held, by=by)
    return _with_true_end(replace(answer, words=current.stage.words), policy)


def press_answer(  # noqa: PLR0913 - each goes by its name
    decision: Decision,
    outcome: Outcome | None,
    case: Case,
    policy: Policy,
    key: TicketKey,
    public_url: str,
    now: float,
    *,
    by: str = "",
) -> Answer:
    """Return the answer to a press: its decision, and the `outcome` of the dispatch that followed, if one did."""
    code, sentence = wording.outcome_code(decision, outcome), wording.sentence(decision, outcome, case)
    if decision.code in ("counted", "already-counted"):
        answer = pending_answer(code, decision, case, key, public_url, sentence=sentence, by=by)
        return _with_true_end(replace(answer, words=_words_of(policy, case, decision.stage)), policy)
    again = _again(case, policy, key, public_url, now, by)
    return _with_true_end(replace(settled_answer(decision, case), code=code, sentence=sentence, again=again), policy)


def confirm_answer(
    decision: Decision, case: Case, press: Interaction, policy: Policy, key: TicketKey, public_url: str, now: float
) -> Answer:
    """Return the answer to a press that a rule wants confirmed: the relay's own card, for this person alone."""
    view = view_of(case.request, decision.stage)
    ticket = tickets.sign_view(
        case.request, key, public_url, stage=decision.stage, view=view, person=press.actor.id, now=now
    )
    sentence = wording.sentence(decision, None, case)
    if press.verdict == "again":
        return replace(Answer(decision.code, sentence, case, case.status), again=ticket)
    needs = wording.needs(decision.stage, decision.missing)
    words = _words_of(policy, case, decision.stage)
    answer = Answer(decision.code, sentence, case, case.status, needs, ticket, press.comment, words)
    return _with_true_end(answer, policy)


def _with_true_end(answer: Answer, policy: Policy) -> Answer:
    """Return the answer with a case that its card can show: it ends when its rule says, if that is sooner."""
    # An offline ticket is made without knowledge of the rule. The stored request keeps the end of that ticket.
    request = replace(answer.case.request, expires_at=ends_at(answer.case, policy))
    return replace(answer, case=replace(answer.case, request=request))


def _words_of(policy: Policy, case: Case, stage: str) -> Words:
    rule = rule_of(policy, case.request)
    return next((each.words for each in rule.stages if each.name == stage), NO_WORDS) if rule else NO_WORDS


def _again(case: Case, policy: Policy, key: TicketKey, public_url: str, now: float, by: str) -> str:
    """Return the ticket for the button that runs a failed release again, or an empty text if it is not offered."""
    if not is_offered(case, policy, now):
        return ""
    return tickets.sign(case.request, key, public_url, self_contained=False, stage=case.stage, by=by)


def settled_answer(decision: Decision, case: Case) -> Answer:
    """Return the answer for a decided case. It has no ticket, so that no button stays live."""
    status = "expired" if decision.code == "expired" and case.status == "pending" else case.status
    return Answer(decision.code, wording.sentence(decision, None, case), case, status)


def pending_answer(  # noqa: PLR0913 - each goes by its name
    code: str,
    decision: Decision,
    case: Case,
    key: TicketKey,
    public_url: str,
    *,
    sentence: str = "",
    held: str = "",
    by: str = "",
) -> Answer:
    """Return the answer for a pending case, with its needs and a ticket for the buttons of its current stage."""
    ticket = held  # a case that is not stored keeps the ticket of its requester, perhaps signed by a derived key
    if case.version:
        ticket = tickets.sign(case.request, key, public_url, self_contained=False, stage=decision.stage, by=by)
    needs = wording.needs(decision.stage, decision.missing)
    return Answer(code, sentence or wording.waits(decision.stage, decision.missing), case, case.status, needs, ticket)
