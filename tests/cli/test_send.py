import json
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from tests.cli.mail.mail_server import MailServer
from tests.cli.running import API_KEY, ASK, RELAY, run
from tests.cli.sending import CREATED, ENV, NOTIFY, WEBHOOK


def test_a_request_is_registered_and_its_card_posted(httpx_mock: HTTPXMock, tmp_path: Path) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/requests", status_code=201, json=CREATED)
    httpx_mock.add_response(url=WEBHOOK, status_code=202)
    result = run("send", *ASK, env={**ENV, "GITHUB_ACTIONS": "true", "GITHUB_OUTPUT": f"{tmp_path}/o"})
    assert 0 == result.exit_code, result.output
    assert f"Sent. Request {'a' * 32}\nIt waits for approval until 2026-09-22T14:13:20Z.\n" == result.stdout
    asked, posted = httpx_mock.get_requests()
    assert asked.headers["Idempotency-Key"] != posted.headers["Idempotency-Key"]
    assert "배포 승인" == json.loads(posted.content)["title"]
    assert "x-relay-key" not in posted.headers
    outputs = (tmp_path / "o").read_text("utf-8").splitlines()
    assert ["a" * 32, CREATED["expires_at"], CREATED["review_url"]] == outputs[1::3]
    masked = {line for line in result.stderr.splitlines() if line.startswith("::add-mask::")}
    assert {f"::add-mask::{secret}" for secret in (WEBHOOK, API_KEY, "t.t.t")} == masked


def test_offline_it_calls_no_relay(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=WEBHOOK, status_code=200, text="1")
    result = run("send", "--offline", *ASK, env=ENV)
    assert 0 == result.exit_code, result.output
    (posted,) = httpx_mock.get_requests()
    assert ["Approve", "Reject"] == [action["name"] for action in json.loads(posted.content)["potentialAction"]]


def test_a_notification_needs_no_relay(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=WEBHOOK, status_code=202)
    result = run(*NOTIFY, env={"RELAY_WEBHOOK_URL": WEBHOOK})
    assert (0, "Sent.\n") == (result.exit_code, result.stdout)
    (posted,) = httpx_mock.get_requests()
    assert "potentialAction" not in json.loads(posted.content)


def without(variable: str) -> dict[str, str]:
    return {name: value for name, value in ENV.items() if name != variable}


@pytest.mark.parametrize(
    ("arguments", "env", "told"),
    [
        (("--channel", "ops", "--offline"), ENV, "--offline: a channel is the relay's"),
        ((), without("RELAY_WEBHOOK_URL"), "--webhook: say where the card goes"),
        ((), without("RELAY_API_KEY"), "--api-key: is required to ask the relay. The operator"),
        ((), {**ENV, "RELAY_API_KEY": "a\nb"}, "--api-key: holds blanks"),
        ((), without("RELAY_URL"), "--relay: is required"),
        (("--webhook", "https://contoso.webhook.office.com/webhookb2/x"), ENV, "switched those off in May 2026"),
        (("--webhook", "https://WEBHOOK.office.com./x"), ENV, "switched those off in May 2026"),
        (("--webhook", "http://hooks.example/secret-path"), ENV, "must begin with https://"),
        (("--webhook", "https://a:b@hooks.example/secret-path"), ENV, "takes no user name"),
        (("--webhook", "ftp://hooks.example/secret-path"), ENV, "must begin with https://"),
        (("--actions", '[{"@type": "OpenUri", "name": "x", "targets": []}]'), ENV, "--actions: the card breaks"),
        (("--actions", "[{},{},{}]"), ENV, "--actions: takes at most 2: a card has at most four"),
        (("--channel", "ops", "--format", "adaptive"), ENV, "--format: the relay draws the card of its channel"),
        (("--channel", "ops", "--mention", "Ada=a@b"), ENV, "--mention: only an Adaptive Card of Teams"),
        (("--format", "outlook-email"), ENV, "--format: outlook-email is for mails"),
        (
            ("--format", "adaptive", "--smtp", "mail.example", "--from", "a@b.example", "--to", "c@d.example"),
            ENV,
            "--format: outlook-email is for mails",
        ),
        (("--channel", "ops", "--webhook", WEBHOOK), ENV, "--webhook: the relay posts the cards of --channel itself"),
        (("--channel", "ops", "--smtp", "mail.example"), ENV, "--smtp: the relay posts the cards of --channel"),
        (("--channel", "ops", "--from", "a@b.example"), ENV, "--from: the relay posts the cards of --channel"),
        (("--channel", "ops", "--to", "a@b.example"), ENV, "--to: the relay posts the cards of --channel itself"),
        (("--smtp", "mail.example", "--webhook", WEBHOOK), ENV, "--webhook: the card goes to one place"),
        (("--smtp", "mail.example"), ENV, "--from: is required to mail the card"),
        (("--to", "ada@octo.example"), ENV, "--to: needs the mail server"),
        (("--offline", "--text", "".join(map(chr, range(0xAC00, 0xAC00 + 3_000)))), ENV, "--offline: a self-contained"),
    ],
)  # fmt: skip
def test_wrong_usage_calls_nobody_and_shows_no_secret(
    arguments: tuple[str, ...], env: dict[str, str], told: str
) -> None:
    result = run("send", *ASK, *arguments, env=env)
    assert 2 == result.exit_code
    assert told in " ".join(result.stderr.split())
    assert "secret" not in result.output.replace("since it is a secret", "").replace("as a secret", "")


def test_a_card_that_breaks_a_limit_of_where_it_goes_is_not_sent_nor_registered() -> None:
    facts = [part for number in range(50) for part in ("--fact", f"{number}={'가' * 300}")]
    result = run("send", *ASK, *facts, "--webhook", "https://a.powerplatform.com/x", env=ENV)
    assert 2 == result.exit_code
    assert "--text: the card breaks a limit: the message has" in result.stderr


def test_a_mail_goes_where_it_is_asked_to_and_no_webhook_of_the_environment_is_called(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/requests", status_code=201, json=CREATED)
    with MailServer() as server:
        mails = ("--smtp", f"127.0.0.1:{server.port}", "--from", "relay@octo.example", "--to", "ada@octo.example")
        result = run("send", *ASK, *mails, env=ENV)
    assert 0 == result.exit_code, result.output
    (mail,) = server.taken
    assert ("relay@octo.example", "ada@octo.example") == (mail.sender, mail.recipient)
    assert 1 == len(httpx_mock.get_requests())


def test_a_mail_that_could_not_be_sent_leaves_a_request_and_that_is_told(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/requests", status_code=201, json=CREATED)
    with MailServer(answers={"RCPT": ["550 no"]}) as server:
        env = {**ENV, "RELAY_SMTP": f"127.0.0.1:{server.port}"}
        result = run("send", *ASK, "--from", "relay@octo.example", "--to", "ada@octo.example", env=env)
    assert 1 == result.exit_code
    assert f"It is registered all the same; `relay cancel {'a' * 32}` withdraws it." in result.stderr


@pytest.mark.parametrize(
    "body",
    [b"", b"[]", b"<html>", b'{"id": 1}', b'{"id": "\xff"}', json.dumps({**CREATED, "expires_at": "soon"}).encode()],
)
def test_what_is_no_relay_is_told(httpx_mock: HTTPXMock, body: bytes) -> None:
    httpx_mock.add_response(status_code=200, content=body)
    result = run("send", *ASK, env=ENV)
    assert 1 == result.exit_code
    assert "does not answer as a relay does" in result.stderr


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (401, {"error": "not-genuine", "message": "No."}, "401 not-genuine: No. Usually the key is wrong"),
        (403, {"error": "no-rule", "message": "No rule."}, "403 no-rule: No rule. Usually no rule of the policy"),
        (404, "<html>", "The server at --relay (RELAY_URL) does not answer as a relay does"),
        (418, "<html>", "The relay answered 418. Usually --relay (RELAY_URL) is wrong"),
        (400, {"error": "x" * 500}, "x" * 400 + "..."),
    ],
)
def test_the_relays_refusals_come_with_their_cure(httpx_mock: HTTPXMock, status: int, body: object, told: str) -> None:
    httpx_mock.add_response(status_code=status, json=body)
    result = run("send", *ASK, env=ENV)
    assert 1 == result.exit_code
    assert told in result.stderr


def test_a_card_that_could_not_be_posted_leaves_a_request_and_that_is_told(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/requests", status_code=201, json=CREATED)
    httpx_mock.add_response(url=WEBHOOK, status_code=404)
    result = run("send", *ASK, env=ENV)
    assert (1, "") == (result.exit_code, result.stdout)
    assert f"It is registered all the same; `relay cancel {'a' * 32}` withdraws it." in result.stderr
