"""Whether what somebody was told was true, by the case as it was in the end and by what GitHub had taken by then."""

from typing import Final

from relay.model import Case
from tests.torture import rules
from tests.torture.people import CUT, Answered, actor

_ENDED: Final = ("approved", "rejected", "expired", "superseded", "cancelled")
_WITHDRAWN_TOO_LATE: Final = ("approved", "rejected", "expired", "superseded")
_NO_ANSWER: Final = ("busy", CUT, "0", "503")


def is_true(answer: Answered, case: Case | None, *, taken: bool, jumped: bool) -> bool:
    """Tell whether an answer was true; `taken`: GitHub had taken the release when it came. Clocks may have `jumped`."""
    if answer.code in _NO_ANSWER:
        return True
    if case is None:
        return answer.code == "not-allowed" or (jumped and answer.code == "not-genuine")
    if answer.what == "ask":
        return answer.code in {"200", "201"}
    if answer.code.startswith("already-a") or answer.code in {"released", "approved-retrying", "approved-refused"}:
        return case.status == "approved" and _is_true_of_release(answer, case, taken=taken)
    return _is_true_of_case(answer, case, jumped=jumped)


def _is_true_of_release(answer: Answered, case: Case, *, taken: bool) -> bool:
    gone = case.request.repository == rules.GONE
    if answer.code == "already-approved":
        if "has taken it" in answer.sentence:
            return taken
        return "keeps trying" in answer.sentence or (not taken if "never sent" in answer.sentence else gone)
    told = {"released": taken, "approved-retrying": True, "approved-refused": gone}
    return told[answer.code] and _has_said(answer, case)


def _is_true_of_case(answer: Answered, case: Case, *, jumped: bool) -> bool:
    two_stages = rules.kind_of(case.request.environment) in rules.TWO_STAGES
    match answer.code:
        case "rejected" | "counted":
            return _has_said(answer, case) and (answer.code == "counted" or case.status == "rejected")
        case "already-counted":
            return any(review.by.id == actor(answer.who) for review in case.reviews)
        case "already-decided":
            return case.status in _WITHDRAWN_TOO_LATE
        case "not-allowed":
            return answer.who == rules.OUTSIDER or two_stages or not _has_said(answer, case)
        case "not-genuine":
            return jumped
        case _:
            return answer.code.removeprefix("already-") == case.status and case.status in _ENDED


def _has_said(answer: Answered, case: Case) -> bool:
    return (answer.what, actor(answer.who)) in {(review.verdict, review.by.id) for review in case.reviews}
