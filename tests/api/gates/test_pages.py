"""The pages of a run that waits: its report on GitHub leads people there."""

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay import app
from relay.model.delivery import Reply
from relay.pages.english import ENGLISH
from relay.pages.korean import KOREAN
from relay.pages.words import Words
from tests.pages.browsing import Browser, shown, told
from tests.pages.operator.asking import browser
from tests.support import example_policy, gates
from tests.support.functions import call
from tests.support.gates import Here, asked, verdicts

LANGUAGES = [("en", "GitHub tells of a run that waits"), ("ko", "환경에서 기다리는 실행")]


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock, monkeypatch: pytest.MonkeyPatch) -> Iterator[Here]:
    policy = f'operators = ["grace"]\n{example_policy.POLICY}{gates.RULES}'
    with gates.made(tmp_path, httpx_mock, RELAY_POLICY=policy, RELAY_SIGN_IN="app-service") as made:
        monkeypatch.setattr(app, "relay", lambda: made.road.world)
        yield made


@pytest.mark.parametrize(("language", "proof"), LANGUAGES)
def test_a_run_that_waits_is_decided_on_the_review_page(here: Here, language: str, proof: str) -> None:
    case_id = asked(here).request.id
    lin, grace = (Browser(here.road, person, language=language) for person in ("lin", "grace"))
    page = lin.get(case_id)
    assert 200 == page.status
    assert proof in shown(page)
    assert 303 == lin.press(case_id, "approve").status
    assert 303 == grace.press(case_id, "approve", "go").status
    assert "" != told(grace.get(case_id))
    assert ["approved"] == [state for state, _ in verdicts(here)]


@pytest.mark.parametrize("words", [ENGLISH, KOREAN], ids=["en", "ko"])
def test_every_page_says_that_a_run_was_decided_on_github(here: Here, words: Words) -> None:
    case_id = asked(here).request.id
    here.completed(1)
    page = Browser(here.road, "lin", language=words.language).get(case_id)
    story = call("GET", f"/api/messages/{case_id}", browser() | {"accept-language": words.language})
    for reply in (page, Reply(200, {}, story.body)):
        assert words.statuses["elsewhere"] in shown(reply)
        assert words.statuses["cancelled"] not in shown(reply)


@pytest.mark.parametrize(
    ("verdict", "marks"), [("approve", ["passed", "passed"]), ("reject", ["rejected", "not reached"])]
)
def test_what_people_decided_before_github_stays_on_the_page(here: Here, verdict: str, marks: list[str]) -> None:
    case = asked(here)
    here.github.waiting.clear()
    for person in ("lin", "grace") if verdict == "approve" else ("lin",):
        here.press(person, verdict, case)
    page = Browser(here.road, "lin").get(case.request.id)
    assert "Decided on GitHub" in shown(page)
    assert marks == re.findall(r'<span class="state">(.*?)</span>', page.body.decode())


@pytest.mark.parametrize("end", ["cancelled", "expired", "elsewhere", "rejected"])
@pytest.mark.parametrize(("language", "proof"), LANGUAGES)
def test_every_end_of_a_run_that_waited_has_its_pages(here: Here, language: str, proof: str, end: str) -> None:
    case = asked(here)
    if end == "cancelled":
        here.road.cancel(case.request.id)
    elif end == "expired":
        here.road.ahead += 31 * 86_400
        here.road.round()
    elif end == "elsewhere":
        here.completed(1)
    else:
        here.press("lin", "reject", case, "no")
    page = Browser(here.road, "lin", language=language).get(case.request.id)
    assert (200, True) == (page.status, proof in shown(page))
    story = call("GET", f"/api/messages/{case.request.id}", browser() | {"accept-language": language})
    assert (200, True) == (story.status, proof in shown(Reply(200, {}, story.body)))
