"""What the page tells of a press and of GitHub, and when it looks again."""

import re
from dataclasses import replace

import pytest

from relay.approval.debts import DROPPED
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.delivery import Reply
from relay.model.request import Status
from relay.model.runs import Run, RunStatus
from relay.pages.english import ENGLISH
from relay.pages.korean import KOREAN
from relay.pages.review_page import draw, draw_trouble
from relay.pages.view import decision_of
from relay.pages.words import Words
from tests.pages.browsing import fields, shown
from tests.pages.drawing import ADA, DEBT, FORM, LIN, NOW, drawn, request, seen_by
from tests.pages.elements import check_shut


@pytest.mark.parametrize(
    ("debt", "words"),
    [
        (DEBT, "deploy-api not sent yet; the relay is sending it"),
        (
            replace(DEBT, last_error="it cannot be reached", attempts=3),
            "deploy-api not taken yet (it cannot be reached); the relay keeps trying (attempt 3)",
        ),
        (replace(DEBT, last_error="the request ended first"), "(the request ended first); the relay keeps trying"),
        (replace(DEBT, status="delivered"), "deploy-api taken"),
        (replace(DEBT, status="refused", last_error="it forbids", cure="a secret cure"), "refused: it forbids"),
        (replace(DEBT, status="dead", row="n.0", last_error="no answer"), "never taken (no answer)"),
        (replace(DEBT, status="dead", last_error=DROPPED), "never sent: the operator gave it up for good"),
        (replace(DEBT, status="cancelled"), "never sent: it was cancelled before"),
    ],
)  # fmt: skip
def test_what_github_was_told_stands_there(debt: Debt, words: str) -> None:
    case = Case(request(), "key", "approved", "release", decided_at=NOW, debts=(debt,), version=1)
    page = shown(drawn(case))
    assert words in page
    assert "secret cure" not in page
    assert ("What the approval released" in page) == (debt.status == "delivered")
    assert ("What an approval releases" in page) == (debt.status != "delivered")


def test_the_cards_of_a_request_are_nothing_that_github_was_told() -> None:
    case = Case(request(), "key", "approved", "release", decided_at=NOW, debts=(replace(DEBT, kind="card"),), version=1)
    reply = drawn(case)
    assert "Sent to GitHub" not in shown(reply)
    assert "Refresh" not in reply.headers


@pytest.mark.parametrize(
    ("debt", "kind"),
    [
        (DEBT, "wait"),
        (replace(DEBT, status="delivered"), "good"),
        (replace(DEBT, status="refused", last_error="x"), "bad"),
        (replace(DEBT, status="dead", last_error="x"), "bad"),
    ],
)
def test_an_approval_that_github_refused_does_not_look_like_good_news(debt: Debt, kind: str) -> None:
    case = Case(request(), "key", "approved", "release", decided_at=NOW, debts=(debt,), version=1)
    assert f'class="told {kind}" role="status"' in drawn(case, code="approved").body.decode()


@pytest.mark.parametrize(("status", "looks"), [("queued", True), ("running", True), ("success", False)])
def test_the_page_looks_again_by_itself_while_the_run_is_under_way(status: RunStatus, looks: bool) -> None:
    sent = Debt("deploy-api", NOW - 900, NOW - 900.0, status="delivered")
    case = Case(request(), "key", "approved", debts=(sent,), runs=(Run(status, NOW - 5, "github"),))
    assert looks == ("Refresh" in drawn(case).headers)


def test_the_page_does_not_look_again_by_itself_while_a_comment_may_be_typed() -> None:
    case = Case(request(environment="production"), "key", debts=(DEBT,), version=1)
    for look in ("", "again", "once"):
        writing = drawn(case, look=look)
        assert ("<form" in writing.body.decode(), "Refresh" in writing.headers) == (True, False)
        assert "refreshes every" not in shown(writing)
        assert "looking" not in shown(writing)
    only_looking = drawn(case, LIN)
    assert "Refresh" in only_looking.headers
    assert "This page refreshes every 3 seconds" in shown(only_looking)


def test_once_looking_by_itself_has_ended_the_title_begins_with_how_it_stands() -> None:
    owed = Case(request(), "key", "approved", "release", decided_at=NOW, debts=(DEBT,), version=1)
    taken = replace(owed, debts=(replace(DEBT, status="delivered"),))
    plain = "octo/api staged · Approval relay"
    assert plain == title(drawn(owed, look="again"))
    assert f"Approved · {plain}" == title(drawn(taken, look="again"))
    assert "승인됨 · octo/api staged · 승인 릴레이" == title(drawn(taken, look="again", words=KOREAN))
    assert [plain, plain] == [title(drawn(taken, look=look)) for look in ("", "once")]
    assert "octo/api · Approval relay" == title(
        drawn(Case(request(event_type=None, environment=None), "key"), look="again")
    )


def title(reply: Reply) -> str:
    return str(re.findall(r"<title>(.*?)</title>", reply.body.decode())[0])


@pytest.mark.parametrize(
    ("status", "code"),
    [
        *(("pending", code) for code in ("approved", "rejected", "already-approved", "superseded", "nonsense", "")),
        *(("approved", code) for code in ("rejected", "counted", "already-counted", "expired", "cancelled")),
    ],
)
def test_a_word_that_is_true_no_longer_is_not_told(status: Status, code: str) -> None:
    case = Case(request(), "key", status, "release", version=1)
    assert decision_of(seen_by(ADA, case), code) is None


@pytest.mark.parametrize(
    ("status", "code"),
    [
        *(("rejected", code) for code in ("rejected", "already-rejected")),
        *(("approved", code) for code in ("approved", "already-approved")),
        ("superseded", "superseded"),
        ("cancelled", "cancelled"),
        ("expired", "expired"),
    ],
)
def test_a_word_that_is_still_true_is_told(status: Status, code: str) -> None:
    found = decision_of(seen_by(ADA, Case(request(), "key", status, "release", version=1)), code)
    assert code == getattr(found, "code", None)


def test_a_press_that_was_not_taken_is_told_first_and_the_comment_kept() -> None:
    form = replace(FORM, comment="\nfirst </textarea>", trouble="Too long")
    reply = draw_trouble(400, seen_by(ADA, Case(request(), "key")), ENGLISH, form, "Too long")
    check_shut(reply)
    assert ">\n\nfirst &lt;/textarea&gt;</textarea>" in reply.body.decode()  # a parser drops the first line break
    assert "token" == fields(reply)["token"]


@pytest.mark.parametrize("debt", [replace(DEBT, status="dead", last_error=DROPPED)])
@pytest.mark.parametrize("words", [ENGLISH, KOREAN])
@pytest.mark.parametrize("code", ["", "approved", "already-approved"])
def test_after_a_drop_nothing_says_that_it_can_be_replayed(debt: Debt, words: Words, code: str) -> None:
    case = Case(request(), "key", "approved", "release", decided_at=NOW, debts=(debt,), version=1)
    said = shown(draw(seen_by(ADA, case), words, FORM, code=code, headers={}))
    assert [] == [each for each in ("replay", "다시 보낼") if each in said]
