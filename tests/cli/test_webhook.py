import json

import httpx
import pytest
from pytest_httpx import HTTPXMock

from tests.cli.running import ASK, RELAY, Sleeper, make_edges, run
from tests.cli.sending import CREATED, ENV, NOTIFY, WEBHOOK


def test_busy_answers_are_tried_again_under_one_key(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=429, headers={"Retry-After": "7"})
    httpx_mock.add_response(status_code=200, text="Webhook: Microsoft Teams endpoint returned HTTP error 429")
    httpx_mock.add_response(status_code=503, headers={"Retry-After": "Mon, 21 Sep 2026 14:13:45 GMT"})
    httpx_mock.add_exception(httpx.ConnectError("no"))
    httpx_mock.add_response(status_code=200)
    sleeper = Sleeper()
    result = run(*NOTIFY, env=ENV, context=make_edges(sleeper))
    assert 0 == result.exit_code, result.output
    assert [7.0, 2.0, 16.0, 8.0] == sleeper.sleeps
    assert 1 == len({request.headers["Idempotency-Key"] for request in httpx_mock.get_requests()})


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (200, "Bad payload received by generic incoming webhook.", "The webhook answered 200 with an error"),
        (200, '{"error": "no"}', "The webhook answered 200 with an error in the body. Usually the card"),
        (200, '{"errors": [1]}', "The webhook answered 200 with an error"),
        (200, '"failed"', "The webhook answered 200 with an error"),
        (200, "Teams endpoint returned HTTP error 404", "error in the body (404). Usually the webhook or its workflow"),
        (200, "Teams endpoint returned HTTP error 200", "error in the body. Usually the card"),
        (200, "<!DOCTYPE html><title>Sign in</title>", "error in the body (401). Usually the address was cut short"),
        (
            202,
            '{"statusCode":400,"isSuccessStatusCode":false}',
            "answered 202 with an error in the body (400). Usually",
        ),
        (200, '{"isSuccessStatusCode":false}', "The webhook answered 200 with an error in the body. Usually the card"),
        (
            200,
            "Webhook message delivery failed with error: HTTP error 400",
            "error in the body (400). Usually the card",
        ),
        (200, "The flow failed to post the card", "The webhook answered 200 with an error in the body. Usually"),
        (200, '{"statusCode":404,"isSuccessStatusCode":false}', "error in the body (404). Usually the webhook or its"),
        (200, "System.ArgumentException", "The webhook answered 200 with an error in the body"),
        (400, "", "The webhook answered 400. Usually the card"),
        (401, "", "The webhook answered 401. Usually the address was cut short"),
        (404, "secret-path", "The webhook answered 404. Usually the webhook or its workflow was removed"),
        (302, "", "The webhook answered 302. Usually the address is wrong"),
    ],
)
def test_what_is_refused_for_good_is_tried_once(httpx_mock: HTTPXMock, status: int, body: str, told: str) -> None:
    httpx_mock.add_response(status_code=status, text=body, headers={"Location": "https://elsewhere.example"})
    result = run(*NOTIFY, env=ENV)
    assert 1 == result.exit_code
    assert told in result.stderr
    assert "secret" not in result.output
    assert 1 == len(httpx_mock.get_requests())


@pytest.mark.parametrize("status", [200, 201, 202])
@pytest.mark.parametrize(
    "body",
    [
        *(
            "",
            "1",
            " 1\n",
            "{}",
            '{"ok": true, "error": null}',
            "Message posted",
            "ok",
            '"ok"',
            "true",
            "[]",
            "ünïcode",
            "Posted: the failed build of octo/api",
            "Posted: API was throttled, Exception handling",
        ),
        *('{"version":"1.1","statusCode":200,"isSuccessStatusCode":true}', '{"message": "Nothing failed"}'),
    ],
)
def test_success_is_judged_by_the_status_and_not_by_the_body(httpx_mock: HTTPXMock, status: int, body: str) -> None:
    httpx_mock.add_response(status_code=status, text=body)
    result = run(*NOTIFY, env=ENV)
    assert (0, "Sent.\n") == (result.exit_code, result.stdout)


THROTTLED = [
    "Webhook message delivery failed with error: ApplicationThrottled",
    "<pre>ExchangeTooManySessionsException</pre>",
    '{"version":"1.1","content":null,"statusCode":429,"isSuccessStatusCode":false}',
    '{"error": {"code": "ApplicationThrottled"}}',
    "Too Many Requests",
]


@pytest.mark.parametrize("body", THROTTLED)
def test_throttling_without_a_number_is_tried_again(httpx_mock: HTTPXMock, body: str) -> None:
    httpx_mock.add_response(status_code=200, text=body)
    httpx_mock.add_response(status_code=202)
    sleeper = Sleeper()
    assert (0, [1.0]) == (run(*NOTIFY, env=ENV, context=make_edges(sleeper)).exit_code, sleeper.sleeps)


@pytest.mark.parametrize(
    ("status", "code", "told"),
    [
        (400, "WorkflowTriggerIsNotEnabled", "The workflow is switched off; turn it on in Power Automate."),
        (400, "TriggerInputSchemaMismatch", "Usually the card is not of the form that the webhook takes."),
        (401, "DirectApiAuthorizationRequired", "Usually the address was cut short, or the workflow asks callers"),
    ],
)
def test_the_platforms_own_word_is_read(httpx_mock: HTTPXMock, status: int, code: str, told: str) -> None:
    httpx_mock.add_response(status_code=status, json={"error": {"code": code, "message": "secret-path"}})
    result = run(*NOTIFY, env=ENV)
    assert f"The webhook answered {status} ({code}). {told}" in result.stderr
    assert "secret" not in result.output


@pytest.mark.parametrize("code", ["not letters", "x" * 61, "", 7, None])
def test_a_word_that_is_none_is_not_shown(httpx_mock: HTTPXMock, code: object) -> None:
    httpx_mock.add_response(status_code=400, json={"error": {"code": code}})
    assert "The webhook answered 400. Usually the card" in run(*NOTIFY, env=ENV).stderr


def test_an_emoji_arrives_under_its_charset(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=202)
    assert 0 == run("send", "--title", "🚀", env=ENV).exit_code
    assert "application/json; charset=utf-8" == httpx_mock.get_requests()[0].headers["Content-Type"]


@pytest.mark.httpx_mock(can_send_already_matched_responses=True)
def test_five_attempts_are_enough(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=500)
    sleeper = Sleeper()
    result = run(*NOTIFY, env=ENV, context=make_edges(sleeper))
    assert 1 == result.exit_code
    assert [1.0, 2.0, 4.0, 8.0] == sleeper.sleeps
    assert "The webhook answered 500." in result.stderr


@pytest.mark.parametrize("asked", ["61", "99999999999999999999", "Mon, 21 Sep 2027 14:13:45 GMT"])
def test_nobody_waits_longer_than_a_minute(httpx_mock: HTTPXMock, asked: str) -> None:
    httpx_mock.add_response(status_code=429, headers={"Retry-After": asked})
    sleeper = Sleeper()
    result = run(*NOTIFY, env=ENV, context=make_edges(sleeper))
    assert (1, []) == (result.exit_code, sleeper.sleeps)
    assert "The webhook answered 429." in result.stderr


@pytest.mark.parametrize("asked", ["soon", "-1", "Mon, 99 Sep 2026 14:13:45 GMT", "Mon, 21 Sep 2020 14:13:45 GMT"])
def test_a_retry_after_without_meaning_holds_up_nobody(httpx_mock: HTTPXMock, asked: str) -> None:
    httpx_mock.add_response(status_code=408, headers={"Retry-After": asked})
    httpx_mock.add_response(status_code=202)
    sleeper = Sleeper()
    assert 0 == run(*NOTIFY, env=ENV, context=make_edges(sleeper)).exit_code
    assert sleeper.sleeps in ([0.0], [1.0])


@pytest.mark.httpx_mock(can_send_already_matched_responses=True)
def test_an_address_that_nobody_answers_is_told_without_it(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_exception(httpx.ConnectTimeout(f"cannot connect to {WEBHOOK}"))
    result = run(*NOTIFY, env=ENV)
    assert 1 == result.exit_code
    assert "The webhook could not be reached (ConnectTimeout, tried 5 times)." in result.stderr
    assert "secret" not in result.output


@pytest.mark.parametrize(
    "host", ["prod-1.westeurope.logic.azure.com", "x.environment.api.powerplatform.com:443", "a.powerplatform.us"]
)
def test_a_workflows_webhook_gets_a_card_that_leads_to_the_page(httpx_mock: HTTPXMock, host: str) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/requests", status_code=201, json=CREATED)
    httpx_mock.add_response(status_code=202)
    result = run("send", *ASK, "--webhook", f"https://{host}/workflows/secret?sig=secret", env=ENV)
    assert (0, "") == (result.exit_code, result.stderr)
    card = json.loads(httpx_mock.get_requests()[1].content)["attachments"][0]["content"]
    assert [CREATED["review_url"]] == [action["url"] for action in card["actions"]]
    assert "secret" not in result.output


def test_another_webhook_gets_the_form_that_is_asked_for(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=202)
    assert 0 == run("send", "--offline", "--format", "adaptive", *ASK, env=ENV).exit_code
    (posted,) = httpx_mock.get_requests()
    assert "attachments" in json.loads(posted.content)


def test_a_messagecard_for_a_workflows_webhook_has_no_buttons_there_and_that_is_told(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=202)
    way = ("--format", "messagecard", "--webhook", "https://a.powerplatform.com/secret?sig=secret")
    result = run("send", "--offline", *ASK, *way, env=ENV)
    assert 0 == result.exit_code
    assert "Teams draws no buttons of a MessageCard there" in result.stderr
    assert "secret" not in result.output


def test_a_notification_without_buttons_is_at_home_in_workflows(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=202)
    result = run(*NOTIFY, "--webhook", "https://a.powerplatform.com/x")
    assert (0, "") == (result.exit_code, result.stderr)


def test_an_address_that_cannot_be_called_is_told_without_it() -> None:
    result = run(*NOTIFY, "--webhook", "https://hooks.example/" + "secret" * 20_000)
    assert 1 == result.exit_code
    assert "The webhook has an address that cannot be called." in result.stderr
    assert "secret" not in result.output


def test_a_broken_proxy_or_certificate_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(*NOTIFY, env={**ENV, "HTTPS_PROXY": "gopher://nowhere"})
    assert 1 == result.exit_code
    assert "Look at HTTPS_PROXY" in result.stderr


def test_a_long_word_as_an_answer_takes_no_time(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=200, content=b"x" * (1024 * 1024))
    assert 0 == run(*NOTIFY, env=ENV).exit_code


def test_an_endless_answer_is_read_to_its_limit_only(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=200, content=b" " * (2 * 1024 * 1024))
    assert 0 == run(*NOTIFY, env=ENV).exit_code
