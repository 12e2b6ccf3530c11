import json
from pathlib import Path

import httpx
import pytest
from pytest_httpx import HTTPXMock

from tests.cli.mail_server import MailServer
from tests.cli.running import API_KEY, ASK, RELAY, TICKET_KEY, Sleeper, make_edges, run

WEBHOOK = "https://hooks.example/secret-path?sig=secret"
ENV = {"RELAY_URL": RELAY, "RELAY_API_KEY": API_KEY, "RELAY_WEBHOOK_URL": WEBHOOK, "RELAY_TICKET_KEY": TICKET_KEY}
NOTIFY = ("send", "--repository", "octo/api", "--title", "배포")
CREATED = {
    "id": "a" * 32,
    "status": "pending",
    "expires_at": "2026-09-22T14:13:20Z",
    "review_url": f"{RELAY}/api/review/{'a' * 32}",
    "ticket": "t.t.t",
}


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


def test_a_channel_is_passed_on_and_the_relays_refusal_shown(httpx_mock: HTTPXMock) -> None:
    refusal = {"error": "malformed", "message": "channels: the policy has\nno channel of this name"}
    httpx_mock.add_response(url=f"{RELAY}/api/requests", status_code=400, json=refusal)
    result = run("send", "--channel", "ops", *ASK, env=ENV)
    assert 1 == result.exit_code
    assert "The relay answered 400 malformed: channels: the policy has no channel of this name" in result.stderr
    (asked,) = httpx_mock.get_requests()
    assert ["ops"] == json.loads(asked.content)["channels"]


def test_several_channels_are_one_request(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=400, json={"error": "malformed", "message": "channels: no"})
    run("send", "--channel", "ops", "--channel", "qa", "--channel", "ops", *ASK, env=ENV)
    (asked,) = httpx_mock.get_requests()
    assert ["ops", "qa"] == json.loads(asked.content)["channels"]


def test_a_channel_that_the_relay_has_gets_the_card_from_the_relay(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/requests", status_code=200, json=CREATED)
    assert 0 == run("send", "--channel", "ops", *ASK, env=ENV).exit_code


def test_what_the_environment_names_gives_way_to_a_channel(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(url=f"{RELAY}/api/requests", status_code=201, json=CREATED)
    result = run("send", "--channel", "ops", *ASK, env={**ENV, "RELAY_SMTP": "mail.example"})
    assert (0, "") == (result.exit_code, result.stderr)


def test_what_became_of_each_card_in_a_channel_is_told(httpx_mock: HTTPXMock) -> None:
    cards = [
        {"channel": "ops", "status": "delivered", "error": None},
        {"channel": "qa", "status": "owed", "error": "Teams asks the relay to wait\n"},
        {"channel": "web", "status": "owed"},
    ]
    httpx_mock.add_response(status_code=201, json={**CREATED, "cards": cards})
    result = run("send", "--channel", "ops", "--channel", "qa", "--channel", "web", *ASK, env=ENV)
    assert 0 == result.exit_code
    assert f"The card is in ops.\nSent. Request {'a' * 32}\n" in result.stdout
    assert (
        "Note: the card is not in qa yet: Teams asks the relay to wait. The relay keeps trying for a day.\n"
        "Note: the card is not in web yet. The relay keeps trying for a day.\n"
    ) == result.stderr


@pytest.mark.parametrize("status", ["refused", "dead"])
def test_a_card_that_its_chat_refused_is_a_failure_that_says_how_to_withdraw(
    httpx_mock: HTTPXMock, status: str
) -> None:
    cards = [
        {"channel": "ops", "status": "delivered", "error": None},
        {"channel": "qa", "status": status, "error": "the bot may not post there"},
    ]
    httpx_mock.add_response(status_code=201, json={**CREATED, "cards": cards})
    result = run("send", "--channel", "ops", "--channel", "qa", *ASK, env=ENV)
    assert (1, "The card is in ops.\n") == (result.exit_code, result.stdout)
    told = " ".join(result.stderr.split())
    assert "The card for qa was refused: the bot may not post there." in told
    assert "`relay outbox list`" in told
    assert f"`relay cancel {'a' * 32}` withdraws it." in told


@pytest.mark.parametrize("cards", [{}, "x", [7], [{"channel": "ops"}], [{"channel": 5, "status": "owed"}]])
def test_cards_of_another_form_are_no_relays(httpx_mock: HTTPXMock, cards: object) -> None:
    httpx_mock.add_response(status_code=201, json={**CREATED, "cards": cards})
    result = run("send", "--channel", "ops", *ASK, env=ENV)
    assert 1 == result.exit_code
    assert "does not answer as a relay does" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "env", "told"),
    [
        (("--channel", "ops", "--offline"), ENV, "--offline: a channel is the relay's"),
        ((), {**ENV, "RELAY_WEBHOOK_URL": ""}, "--webhook: say where the card goes"),
        ((), {**ENV, "RELAY_API_KEY": ""}, "--api-key: is required to ask the relay. The operator"),
        ((), {**ENV, "RELAY_API_KEY": "a\nb"}, "--api-key: holds blanks"),
        ((), {**ENV, "RELAY_URL": ""}, "--relay: is required"),
        (
            (),
            {**ENV, "RELAY_API_KEY": "", "ACTIONS_ID_TOKEN_REQUEST_URL": "u", "ACTIONS_ID_TOKEN_REQUEST_TOKEN": "t"},
            "does not take the job's OIDC token",
        ),
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


def test_busy_answers_are_tried_again_under_one_key(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=429, headers={"Retry-After": "7"})
    httpx_mock.add_response(status_code=200, text="Webhook: Microsoft Teams endpoint returned HTTP error 429")
    httpx_mock.add_response(status_code=503, headers={"Retry-After": "Mon, 21 Sep 2026 14:13:45 GMT"})
    httpx_mock.add_exception(httpx.ConnectError("no"))
    httpx_mock.add_response(status_code=200)
    sleeper = Sleeper()
    result = run(*NOTIFY, env=ENV, edges=make_edges(sleeper))
    assert 0 == result.exit_code, result.output
    assert [7.0, 2.0, 16.0, 8.0] == sleeper.sleeps
    assert 1 == len({request.headers["Idempotency-Key"] for request in httpx_mock.get_requests()})


@pytest.mark.parametrize(
    ("status", "body", "told"),
    [
        (200, "Bad payload received by generic incoming webhook.", "The webhook answered 200 and told of an error"),
        (200, '{"error": "no"}', "The webhook answered 200 and told of an error in the body. Usually the card"),
        (200, '{"errors": [1]}', "The webhook answered 200 and told of an error"),
        (200, '"failed"', "The webhook answered 200 and told of an error"),
        (200, "Teams endpoint returned HTTP error 404", "error in the body (404). Usually the webhook or its workflow"),
        (200, "Teams endpoint returned HTTP error 200", "error in the body. Usually the card"),
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


@pytest.mark.parametrize("body", ["", "1", " 1\n", "{}", '{"ok": true, "error": null}'])
def test_these_bodies_are_success(httpx_mock: HTTPXMock, body: str) -> None:
    httpx_mock.add_response(status_code=200, text=body)
    assert 0 == run(*NOTIFY, env=ENV).exit_code


@pytest.mark.httpx_mock(can_send_already_matched_responses=True)
def test_five_attempts_are_enough(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=500)
    sleeper = Sleeper()
    result = run(*NOTIFY, env=ENV, edges=make_edges(sleeper))
    assert 1 == result.exit_code
    assert [1.0, 2.0, 4.0, 8.0] == sleeper.sleeps
    assert "The webhook answered 500." in result.stderr


@pytest.mark.parametrize("asked", ["61", "99999999999999999999", "Mon, 21 Sep 2027 14:13:45 GMT"])
def test_nobody_waits_longer_than_a_minute(httpx_mock: HTTPXMock, asked: str) -> None:
    httpx_mock.add_response(status_code=429, headers={"Retry-After": asked})
    sleeper = Sleeper()
    result = run(*NOTIFY, env=ENV, edges=make_edges(sleeper))
    assert (1, []) == (result.exit_code, sleeper.sleeps)
    assert "The webhook answered 429." in result.stderr


@pytest.mark.parametrize("asked", ["soon", "-1", "Mon, 99 Sep 2026 14:13:45 GMT", "Mon, 21 Sep 2020 14:13:45 GMT"])
def test_a_retry_after_without_meaning_holds_up_nobody(httpx_mock: HTTPXMock, asked: str) -> None:
    httpx_mock.add_response(status_code=408, headers={"Retry-After": asked})
    httpx_mock.add_response(status_code=202)
    sleeper = Sleeper()
    assert 0 == run(*NOTIFY, env=ENV, edges=make_edges(sleeper)).exit_code
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


def test_a_notification_without_buttons_is_at_home_in_workflows(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=202)
    result = run(*NOTIFY, "--webhook", "https://a.powerplatform.com/x")
    assert (0, "") == (result.exit_code, result.stderr)


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
        (404, "<html>", "The relay answered 404. Usually the id is mistyped"),
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


def test_a_notification_is_registered_for_a_channel(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=201, json=CREATED)
    result = run(*NOTIFY, "--channel", "ops", env=ENV)
    assert (0, "Sent.\n") == (result.exit_code, result.stdout)
    (asked,) = httpx_mock.get_requests()
    assert {"repository": "octo/api", "title": "배포", "channels": ["ops"]} == json.loads(asked.content)


def test_an_address_that_cannot_be_called_is_told_without_it() -> None:
    result = run(*NOTIFY, "--webhook", "https://hooks.example/" + "secret" * 20_000)
    assert 1 == result.exit_code
    assert "The webhook has an address that cannot be called." in result.stderr
    assert "secret" not in result.output


def test_a_broken_proxy_or_certificate_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    result = run(*NOTIFY, env={**ENV, "HTTPS_PROXY": "gopher://nowhere"})
    assert 1 == result.exit_code
    assert "Look at HTTPS_PROXY" in result.stderr


def test_an_endless_answer_is_read_to_its_limit_only(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_response(status_code=200, content=b" " * (2 * 1024 * 1024))
    assert 0 == run(*NOTIFY, env=ENV).exit_code
