"""The body of a webhook: at most 20 KiB, whatever people and workflows wrote."""

import json
from base64 import b64decode
from dataclasses import replace

import pytest

from relay.approval.policy import ChatChannel
from relay.chats.contract.outgoing import OutgoingNotice
from relay.chats.webhook.event import MAX_BODY, body_of
from relay.chats.webhook.post import headers_of, outcome_of
from relay.model.case import Case
from relay.model.debts import Delivered, Refused, RetryAfter
from relay.model.events import CaseEvent, Notice
from relay.model.people import Actor, Review
from relay.model.runs import Run
from relay.net.call import HttpResponse
from tests.approval.two_stages import REQUEST

ORIGIN = "https://relay.example"
CHANNEL = ChatChannel("events", "webhook", "", takes_cards=False)


def told(event: CaseEvent, case: Case | None = None) -> OutgoingNotice:
    return OutgoingNotice(case or Case(REQUEST, "key"), Notice(event, "e"), CHANNEL, (), "")


@pytest.mark.parametrize("letter", ["x", "한", "🚀", '"', "\ud800", "\x00"])
def test_a_body_has_at_most_20_kib(letter: str) -> None:
    long = replace(
        REQUEST, title=letter * 200, ref=f"refs/heads/{letter * 200}", run_url=f"https://x.example/{'x' * 1_900}"
    )
    review = Review("approve", Actor("entra:t/o", letter * 200), "qa", 5, letter * 1_000)
    run = Run("failure", 5, "report", letter * 1_000, f"https://x.example/{'x' * 1_900}")
    event = CaseEvent("reviewed", 2, 5, reason=letter * 4_000, review=review, dispatch="refused", run=run)
    body = body_of(told(event, Case(long, "key")), ORIGIN)
    assert len(body) <= MAX_BODY
    found = json.loads(body)
    assert "r1_2" == found["id"]
    assert len(found["data"]["review"]["comment"]) <= 1_000


def test_a_body_that_is_nearly_full_is_cut_at_20_kib() -> None:
    for length in range(700, 1_001, 10):
        words = "\x00" * length  # six bytes each
        run = Run("failure", 5, "report", words, f"https://x.example/{'x' * 1_900}")
        event = CaseEvent("reviewed", 2, 5, reason=words, dispatch="refused", run=run)
        review = Review("approve", Actor("entra:t/o", "Ada"), "qa", 5, words)
        assert len(body_of(told(replace(event, review=review)), ORIGIN)) <= 20_480


def test_a_text_is_cut_only_where_there_is_no_room() -> None:
    review = Review("approve", Actor("entra:t/o", "Ada"), "qa", 5, "한" * 1_000)
    body = body_of(told(CaseEvent("reviewed", 2, 5, review=review)), ORIGIN)
    assert "한" * 1_000 == json.loads(body)["data"]["review"]["comment"]


@pytest.mark.parametrize("page", ["", "https://github.com/octo/api/actions/runs/4711"])
def test_a_dispatch_that_github_took_has_the_page_of_its_run_if_github_named_it(page: str) -> None:
    event = CaseEvent("delivered", 4, 5, dispatch="delivered", attempts=2, run_url=page)
    expected = {"status": "delivered", "attempts": 2, "last_error": None, "run_url": page or None}
    assert expected == json.loads(body_of(told(event), ORIGIN))["data"]["dispatch"]


def test_the_signature_is_that_of_the_standards_own_example() -> None:
    # https://github.com/standard-webhooks/standard-webhooks/blob/main/libraries/README.md
    key = b64decode("MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
    body = b'{"test": 2432232314}'
    headers = headers_of("msg_p5jXN8AQM9LWM0D4loKWxJek", 1_614_265_330, body, [key])
    assert "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=" == headers["webhook-signature"]


@pytest.mark.parametrize(
    ("status", "headers", "expected"),
    [
        (200, {}, Delivered()),
        (299, {}, Delivered()),
        (408, {}, RetryAfter("the receiver answers 408", answered=True)),
        (429, {"retry-after": "7"}, RetryAfter("the receiver answers 429", 7.0, answered=True)),
        (
            500,
            {"retry-after": "Thu, 01 Jan 1970 00:01:40 GMT"},
            RetryAfter("the receiver answers 500", 100.0, answered=True),
        ),
        (599, {}, RetryAfter("the receiver answers 599", answered=True)),
    ],
)
def test_an_answer_means_by_its_status(status: int, headers: dict[str, str], expected: object) -> None:
    assert expected == outcome_of(HttpResponse(status, headers), 0.0)


@pytest.mark.parametrize("status", [100, 199, 300, 302, 400, 401, 403, 404, 410, 413, 499])
def test_any_other_status_is_a_refusal_with_a_cure(status: int) -> None:
    refused = outcome_of(HttpResponse(status, {}), 0.0)
    assert isinstance(refused, Refused)
    assert f"the receiver answers {status}" == refused.phrase
    assert "replay" in refused.cure
