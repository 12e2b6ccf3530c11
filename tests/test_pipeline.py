import itertools
import json
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from functools import partial
from pathlib import Path
from typing import Any, Final

import httpx
import pytest
from pytest_httpx import HTTPXMock

from relay.adapters.sqlite_store import SqliteStore
from relay.core import receipts, tickets
from relay.core.errors import Refusal
from relay.core.model import Actor, Case, Delivery, Interaction
from tests import approvers, genuine, road


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    with road.made(tmp_path, httpx_mock) as made:
        yield made


def taken(httpx_mock: HTTPXMock, status: int = 204, **answer: Any) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=status, is_reusable=True, **answer)


@dataclass
class Press:
    """A click before it is signed, for a row of the table to spoil."""

    person: str = "ada"
    verdict: str = "approve"
    comment: str = ""
    token: str = ""
    body: bytes = b""
    registered: bool = False
    altered: bool = False
    own: bool = False
    form: dict[str, Any] = field(default_factory=lambda: {"environment": "production"})

    def click(self) -> road.Click:
        if self.own:
            self.form["requested_by_id"] = approvers.IDS[self.person]
        request = road.offline(**self.form)
        text = tickets.sign(request, road.MASTER, road.ORIGIN, self_contained=not self.registered)
        headers = road.headers(self.person, self.verdict, text[:-4] + "AAAA" if self.altered else text)
        if self.token:
            headers["authorization"] = self.token
        return road.Click(headers, self.body or json.dumps({"comment": self.comment}).encode())


def too_large(press: Press) -> None:
    press.body = b" " * (1024 * 1024 + 1)


def no_token(press: Press) -> None:
    press.token = "Bearer a.b.c"


def malformed(press: Press) -> None:
    press.verdict = "maybe"


def foreign_ticket(press: Press) -> None:
    press.altered = True


def unknown(press: Press) -> None:
    press.registered = True


def expired(press: Press) -> None:
    press.form |= {"issued_at": int(time.time()) - 200, "expires_in": "90s"}


def no_rule(press: Press) -> None:
    press.form["environment"] = "nowhere"


def stranger(press: Press) -> None:
    press.person = "lin"


def own(press: Press) -> None:
    press.own = True


def no_comment(press: Press) -> None:
    press.form["require_comment"] = True


ROWS: Final[tuple[tuple[int, str, Callable[[Press], None]], ...]] = (
    (413, "too-large", too_large),
    (401, "not-genuine", no_token),
    (400, "malformed", malformed),
    (401, "not-genuine", foreign_ticket),
    (404, "unknown-request", unknown),
    (200, "expired", expired),
    (403, "no-rule", no_rule),
    (403, "not-allowed", stranger),
    (403, "own-request", own),
    (400, "comment-required", no_comment),
)


@pytest.mark.parametrize(("status", "code", "spoil"), ROWS, ids=[row[2].__name__ for row in ROWS])
def test_each_row_of_the_table_has_its_answer_and_records_nothing(
    here: road.Road, status: int, code: str, spoil: Callable[[Press], None]
) -> None:
    press = Press()
    spoil(press)
    click = press.click()
    assert (status, code) == road.outcome(here.send(click.headers, click.body))
    assert road.NOTHING == here.recorded()


PAIRS: Final = tuple(itertools.combinations(ROWS, 2))


@pytest.mark.parametrize(
    ("first", "second"), PAIRS, ids=[f"{one[2].__name__}-before-{two[2].__name__}" for one, two in PAIRS]
)
def test_where_two_rows_apply_the_first_is_the_answer(
    here: road.Road,
    first: tuple[int, str, Callable[[Press], None]],
    second: tuple[int, str, Callable[[Press], None]],
) -> None:
    press = Press()
    first[2](press)
    second[2](press)
    click = press.click()
    assert first[:2] == road.outcome(here.send(click.headers, click.body))
    assert road.NOTHING == here.recorded()


def test_an_approval_is_told_as_released_once_github_took_it(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    request = road.offline(requested_by="octocat", requested_by_id=583231, sha="0" * 40, ref="refs/heads/main")
    reply = here.press("ada", "approve", road.ticket(request), "Fine by me.")
    assert (200, "released") == road.outcome(reply)
    assert "Approved. GitHub has taken it." == reply.headers["CARD-ACTION-STATUS"]
    assert {} == road.pressable(road.said(reply))
    case = here.case(request.id)
    assert ("approved", "delivered", 1) == (case.status, case.debts[0].status, case.debts[0].attempts)
    assert road.NOTHING | {"cases": 1, "lives": 1} == here.recorded()


def test_github_gets_the_payload_the_contract_promises(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    request = road.offline(
        client_payload={"버전": "1.0", "nested": {"a": [1, None, True]}},
        requested_by="octocat",
        requested_by_id=583231,
        sha="0" * 40,
        ref="refs/heads/main",
    )
    here.press("haneul", "approve", road.ticket(request), "확인했습니다")
    (sent,) = road.dispatched(httpx_mock)
    approval = sent["client_payload"].pop("approval")
    assert {"event_type": "deploy-api", "client_payload": request.client_payload} == sent
    claims = receipts.verify(
        approval.pop("receipt"), here.world.key_set, issuer=road.ORIGIN, repository="octo/api", now=time.time()
    )
    review = approval["reviews"][0]
    assert {
        "id": request.id,
        "decision": "approved",
        "stage": "release",
        "repository": "octo/api",
        "environment": "production",
        "ref": "refs/heads/main",
        "sha": "0" * 40,
        "requested_by": {"login": "octocat", "id": 583231, "proven": False},
        "decided_at": approval["decided_at"],
        "reviews": [
            {
                "verdict": "approve",
                "by": {"id": f"entra:{genuine.TENANT}/{approvers.PEOPLE['haneul']}", "name": "김하늘"},
                "stage": "release",
                "at": review["at"],
                "comment": "확인했습니다",
            }
        ],
    } == approval
    assert receipts.payload_sha256(request.client_payload) == claims["payload_sha256"]
    assert (request.id, "deploy-api", "approved") == (claims["jti"], claims["event_type"], claims["decision"])


def test_the_call_to_github_has_the_headers_of_the_contract(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    here.press("ada", "approve", road.ticket(road.offline()))
    (call,) = httpx_mock.get_requests(method="POST")
    assert "application/vnd.github+json" == call.headers["accept"]
    assert "2022-11-28" == call.headers["x-github-api-version"]
    assert "Bearer github_pat_made_up" == call.headers["authorization"]
    assert call.headers["user-agent"].startswith("approval-relay/")


def test_an_approval_that_github_does_not_answer_is_retried(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock, 500)
    request = road.offline()
    reply = here.press("ada", "approve", road.ticket(request))
    assert (200, "approved-retrying") == road.outcome(reply)
    assert "the relay keeps trying" in reply.headers["CARD-ACTION-STATUS"]
    assert "owed" == here.case(request.id).debts[0].status
    again = here.press("ada", "approve", road.ticket(request))
    assert (200, "already-approved") == road.outcome(again)
    assert "keeps trying" in again.headers["CARD-ACTION-STATUS"]


@pytest.mark.parametrize(("status", "why"), [(404, "may not see it"), (401, "credential"), (422, "invalid")])
def test_an_approval_that_github_refuses_says_why(
    here: road.Road, httpx_mock: HTTPXMock, status: int, why: str
) -> None:
    taken(httpx_mock, status, json={"message": "no"})
    request = road.offline()
    reply = here.press("ada", "approve", road.ticket(request))
    assert (200, "approved-refused") == road.outcome(reply)
    assert why in reply.headers["CARD-ACTION-STATUS"]
    again = here.press("grace", "approve", road.ticket(request))
    assert (200, "already-approved") == road.outcome(again)
    assert "GitHub has not taken it" in again.headers["CARD-ACTION-STATUS"]
    assert 1 == len(road.dispatched(httpx_mock))


def test_an_approval_that_comes_after_its_budget_is_left_to_the_timer(here: road.Road, httpx_mock: HTTPXMock) -> None:
    here.press("stranger", "approve", road.ticket(road.offline()))  # by now the keys are at hand
    click = road.click()
    assert (200, "approved-retrying") == road.outcome(here.send(click.headers, click.body, late=60))
    assert [] == road.dispatched(httpx_mock)
    taken(httpx_mock)
    here.ahead = 60
    assert 1 == here.round()
    assert 1 == len(road.dispatched(httpx_mock))


def test_a_rejection_dispatches_nothing_unless_the_request_names_an_event(
    here: road.Road, httpx_mock: HTTPXMock
) -> None:
    request = road.offline()
    reply = here.press("ada", "reject", road.ticket(request), "No.")
    assert (200, "rejected") == road.outcome(reply)
    assert "Rejected. Nothing will be released." == reply.headers["CARD-ACTION-STATUS"]
    assert [] == road.dispatched(httpx_mock)
    assert road.NOTHING | {"cases": 1, "lives": 1} == here.recorded()
    assert (200, "already-rejected") == road.outcome(here.press("grace", "approve", road.ticket(request)))


@pytest.mark.parametrize(("status", "said"), [(204, "GitHub has taken it"), (500, "keeps trying"), (404, "refused it")])
def test_a_rejection_with_an_event_dispatches_it_and_stays_a_rejection(
    here: road.Road, httpx_mock: HTTPXMock, status: int, said: str
) -> None:
    taken(httpx_mock, status)
    request = road.offline(reject_event_type="refused-api")
    reply = here.press("ada", "reject", road.ticket(request))
    assert (200, "rejected") == road.outcome(reply)
    assert said in reply.headers["CARD-ACTION-STATUS"]
    (sent,) = road.dispatched(httpx_mock)
    assert ("refused-api", "rejected") == (sent["event_type"], sent["client_payload"]["approval"]["decision"])


def test_stages_pass_one_after_the_other_by_the_buttons_of_the_refreshed_card(
    here: road.Road, httpx_mock: HTTPXMock
) -> None:
    taken(httpx_mock)
    old = road.ticket(road.offline("staged"))
    first = here.press("ada", "approve", old)
    assert (200, "counted") == road.outcome(first)
    assert (
        'Counted. The stage "qa" has passed; the stage "release" is next and needs 2 approvals.'
        == first.headers["CARD-ACTION-STATUS"]
    )
    again = here.press("ada", "approve", old)
    assert (200, "already-counted") == road.outcome(again)
    second = here.press("ada", "approve", road.pressable(road.said(first))["approve"])
    assert (200, "counted") == road.outcome(second)
    assert 'Counted. The stage "release" needs 1 more approval.' == second.headers["CARD-ACTION-STATUS"]
    twice = here.press("ada", "approve", road.pressable(road.said(second))["approve"])
    assert (200, "already-counted") == road.outcome(twice)
    last = here.press("grace", "approve", road.pressable(road.said(twice))["approve"])
    assert (200, "released") == road.outcome(last)
    (sent,) = road.dispatched(httpx_mock)
    reviews = sent["client_payload"]["approval"]["reviews"]
    assert [("Ada", "qa"), ("Ada", "release"), ("Grace", "release")] == [
        (review["by"]["name"], review["stage"]) for review in reviews
    ]


def test_a_person_of_a_later_stage_may_press_the_card_as_it_was_first_sent(here: road.Road) -> None:
    old = road.ticket(road.offline("staged"))
    here.press("lin", "approve", old)
    assert (200, "counted") == road.outcome(here.press("grace", "approve", old))


def test_one_who_approved_may_still_reject_while_it_is_pending(here: road.Road) -> None:
    old = road.ticket(road.offline("crowd"))
    here.press("ada", "approve", old)
    assert (200, "rejected") == road.outcome(here.press("ada", "reject", old))


def test_two_strangers_of_the_tenant_count_where_anyone_may_approve(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    old = road.ticket(road.offline("crowd"))
    assert (200, "counted") == road.outcome(here.press("bbbbbbbb-0000-4000-8000-000000000001", "approve", old))
    assert (200, "already-counted") == road.outcome(here.press("BBBBBBBB-0000-4000-8000-000000000001", "approve", old))
    assert (200, "released") == road.outcome(here.press("bbbbbbbb-0000-4000-8000-000000000002", "approve", old))


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
    last = here.press("ada", "approve", road.pressable(card)["approve"], "좋아요")
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


def test_a_registered_request_is_pressed_by_its_ticket(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    made = road.said(
        here.ask({"repository": "octo/api", "event_type": "deploy-api", "title": "t", "environment": "production"})
    )
    assert (200, "released") == road.outcome(here.press("ada", "approve", made["ticket"]))
    assert "approved" == road.said(here.show(made["id"]))["status"]


def test_a_cancelled_request_tells_so(here: road.Road, httpx_mock: HTTPXMock) -> None:
    made = road.said(
        here.ask({"repository": "octo/api", "event_type": "deploy-api", "title": "t", "environment": "production"})
    )
    here.cancel(made["id"])
    assert (200, "cancelled") == road.outcome(here.press("ada", "approve", made["ticket"]))
    assert [] == road.dispatched(httpx_mock)


def test_a_superseded_case_tells_so(here: road.Road) -> None:
    request = road.offline()
    assert here.world.store.commit(Case(request, "offline", status="superseded", version=1))
    assert (200, "superseded") == road.outcome(here.press("lin", "approve", road.ticket(request)))


def test_a_pending_case_expires_when_its_rule_says_so_and_tells_it_to_strangers_too(here: road.Road) -> None:
    request = road.offline("korea")
    here.press("haneul", "approve", road.ticket(request))
    here.ahead = 7_201
    reply = here.press("lin", "approve", road.ticket(request))
    assert (200, "expired") == road.outcome(reply)
    assert "Expired without a decision" in json.dumps(road.said(reply))


def test_a_key_of_the_repository_signs_for_it(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    text = road.ticket(road.offline(), key=tickets.derive(road.MASTER, "octo/api"))
    assert (200, "released") == road.outcome(here.press("ada", "approve", text))


def test_a_v1_token_proves_a_person_too(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    claims = genuine.v1_claims(int(time.time()), oid=approvers.PEOPLE["ada"])
    headers = road.headers("ada", "approve", road.ticket(road.offline()))
    del headers["authorization"]
    headers["action-authorization"] = f"Bearer {genuine.token(claims)}"
    assert (200, "released") == road.outcome(here.send(headers))


def test_no_key_server_is_busy_and_records_nothing(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    with road.made(tmp_path, httpx_mock) as here:
        httpx_mock.reset()
        httpx_mock.add_exception(httpx.ConnectError("down"), url=genuine.JWKS_URL)
        click = road.click()
        assert (503, "busy") == road.outcome(here.send(click.headers, click.body))
        assert road.NOTHING == here.recorded()


def test_no_store_is_busy_and_dispatches_nothing(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    with road.made(tmp_path, httpx_mock, RELAY_STORE="sqlite:////dev/null/relay.db") as here:
        click = road.click()
        assert (503, "busy") == road.outcome(here.send(click.headers, click.body))
        assert [] == road.dispatched(httpx_mock)


def test_a_press_on_what_is_not_as_it_was_seen_is_stale_while_it_waits(here: road.Road, httpx_mock: HTTPXMock) -> None:
    taken(httpx_mock)
    request = road.offline()
    pipeline, asked = here.pipeline(), list[Case]()
    ticket = pipeline.open(road.ticket(request))
    press = Interaction("", "approve", "", Actor(f"entra:{genuine.TENANT}/{approvers.PEOPLE['ada']}", "Ada"))

    def as_seen(case: Case, *, same: bool) -> bool:
        asked.append(case)
        return same

    deadline = here.now() + 8
    with pytest.raises(Refusal, match="stale"):
        pipeline.take(ticket, press, deadline, expects=partial(as_seen, same=False))
    assert road.NOTHING == here.recorded()
    assert "released" == pipeline.take(ticket, press, deadline, expects=partial(as_seen, same=True)).code
    settled = pipeline.take(ticket, press, deadline, expects=partial(as_seen, same=False))
    assert "already-approved" == settled.code
    assert [Case(request, "offline")] * 2 == asked


class Contested(SqliteStore):
    """A store where somebody else is always faster."""

    def commit(self, case: Case, **_rows: object) -> bool:  # noqa: ARG002 - a store takes it
        return False


def test_a_click_that_is_never_the_fastest_gives_up_as_busy_within_its_budget(
    tmp_path: Path, here: road.Road, httpx_mock: HTTPXMock
) -> None:
    store = Contested(f"{tmp_path}/relay.db", time.time)
    ticks = itertools.count(time.time())
    payer = replace(here.world.payer, cases=store)
    pipeline = replace(here.world.pipeline, cases=store, payer=payer, clock=lambda: next(ticks))
    click = road.click()
    reply = pipeline.click(here.world.channels["messagecard"], Delivery("messagecard", click.headers, b"", time.time()))
    store.close()
    road.check(reply)
    assert (503, "busy") == road.outcome(reply)
    assert [] == road.dispatched(httpx_mock)
