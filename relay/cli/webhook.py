"""Cards for a webhook of Teams, with answers that do not always mean their status."""

import json
import re
from collections.abc import Mapping
from typing import Final

import click

from relay.chats.contract.chat import DrawsForAskers
from relay.chats.table import BY_DEFAULT, drawing
from relay.cli.addresses import hostname, is_under
from relay.cli.context import Context
from relay.cli.failures import Failure
from relay.cli.http import HttpResponse, fetch
from relay.model.debts import Delivered, Refused, RetryAfter

_ERROR_IN_BODY: Final = re.compile(rb"HTTP error (\d{3})", re.IGNORECASE)
_THROTTLED: Final = re.compile(rb"throttl|TooManySessions|too many requests", re.IGNORECASE)
# A flow's own answer may hold any word of the card. So these are the platform's words for a failure, and no others.
_THROTTLED_TEXT: Final = re.compile(rb"(?<=\w)Throttled\b|TooManySessions|^\W*too many requests\W*$", re.IGNORECASE)
_KNOWN_FAILURE: Final = re.compile(
    rb"^\W*failed\W*$|\bdelivery failed\b|\bfailed (?:with|to)\b|\bbad payload\b|(?<=\w)Exception\b", re.IGNORECASE
)
_PAGE: Final = re.compile(rb"<(?:!doctype\s+html|html)\b", re.IGNORECASE)
_CODE: Final = re.compile(r"[A-Za-z]{1,60}")
_FAILED: Final = 400  # the status of an error in the body without one
_SIGN_IN: Final = 401
_BUSY: Final = 429
_CURES: Final = {
    400: "Usually the card is not of the form that the webhook takes.",
    401: "Usually the address was cut short, or the workflow asks callers to sign in: its trigger must allow anyone.",
    403: "Usually the webhook was switched off by an administrator.",
    404: "Usually the webhook or its workflow was removed or made anew; copy its present address.",
    410: "The webhook was removed; make a new one.",
    413: "The card is too large for this webhook; shorten --text and --fact.",
    429: "The channel gets more messages than Teams takes; send later or less often.",
}


_SAID: Final = {  # the platform's own word for a failure
    "WorkflowTriggerIsNotEnabled": "The workflow is switched off; turn it on in Power Automate.",
}


def is_workflows(url: str) -> bool:
    """Tell whether the address belongs to a Workflows webhook of Teams."""
    return form_for(url, "") == "adaptive"


def post(url: str, card: Mapping[str, object], context: Context) -> None:
    """Post a card, all attempts under one Idempotency-Key. Raises Failure without the address, which is a secret."""
    chats = drawing()
    chat = next((each for each in chats.values() if each.recognizes(card)), chats[BY_DEFAULT])
    if chat.webhook_outcome(200, b"") is not None:
        _post_to(chat, url, card, context)
        return
    if "potentialAction" in card and is_workflows(url):
        click.echo(
            "Warning: this is a Workflows webhook, and Teams draws no buttons of a MessageCard there: people will see "
            "the card and cannot press. Leave --format out, and they get a card with a button to the review page.",
            err=True,
        )
    headers = {"Idempotency-Key": context.token()}
    cure = "Usually the address is wrong, or this machine may not call it; check --webhook (RELAY_WEBHOOK_URL)."
    answer = fetch("POST", url, context, callee="The webhook", cure=cure, headers=headers, body=card, meaning=meaning)
    status = meaning(answer)
    if not 200 <= status < 300:  # noqa: PLR2004 - the statuses of success
        said = _error_code(answer)
        reply = f"{answer.status} with an error in the body" if status != answer.status else str(status)
        known = status != answer.status and (status != _FAILED or str(status).encode() in answer.body)
        number = f" ({status})" if known else f" ({said})" if said else ""
        raise Failure(f"The webhook answered {reply}{number}. {_SAID.get(said) or _CURES.get(status, cure)}")


def form_for(url: str, default: str) -> str:
    """Return the form of card that a webhook takes, by its host; the default for a host that is not known."""
    host = hostname(url)
    return next((each.card_format for each in drawing().values() if is_under(host, *each.webhook_hosts)), default)


def _post_to(chat: DrawsForAskers, url: str, card: Mapping[str, object], context: Context) -> None:
    """Post a card where the chat knows the meaning of each answer. Raises Failure with the chat's cure."""

    def meaning(answer: HttpResponse) -> int:
        outcome = chat.webhook_outcome(answer.status, answer.body)
        return _BUSY if isinstance(outcome, RetryAfter) else 200 if isinstance(outcome, Delivered) else _FAILED

    cure = "Usually the address is wrong, or this machine may not call it; check --webhook (RELAY_WEBHOOK_URL)."
    answer = fetch("POST", url, context, callee="The webhook", cure=cure, body=card, meaning=meaning)
    match chat.webhook_outcome(answer.status, answer.body):
        case Refused(phrase=phrase, cure=refusal_cure):
            raise Failure(f"The card was not taken: {phrase}. Cure: {refusal_cure}.")
        case RetryAfter(phrase=phrase):
            raise Failure(f"The card was not taken: {phrase}. Send it again later.")


def meaning(answer: HttpResponse) -> int:
    """Return the status that the answer means: a success counts as a failure only if its body says so.

    A flow with an action of its own that responds may answer with any text. Gateways answer 200 and a sentence such as
    "Microsoft Teams endpoint returned HTTP error 429" where Teams has not taken the card.
    """
    if not 200 <= answer.status < 300:  # noqa: PLR2004 - the statuses of success
        return answer.status
    body = answer.body.strip()
    try:
        found = json.loads(body) if body else None
    except (ValueError, RecursionError):
        found = None
    if isinstance(found, dict):
        return _status_in(found) or answer.status
    error = _ERROR_IN_BODY.search(body)
    if error:
        return max(_FAILED, int(error[1]))
    if _PAGE.match(body):
        return _SIGN_IN
    if _THROTTLED_TEXT.search(body):
        return _BUSY
    return _FAILED if _KNOWN_FAILURE.search(body) else answer.status


def _status_in(found: Mapping[str, object]) -> int:
    """Return the status of the failure that an object describes, or 0 if it describes none."""
    status = found.get("statusCode")
    if isinstance(status, int) and _FAILED <= status < 600:  # noqa: PLR2004 - the statuses of failures
        return status
    failed = found.get("error") or found.get("errors") or found.get("isSuccessStatusCode") is False
    if not failed:
        return 0
    return _BUSY if _THROTTLED.search(json.dumps(found).encode()) else _FAILED


def _error_code(answer: HttpResponse) -> str:
    """Return the platform's own word for an error, in letters alone, or an empty text."""
    try:
        found = json.loads(answer.body)
    except (ValueError, RecursionError):
        return ""
    error = found.get("error") if isinstance(found, dict) else None
    code = error.get("code") if isinstance(error, dict) else None
    return code if isinstance(code, str) and _CODE.fullmatch(code) else ""
