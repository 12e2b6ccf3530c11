"""The road of the review page: what GET shows to whom, and what POST takes; GitHub by pytest-httpx."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Barrier
from typing import Any, NoReturn
from urllib.parse import urlencode

import azure.functions as func
import pytest
from pytest_httpx import HTTPXMock

from relay import triggers, wiring
from relay.core import tickets
from relay.core.errors import Outage
from relay.core.model import Reply
from relay.core.page_tokens import PRESS_LIFETIME, Seal, seen
from relay.settings import SettingsError
from tests import approvers, genuine
from tests.pages.browsing import Browser, claims, fields, principal, shown, told
from tests.road import (
    DISPATCHES,
    MASTER,
    NOTHING,
    ORIGIN,
    Road,
    dispatched,
    made,
    offline,
    said,
    ticket,
)

KOREAN = "ko-KR,ko;q=0.9,en;q=0.8"
FORM = {
    "repository": "octo/api",
    "event_type": "deploy-api",
    "environment": "production",
    "title": "Deploy api",
    "text": "Secret plan",
}
LOGIN = "/.auth/login/aad?post_login_redirect_uri=/api/review/"


@pytest.fixture
def road(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[Road]:
    with made(tmp_path, httpx_mock, RELAY_SIGN_IN="app-service") as here:
        yield here


@pytest.fixture
def github(httpx_mock: HTTPXMock) -> HTTPXMock:
    httpx_mock.add_response(url=DISPATCHES, method="POST", status_code=204, is_optional=True, is_reusable=True)
    return httpx_mock


def asked(road: Road, **fields_: Any) -> str:
    """Register a request and return its id."""
    reply = road.ask(FORM | fields_)
    assert 201 == reply.status, reply.body
    return str(said(reply)["id"])


def opened(road: Road, person: str = "ada", **fields_: Any) -> tuple[Browser, str]:
    """Return the browser of somebody who opened the link of an offline request and signed in, and its id."""
    request = offline(**fields_)
    browser = Browser(road, person)
    browser.get(request.id, ticket=ticket(request))
    return browser, request.id


# --- who is shown anything


def test_without_sign_in_a_link_leads_there_and_shows_nothing(road: Road) -> None:
    case_id = asked(road)
    reply = Browser(road).get(case_id)
    assert (302, LOGIN + case_id, b"") == (reply.status, reply.headers["Location"], reply.body)


def test_with_sign_in_off_nothing_is_shown_and_no_header_is_believed(road: Road) -> None:
    case_id, ada = asked(road), Browser(road, "ada")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    road.world = replace(road.world, settings=replace(road.world.settings, sign_in="off"))
    for reply in (ada.get(case_id), ada.get(case_id, ticket=ticket(offline())), ada.post(case_id, form)):
        assert 403 == reply.status
        assert "RELAY_SIGN_IN" in shown(reply)
        assert "Secret plan" not in reply.body.decode()
        assert "octo" not in reply.body.decode()
        assert "Set-Cookie" not in reply.headers
    assert "pending" == road.case(case_id).status


@pytest.mark.parametrize(
    "headers",
    [
        principal(auth_typ="github"),
        principal(claims=claims("ada", genuine.OTHER_TENANT)),
        principal(claims=[]),
        principal() | {"x-ms-client-principal": "not base64"},
        principal() | {"x-ms-client-principal-idp": "google"},
    ],
    ids=["provider", "tenant", "nobody", "broken", "contradicting"],
)
def test_whoever_signed_in_as_nobody_of_ours_is_told_so_and_shown_nothing(road: Road, headers: dict[str, str]) -> None:
    case_id = asked(road)
    page, press = Browser(road).get(case_id, headers=headers), Browser(road)
    form = fields(Browser(road, "ada").get(case_id)) | {"decision": "approve", "comment": ""}
    posted = press.post(
        case_id, form, headers | {"origin": ORIGIN, "content-type": "application/x-www-form-urlencoded"}
    )
    for reply in (page, posted):
        assert 403 == reply.status
        assert "This account does not count here" in shown(reply)
        assert "Secret plan" not in shown(reply)
        assert f"/.auth/logout?post_logout_redirect_uri=/api/review/{case_id}" in reply.body.decode()
    assert () == road.case(case_id).reviews


@pytest.mark.parametrize("case_id", ["", "x", "A" * 32, "a" * 33, "a" * 31 + "/", "a" * 31 + "é", "../../requests"])
def test_an_address_without_an_id_leads_nowhere(road: Road, case_id: str) -> None:
    for reply in (
        Browser(road).get(case_id),
        Browser(road, "ada").get(case_id, ticket="t"),
        Browser(road).post(case_id, b""),
    ):
        assert 404 == reply.status
        assert "Location" not in reply.headers
        assert "Set-Cookie" not in reply.headers


def test_an_unknown_id_is_a_page(road: Road) -> None:
    reply = Browser(road, "ada").get("a" * 32)
    assert (404, True) == (reply.status, "This request is not known" in shown(reply))


# --- what GET shows


def test_it_shows_what_will_be_released_and_the_policys_stages(road: Road) -> None:
    case_id = asked(
        road,
        environment="staged",
        ref="refs/heads/main",
        sha="0123abcd",
        run_url="https://github.com/octo/api/actions/runs/1",
        requested_by="octocat",
        client_payload={"version": "2.4.0"},
    )
    page = shown(Browser(road, "lin").get(case_id))
    for words in (
        *("octo/api staged", "Waiting for approval", "Event deploy-api", "Ref refs/heads/main", "Commit 0123abcd"),
        *("octocat (as stated by the sender)", "an API key of this relay", '"version": "2.4.0"', "(in 23 h)"),
        *("qa waiting now 0 of 1 approvals Who decides: Ada, Lin", "release comes later 0 of 2 approvals"),
        *("From the sender", "The relay has not checked a word of it", "Secret plan", "You decide as Lin."),
    ):
        assert words in page


def test_looking_changes_nothing(road: Road) -> None:
    case_id = asked(road)
    recorded, before = road.recorded(), road.case(case_id)
    browser, unknown = opened(road, nonce="z" * 22)
    for look in ("", "again", "once"):
        assert 200 == Browser(road, "ada").get(case_id, look=look).status
        assert 200 == browser.get(unknown, look=look).status
    assert (recorded, before) == (road.recorded(), road.case(case_id))


@pytest.mark.parametrize(
    ("person", "fields_", "why"),
    [
        ("lin", {}, "You are not among those who decide this stage"),
        ("octocat", {"requested_by": "octocat"}, "You asked for this, so somebody else has to decide"),
        ("a1b2c3d4-0000-4000-8000-00000000000f", {}, "You are not among those who decide this stage"),
    ],
)
def test_who_may_not_decide_sees_why_and_no_form(road: Road, person: str, fields_: dict[str, str], why: str) -> None:
    reply = Browser(road, person).get(asked(road, **fields_))
    assert why in shown(reply)
    assert "<form" not in reply.body.decode()


def test_a_request_that_no_rule_takes_any_more_can_be_seen_and_not_decided(road: Road) -> None:
    browser, case_id = opened(road, environment="keyed")
    reply = browser.get(case_id)
    assert "No rule of the operator's policy takes this request" in shown(reply)
    assert {} == fields(reply)


def test_a_notification_asks_for_nothing(road: Road) -> None:
    reply = road.ask({"repository": "octo/api", "title": "Nightly build passed"})
    page = Browser(road, "ada").get(said(reply)["id"])
    assert "there is nothing to decide" in shown(page)
    assert "Where this comes from" in shown(page)
    assert "<form" not in page.body.decode()


def test_every_answer_is_shut_in(road: Road, github: HTTPXMock) -> None:
    case_id = asked(road)
    ada = Browser(road, "ada")
    replies = [
        ada.get(case_id),
        ada.press(case_id, "approve"),
        Browser(road).get(case_id),
        opened(road)[0].get(offline().id, ticket=ticket(offline())),
        ada.get("x"),
        ada.post(case_id, b"x"),
    ]
    assert [200, 303, 302, 303, 404, 400] == [reply.status for reply in replies]
    for reply in replies:
        policy = reply.headers["Content-Security-Policy"]
        assert "unsafe" not in policy
        assert "script-src" not in policy
        for part in ("default-src 'none'", "frame-ancestors 'none'", "base-uri 'none'", "form-action 'self'"):
            assert part in policy
        assert ("DENY", "no-store", "nosniff", "same-origin", "same-origin") == tuple(
            reply.headers[name]
            for name in (
                *("X-Frame-Options", "Cache-Control", "X-Content-Type-Options", "Referrer-Policy"),
                "Cross-Origin-Opener-Policy",
            )
        )
        assert all(value.isascii() and value.isprintable() for value in reply.headers.values())


def test_it_is_korean_for_who_reads_korean(road: Road, github: HTTPXMock) -> None:
    case_id = asked(road, environment="korea", title="한국 배포")
    haneul = Browser(road, "haneul", KOREAN)
    page = haneul.get(case_id)
    assert 'lang="ko"' in page.body.decode()
    assert "승인 대기 중" in shown(page)
    haneul.press(case_id, "approve", "좋아요")
    assert "집계했습니다. 단계 “검토” 통과. 다음 단계 “배포”에는 승인이 1개 필요합니다." == told(haneul.get(case_id))
    assert "결정란" not in shown(Browser(road, language=KOREAN).get("x"))
    assert "알 수 없는 요청입니다" in shown(Browser(road, language=KOREAN).get("x"))


# --- what POST takes


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
    assert f'<a href="/api/review/{case_id}">Keep looking</a>' in still.body.decode()
    for ahead, every in ((60, "10;"), (900, "30;"), (5_000, None)):
        road.ahead = ahead
        assert every == (ada.get(case_id).headers.get("Refresh") or "").partition(" ")[0] or every is None
    assert "Refresh" not in ada.get(case_id).headers
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


def test_the_form_of_a_page_is_sent_twice_and_counts_once(road: Road, github: HTTPXMock) -> None:
    case_id = asked(road, environment="staged")
    ada, lin = Browser(road, "ada"), Browser(road, "lin")
    form = fields(lin.get(case_id)) | {"decision": "approve", "comment": ""}
    assert [303, 303] == [lin.post(case_id, form).status for _ in range(2)]
    assert 'Your approval already counts. The stage "release" needs 2 more approvals.' == told(lin.get(case_id))
    assert 1 == len(road.case(case_id).reviews)
    reject = fields(ada.get(case_id)) | {"decision": "reject", "comment": "no"}
    assert [303, 303] == [ada.post(case_id, reject).status for _ in range(2)]
    assert "Rejected. Nothing will be released." == told(ada.get(case_id))


def test_the_last_approval_is_sent_twice_and_releases_once(road: Road, github: HTTPXMock) -> None:
    case_id, ada = asked(road), Browser(road, "ada")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    assert [303, 303] == [ada.post(case_id, form).status for _ in range(2)]
    assert "Approved. GitHub has taken it." == told(ada.get(case_id))
    assert 1 == len(dispatched(github))


def test_a_stale_page_decides_nothing_and_shows_what_changed(road: Road) -> None:
    case_id = asked(road, environment="staged")
    ada, lin = Browser(road, "ada"), Browser(road, "lin")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": "my comment"}
    lin.press(case_id, "approve")
    reply = ada.post(case_id, form)
    assert 409 == reply.status
    assert "Something changed since this page was drawn" in told(reply)
    assert "Lin approved" in shown(reply)
    assert "my comment" in shown(reply)
    assert 1 == len(road.case(case_id).reviews)
    again = ada.post(case_id, fields(reply) | {"decision": "approve", "comment": "my comment"})
    assert (303, 2) == (again.status, len(road.case(case_id).reviews))


def test_the_other_verdict_of_a_form_sent_twice_is_stale(road: Road) -> None:
    case_id, lin = asked(road, environment="staged"), Browser(road, "lin")
    form = fields(lin.get(case_id)) | {"comment": ""}
    assert 303 == lin.post(case_id, form | {"decision": "approve"}).status
    assert 409 == lin.post(case_id, form | {"decision": "reject"}).status
    assert "pending" == road.case(case_id).status


def test_a_word_from_before_the_page_was_drawn_makes_no_stale_form_good_even_within_a_second(road: Road) -> None:
    case_id = asked(road, environment="staged")
    ada, grace = Browser(road, "ada"), Browser(road, "grace")
    ada.press(case_id, "approve")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    grace.press(case_id, "approve")
    reply = ada.post(case_id, form)
    assert (409, True) == (reply.status, "Something changed since this page was drawn" in told(reply))
    assert [("Ada", "qa"), ("Grace", "release")] == spoken(road, case_id)


def spoken(road: Road, case_id: str) -> list[tuple[str, str]]:
    return [(review.by.name, review.stage) for review in road.case(case_id).reviews]


def test_a_press_never_counts_for_another_stage_than_the_page_showed_whoever_is_faster(
    road: Road, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_id, store = asked(road, environment="staged"), type(road.world.store)
    ada, lin, commit = Browser(road, "ada"), Browser(road, "lin"), store.commit
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": "for qa"}

    def after_lin(self: Any, case: Any, **rows: Any) -> bool:
        monkeypatch.setattr(store, "commit", commit)
        assert 303 == lin.press(case_id, "approve").status
        return commit(self, case, **rows)

    monkeypatch.setattr(store, "commit", after_lin)
    reply = ada.post(case_id, form)
    assert (409, True) == (reply.status, "Something changed since this page was drawn" in told(reply))
    assert "for qa" in shown(reply)
    assert [("Lin", "qa")] == spoken(road, case_id)


def at_once(*presses: Callable[[], Reply]) -> list[int]:
    """Press in a thread of its own each, at the same moment; return the statuses in order."""
    together = Barrier(len(presses))

    def press(one: Callable[[], Reply]) -> int:
        together.wait(10)
        return one().status

    with ThreadPoolExecutor(len(presses)) as people:
        return sorted(people.map(press, presses))


def test_of_two_who_press_at_once_for_a_stage_of_one_approval_only_one_counts(road: Road) -> None:
    for _ in range(10):
        case_id = asked(road, environment="staged")
        people = [Browser(road, person) for person in ("ada", "lin")]
        forms = [fields(each.get(case_id)) | {"decision": "approve", "comment": ""} for each in people]
        both = [partial(person.post, case_id, form) for person, form in zip(people, forms, strict=True)]
        statuses = at_once(*both)
        assert [303] == [status for status in statuses if status not in (409, 503)]  # a busy one may press again
        assert ["qa"] == [stage for _, stage in spoken(road, case_id)]


def test_the_form_of_a_page_that_is_sent_twice_at_once_counts_once(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    case_id, store = asked(road, environment="staged"), type(road.world.store)
    lin, commit = Browser(road, "lin"), store.commit
    form = fields(lin.get(case_id)) | {"decision": "approve", "comment": ""}

    def after_the_first(self: Any, case: Any, **rows: Any) -> bool:
        monkeypatch.setattr(store, "commit", commit)
        assert 303 == lin.post(case_id, form).status
        return commit(self, case, **rows)

    monkeypatch.setattr(store, "commit", after_the_first)
    assert 303 == lin.post(case_id, form).status
    assert "Your approval already counts" in told(lin.get(case_id))
    assert [("Lin", "qa")] == spoken(road, case_id)


@pytest.mark.parametrize("comment", ["", "x" * 1_001], ids=["plain", "too long"])
@pytest.mark.parametrize(
    ("end", "sentence"),
    [
        ("approve", "This was already approved. GitHub has taken it."),
        ("reject", "This was already rejected. Nothing else happens."),
        ("supersede", "A newer request has taken the place of this one. Nothing else happens."),
        ("cancel", "This request was cancelled. Nothing else happens."),
        ("expire", "This request has expired undecided. Ask for a new one."),
    ],
)
def test_a_press_on_what_is_settled_leads_to_how_it_stands(
    road: Road, github: HTTPXMock, end: str, sentence: str, comment: str
) -> None:
    case_id, ada, grace = asked(road, expires_in="90s"), Browser(road, "ada"), Browser(road, "grace")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": comment}
    match end:
        case "supersede":
            done = replace(road.case(case_id), status="superseded", decided_at=int(road.now()))
            assert road.world.store.commit(replace(done, version=done.version + 1))
        case "cancel":
            road.cancel(case_id)
        case "expire":
            road.ahead = 91
        case _:
            grace.press(case_id, end)
    reviews = road.case(case_id).reviews
    for token in (form["token"], "not genuine"):
        reply = ada.post(case_id, form | {"token": token})
        assert (303, f"/api/review/{case_id}") == (reply.status, reply.headers["Location"])
        assert sentence == told(ada.get(case_id))
    assert reviews == road.case(case_id).reviews


def test_my_own_form_sent_again_after_others_have_settled_it_is_told_how_it_stands(road: Road) -> None:
    case_id, ada, grace = asked(road, environment="staged"), Browser(road, "ada"), Browser(road, "grace")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    ada.post(case_id, form)
    grace.press(case_id, "reject")
    assert 303 == ada.post(case_id, form).status
    assert "This was already rejected. Nothing else happens." == told(ada.get(case_id))
    second = asked(road, environment="staged", title="Another")
    form = fields(ada.get(second)) | {"decision": "approve", "comment": ""}
    ada.post(second, form)
    road.cancel(second)
    assert 303 == ada.post(second, form).status
    assert "This request was cancelled. Nothing else happens." == told(ada.get(second))


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"referer": "https://evil.example/"},
        {},
    ],
)
def test_a_form_from_another_site_decides_nothing(road: Road, headers: dict[str, str]) -> None:
    case_id, ada = asked(road), Browser(road, "ada")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    reply = ada.post(case_id, form, headers | {"content-type": "application/x-www-form-urlencoded"})
    assert 403 == reply.status
    assert "Not taken: this came from another page" in shown(reply)
    assert "Secret plan" not in shown(reply)
    assert () == road.case(case_id).reviews


def test_a_form_without_origin_is_taken_where_the_browser_vouches_for_it(road: Road, github: HTTPXMock) -> None:
    case_id, ada = asked(road), Browser(road, "ada")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    headers = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}
    assert 303 == ada.post(case_id, form, headers).status


def test_a_form_needs_its_own_token(road: Road) -> None:
    case_id, other = asked(road), asked(road, title="Another")
    ada, grace = Browser(road, "ada"), Browser(road, "grace")
    tokens = {
        "none": "",
        "another person's": fields(grace.get(case_id))["token"],
        "another request's": fields(ada.get(other))["token"],
        "another relay's": Seal(
            [tickets.TicketKey("x", bytes(32))], f"entra:{genuine.TENANT}/{approvers.PEOPLE['ada']}", case_id
        ).press(seen(road.case(case_id), "release"), road.now()),
        "a ticket": ticket(offline()),
    }
    for name, token in tokens.items():
        reply = ada.post(case_id, {"token": token, "decision": "approve", "comment": "kept"})
        assert (403, name) == (reply.status, name)
        assert "so your press was not taken. Decide again here." in told(reply)
        assert "kept" in shown(reply)
    assert () == road.case(case_id).reviews


def test_a_page_that_stood_open_too_long_decides_nothing(road: Road) -> None:
    case_id, ada = asked(road), Browser(road, "ada")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    road.ahead = PRESS_LIFETIME + 1
    assert 403 == ada.post(case_id, form).status
    assert () == road.case(case_id).reviews


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"decision=approve", 400), (b'{"decision": "approve"}', 400), (b"x" * 1_100_000, 413)],
)
def test_what_the_page_does_not_send_is_refused_with_a_page(road: Road, body: bytes, status: int) -> None:
    case_id = asked(road)
    reply = Browser(road, "ada").post(case_id, body)
    assert (status, True) == (reply.status, "Nothing was recorded." in shown(reply))
    assert f'href="/api/review/{case_id}"' in reply.body.decode()


def test_who_is_signed_out_meanwhile_is_told_so(road: Road) -> None:
    case_id, ada = asked(road), Browser(road, "ada")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    ada.person = ""
    reply = ada.post(case_id, form)
    assert 401 == reply.status
    assert f'href="{LOGIN}{case_id}"' in reply.body.decode()
    assert () == road.case(case_id).reviews


def test_who_may_not_decide_and_forges_the_form_decides_nothing(road: Road) -> None:
    case_id, lin = asked(road), Browser(road, "lin")
    person = f"entra:{genuine.TENANT}/{approvers.PEOPLE['lin']}"
    token = Seal([MASTER], person, case_id).press(seen(road.case(case_id), "release"), road.now())
    reply = lin.post(case_id, {"token": token, "decision": "approve", "comment": ""})
    assert 403 == reply.status
    assert "Nothing was recorded yet You are not an approver of this request" in told(reply)
    assert () == road.case(case_id).reviews


def test_an_expired_request_shows_that_and_takes_nothing(road: Road) -> None:
    case_id, ada = asked(road, expires_in="90s"), Browser(road, "ada")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    road.ahead = 91
    assert 303 == ada.post(case_id, form).status
    page = ada.get(case_id)
    assert "This request has expired undecided. Ask for a new one." == told(page)
    assert "Expired without a decision" in shown(page)
    assert "Ended" in shown(page)
    assert "release not reached" in shown(page)
    assert "<form" not in page.body.decode()
    assert () == road.case(case_id).reviews


def test_a_cancelled_request_shows_that(road: Road) -> None:
    case_id, ada = asked(road), Browser(road, "ada")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    road.cancel(case_id)
    assert "Cancelled by the requester" in shown(ada.get(case_id))
    assert 303 == ada.post(case_id, form).status
    assert "Ended" in shown(ada.get(case_id))
    assert () == road.case(case_id).reviews


def test_a_store_that_does_not_answer_is_a_page_that_says_so(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise Outage("the store does not answer")

    case_id, ada = asked(road), Browser(road, "ada")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    monkeypatch.setattr(type(road.world.store), "load", fail)
    for reply in (ada.get(case_id), ada.post(case_id, form)):
        assert (503, True) == (reply.status, "The relay is busy" in shown(reply))


# --- offline requests


def test_an_offline_ticket_waits_in_a_cookie_while_its_reader_signs_in(road: Road, github: HTTPXMock) -> None:
    request = offline()
    browser = Browser(road)
    first = browser.get(request.id, ticket=ticket(request))
    assert (303, f"/api/review/{request.id}") == (first.status, first.headers["Location"])
    assert LOGIN + request.id == browser.get(request.id).headers["Location"]
    assert NOTHING == road.recorded()
    browser.person = "ada"
    for _ in range(2):  # a reload
        assert "Waiting for approval" in shown(browser.get(request.id))
    assert NOTHING == road.recorded()
    assert 303 == browser.press(request.id, "approve").status
    assert "Approved. GitHub has taken it." == told(browser.get(request.id))
    assert ["__Host-relay-told"] == [*browser.cookies]
    assert "Approved" in shown(Browser(road, "grace").get(request.id))


def test_two_offline_requests_can_be_read_at_once(road: Road) -> None:
    ada, first = opened(road)
    second = offline(nonce="m" * 22, title="The second")
    ada.get(second.id, ticket=ticket(second))
    assert "The second" not in shown(ada.get(first))
    assert "The second" in shown(ada.get(second.id))


def test_a_browser_keeps_six_tickets_and_lets_the_oldest_go_first(road: Road) -> None:
    ada, ids = Browser(road, "ada"), list[str]()
    for number in range(9):
        request = offline(nonce=f"{number}" * 22, title=f"Request {number}")
        ids.append(request.id)
        ada.person = "ada" if number % 2 else ""  # the way to the sign-in counts as well
        ada.get(request.id, ticket=ticket(request))
        ada.get(request.id)
        assert [f"__Host-relay-ticket-{each}" for each in ids[-6:]] == [*ada.cookies]
    ada.person = "ada"
    assert "Request 3" in shown(ada.get(ids[3]))
    assert 404 == ada.get(ids[2]).status


def test_a_form_brings_its_ticket_along_when_the_cookie_is_gone(road: Road) -> None:
    ada, case_id = opened(road)
    form = fields(ada.get(case_id)) | {"decision": "reject", "comment": ""}
    ada.cookies.clear()
    assert 303 == ada.post(case_id, form).status
    assert "rejected" == road.case(case_id).status


@pytest.mark.parametrize("way", ["by its link", "by a cookie", "by the form"])
@pytest.mark.parametrize(
    "spoil", ["another id", "signature", "no ticket", "another relay", "too long", "a cookie's end", "not ASCII"]
)
def test_a_ticket_that_is_not_genuine_or_of_another_request_shows_nothing(road: Road, spoil: str, way: str) -> None:
    request, other = offline(), offline(nonce="m" * 22, title="Another")
    text = {
        "another id": ticket(other),
        "signature": ticket(request)[:-4] + "AAAA",
        "no ticket": "abc",
        "another relay": ticket(request, origin="https://other.example"),
        "too long": "t" * 9_000,
        "a cookie's end": "a\r\nSet-Cookie: x",
        "not ASCII": "é",
    }[spoil]
    browser = Browser(road, "ada")
    if way == "by its link":
        reply = browser.get(request.id, ticket=text)
    elif way == "by a cookie":
        browser.cookies[f"__Host-relay-ticket-{request.id}"] = text
        reply = browser.get(request.id)
    else:
        reply = browser.post(request.id, {"token": "t", "decision": "approve", "comment": "", "ticket": text})
    assert (400, True) == (reply.status, "This link is not genuine" in shown(reply))
    assert "Set-Cookie" not in reply.headers
    assert "Another" not in shown(reply)
    assert NOTHING == road.recorded()


def test_an_expired_offline_request_shows_that(road: Road) -> None:
    ada, case_id = opened(road)
    road.ahead = 86_401
    assert "Expired without a decision" in shown(ada.get(case_id))


def test_the_log_tells_the_check_and_never_what_was_sent(road: Road, caplog: pytest.LogCaptureFixture) -> None:
    case_id = asked(road)
    Browser(road, "ada").post(case_id, {"token": "secret-token", "decision": "approve", "comment": "secret comment"})
    Browser(road, "ada").post(case_id, b"secret=1")
    Browser(road).get(case_id, headers=principal(claims=claims("ada", genuine.OTHER_TENANT)))
    assert "review refused: not-genuine (the form's token is not genuine" in caplog.text
    assert "review refused: malformed" in caplog.text
    assert "tenant that is not in RELAY_ENTRA_TENANTS" in caplog.text
    assert "secret" not in caplog.text


# --- through the triggers


def call(method: str, case_id: str, headers: dict[str, str], body: bytes = b"", **query: str) -> func.HttpResponse:
    request = func.HttpRequest(
        method=method,
        url=f"{ORIGIN}/api/review/{case_id}",
        headers=headers,
        params=query,
        route_params={"id": case_id},
        body=body,
    )
    return (triggers.show_review if method == "GET" else triggers.decide_review)(request)


def test_the_functions_show_and_decide(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(wiring, "world", lambda: road.world)
    request = offline()
    kept = call("GET", request.id, {}, ticket=ticket(request)).headers["Set-Cookie"]
    cookie = kept.partition(";")[0]
    page = call("GET", request.id, principal() | {"Cookie": cookie}, look="once")
    assert (200, "text/html; charset=utf-8") == (page.status_code, page.headers["Content-Type"])
    reply = Reply(page.status_code, {}, page.get_body())
    form = fields(reply) | {"decision": "reject", "comment": ""}
    sent = principal() | {"Origin": ORIGIN, "Content-Type": "application/x-www-form-urlencoded"}
    assert 303 == call("POST", request.id, sent, urlencode(form).encode()).status_code
    assert "rejected" == road.case(request.id).status


@pytest.mark.parametrize("method", ["GET", "POST"])
def test_a_relay_without_settings_says_so_to_a_person(monkeypatch: pytest.MonkeyPatch, method: str) -> None:
    def fail() -> NoReturn:
        raise SettingsError({"RELAY_PUBLIC_URL": "is missing"})

    monkeypatch.setattr(wiring, "world", fail)
    reply = call(method, "a" * 32, {"Accept-Language": "ko"})
    assert (503, True) == (reply.status_code, "릴레이가 준비되지 않았습니다" in reply.get_body().decode())
    assert "default-src 'none'" in reply.headers["Content-Security-Policy"]
