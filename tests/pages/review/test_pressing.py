"""What POST takes, and what the page tells of it afterwards."""

import pytest
from pytest_httpx import HTTPXMock

from tests.pages.browsing import Browser, shown, told
from tests.pages.review.asking import asked
from tests.support.road import DISPATCHES, Road, dispatched


def test_an_approval_releases_and_the_page_tells_it_again_and_again(road: Road, github: HTTPXMock) -> None:
    case_id, ada = asked(road), Browser(road, "ada")
    reply = ada.press(case_id, "approve", "Tested\r\nwell")
    assert (303, f"/api/review/{case_id}") == (reply.status, reply.headers["Location"])
    for _ in range(2):
        page = ada.get(case_id)
        assert "Approved. GitHub has taken it." == told(page)
        assert "Ada (you) approved" in shown(page)
        assert "Tested well" in shown(page)
        assert "deploy-api taken" in shown(page)
        assert "<form" not in page.body.decode()
        assert "Refresh" not in page.headers
    assert ["Tested\nwell"] == [each.comment for each in road.case(case_id).reviews]
    assert 1 == len(dispatched(github))


def test_others_see_the_outcome_without_my_word_on_it(road: Road, github: HTTPXMock) -> None:
    case_id, ada = asked(road), Browser(road, "ada")
    ada.press(case_id, "approve")
    grace = Browser(road, "grace", cookies=dict(ada.cookies))
    page = grace.get(case_id)
    assert "" == told(page)
    assert "Ada approved" in shown(page)
    assert "Decided" in shown(page)


def test_my_word_is_told_for_a_while_and_only_of_its_request(road: Road, github: HTTPXMock) -> None:
    first, second = asked(road), asked(road, environment="staged")
    ada = Browser(road, "ada")
    ada.press(first, "approve")
    assert "" == told(ada.get(second))
    assert "" != told(ada.get(first))
    road.ahead = 601
    assert "" == told(ada.get(first))


def test_a_rejection_ends_it(road: Road) -> None:
    case_id, ada = asked(road), Browser(road, "ada")
    ada.press(case_id, "reject", "Not today")
    page = ada.get(case_id)
    assert "Rejected. Nothing will be released." == told(page)
    assert "Not today" in shown(page)
    assert "release rejected" in shown(page)


def test_stages_pass_one_after_the_other_on_the_page(road: Road, github: HTTPXMock) -> None:
    case_id = asked(road, environment="staged")
    ada, grace = Browser(road, "ada"), Browser(road, "grace")
    ada.press(case_id, "approve")
    assert 'Counted. The stage "qa" has passed; the stage "release" is next and needs 2 approvals.' == told(
        ada.get(case_id)
    )
    ada.press(case_id, "approve")  # a page drawn for the next stage: a word on that one
    assert 'Counted. The stage "release" needs 1 more approval.' == told(ada.get(case_id))
    page = ada.get(case_id)
    assert "Your approval of this stage already counts. You may still reject." in shown(page)
    assert 'value="approve"' not in page.body.decode()
    assert 'value="reject"' in page.body.decode()
    grace.press(case_id, "approve")
    assert "Approved. GitHub has taken it." == told(grace.get(case_id))


def test_while_github_does_not_answer_the_page_looks_again_until_it_has(road: Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=DISPATCHES, method="POST", status_code=503)
    case_id, ada = asked(road), Browser(road, "ada")
    ada.press(case_id, "approve")
    page = ada.get(case_id)
    assert (
        "Approved. GitHub has not taken it yet (it answers with error 503); the relay keeps trying for a day."
        == told(page)
    )
    assert f"3; url=/api/review/{case_id}?look=again" == page.headers["Refresh"]
    assert "autofocus" in page.body.decode()
    assert "autofocus" not in ada.get(case_id, look="again").body.decode()
    still = ada.get(case_id, look="once")
    assert "Refresh" not in still.headers
    assert f'<a href="/api/review/{case_id}">Keep refreshing</a>' in still.body.decode()
    for ahead, every in ((60, "10;"), (900, "30;"), (5_000, "")):
        road.ahead = ahead
        assert every == ada.get(case_id).headers.get("Refresh", "").partition(" ")[0]
    httpx_mock.add_response(url=DISPATCHES, method="POST", status_code=204)
    assert 1 == road.round()
    assert "deploy-api taken" in shown(ada.get(case_id))


def test_a_refusal_of_github_is_told_with_its_reason(road: Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=DISPATCHES, method="POST", status_code=404)
    case_id, ada = asked(road), Browser(road, "ada")
    ada.press(case_id, "approve")
    page = ada.get(case_id)
    assert "But GitHub refused it: the repository does not exist, or the relay may not see it" in told(page)
    assert 'class="told bad"' in page.body.decode()
    assert "deploy-api refused: the repository does not exist" in shown(page)
    assert "Refresh" not in page.headers


def test_a_comment_that_is_asked_for_is_asked_for_again(road: Road) -> None:
    case_id, ada = asked(road, require_comment=True), Browser(road, "ada")
    assert " required" in ada.get(case_id).body.decode()
    for comment, words in (
        (" \r\n ", "Write a comment: this request asks for one."),
        ("\x00", "Write a comment: this request asks for one."),
        ("x" * 1_001, "Shorten the comment to 1,000 characters."),
    ):
        reply = ada.press(case_id, "approve", comment)
        body = reply.body.decode()
        assert (400, f"Nothing was recorded yet {words}") == (reply.status, told(reply))
        assert f'<a href="#comment">{words}</a>' in body
        assert 'aria-invalid="true"' in body
        assert 'aria-describedby="about-comment comment-trouble"' in body
        assert "\n" + comment.strip(" \r\n\x00") + "</textarea>" in body
    assert () == road.case(case_id).reviews


def test_a_comment_of_a_thousand_characters_with_line_breaks_is_taken(road: Road) -> None:
    case_id = asked(road)
    assert 303 == Browser(road, "ada").press(case_id, "reject", "x\r\n" * 500).status
    assert "x\n" * 500 == road.case(case_id).reviews[0].comment


@pytest.mark.parametrize("decision", ["approve", "reject"])
def test_the_page_shows_what_is_released_and_needs_no_second_press(
    road: Road, request: pytest.FixtureRequest, decision: str
) -> None:
    if decision == "approve":
        request.getfixturevalue("github")
    browser, case_id = Browser(road, "ada"), asked(road, environment="guarded")
    browser.get(case_id)
    browser.press(case_id, decision)
    assert ("approved" if decision == "approve" else "rejected") == road.case(case_id).status
