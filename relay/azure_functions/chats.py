"""The functions for chats: presses on cards, and commands."""

import azure.functions as func

from relay.api.json_replies import refused
from relay.azure_functions.answering import answer, response
from relay.chats.table import commanded, pressed


def interaction(request: func.HttpRequest) -> func.HttpResponse:
    """Take a press on a card of any chat; 404 for a chat that is not there."""
    name = request.route_params["channel"]
    chat = pressed().get(name)
    if chat is None:
        return response(refused("not-found"))
    return answer(
        request,
        lambda here, delivery: here.presses.answer(here.channels[name], delivery),
        channel=name,
        busy=lambda: chat.refuse("busy"),
    )


def command(request: func.HttpRequest) -> func.HttpResponse:
    """Take a command that was typed in a chat; 404 for a chat that brings none."""
    name = request.route_params["channel"]
    if name not in commanded():
        return response(refused("not-found"))
    return answer(request, lambda here, delivery: here.commands().answer(here.typed[name], delivery), channel="command")
