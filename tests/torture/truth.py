"""Truth of an answer, judged by the final case and by GitHub's arrivals until the answer came."""

from typing import Final

from relay.model.case import Case
from tests.support.chaos.answers import PressAnswer
from tests.support.chaos.github import GONE
from tests.torture import rules
from tests.torture.diary import CUT, Answered, ids_of

_NO_ANSWER: Final = ("busy", CUT, "0", "503")


def is_true(answer: Answered, case: Case | None, *, taken: bool, jumped: bool) -> bool:
    """Tell whether an answer was true; `taken`: GitHub had taken the decision by then. Clocks may have `jumped`."""
    if answer.code in _NO_ANSWER or (jumped and answer.code == "not-genuine"):
        return True
    if case is None:
        return answer.code == "not-allowed"
    said = PressAnswer(answer.code, answer.sentence, answer.act, ids_of(answer.person))
    match answer.code:
        case "200" | "201":
            return answer.act == "ask"
        case "already-decided":
            return case.status not in {"pending", "cancelled"}
        case "not-allowed":
            two_stages = rules.kind_of(case.request.environment) in rules.TWO_STAGES
            return answer.person == rules.OUTSIDER or two_stages or not said.counts(case)
        case _:
            return said.is_true(case, taken=taken, refusable=case.request.repository == GONE)
