"""The adapter for Azure Functions: a request becomes a delivery, a reply becomes a response."""

import logging
import time
from collections.abc import Callable
from dataclasses import replace

import azure.functions as func

from relay import app
from relay.api.json_replies import json_reply, refused
from relay.app import Relay
from relay.chats.table import CHATS
from relay.errors import Outage
from relay.journal import log as journal
from relay.model import Delivery, Reply
from relay.settings import SettingsError


def interaction(request: func.HttpRequest) -> func.HttpResponse:
    """Take a press on a card of any chat; 404 for a chat that is not there."""
    name = request.route_params["channel"]
    chat = CHATS.get(name)
    if chat is None or not chat.takes_presses:
        return _response(refused("not-found"))
    return _answer(
        request,
        lambda here, delivery: here.presses.answer(here.channels[name], delivery),
        channel=name,
        busy=lambda: chat.refuse("busy"),
    )


def make_request(request: func.HttpRequest) -> func.HttpResponse:
    """Take a workflow's request for an approval."""
    return _answer(request, lambda here, delivery: here.registration().register(delivery))


def show_request(request: func.HttpRequest) -> func.HttpResponse:
    """Answer a workflow with the state of its request."""
    return _answer(request, lambda here, delivery: here.request_status().show(delivery, request.route_params["id"]))


def cancel_request(request: func.HttpRequest) -> func.HttpResponse:
    """Withdraw a pending request."""
    return _answer(request, lambda here, delivery: here.request_status().cancel(delivery, request.route_params["id"]))


def redeem_receipt(request: func.HttpRequest) -> func.HttpResponse:
    """Let one run of an approval win."""
    return _answer(request, lambda here, delivery: here.redemption().redeem(delivery))


def check_receipt(request: func.HttpRequest) -> func.HttpResponse:
    """Tell a released workflow whether a newer approval was released since."""
    return _answer(request, lambda here, delivery: here.receipts_check().check(delivery))


def show_review(request: func.HttpRequest) -> func.HttpResponse:
    """Show a request in a browser; nothing is decided."""
    ticket, look = request.params.get("ticket", ""), request.params.get("look", "")
    return _answer(
        request,
        lambda here, delivery: here.review().show(delivery, request.route_params["id"], ticket=ticket, look=look),
        busy=lambda: _not_ready(request),
    )


def decide_review(request: func.HttpRequest) -> func.HttpResponse:
    """Take a decision from the review page."""
    return _answer(
        request,
        lambda here, delivery: here.review().press(delivery, request.route_params["id"]),
        busy=lambda: _not_ready(request),
    )


def sign_in(request: func.HttpRequest) -> func.HttpResponse:
    """Send a browser to a provider of identities."""
    query = dict(request.params)
    return _answer(
        request, lambda here, delivery: here.sign_in().start(delivery, query), busy=lambda: _not_ready(request)
    )


def end_sign_in(request: func.HttpRequest) -> func.HttpResponse:
    """Take a browser back from a provider."""
    query = dict(request.params)
    return _answer(
        request, lambda here, delivery: here.sign_in().finish(delivery, query), busy=lambda: _not_ready(request)
    )


def show_sign_in(request: func.HttpRequest) -> func.HttpResponse:
    """Show the signed-in person."""
    return _answer(request, lambda here, delivery: here.sign_in().show(delivery), busy=lambda: _not_ready(request))


def sign_out(request: func.HttpRequest) -> func.HttpResponse:
    """Sign a person out."""
    return _answer(request, lambda here, delivery: here.sign_in().leave(delivery), busy=lambda: _not_ready(request))


def run_action(request: func.HttpRequest) -> func.HttpResponse:
    """Dispatch a plain card's event, approved by nobody."""
    from relay.api.plain import with_card_headers  # noqa: PLC0415 - a cold click does not pay for it

    return _answer(
        request,
        lambda here, delivery: here.plain().run(delivery),
        busy=lambda: with_card_headers(refused("busy")),
    )


def keys(request: func.HttpRequest) -> func.HttpResponse:
    """Publish the keys that prove receipts."""
    return _answer(request, lambda here, _delivery: json_reply(200, here.key_set, cached="public, max-age=300"))


def health(request: func.HttpRequest) -> func.HttpResponse:
    """Tell monitors whether the relay can do its work; to HEAD by the status alone."""
    from relay.health import health as check  # noqa: PLC0415 - a cold press does not pay for it

    reply = check()
    return _response(replace(reply, body=b"") if request.method == "HEAD" else reply)


def pay(_timer: func.TimerRequest) -> None:
    """Pay the debts that presses left; a failure is tried again at the next round."""
    try:
        tried = app.relay().round().run()
    except (SettingsError, Outage) as error:
        journal.write("round", {"outcome": "failed", "reason": str(error)}, logging.ERROR)
    else:
        if tried:
            journal.write("round", {"outcome": "done", "tried": tried})


def _answer(
    request: func.HttpRequest,
    work: Callable[[Relay, Delivery], Reply],
    *,
    channel: str = "",
    busy: Callable[[], Reply] = lambda: refused("busy"),
) -> func.HttpResponse:
    """Answer a request. The host has joined repeated headers with commas already."""
    headers = {name.lower(): value for name, value in request.headers.items()}
    delivery = Delivery(channel, headers, request.get_body(), time.time())
    try:
        return _response(work(app.relay(), delivery))
    except SettingsError as error:
        journal.write("settings", {"outcome": "wrong", "reason": str(error)}, logging.ERROR)
        return _response(busy())


def _not_ready(request: func.HttpRequest) -> Reply:
    from relay.pages.error_pages import note  # noqa: PLC0415 - a cold press does not pay for it
    from relay.pages.translations import words_for  # noqa: PLC0415 - as above

    return note("settings", words_for(request.headers.get("accept-language", "")))


def _response(reply: Reply) -> func.HttpResponse:
    response = func.HttpResponse(reply.body, status_code=reply.status, headers=dict(reply.headers))
    for cookie in reply.cookies:
        response.headers.add("Set-Cookie", cookie)
    return response
