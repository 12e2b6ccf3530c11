"""What Slack answers, and what it means for a message."""

import pytest

from relay.chats.slack.answers import named, outcome_of, said_outcome
from relay.model.debts import Outcome, Refused, RetryAfter
from relay.net.call import HttpResponse


def refused(outcome: Outcome) -> Refused:
    assert isinstance(outcome, Refused)
    return outcome


def said(body: bytes, status: int = 200, *, retry: str = "") -> HttpResponse:
    return HttpResponse(status, {"retry-after": retry} if retry else {}, body)


@pytest.mark.parametrize(
    ("code", "phrase"),
    [
        ("channel_not_found", "there is no such conversation"),
        ("is_archived", "the channel is archived"),
        ("messages_tab_disabled", "the app takes no direct messages"),
        ("missing_scope", "the bot token lacks a scope"),
        ("invalid_auth", "Slack does not take the bot token"),
        ("token_revoked", "the bot token was revoked"),
        ("account_inactive", "the app was removed from the workspace"),
        ("restricted_action_read_only_channel", "the workspace's administrators stop it"),
        ("invalid_blocks", "Slack finds the card invalid"),
        ("cant_update_message", "the message is not the app's own"),
        ("edit_window_closed", "the workspace lets messages be changed for some time only"),
        ("streaming_state_conflict", "the message is being streamed"),
        ("message_limit_exceeded", "the workspace sends too many messages"),
        ("message_not_found", "Slack refused the card"),  # only a change of a deleted card is done
        ("some_new_code", "Slack refused the card"),
        ("code_of_2027", "Slack refused the card"),
    ],
)
def test_what_will_not_pass_is_refused_with_its_cure(code: str, phrase: str) -> None:
    outcome = refused(outcome_of(said(b'{"ok": false, "error": "%s"}' % code.encode()), 0, posted=True))
    assert phrase == outcome.phrase
    assert outcome.cure.endswith(f"(Slack says {code})")


@pytest.mark.parametrize(
    "code",
    [
        *("fatal_error", "internal_error", "service_unavailable", "request_timeout"),
        *("team_added_to_org", "org_login_required"),
    ],
)
def test_what_passes_by_itself_is_tried_again(code: str) -> None:
    answer = said(b'{"ok": false, "error": "%s"}' % code.encode())
    assert RetryAfter(f"Slack answers {code}", ambiguous=True, answered=True) == outcome_of(answer, 0, posted=True)
    assert RetryAfter(f"Slack answers {code}", answered=True) == outcome_of(answer, 0, posted=False)


@pytest.mark.parametrize("code", ["ratelimited", "rate_limited"])
def test_a_limit_is_one_whatever_the_status(code: str) -> None:
    answer = said(b'{"ok": false, "error": "%s"}' % code.encode(), retry="7")
    assert RetryAfter("Slack asks the relay to wait", 7.0) == outcome_of(answer, 0, posted=True)
    assert RetryAfter("Slack asks the relay to wait", 1.0) == said_outcome(said(code.encode(), 429), 0)


@pytest.mark.parametrize(
    "body", [b"", b"<html>", b"[]", b"null", b'{"ok": true}', b'{"ok": 1}', b'{"ok": false, "error": "<b>"}', b"\xff"]
)
def test_what_is_not_slacks_answer_is_refused(body: bytes) -> None:
    assert "what answered is not Slack" == refused(outcome_of(said(body), 0, posted=True)).phrase


@pytest.mark.parametrize(
    ("status", "body", "cure"),
    [
        (404, b"no_service", "(Slack says no_service)"),
        (400, b"invalid_payload", "(Slack says invalid_payload)"),
        (403, b"action_prohibited", "(Slack says action_prohibited)"),
        (404, b"channel_not_found", "make another under Incoming Webhooks"),
        (410, b"channel_is_archived", "or choose another for the webhook (Slack says channel_is_archived)"),
        (404, b"user_not_found", "make another under Incoming Webhooks"),
        (404, b"no_active_hooks", "make another under Incoming Webhooks"),
        (400, b"some_new_code", "look the code up"),
        (200, b"<html>", "copy the webhook's address again"),
        (302, b"", "copy the webhook's address again"),
    ],
)
def test_what_a_webhook_answers_is_told(status: int, body: bytes, cure: str) -> None:
    assert cure in refused(said_outcome(said(body, status), 0)).cure


def test_a_message_without_a_name_is_none() -> None:
    assert named(said(b'{"ok": true, "channel": "C1", "ts": "x"}')) is None
    assert named(said(b'{"ok": true, "channel": 1, "ts": "1.2"}')) is None
