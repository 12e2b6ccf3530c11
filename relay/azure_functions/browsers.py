"""The functions for people in a browser: the review page, and signing in."""

import azure.functions as func

from relay.azure_functions.answering import answer_page


def show_review(request: func.HttpRequest) -> func.HttpResponse:
    """Show a request in a browser; nothing is decided."""
    case_id, ticket, look = request.route_params["id"], request.params.get("ticket", ""), request.params.get("look", "")
    return answer_page(
        request,
        lambda here, delivery: here.pages().review().show(delivery, case_id, ticket=ticket, look=look),
    )


def decide_review(request: func.HttpRequest) -> func.HttpResponse:
    """Take a decision from the review page."""
    return answer_page(
        request, lambda here, delivery: here.pages().review().press(delivery, request.route_params["id"])
    )


def sign_in(request: func.HttpRequest) -> func.HttpResponse:
    """Send a browser to a provider of identities."""
    query = dict(request.params)
    return answer_page(request, lambda here, delivery: here.pages().sign_in().start(delivery, query))


def end_sign_in(request: func.HttpRequest) -> func.HttpResponse:
    """Take a browser back from a provider."""
    query = dict(request.params)
    return answer_page(request, lambda here, delivery: here.pages().sign_in().finish(delivery, query))


def show_sign_in(request: func.HttpRequest) -> func.HttpResponse:
    """Show the signed-in person."""
    return answer_page(request, lambda here, delivery: here.pages().sign_in().show(delivery))


def sign_out(request: func.HttpRequest) -> func.HttpResponse:
    """Sign a person out."""
    return answer_page(request, lambda here, delivery: here.pages().sign_in().leave(delivery))
