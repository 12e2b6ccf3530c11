"""A request of Azure Functions becomes a delivery, and the relay's reply a response."""

import logging
import time
from collections.abc import Callable

import azure.functions as func

from relay import app
from relay.api.json_replies import refused
from relay.app import Relay
from relay.journal import log as journal
from relay.journal.calls import Call, calling, record
from relay.journal.incoming import message_of, route_of, trace_of
from relay.model.delivery import Delivery, Reply
from relay.settings import SettingsError


def answer(
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
        here = app.relay()
    except SettingsError as error:
        journal.write("settings", {"outcome": "wrong", "reason": str(error)}, logging.ERROR)
        return response(busy())
    call = Call(here.messages.keep, trace_of(headers))
    with calling(call):
        reply = work(here, delivery)
        route = route_of(request.method, request.url)
        if route is not None:
            record(message_of(route, delivery, reply, call, time.time()))
    return response(reply)


def answer_page(request: func.HttpRequest, work: Callable[[Relay, Delivery], Reply]) -> func.HttpResponse:
    """Answer a person's browser."""
    return answer(request, work, busy=lambda: _not_ready(request))


def answer_desk(request: func.HttpRequest, work: Callable[[Relay, Delivery], Reply]) -> func.HttpResponse:
    """Answer an operator: a browser, or a program."""
    is_browser = "text/html" in request.headers.get("accept", "")
    return answer(request, work, busy=lambda: _not_ready(request) if is_browser else refused("busy"))


def response(reply: Reply) -> func.HttpResponse:
    """Return a reply as a response."""
    made = func.HttpResponse(reply.body, status_code=reply.status, headers=dict(reply.headers))
    for cookie in reply.cookies:
        made.headers.add("Set-Cookie", cookie)
    return made


def _not_ready(request: func.HttpRequest) -> Reply:
    from relay.pages.error_pages import note  # noqa: PLC0415 - a cold press does not pay for it
    from relay.pages.translations import words_for  # noqa: PLC0415 - as above

    return note("settings", words_for(request.headers.get("accept-language", "")))
