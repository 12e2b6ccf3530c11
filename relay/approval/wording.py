"""The sentences that people in a chat read as the outcome of a click: printable ASCII, without names and times."""

from types import MappingProxyType
from typing import Final, Literal

from relay.approval.debts import DROPPED, OVERTAKEN
from relay.approval.gates import DECIDED_ELSEWHERE
from relay.approval.judge import Decision, UnreleasedCode
from relay.approval.targets import OTHER_REFS
from relay.model.case import Case
from relay.model.debts import Debt, Delivered, Outcome, Refused, RetryAfter

OutcomeCode = Literal["released", "approved-retrying", "approved-refused", UnreleasedCode]

_REFUSALS: Final = MappingProxyType(
    {
        "too-large": "Not taken: what was sent is larger than 1 MiB.",
        "not-genuine": "Not taken: no proof of who pressed, or the card is not of this relay. Nothing was recorded.",
        "malformed": "Not taken: what was sent is not of the form the relay reads. Nothing was recorded.",
        "unknown-request": "This request is not known to the relay. Ask for a new one.",
        "no-rule": "No rule of the operator's policy takes this request. Nothing was recorded.",
        "not-allowed": "You are not an approver of this request at its present stage. Nothing was recorded.",
        "own-request": "You asked for this, so somebody else has to decide. Nothing was recorded.",
        "comment-required": "A comment is required. Write one and press again.",
        "busy": "The relay is busy and this may not have been recorded. Press again in a moment; that is safe.",
        "not-found": "There is nothing at this address.",
        "key-reused": "This Idempotency-Key was used for another request. Use a new key for a new request.",
        "being-paid": "It is being sent right now. Try again in half a minute.",
        "overtaken": "A newer approval came since, and sending this one would undo it; --anyway sends it all the same.",
        "dropped": "An operator dropped it for good. It is never sent, and cannot be replayed.",
        "already-decided": "The request has ended already and cannot be cancelled.",
        "expired": "This has expired. Nothing was recorded.",
        "not-dispatched": "Nothing was sent to GitHub yet. Report from the workflow that the dispatch starts.",
        "too-many": "This request has 20 reports already, and no more are taken. Report less often.",
        "stale": "Something changed since this page was drawn, so your press was not taken. Look again, then decide.",
    }
)

UNDECIDED: Final = "nothing of an open request can run again"
NO_RETRY: Final = "the rule has no retry"
RAN_OFTEN: Final = "the release ran again five times"
_BY_CHECK: Final = MappingProxyType(  # for these the sentence of the code would be untrue
    {
        OTHER_REFS: "The policy takes requests like this from other branches or tags. Nothing was recorded.",
        UNDECIDED: "This is not decided yet, so nothing can run again. Nothing was recorded.",
        NO_RETRY: "The policy runs nothing of this again. Ask for a new approval.",
        RAN_OFTEN: "This ran again five times, which is the limit. Ask for a new approval.",
    }
)

_NOT_LISTED: Final = MappingProxyType(
    {
        "tenant": "Not taken: this relay takes no decisions from your organization. Nothing was recorded. If you are "
        "an approver, ask the operator of the relay to list it.",
        "person": "Not taken: Teams names no work account for you, as it does for some guests. Nothing was recorded. "
        "Press with your work account, or decide on the review page.",
    }
)

_SETTLED: Final = MappingProxyType(
    {
        "already-rejected": "This was already rejected. Nothing else happens.",
        "superseded": "A newer request has taken the place of this one. Nothing else happens.",
        "cancelled": "This request was cancelled. Nothing else happens.",
        "expired": "This request has expired undecided. Ask for a new one.",
        "confirm": "Nothing is recorded yet. Read this card, which the relay drew, and press again within ten minutes.",
    }
)


_TAKEN: Final = MappingProxyType({"approved": "Approved.", "again": "Started again."})
_NEVER_SENT: Final = MappingProxyType(
    {
        DROPPED: "But the operator gave it up, and it is never sent to GitHub.",
        OVERTAKEN: "But a newer approval of the same came first, so nothing was sent.",
    }
)
_NO_RETRY: Final = MappingProxyType(
    {
        "superseded": "GitHub has taken a newer approval of the same since, so this one does not run again.",
        "expired": "The last run failed more than a day ago, so it does not run again. Ask for a new approval.",
    }
)

NOTIFICATION: Final = "This is for your information. There is nothing to decide."


def refusal(code: str, check: str = "") -> str:
    """Return the sentence of a refusal by its code and the check that failed, or of busy."""
    return _BY_CHECK.get(check) or _REFUSALS[code]


def not_listed(fault: Literal["tenant", "person"]) -> str:
    """Return the sentence for a proven sender whose tenant is not listed, or whose person the chat does not name."""
    return _NOT_LISTED[fault]


def outcome_code(decision: Decision, outcome: Outcome | None) -> OutcomeCode:
    """Return the outcome code of a decision. For an approval it is the code of its dispatch."""
    match decision.code:
        case "approved" | "again":
            return dispatch_code(outcome)
        case code:
            return code


def dispatch_code(outcome: Outcome | None) -> OutcomeCode:
    """Return the outcome code of an approval from the outcome of its dispatch."""
    match outcome:
        case Delivered():
            return "released"
        case Refused():
            return "approved-refused"
        case _:
            return "approved-retrying"


def sentence(decision: Decision, outcome: Outcome | None, case: Case) -> str:  # noqa: PLR0911 - one for each code
    """Return the sentence for a decision and, if a dispatch was tried, its outcome."""
    match decision.code:
        case "approved" | "again":
            return f"{_TAKEN[decision.code]} {_sent(outcome)}"
        case "rejected":
            if isinstance(outcome, Refused) and outcome.elsewhere:  # an administrator may have released it
                return f"Rejected. {_sent(outcome)}"
            name = "" if case.gate else "The event of the rejection: "  # a run that waits gets a verdict, and no event
            sent = f" {name}{_sent(outcome)}" if deciding(case.debts) else ""
            return f"Rejected. Nothing will be released.{sent}"
        case "counted" if decision.passed:
            needs = _more(decision.missing).replace(" more", "")
            passed = _stage(decision.passed, first=True)
            return f"Counted. {passed} has passed; {_stage(decision.stage)} is next and {needs}."
        case "counted":
            return f"Counted. {_stage(decision.stage, first=True)} {_more(decision.missing)}."
        case "already-counted" if decision.passed:
            before = f"Your approval already counts for {_stage(decision.passed)}, which has passed."
            needs = f"{_stage(decision.stage, first=True)} {_more(decision.missing)}"
            return f"{before} {needs}; if you may give one there too, press again."
        case "already-counted":
            return f"Your approval already counts. {_stage(decision.stage, first=True)} {_more(decision.missing)}."
        case "already-approved":
            return f"This was already approved. {_paid(deciding(case.debts))}"
        case code:
            return _ended(code, case)


def _ended(code: str, case: Case) -> str:
    """Return the sentence for a request that ended before."""
    if case.status == "approved" and code in _NO_RETRY:
        return _NO_RETRY[code]
    if code == "cancelled" and case.ended_by == DECIDED_ELSEWHERE:
        return "This was decided on GitHub. Nothing else happens."
    return _SETTLED[code]


def plain_sentence(outcome: Outcome | None) -> str:
    """Return the sentence for a dispatch of the plain form, which needs no approval."""
    return f"Accepted. {_sent(outcome)}"


def needs(stage: str, missing: int) -> str:
    """Return the needs of a pending card. Its body may hold any script, unlike a header."""
    return f"{missing} more approval{'' if missing == 1 else 's'} in stage {stage}"


def waits(stage: str, missing: int) -> str:
    """Return the sentence for a pending request, for a person who only looks."""
    return f"Waiting for approval. {_stage(stage, first=True)} {_more(missing)}."


def deciding(debts: tuple[Debt, ...]) -> Debt | None:
    """Return the dispatch of the final decision, or None. Of a release that ran again it is the last."""
    final = [debt for debt in debts if debt.kind == "dispatch" and not debt.decision]
    return max(final, key=lambda debt: debt.run, default=None)


def paid_outcome(debt: Debt | None) -> Outcome | None:
    """Return the outcome of a dispatch from its debt, or None if it was not tried."""
    match debt:
        case Debt(status="delivered"):
            return Delivered()
        case Debt(status="refused" | "dead" | "cancelled"):
            return Refused(debt.last_error, debt.cure, elsewhere=debt.last_error == DECIDED_ELSEWHERE)
        case Debt(last_error=error) if error:
            return RetryAfter(error)
        case _:
            return None


def _sent(outcome: Outcome | None) -> str:
    match outcome:
        case Delivered():
            return "GitHub has taken it."
        case Refused(phrase=phrase) if phrase in _NEVER_SENT:
            return _NEVER_SENT[phrase]
        case Refused(elsewhere=True):
            return "But it was decided on GitHub before, so nothing was sent."
        case Refused(phrase=phrase):
            return f"But GitHub refused it: {phrase}. The operator can mend this and replay it."
        case None:
            return "GitHub has not been told yet; the relay keeps trying for a day."
        case _:
            return f"GitHub has not taken it yet ({outcome.phrase}); the relay keeps trying for a day."


def _paid(debt: Debt | None) -> str:
    match debt:
        case Debt(status="dead", row=""):
            return "GitHub has not taken it, and the operator gave it up."
        case Debt(status="refused" | "dead"):
            return "GitHub has not taken it; the operator can mend this and replay it."
        case Debt(status="cancelled"):
            return "It was never sent to GitHub: a newer approval of the same came first."
        case Debt(status="owed"):
            return "The relay keeps trying to reach GitHub."
        case _:
            return "GitHub has taken it."


def _more(missing: int) -> str:
    return f"needs {missing} more approval{'' if missing == 1 else 's'}"


def _stage(name: str, *, first: bool = False) -> str:
    """Return the name of a stage in ASCII. A header cannot hold a stage name in Korean."""
    article = "The" if first else "the"
    return f'{article} stage "{name}"' if name.isascii() and name.isprintable() else f"{article} stage"
