"""What GET shows of a registered request, and that looking changes nothing."""

from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.errors import Outage
from tests.pages.browsing import Browser, fields, shown, told
from tests.pages.review.asking import KOREAN, asked, opened
from tests.support.road import Road, offline, said, ticket


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
        *("qa waiting now 0 of 1 approved Who decides: Ada, Lin", "release comes later 0 of 2 approved"),
        *("From the sender", "The relay has not checked any of it", "Secret plan", "You decide as Lin."),
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
        ("lin", {}, "You are not an approver of this stage"),
        ("a1b2c3d4-0000-4000-8000-00000000000f", {}, "You are not an approver of this stage"),
    ],
)
def test_who_may_not_decide_sees_why_and_no_form(road: Road, person: str, fields_: dict[str, str], why: str) -> None:
    reply = Browser(road, person).get(asked(road, **fields_))
    assert why in shown(reply)
    assert "<form" not in reply.body.decode()


@pytest.mark.parametrize(
    ("person", "fields_", "why"),
    [
        ("octocat", {"requested_by": "octocat"}, "You asked for this, so somebody else has to approve it."),
        ("ada", {"requested_by": "lin", "requested_by_also": "ada"}, "You asked for this, so somebody else has to"),
        ("octocat", {"approvers": ["ada", "grace"]}, "This request leaves you out of its approvers. You may still"),
    ],
)
def test_whom_the_request_keeps_from_approving_may_still_reject(
    road: Road, person: str, fields_: dict[str, Any], why: str
) -> None:
    reply = Browser(road, person).get(asked(road, **fields_))
    assert why in shown(reply)
    assert 'value="reject"' in reply.body.decode()
    assert 'value="approve"' not in reply.body.decode()


def test_a_request_that_no_rule_takes_any_more_can_be_seen_and_not_decided(road: Road) -> None:
    browser, case_id = opened(road, environment="keyed")
    reply = browser.get(case_id)
    assert "No rule of the operator's policy covers this request" in shown(reply)
    assert {} == fields(reply)


def test_a_notification_asks_for_nothing(road: Road) -> None:
    reply = road.ask({"repository": "octo/api", "title": "Nightly build passed"})
    page = Browser(road, "ada").get(said(reply)["id"])
    assert "There is nothing to decide" in shown(page)
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


def test_a_store_that_does_not_answer_is_a_page_that_says_so(road: Road, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise Outage("the store does not answer")

    case_id, ada = asked(road), Browser(road, "ada")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    monkeypatch.setattr(type(road.world.store), "load", fail)
    for reply in (ada.get(case_id), ada.post(case_id, form)):
        assert (503, True) == (reply.status, "The relay is busy" in shown(reply))
