"""The page offers to run a failed release again, and takes it."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from tests.pages.browsing import Browser, fields, shown, told
from tests.pages.review.asking import asked
from tests.support.example_policy import POLICY, RELEASE
from tests.support.example_policy import rule as written
from tests.support.github_webhooks import workflow_run
from tests.support.road import DISPATCHES, Road, dispatched, made


@pytest.fixture
def road(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[Road]:
    httpx_mock.add_response(url=DISPATCHES, method="POST", status_code=204, is_reusable=True, is_optional=True)
    policy = POLICY + written("again", RELEASE, retry=True)
    with made(tmp_path, httpx_mock, RELAY_SIGN_IN="app-service", RELAY_POLICY=policy) as here:
        yield here


@pytest.fixture
def failed(road: Road) -> str:
    """Return the id of a request whose released run has failed."""
    case_id = asked(road, environment="again")
    Browser(road, "ada").press(case_id, "approve")
    road.webhook(workflow_run("completed", case_id, road.now(), conclusion="failure"))
    return case_id


@pytest.mark.parametrize(
    ("language", "offered", "said"),
    [
        ("en", "Run again", "Started again. GitHub has taken it."),
        ("ko", "다시 실행", "다시 시작했습니다. GitHub가 받았습니다."),
    ],
)
def test_an_approver_runs_it_again(
    road: Road, failed: str, httpx_mock: HTTPXMock, language: str, offered: str, said: str
) -> None:
    ada = Browser(road, "ada", language=language)
    assert offered in shown(ada.get(failed))
    assert 303 == ada.press(failed, "again").status
    page = ada.get(failed)
    assert said == told(page)
    assert "<form" not in page.body.decode().replace('class="leave"', "").partition("</header>")[2]
    assert ("run 2, started by Ada" if language == "en" else "Ada 님이 시작한 2번째 실행") in shown(page)
    assert 2 == len(dispatched(httpx_mock))


def test_others_are_not_offered_it_and_cannot(road: Road, failed: str, httpx_mock: HTTPXMock) -> None:
    lin = Browser(road, "lin")
    page = lin.get(failed)
    assert "Run again" not in shown(page)
    ada = Browser(road, "ada")
    form = {"token": "x", "decision": "again", "comment": ""}
    assert 403 == lin.post(failed, form).status
    assert 403 == ada.post(failed, form).status
    assert 1 == len(dispatched(httpx_mock))


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "This ran again five times, which is the limit."), ("ko", "한도인 다섯 번을 이미 다시 실행했습니다.")],
)
def test_after_the_last_time_an_approver_is_told_the_limit(
    road: Road, failed: str, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    grace = Browser(road, "grace", language=language)
    form = fields(grace.get(failed)) | {"decision": "again", "comment": ""}
    monkeypatch.setattr("relay.approval.run_again.MAX_RERUNS", 0)
    reply = grace.post(failed, form)
    assert 403 == reply.status
    assert said in shown(reply)


@pytest.mark.parametrize(
    ("language", "said"),
    [("en", "more than a day ago, so it does not run again"), ("ko", "하루가 넘어 다시 실행하지 않습니다")],
)
def test_after_a_day_it_is_over(
    road: Road, failed: str, monkeypatch: pytest.MonkeyPatch, language: str, said: str
) -> None:
    ada = Browser(road, "ada", language=language)
    form = fields(ada.get(failed)) | {"decision": "again", "comment": ""}
    monkeypatch.setattr("relay.approval.run_again.OFFERED_FOR", -1)
    assert 303 == ada.post(failed, form).status
    page = ada.get(failed)
    assert said in told(page)
    assert "Run again" not in shown(page)
