"""The outcome of a press as a sentence: in English as in the chats, or in Korean."""

import re
from typing import Final

from relay.approval import wording
from relay.approval.debts import DROPPED, OVERTAKEN
from relay.approval.gates import DECIDED_ELSEWHERE
from relay.approval.judge import Decision
from relay.approval.targets import OTHER_REFS
from relay.model.case import Case
from relay.model.debts import Debt, Delivered, Outcome, Refused
from relay.pages.languages import Language

_REFUSALS: Final = {
    "too-large": "받지 않았습니다: 보낸 내용이 1 MiB보다 큽니다.",
    "not-genuine": "받지 않았습니다: 누가 눌렀는지 증명되지 않았거나 이 릴레이의 것이 아닙니다. 기록된 것은 없습니다.",
    "malformed": "받지 않았습니다: 릴레이가 읽는 형식이 아닙니다. 기록된 것은 없습니다.",
    "unknown-request": "릴레이가 모르는 요청입니다. 새로 요청해 달라고 하세요.",
    "no-rule": "운영자의 정책에 이 요청을 받는 규칙이 없습니다. 기록된 것은 없습니다.",
    "not-allowed": "현재 단계에서 이 요청을 결정하는 사람이 아닙니다. 기록된 것은 없습니다.",
    "own-request": "본인이 요청한 것이므로 다른 사람이 결정해야 합니다. 기록된 것은 없습니다.",
    "stale": "이 페이지가 그려진 뒤 바뀐 것이 있어 누른 것을 받지 않았습니다. 다시 보고 결정하세요.",
    "comment-required": "의견이 필요합니다. 의견을 적고 다시 누르세요.",
    "busy": "릴레이가 바빠서 기록되지 않았을 수 있습니다. 잠시 후 다시 누르세요. 다시 눌러도 안전합니다.",
}
_BY_CHECK: Final = {
    OTHER_REFS: "정책이 이런 요청을 다른 브랜치나 태그에서만 받습니다. 기록된 것은 없습니다.",
    wording.UNDECIDED: "아직 결정되지 않아 다시 실행할 것이 없습니다. 기록된 것은 없습니다.",
    wording.NO_RETRY: "정책이 이 요청의 재실행을 허용하지 않습니다. 새로 요청해 달라고 하세요.",
    wording.RAN_OFTEN: "한도인 다섯 번을 이미 다시 실행했습니다. 새로 요청해 달라고 하세요.",
}
_SETTLED: Final = {
    "already-rejected": "이미 거절되었습니다. 더 일어나는 일은 없습니다.",
    "superseded": "새 요청이 이 요청을 대신합니다. 더 일어나는 일은 없습니다.",
    "cancelled": "이 요청은 취소되었습니다. 더 일어나는 일은 없습니다.",
    "expired": "이 요청은 결정 없이 만료되었습니다. 새로 요청해 달라고 하세요.",
}
_NO_RETRY: Final = {
    "superseded": "그 뒤에 GitHub가 같은 것의 새 승인을 받았으므로 다시 실행하지 않습니다.",
    "expired": "마지막 실행이 실패한 지 하루가 넘어 다시 실행하지 않습니다. 새로 요청해 달라고 하세요.",
}
_PHRASES: Final = {  # reasons from the adapters; an unknown one is shown in English
    "it does not understand the relay's call": "릴레이의 호출을 이해하지 못함",
    "it does not accept the relay's credential": "릴레이의 자격 증명을 받지 않음",
    "the repository does not exist, or the relay may not see it": "저장소가 없거나 릴레이가 볼 수 없음",
    "it no longer supports the API version that the relay uses": "릴레이가 쓰는 API 버전을 더 지원하지 않음",
    "the repository was renamed or moved": "저장소의 이름이나 위치가 바뀜",
    "its answer is not one that GitHub gives": "GitHub의 답이 아님",
    "the relay's credential is not authorized for the organization's single sign-on": (
        "릴레이의 자격 증명이 조직의 SSO에 허가되지 않음"
    ),
    "it limits how often the relay may call": "릴레이의 호출 횟수를 제한함",
    "it locks the relay out for a while, since its credential was wrong several times": (
        "자격 증명이 여러 번 틀려 한동안 막음"
    ),
    "it forbids this to the relay": "릴레이에 이를 금지함",
    "the relay's credential lacks a permission": "릴레이의 자격 증명에 권한이 부족함",
    "it finds the event type or the payload invalid": "이벤트 유형이나 페이로드가 올바르지 않다고 함",
    "it finds the inputs or the ref invalid": "입력이나 ref가 올바르지 않다고 함",
    "the workflow or the repository does not exist, or the relay may not see it": (
        "워크플로나 저장소가 없거나 릴레이가 볼 수 없음"
    ),
    "the run does not exist any more, or the relay may not see it": "실행이 더 없거나 릴레이가 볼 수 없음",
    "decided on GitHub": "GitHub에서 결정됨",
    "the relay has no credential for this repository": "이 저장소를 위한 자격 증명이 릴레이에 없음",
    "a proxy between the relay and it asks for a sign-in": "릴레이와 GitHub 사이의 프록시가 로그인을 요구함",
    "the repository is blocked for legal reasons": "법적 사유로 저장소가 차단됨",
    "no time was left to ask it": "물어볼 시간이 남지 않음",
    "it cannot be reached": "연결할 수 없음",
    "it did not answer in time": "제때 답하지 않음",
    "the connection broke before its answer was complete": "답이 끝나기 전에 연결이 끊김",
    "an earlier approval of the same is sent first": "같은 것의 앞선 승인을 먼저 보냄",
    "a newer approval of the same came before it was sent": "보내기 전에 같은 것의 새 승인이 옴",
    "the relay's store does not answer": "릴레이의 저장소가 답하지 않음",
    "the request ended first": "요청이 먼저 끝남",
}
_NEVER_SENT: Final = {
    DROPPED: "그러나 운영자가 그만두어 GitHub에 보내지 않습니다.",
    OVERTAKEN: "그러나 같은 것의 새 승인이 먼저 와서 아무것도 보내지 않았습니다.",
}
_ERROR: Final = re.compile(r"it answers with error (\d{3})")


def refusal(language: Language, code: str, check: str = "") -> str:
    """Return the sentence for a press that was refused by a check."""
    return wording.refusal(code, check) if language == "en" else _BY_CHECK.get(check) or _REFUSALS[code]


def phrase(language: Language, text: str) -> str:
    """Return the reason why GitHub has not taken a dispatch."""
    error = _ERROR.fullmatch(text)
    if language == "en":
        return text
    return f"오류 {error[1]}(으)로 답함" if error else _PHRASES.get(text, text)


def sentence(language: Language, decision: Decision, case: Case) -> str:
    """Return the outcome of a press, with the present state of its dispatch."""
    debt = wording.deciding(case.debts)
    outcome = wording.paid_outcome(debt)
    return wording.sentence(decision, outcome, case) if language == "en" else _korean(decision, outcome, case)


def _korean(decision: Decision, outcome: Outcome | None, case: Case) -> str:  # noqa: PLR0911 - one for each code
    debt = wording.deciding(case.debts)
    more = f"단계 “{decision.stage}”에 승인이 {decision.missing}개 더 필요합니다."
    match decision.code:
        case "approved":
            return f"승인했습니다. {_dispatch_result(outcome)}"
        case "again":
            return f"다시 시작했습니다. {_dispatch_result(outcome)}"
        case "superseded" | "expired" if case.status == "approved":
            return _NO_RETRY[decision.code]
        case "rejected":
            return _rejected(outcome, debt, case)
        case "counted" if decision.passed:
            needs = f"다음 단계 “{decision.stage}”에는 승인이 {decision.missing}개 필요합니다."
            return f"집계했습니다. 단계 “{decision.passed}” 통과. {needs}"
        case "counted":
            return f"집계했습니다. {more}"
        case "already-counted":
            return f"내 승인은 이미 집계되었습니다. {more}"
        case "already-approved":
            return f"이미 승인되었습니다. {_debt_state(debt)}"
        case "cancelled" if case.ended_by == DECIDED_ELSEWHERE:
            return "GitHub에서 결정되었습니다. 더 일어나는 일은 없습니다."
        case _:
            return _SETTLED[decision.code]


def _rejected(outcome: Outcome | None, debt: Debt | None, case: Case) -> str:
    if isinstance(outcome, Refused) and outcome.elsewhere:
        return f"거절했습니다. {_dispatch_result(outcome)}"
    name = "" if case.gate else "거절 이벤트: "
    sent = f" {name}{_dispatch_result(outcome)}" if debt else ""
    return f"거절했습니다. 아무것도 실행되지 않습니다.{sent}"


def _dispatch_result(outcome: Outcome | None) -> str:
    match outcome:
        case Delivered():
            return "GitHub가 받았습니다."
        case Refused(phrase=text) if text in _NEVER_SENT:
            return _NEVER_SENT[text]
        case Refused(elsewhere=True):
            return "그러나 이미 GitHub에서 결정되어 아무것도 보내지 않았습니다."
        case Refused(phrase=text):
            return f"그러나 GitHub가 거부했습니다: {phrase('ko', text)}. 운영자가 고치고 다시 보낼 수 있습니다."
        case None:
            return "GitHub에는 아직 알리지 않았습니다. 릴레이가 하루 동안 계속 시도합니다."
        case _:
            return f"GitHub가 아직 받지 않았습니다({phrase('ko', outcome.phrase)}). 릴레이가 하루 동안 계속 시도합니다."


def _debt_state(debt: Debt | None) -> str:
    match debt:
        case Debt(status="dead", row=""):
            return "GitHub는 받지 않았고 운영자가 그만두었습니다."
        case Debt(status="refused" | "dead"):
            return "GitHub는 받지 않았습니다. 운영자가 고치고 다시 보낼 수 있습니다."
        case Debt(status="cancelled"):
            return "GitHub에 보내지 않았습니다. 같은 것의 새 승인이 먼저 왔습니다."
        case Debt(status="owed"):
            return "릴레이가 GitHub에 닿으려고 계속 시도합니다."
        case _:
            return "GitHub가 받았습니다."
