"""The signature of a webhook, over the raw bytes, before anything of them is read."""

import json
from typing import Any

import pytest

from relay.errors import Refusal
from relay.github import webhook
from relay.github.workflow_runs import read_run
from relay.model.delivery import Delivery
from tests.support import github_webhooks

BODY = b'{"zen": "\xeb\xb0\xb0\xed\x8f\xac"}'
SECRETS = ("older secret of the app", github_webhooks.SECRET)
GITHUB = "https://github.com"


def test_the_signature_is_the_one_that_github_documents() -> None:
    expected = "sha256=757107ea0eb2509fc211221cce984b8a37570b6d7586c22c46f4379c8b043e17"
    assert expected == webhook.sign("It's a Secret to Everybody", b"Hello, World!")


@pytest.mark.parametrize("secret", SECRETS)
def test_any_of_the_secrets_proves_an_event(secret: str) -> None:
    webhook.prove({"x-hub-signature-256": webhook.sign(secret, BODY)}, BODY, SECRETS)


@pytest.mark.parametrize(
    "signature",
    [
        None,
        "",
        "sha256=",
        webhook.sign("another secret of 16", BODY),
        webhook.sign(github_webhooks.SECRET, BODY + b" "),
        webhook.sign(github_webhooks.SECRET, BODY)[:-1],
        webhook.sign(github_webhooks.SECRET, BODY) + "0",
        webhook.sign(github_webhooks.SECRET, BODY).upper(),
        webhook.sign(github_webhooks.SECRET, BODY).replace("sha256=", "sha1="),
        webhook.sign(github_webhooks.SECRET, BODY).removeprefix("sha256="),
        ", ".join([webhook.sign(github_webhooks.SECRET, BODY)] * 2),
        webhook.sign(github_webhooks.SECRET, BODY) + "\n",
        "sha256=" + "é" * 64,
        "sha256=" + "٣" * 64,
    ],
)
def test_no_other_signature_is_genuine(signature: str | None) -> None:
    headers = {} if signature is None else {"x-hub-signature-256": signature}
    sha1 = {"x-hub-signature": "sha1=0123456789012345678901234567890123456789"}
    with pytest.raises(Refusal, match="not-genuine"):
        webhook.prove(headers | sha1, BODY, SECRETS)


def test_without_a_secret_nothing_is_genuine() -> None:
    with pytest.raises(Refusal, match="RELAY_GITHUB_WEBHOOK_SECRET is not set"):
        webhook.prove({"x-hub-signature-256": webhook.sign("", BODY)}, BODY, ())


def test_a_delivery_is_read_with_its_event_its_id_and_its_payload() -> None:
    found = webhook.read(Delivery("github", github_webhooks.headers(BODY, event="ping", delivery="a-1"), BODY, 0))
    assert ("ping", "a-1", {"zen": "배포"}) == found[:3]


@pytest.mark.parametrize(
    ("changes", "body", "field"),
    [
        ({"x-github-event": ""}, BODY, "X-GitHub-Event"),
        ({"x-github-event": "ping, ping"}, BODY, "X-GitHub-Event"),
        ({"x-github-delivery": ""}, BODY, "X-GitHub-Delivery"),
        ({"x-github-delivery": "x" * 4_000}, BODY, "X-GitHub-Delivery"),
        ({"x-github-delivery": "a/b"}, BODY, "X-GitHub-Delivery"),
        ({"content-type": "application/x-www-form-urlencoded"}, b"payload=%7B%7D", "Content-Type"),
        ({}, b"", "body"),
        ({}, b"\xff", "body"),
        ({}, b"[]", "body"),
        ({}, b"7", "body"),
        ({}, b"[" * 100_000, "body"),
        ({}, b'{"a": ' * 100_000, "body"),
        ({}, b'{"a": ' + b"9" * 5_000 + b"}", "body"),
    ],
)
def test_what_is_not_of_the_form_is_refused_by_its_name(changes: dict[str, str], body: bytes, field: str) -> None:
    with pytest.raises(Refusal) as refused:
        webhook.read(Delivery("github", github_webhooks.headers(body, delivery="a") | changes, body, 0))
    assert ("malformed", field) == (refused.value.code, refused.value.field)


def seen(action: str = "completed", **changes: Any) -> Any:
    return read_run(github_webhooks.workflow_run(action, "a" * 32, 1_790_000_001, **changes), GITHUB)


def test_a_run_is_read_as_github_tells_of_it() -> None:
    expected = {
        "repository": "octo/api",
        "repository_id": "218309774",
        "id": "17260433642",
        "attempt": 1,
        "started_by": "repository_dispatch",
        "title": f"release {'a' * 32}",
        "created_at": 1_790_000_001.0,
        "status": "success",
        "text": "",
        "url": github_webhooks.URL,
    }
    assert expected == seen()._asdict()


@pytest.mark.parametrize(
    ("status", "conclusion", "expected", "text"),
    [
        ("requested", None, "queued", ""),
        ("queued", None, "queued", ""),
        ("waiting", None, "queued", ""),
        ("pending", None, "queued", ""),
        ("in_progress", None, "running", ""),
        ("completed", "success", "success", ""),
        ("completed", "failure", "failure", ""),
        ("completed", "timed_out", "failure", "timed out"),
        ("completed", "startup_failure", "failure", "startup failure"),
        ("completed", "action_required", "failure", "action required"),
        ("completed", "stale", "failure", "stale"),
        ("completed", "cancelled", "cancelled", "cancelled"),
        ("completed", "skipped", "cancelled", "skipped"),
        ("completed", "neutral", "cancelled", "neutral"),
    ],
)
def test_every_status_and_conclusion_has_its_meaning(
    status: str, conclusion: str | None, expected: str, text: str
) -> None:
    found = seen(status=status, conclusion=conclusion)
    assert (expected, text) == (found.status, found.text)


@pytest.mark.parametrize(
    "changes",
    [
        {"status": "completed", "conclusion": None},
        {"status": "completed", "conclusion": "splendid"},
        {"status": "dreaming"},
        {"status": None},
        {"status": ["queued"]},
        {"id": "7"},
        {"id": True},
        {"id": -1},
        {"id": 10**20},
        {"run_attempt": 0},
        {"run_attempt": "1"},
    ],
)
def test_a_run_of_another_form_is_none(changes: dict[str, Any]) -> None:
    assert seen(**changes) is None


@pytest.mark.parametrize(
    "changes",
    [{"action": "deleted"}, {"workflow_run": None}, {"repository": []}, {"repository": {"id": 7}}, {"action": {}}],
)
def test_an_event_of_another_form_tells_of_no_run(changes: dict[str, Any]) -> None:
    event = github_webhooks.workflow_run("completed", "a" * 32, 1_790_000_001) | changes
    if changes.get("action") == {}:
        event["action"] = "x"
    assert read_run(json.loads(json.dumps(event)), GITHUB) is None


@pytest.mark.parametrize("url", [None, "https://evil.example/x", "https://github.com/\ud800", "javascript:x"])
def test_an_address_that_is_not_of_this_github_is_built(url: str | None) -> None:
    assert github_webhooks.URL == seen(html_url=url).url


@pytest.mark.parametrize("created_at", [None, "", "yesterday", "2026-09-21T14:13:21", "9999-99-99T00:00:00Z", 7])
def test_a_time_of_another_form_is_no_time(created_at: object) -> None:
    assert 0.0 == seen(created_at=created_at).created_at
