"""The functions for programs: workflows, GitHub, plain cards."""

import azure.functions as func

from relay.api.json_replies import json_reply, refused
from relay.azure_functions.answering import answer


def make_request(request: func.HttpRequest) -> func.HttpResponse:
    """Take a workflow's request for an approval."""
    return answer(request, lambda here, delivery: here.registration().register(delivery))


def show_request(request: func.HttpRequest) -> func.HttpResponse:
    """Answer a workflow with the state of its request."""
    return answer(request, lambda here, delivery: here.request_status().show(delivery, request.route_params["id"]))


def cancel_request(request: func.HttpRequest) -> func.HttpResponse:
    """Withdraw a pending request."""
    return answer(request, lambda here, delivery: here.request_status().cancel(delivery, request.route_params["id"]))


def report_run(request: func.HttpRequest) -> func.HttpResponse:
    """Take a workflow's report about its release: its state, a text and an address."""
    return answer(request, lambda here, delivery: here.reports().report(delivery, request.route_params["id"]))


def github_webhook(request: func.HttpRequest) -> func.HttpResponse:
    """Take a delivery of GitHub's webhook."""
    return answer(request, lambda here, delivery: here.webhooks().take(delivery), channel="github")


def redeem_receipt(request: func.HttpRequest) -> func.HttpResponse:
    """Redeem an approval for one run; any other run of it is refused."""
    return answer(request, lambda here, delivery: here.redemption().redeem(delivery))


def check_receipt(request: func.HttpRequest) -> func.HttpResponse:
    """Tell a released workflow whether a newer approval was released since."""
    return answer(request, lambda here, delivery: here.receipts_check().check(delivery))


def run_action(request: func.HttpRequest) -> func.HttpResponse:
    """Dispatch a plain card's event, without an approval."""
    from relay.api.plain import with_card_headers  # noqa: PLC0415 - a cold click does not pay for it

    return answer(
        request,
        lambda here, delivery: here.plain().run(delivery),
        busy=lambda: with_card_headers(refused("busy")),
    )


def keys(request: func.HttpRequest) -> func.HttpResponse:
    """Publish the keys that prove receipts."""
    return answer(request, lambda here, _delivery: json_reply(200, here.key_set, cached="public, max-age=300"))
