"""Cards for a webhook of Teams, with answers that do not always mean their status."""

import json
import re
from collections.abc import Mapping
from typing import Final

import click

from relay.cli.addresses import hostname, is_under
from relay.cli.context import Context
from relay.cli.failures import Failure
from relay.cli.http import HttpResponse, fetch

_WORKFLOWS: Final = ("logic.azure.com", "logic.azure.us", "powerplatform.com", "powerplatform.us")
_ERROR_IN_BODY: Final = re.compile(rb"HTTP error (\d{3})")
_ACCEPTED: Final = 202
_FAILED: Final = 400  # stands for an error in the body without a number
_CURES: Final = {
    400: "Usually the card is not of the form that the webhook takes.",
    401: "Usually the address was cut short, or the workflow asks callers to sign in: its trigger must allow anyone.",
    403: "Usually the webhook was switched off by an administrator.",
    404: "Usually the webhook or its workflow was removed or made anew; copy its present address.",
    410: "The webhook was removed; make a new one.",
    413: "The card is too large for this webhook; shorten --text and --fact.",
    429: "The channel gets more messages than Teams takes; send later or less often.",
}


def is_workflows(url: str) -> bool:
    """Tell whether the address belongs to a Workflows webhook of Teams."""
    return is_under(hostname(url), *_WORKFLOWS)


def post(url: str, card: Mapping[str, object], context: Context) -> None:
    """Post a card, all attempts under one Idempotency-Key. Raises Failure without the address, which is a secret."""
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
        reply = f"{answer.status} with an error in the body" if status != answer.status else str(status)
        number = f" ({status})" if status not in {answer.status, _FAILED} else ""
        raise Failure(f"The webhook answered {reply}{number}. {_CURES.get(status, cure)}")


def meaning(answer: HttpResponse) -> int:
    """Return the status that the answer means."""
    body = answer.body.strip()
    # Connectors answered 200 and the text "Microsoft Teams endpoint returned HTTP error 429" if Teams had not taken the
    # card. Success is an empty body, `1`, or JSON without an error. Workflows answers 202 as soon as it has the card.
    if not 200 <= answer.status < 300 or answer.status == _ACCEPTED or body in {b"", b"1"}:  # noqa: PLR2004 - as above
        return answer.status
    error = _ERROR_IN_BODY.search(body)
    if error:
        return max(_FAILED, int(error[1]))
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return _FAILED
    failed = not isinstance(found, dict) or found.get("error") or found.get("errors")
    return _FAILED if failed else answer.status
