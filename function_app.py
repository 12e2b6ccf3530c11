"""The triggers. Each body is one line; everything is built on first use, so importing this never fails."""

import azure.functions as func

from relay import azure_functions

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route("interactions/{channel}", methods=["POST"])
def interactions(req: func.HttpRequest) -> func.HttpResponse:
    """Take a click on a card."""
    return azure_functions.interaction(req)


@app.route("requests", methods=["POST"])
def make_request(req: func.HttpRequest) -> func.HttpResponse:
    """Take a workflow's request for an approval."""
    return azure_functions.make_request(req)


@app.route("requests/{id}", methods=["GET"])
def show_request(req: func.HttpRequest) -> func.HttpResponse:
    """Tell a workflow how its request stands."""
    return azure_functions.show_request(req)


@app.route("requests/{id}/cancel", methods=["POST"])
def cancel_request(req: func.HttpRequest) -> func.HttpResponse:
    """Withdraw a pending request."""
    return azure_functions.cancel_request(req)


@app.route("receipts/redeem", methods=["POST"])
def redeem_receipt(req: func.HttpRequest) -> func.HttpResponse:
    """Let one run of an approval win."""
    return azure_functions.redeem_receipt(req)


@app.route("receipts/check", methods=["POST"])
def check_receipt(req: func.HttpRequest) -> func.HttpResponse:
    """Tell a released workflow whether a newer approval was released since."""
    return azure_functions.check_receipt(req)


@app.route("review/{id}", methods=["GET"])
def show_review(req: func.HttpRequest) -> func.HttpResponse:
    """Show a request to a person's browser."""
    return azure_functions.show_review(req)


@app.route("review/{id}", methods=["POST"])
def decide_review(req: func.HttpRequest) -> func.HttpResponse:
    """Take a decision from the review page."""
    return azure_functions.decide_review(req)


@app.route("sign-in", methods=["GET"])
def sign_in(req: func.HttpRequest) -> func.HttpResponse:
    """Send a browser to a provider of identities."""
    return azure_functions.sign_in(req)


@app.route("sign-in/callback", methods=["GET"])
def end_sign_in(req: func.HttpRequest) -> func.HttpResponse:
    """Take a browser back from a provider of identities."""
    return azure_functions.end_sign_in(req)


@app.route("sign-out", methods=["GET"])
def show_sign_in(req: func.HttpRequest) -> func.HttpResponse:
    """Show who is signed in."""
    return azure_functions.show_sign_in(req)


@app.route("sign-out", methods=["POST"])
def sign_out(req: func.HttpRequest) -> func.HttpResponse:
    """Sign a person out."""
    return azure_functions.sign_out(req)


@app.route("actions/run", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
def run_action(req: func.HttpRequest) -> func.HttpResponse:
    """Dispatch a plain card's event, approved by nobody."""
    return azure_functions.run_action(req)


@app.route("keys", methods=["GET"])
def keys(req: func.HttpRequest) -> func.HttpResponse:
    """Publish the keys that prove receipts."""
    return azure_functions.keys(req)


@app.route("health", methods=["GET", "HEAD"])
def health(req: func.HttpRequest) -> func.HttpResponse:
    """Tell monitors whether the relay can do its work."""
    return azure_functions.health(req)


@app.timer_trigger("timer", schedule="*/15 * * * * *", run_on_startup=False, use_monitor=False)
def pay(timer: func.TimerRequest) -> None:
    """Pay what clicks left behind."""
    azure_functions.pay(timer)
