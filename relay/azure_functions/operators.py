"""The functions for operators and their monitoring."""

import os
from dataclasses import replace

import azure.functions as func

from relay.azure_functions.answering import answer, answer_desk, response


def show_messages(request: func.HttpRequest) -> func.HttpResponse:
    """Show an operator the messages."""
    query = dict(request.params)
    return answer_desk(request, lambda here, delivery: here.pages().messages_desk().messages(delivery, query))


def show_story(request: func.HttpRequest) -> func.HttpResponse:
    """Show an operator the story of a request."""
    case_id = request.route_params["id"]
    return answer_desk(request, lambda here, delivery: here.pages().messages_desk().story(delivery, case_id))


def show_outbox(request: func.HttpRequest) -> func.HttpResponse:
    """Show an operator the debts."""
    return answer_desk(request, lambda here, delivery: here.pages().outbox_desk().show(delivery))


def replay_debts(request: func.HttpRequest) -> func.HttpResponse:
    """Let an operator replay all debts, or all of one cause."""
    return answer_desk(request, lambda here, delivery: here.pages().outbox_desk().replay_all(delivery))


def replay_debt(request: func.HttpRequest) -> func.HttpResponse:
    """Let an operator replay the debts of a request."""
    case_id, query = request.route_params["id"], dict(request.params)
    return answer_desk(request, lambda here, delivery: here.pages().outbox_desk().replay(delivery, case_id, query))


def drop_debt(request: func.HttpRequest) -> func.HttpResponse:
    """Let an operator drop the debts of a request."""
    case_id, query = request.route_params["id"], dict(request.params)
    return answer_desk(request, lambda here, delivery: here.pages().outbox_desk().drop(delivery, case_id, query))


def health(request: func.HttpRequest) -> func.HttpResponse:
    """Tell monitors whether the relay can do its work. HEAD gets the HTTP status without a body.

    With `round=1` the debts are paid first if the last timer run is older than two minutes.
    """
    from relay.health import health as check  # noqa: PLC0415 - a cold press does not pay for it

    reply = check(run_round=request.params.get("round") == "1")
    return response(replace(reply, body=b"") if request.method == "HEAD" else reply)


def doctor(request: func.HttpRequest) -> func.HttpResponse:
    """Examine the relay for an operator."""
    from relay.app.environment import read_anyway  # noqa: PLC0415 - a cold press does not pay for it
    from relay.doctor.route import doctor as examine  # noqa: PLC0415 - as above
    from relay.doctor.route import wrong_settings  # noqa: PLC0415 - as above

    return answer(request, examine, busy=lambda: wrong_settings(read_anyway(os.environ)[2]))


def export_audit(request: func.HttpRequest) -> func.HttpResponse:
    """Export the audit trail to an operator."""
    query = dict(request.params)
    return answer(request, lambda here, delivery: here.pages().operator_files().audit(delivery, query))


def show_metrics(request: func.HttpRequest) -> func.HttpResponse:
    """Show an operator's monitoring the metrics."""
    return answer(request, lambda here, delivery: here.pages().operator_files().metrics(delivery))
