import json
import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlencode

import pytest
from pytest_httpx import HTTPXMock

from relay.adapters.sqlite_store import SqliteStore
from relay.core import tickets
from relay.core.errors import Outage
from relay.core.model import Case, Delivery, iso
from tests import road

FORM: Final[dict[str, Any]] = {
    "repository": "octo/api",
    "event_type": "deploy-api",
    "title": "배포 승인",
    "environment": "production",
}


@pytest.fixture
def here(tmp_path: Path, httpx_mock: HTTPXMock) -> Iterator[road.Road]:
    with road.made(tmp_path, httpx_mock) as made:
        yield made


def lifetime(here: road.Road, case_id: str) -> int:
    request = here.case(case_id).request
    return request.expires_at - request.issued_at


def test_a_request_is_made_and_can_be_pressed(here: road.Road, httpx_mock: HTTPXMock) -> None:
    reply = here.ask(FORM)
    made = road.said(reply)
    assert 201 == reply.status
    assert {"id", "status", "expires_at", "review_url", "ticket"} == set(made)
    request = here.case(made["id"]).request
    assert ("pending", iso(request.expires_at)) == (made["status"], made["expires_at"])
    assert f"{road.ORIGIN}/api/review/{made['id']}" == made["review_url"]
    opened = tickets.open_ticket(made["ticket"], [road.MASTER], road.ORIGIN, now=time.time(), born_at=0)
    assert (made["id"], None) == (opened.id, opened.request)
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    assert (200, "released") == road.outcome(here.press("ada", "approve", made["ticket"]))


def test_what_was_made_is_described_to_its_asker(here: road.Road) -> None:
    made = road.said(here.ask(FORM))
    reply = here.show(made["id"])
    assert 200 == reply.status
    assert {
        "id": made["id"],
        "status": "pending",
        "stage": "release",
        "reviews": [],
        "dispatch": {"status": "none", "attempts": 0, "last_error": None, "run_url": None},
    } == road.said(reply)


def test_reviews_and_dispatch_are_described(here: road.Road, httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=500)
    made = road.said(here.ask(FORM))
    here.press("haneul", "approve", made["ticket"], "좋아요")
    shown = road.said(here.show(made["id"]))
    assert ("approved", "release", "김하늘", "좋아요") == (
        shown["status"],
        shown["stage"],
        shown["reviews"][0]["by"]["name"],
        shown["reviews"][0]["comment"],
    )
    assert {
        "status": "owed",
        "attempts": 1,
        "last_error": "it answers with error 500",
        "run_url": None,
    } == shown["dispatch"]


def test_the_stage_described_is_the_one_that_is_waited_for(here: road.Road) -> None:
    made = road.said(here.ask(FORM | {"environment": "staged"}))
    assert "qa" == road.said(here.show(made["id"]))["stage"]
    here.press("lin", "approve", made["ticket"])
    assert "release" == road.said(here.show(made["id"]))["stage"]


def test_a_form_says_the_same_as_json(here: road.Road) -> None:
    fields = FORM | {
        "client_payload": '{"버전": "1"}',
        "facts": '[{"name": "누가", "value": "나"}]',
        "approvers": "ada, grace,",
        "require_comment": "true",
        "requested_by_id": "77",
        "text": "",
    }
    kind = "Application/X-WWW-Form-Urlencoded; charset=utf-8"
    reply = here.post(urlencode(fields).encode(), content_type=kind)
    assert 201 == reply.status
    request = here.case(road.said(reply)["id"]).request
    assert {"버전": "1"} == request.client_payload
    assert ({"name": "누가", "value": "나"},) == request.facts
    assert ("ada", "grace") == request.approvers
    assert (True, 77, "") == (request.require_comment, request.requested_by_id, request.text)


@pytest.mark.parametrize(
    ("body", "field"),
    [
        (b"", "repository"),
        (b"repository=octo/api&repository=octo/web", "body"),
        (b"title=%ff", "body"),
        ("title=배포".encode(), "body"),
        (b"title", "body"),
        (b"&".join(b"f%d=1" % number for number in range(101)), "body"),
        (b"client_payload={", "client_payload"),
        (b"requested_by_id=x", "requested_by_id"),
        (b"require_comment=yes", "require_comment"),
    ],
)
def test_a_form_that_is_none_is_malformed(here: road.Road, body: bytes, field: str) -> None:
    reply = here.post(body, content_type="application/x-www-form-urlencoded")
    assert (400, "malformed", field) == (reply.status, road.said(reply)["error"], road.said(reply)["field"])


@pytest.mark.parametrize(
    ("environment", "wish", "seconds"),
    [
        ("production", None, 86_400),
        ("production", "90s", 90),
        ("production", "30d", 86_400),
        ("korea", None, 7_200),
        ("korea", "45m", 2_700),
        ("korea", "7d", 7_200),
    ],
)
def test_the_wish_to_expire_holds_within_the_rule(
    here: road.Road, environment: str, wish: str | None, seconds: int
) -> None:
    form = FORM | {"environment": environment} | ({"expires_in": wish} if wish else {})
    assert seconds == lifetime(here, road.said(here.ask(form))["id"])


def test_a_request_expires_and_is_then_neither_pressed_nor_cancelled(here: road.Road) -> None:
    made = road.said(here.ask(FORM | {"expires_in": "90s"}))
    here.ahead = 91
    assert "expired" == road.said(here.show(made["id"]))["status"]
    assert (200, "expired") == road.outcome(here.press("ada", "approve", made["ticket"]))
    assert (409, "already-decided") == (here.cancel(made["id"]).status, road.said(here.cancel(made["id"]))["error"])


def test_a_notification_has_no_event_and_is_never_approved(here: road.Road) -> None:
    reply = here.ask({"repository": "octo/api", "title": "It is done", "expires_in": "7d"})
    made = road.said(reply)
    assert (201, 86_400) == (reply.status, lifetime(here, made["id"]))
    assert ("pending", "") == (road.said(here.show(made["id"]))["status"], road.said(here.show(made["id"]))["stage"])
    assert (403, "no-rule") == road.outcome(here.press("ada", "approve", made["ticket"]))


def test_a_repeated_call_answers_with_the_same_request(here: road.Road) -> None:
    first = here.ask(FORM, idempotency_key="run-1")
    again = here.ask(FORM, idempotency_key="run-1")
    assert (201, 200) == (first.status, again.status)
    assert road.said(first) == road.said(again)
    assert 1 == here.recorded()["cases"]


def test_without_an_idempotency_key_each_call_is_another_request(here: road.Road) -> None:
    assert road.said(here.ask(FORM))["id"] != road.said(here.ask(FORM))["id"]


def test_a_repeated_call_tells_what_became_of_the_request(here: road.Road) -> None:
    made = road.said(here.ask(FORM, idempotency_key="run-1"))
    here.cancel(made["id"])
    assert "cancelled" == road.said(here.ask(FORM, idempotency_key="run-1"))["status"]


def test_another_body_under_the_same_key_is_a_conflict(here: road.Road) -> None:
    here.ask(FORM, idempotency_key="run-1")
    reply = here.ask(FORM | {"title": "Another"}, idempotency_key="run-1")
    assert (409, "key-reused") == (reply.status, road.said(reply)["error"])
    assert 1 == here.recorded()["cases"]


def test_an_idempotency_key_is_its_askers_own(here: road.Road) -> None:
    here.ask(FORM, idempotency_key="run-1")
    other = here.ask(FORM | {"repository": "hexa/api"}, idempotency_key="run-1", x_relay_key=road.FOREIGN_KEY)
    assert 403 == other.status  # and not 409: its rule is missing, its key is new


@pytest.mark.parametrize("key", ["x" * 256, "키", "a\nb", "\udc80"])
def test_an_odd_idempotency_key_is_malformed(here: road.Road, key: str) -> None:
    reply = here.ask(FORM, idempotency_key=key)
    assert (400, "Idempotency-Key") == (reply.status, road.said(reply)["field"])
    assert road.NOTHING == here.recorded()


class Dying(SqliteStore):
    """A store whose process dies between claim and commit."""

    def commit(self, case: Case, **_rows: object) -> bool:  # noqa: ARG002 - a store takes it
        raise Outage("the process was killed")


def test_a_crash_between_claim_and_commit_does_not_lose_the_request(here: road.Road) -> None:
    store = Dying(str(here.path / "relay.db"), time.time)
    headers = {"x-relay-key": road.API_KEY, "idempotency-key": "run-1"}
    delivery = Delivery("", headers, json.dumps(FORM).encode(), time.time())
    intake = replace(here.world.intake(), cases=store, payer=replace(here.world.payer, cases=store))
    reply = intake.register(delivery)
    store.close()
    assert (503, "busy") == (reply.status, road.said(reply)["error"])
    assert road.NOTHING | {"claims": 1} == here.recorded()
    here.ahead = 60
    first, again = (here.ask(FORM, idempotency_key="run-1") for _ in range(2))
    assert (201, 200) == (first.status, again.status)
    assert road.said(first)["id"] == road.said(again)["id"]
    assert 1 == here.recorded()["cases"]


class Late(SqliteStore):
    """A store that does not show the case yet which another call commits at this moment: at the second look it does."""

    looks = 0

    def load(self, case_id: str) -> Case | None:
        self.looks += 1
        return super().load(case_id) if self.looks > 1 else None


def test_of_two_calls_at_once_both_answer_the_one_request(here: road.Road) -> None:
    first = road.said(here.ask(FORM, idempotency_key="run-1"))
    store = Late(str(here.path / "relay.db"), time.time)
    headers = {"x-relay-key": road.API_KEY, "idempotency-key": "run-1"}
    delivery = Delivery("", headers, json.dumps(FORM).encode(), time.time())
    reply = replace(here.world.intake(), cases=store).register(delivery)
    store.close()
    assert (201, first) == (reply.status, road.said(reply))
    assert 1 == here.recorded()["cases"]


@pytest.mark.parametrize(
    ("key", "status", "code"),
    [
        ("", 401, "not-genuine"),
        ("guessed-0123456789ab", 401, "not-genuine"),
        ("키키키", 401, "not-genuine"),
        ("\udc80", 401, "not-genuine"),
        (road.FOREIGN_KEY, 403, "not-allowed"),
        (road.OPERATOR_KEY, 403, "not-allowed"),
    ],
)
def test_a_key_asks_for_its_own_repositories_only(here: road.Road, key: str, status: int, code: str) -> None:
    reply = here.ask(FORM, x_relay_key=key)
    assert (status, code) == (reply.status, road.said(reply)["error"])
    assert road.NOTHING == here.recorded()


def test_a_key_is_proven_before_the_body_is_measured_or_read(here: road.Road) -> None:
    assert 401 == here.post(b"x" * (2 << 20), x_relay_key="").status
    assert 413 == here.post(b"x" * (2 << 20)).status


@pytest.mark.parametrize(
    ("key", "shown", "cancelled"),
    [(road.API_KEY, 200, 200), (road.OPERATOR_KEY, 200, 200), (road.FOREIGN_KEY, 404, 404), ("", 401, 401)],
)
def test_a_request_is_shown_and_cancelled_to_its_own_and_to_operators(
    here: road.Road, key: str, shown: int, cancelled: int
) -> None:
    made = road.said(here.ask(FORM))
    assert shown == here.show(made["id"], key).status
    assert cancelled == here.cancel(made["id"], key).status


@pytest.mark.parametrize("case_id", ["", "a" * 32, "../../etc/passwd", "요청"])
def test_an_unknown_id_is_not_found(here: road.Road, case_id: str) -> None:
    assert (404, "unknown-request") == (here.show(case_id).status, road.said(here.show(case_id))["error"])
    assert 404 == here.cancel(case_id).status


def test_a_pending_request_is_cancelled_once_and_stays_so(here: road.Road) -> None:
    made = road.said(here.ask(FORM))
    first, again = here.cancel(made["id"]), here.cancel(made["id"])
    assert (200, 200) == (first.status, again.status)
    assert ("cancelled", 2) == (road.said(again)["status"], here.case(made["id"]).version)
    assert road.said(first) == road.said(again)


@pytest.mark.parametrize("verdict", ["approve", "reject"])
def test_a_decided_request_is_not_cancelled(here: road.Road, httpx_mock: HTTPXMock, verdict: str) -> None:
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204, is_optional=True)
    made = road.said(here.ask(FORM))
    here.press("ada", verdict, made["ticket"])
    reply = here.cancel(made["id"])
    assert (409, "already-decided") == (reply.status, road.said(reply)["error"])
    assert here.case(made["id"]).status in {"approved", "rejected"}


class Contested(SqliteStore):
    """A store where a click comes first, once."""

    beaten = False

    def commit(self, case: Case, **rows: Any) -> bool:
        if not self.beaten:
            self.beaten = True
            return False
        return super().commit(case, **rows)


def test_a_cancellation_starts_anew_when_a_click_came_first(here: road.Road) -> None:
    made = road.said(here.ask(FORM))
    store = Contested(str(here.path / "relay.db"), time.time)
    delivery = Delivery("", {"x-relay-key": road.API_KEY}, b"", time.time())
    reply = replace(here.world.intake(), cases=store).cancel(delivery, made["id"])
    store.close()
    assert (200, "cancelled") == (reply.status, road.said(reply)["status"])


@pytest.mark.parametrize(
    "change",
    [
        {"environment": "nowhere"},
        {"environment": ""},
        {"event_type": "destroy"},
        {"environment": "keyed"},
        {"environment": "crowd"},
        {"reject_event_type": "not-listed"},
        {"repository": "octo/site", "event_type": "publish"},
    ],
)
def test_what_no_rule_takes_is_refused(here: road.Road, change: dict[str, str]) -> None:
    reply = here.ask(FORM | change)
    assert (403, "no-rule") == (reply.status, road.said(reply)["error"])
    assert road.NOTHING == here.recorded()


@pytest.mark.parametrize(
    ("approvers", "status", "said"),
    [
        (["ada"], 201, ""),
        (["group:owners"], 201, ""),
        (["anyone"], 201, ""),
        (["lin"], 400, "leaves 0 of 1 required approvers in stage release"),
        (["nobody"], 400, "names a person that the policy does not have"),
        (["group:none"], 400, "names a group that the policy does not have"),
    ],
)
def test_approvers_are_narrowed_only_to_who_can_release(
    here: road.Road, approvers: list[str], status: int, said: str
) -> None:
    reply = here.ask(FORM | {"approvers": approvers})
    assert status == reply.status
    if said:
        assert {"error": "malformed", "message": f"approvers: {said}", "field": "approvers"} == road.said(reply)


def test_whom_the_request_left_out_may_not_press(here: road.Road) -> None:
    made = road.said(here.ask(FORM | {"approvers": ["grace"]}))
    assert (403, "not-allowed") == road.outcome(here.press("ada", "approve", made["ticket"]))


FIELDS: Final[list[tuple[str, object]]] = [
    ("repository", None),
    ("repository", "octo"),
    ("repository", "octo/api/../x"),
    ("repository", "octo/.."),
    ("repository", 7),
    ("title", None),
    ("title", "   "),
    ("title", "x" * 301),
    ("title", "two\nlines"),
    ("title", "\ud800"),
    ("title", ["t"]),
    ("event_type", "x" * 101),
    ("event_type", 7),
    ("client_payload", [1]),
    ("client_payload", {"approval": 1}),
    ("client_payload", {str(number): 1 for number in range(10)}),
    ("client_payload", {"x": "y" * 41_000}),
    ("client_payload", {"x": 1.5}),
    ("client_payload", {"x": 2**53}),
    ("client_payload", {"x": "\ud800"}),
    ("text", "x" * 8_001),
    ("text", "\x00"),
    ("summary", 7),
    ("theme_color", "red"),
    ("sections", {"text": "t"}),
    ("sections", ["text"]),
    ("sections", [{}] * 11),
    ("sections", [{"text": 1.5}]),
    ("actions", [{}] * 5),
    ("actions", "OpenUri"),
    ("facts", [{"name": "n"}]),
    ("facts", [{"name": "n", "value": 7}]),
    ("links", [{"name": "n", "url": "javascript:alert(1)"}]),
    ("links", [{"name": "n", "url": "https://[::"}]),
    ("environment", "x" * 256),
    ("ref", 7),
    ("sha", "xyz"),
    ("run_url", "ftp://example.com"),
    ("requested_by", "not a login"),
    ("requested_by_id", "77"),
    ("requested_by_id", True),
    ("requested_by_id", -1),
    ("expires_in", "soon"),
    ("expires_in", "31d"),
    ("expires_in", "0s"),
    ("expires_in", 90),
    ("reject_event_type", "DEPLOY-api"),
    ("reject_event_type", 7),
    ("require_comment", "yes"),
    ("approvers", "ada"),
    ("approvers", [7]),
    ("approvers", ["a"] * 51),
    ("approve_label", "x" * 41),
    ("reject_label", 7),
    ("confirm", "x" * 301),
    ("channels", ["qa"]),
    ("channels", "qa"),
    ("bogus", "x"),
]


@pytest.mark.parametrize(
    ("field", "value"), FIELDS, ids=[f"{field}-{index}" for index, (field, _) in enumerate(FIELDS)]
)
def test_a_field_that_is_wrong_is_named_with_the_cure_and_nothing_is_recorded(
    here: road.Road, caplog: pytest.LogCaptureFixture, field: str, value: object
) -> None:
    caplog.set_level(logging.DEBUG)
    form = {name: each for name, each in (FORM | {field: value}).items() if each is not None}
    reply = here.ask(form)
    said = road.said(reply)
    assert (400, "malformed", field) == (reply.status, said["error"], said["field"])
    assert said["message"].startswith(f"{field}: ")
    assert road.NOTHING == here.recorded()
    assert [f"request refused: malformed (field {field})"] == caplog.messages


def test_a_reject_event_without_an_event_is_malformed(here: road.Road) -> None:
    reply = here.ask({"repository": "octo/api", "title": "t", "reject_event_type": "refused-api"})
    assert (400, "reject_event_type") == (reply.status, road.said(reply)["field"])


def test_the_name_of_a_field_that_is_no_name_is_not_told_back(here: road.Road) -> None:
    reply = here.ask(FORM | {"<script>": 1})
    assert (400, "body") == (reply.status, road.said(reply)["field"])
    assert "script" not in reply.body.decode()


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"not json",
        b"\xff\xfe{}",
        b"\xef\xbb\xbf{}",
        b"[]",
        b'"text"',
        b"null",
        b'{"title": "a", "title": "b"}',
        b'{"title": NaN}',
        b"[" * 100_000,
        b'{"client_payload": ' + b"[" * 40 + b"]" * 40 + b"}",
        b'{"requested_by_id": ' + b"9" * 5_000 + b"}",
    ],
)
def test_a_body_that_is_no_strict_json_object_is_malformed(
    here: road.Road, caplog: pytest.LogCaptureFixture, body: bytes
) -> None:
    reply = here.post(body)
    assert (400, "body") == (reply.status, road.said(reply)["field"])
    assert ["request refused: malformed (field body)"] == caplog.messages
    assert road.NOTHING == here.recorded()


def test_empty_values_count_as_left_out(here: road.Road) -> None:
    form = FORM | {"text": "", "facts": [], "client_payload": {}, "sha": None}
    assert 201 == here.ask(form).status


def test_an_answer_is_json_that_no_cache_keeps(here: road.Road) -> None:
    headers = here.ask(FORM).headers
    assert ("application/json; charset=utf-8", "no-store") == (headers["Content-Type"], headers["Cache-Control"])


def test_no_store_is_busy(tmp_path: Path, httpx_mock: HTTPXMock, caplog: pytest.LogCaptureFixture) -> None:
    with road.made(tmp_path, httpx_mock, RELAY_STORE="sqlite:////dev/null/relay.db") as here:
        replies = here.ask(FORM), here.show("a"), here.cancel("a")
    assert [(503, "busy")] * 3 == [(reply.status, road.said(reply)["error"]) for reply in replies]
    assert all(line.startswith("request not taken: the store does not work") for line in caplog.messages)
