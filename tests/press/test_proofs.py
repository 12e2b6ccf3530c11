"""Every kind of key, token and text that is genuine comes through as it is."""

import json
import time

from pytest_httpx import HTTPXMock

from relay.signed import tickets
from tests.press.dispatches import taken
from tests.support import click_answers, clicks, entra_tokens, example_policy, road


def test_korean_titles_names_stages_and_comments_work_everywhere(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    request = road.offline("korea", title="배포 승인 🚀", facts=[{"name": "버전", "value": "가나다"}])
    first = here.press("haneul", "approve", road.ticket(request), '따옴표 " 와 \\ 와\n줄바꿈')
    assert (200, "counted") == road.outcome(first)
    assert (
        "Counted. The stage has passed; the stage is next and needs 1 approval." == first.headers["CARD-ACTION-STATUS"]
    )
    card = road.said(first)
    assert "배포 승인 🚀" == card["title"]
    drawn = json.dumps(card["sections"], ensure_ascii=False)
    for text in ("김하늘", "검토", "배포", "가나다", "줄바꿈"):
        assert text in drawn
    last = here.press("ada", "approve", click_answers.pressable(card)["approve"], "좋아요")
    assert (200, "released") == road.outcome(last)
    approval = road.dispatched(httpx_mock)[0]["client_payload"]["approval"]
    assert ['따옴표 " 와 \\ 와\n줄바꿈', "좋아요"] == [review["comment"] for review in approval["reviews"]]
    assert "배포" == approval["stage"]


def test_what_a_quote_does_to_the_cards_json_is_still_the_comment(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    request = road.offline()
    click = road.click(request=request)
    here.send(click.headers, '{"comment": "그는 "네" 라고, "comment": "x"}'.encode())
    assert '그는 "네" 라고, "comment": "x' == here.case(request.id).reviews[0].comment


def test_a_key_of_the_repository_signs_for_it(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    text = road.ticket(road.offline(), key=tickets.derive(road.MASTER, "octo/api"))
    assert (200, "released") == road.outcome(here.press("ada", "approve", text))


def test_a_v1_token_proves_a_person_too(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    claims = entra_tokens.v1_claims(int(time.time()), oid=example_policy.PEOPLE["ada"])
    headers = clicks.headers("ada", "approve", road.ticket(road.offline()))
    del headers["authorization"]
    headers["action-authorization"] = f"Bearer {entra_tokens.token(claims)}"
    assert (200, "released") == road.outcome(here.send(headers))
