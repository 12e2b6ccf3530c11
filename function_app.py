"""The triggers. Each body is one line; everything is built on first use, so importing this never fails."""

import azure.functions as func

from relay.azure_functions import browsers, chats, operators, programs, timers

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@app.route("interactions/{channel}", methods=["POST"])
def interactions(req: func.HttpRequest) -> func.HttpResponse:
    """Take a click on a card."""
    return chats.interaction(req)


@app.route("commands/{channel}", methods=["POST"])
def commands(req: func.HttpRequest) -> func.HttpResponse:
    """Take a command that was typed in a chat."""
    return chats.command(req)


@app.route("requests", methods=["POST"])
def make_request(req: func.HttpRequest) -> func.HttpResponse:
    """Take a workflow's request for an approval."""
    return programs.make_request(req)


@app.route("requests/{id}", methods=["GET"])
def show_request(req: func.HttpRequest) -> func.HttpResponse:
    """Tell a workflow the status of its request."""
    return programs.show_request(req)


@app.route("requests/{id}/cancel", methods=["POST"])
def cancel_request(req: func.HttpRequest) -> func.HttpResponse:
    """Withdraw a pending request."""
    return programs.cancel_request(req)


@app.route("requests/{id}/report", methods=["POST"])
def report_run(req: func.HttpRequest) -> func.HttpResponse:
    """Take a workflow's report about its release: its state, a text and an address."""
    return programs.report_run(req)


@app.route("webhooks/github", methods=["POST"])
def github_webhook(req: func.HttpRequest) -> func.HttpResponse:
    """Take a delivery of GitHub's webhook."""
    return programs.github_webhook(req)


@app.route("receipts/redeem", methods=["POST"])
def redeem_receipt(req: func.HttpRequest) -> func.HttpResponse:
    """Redeem an approval for one run; any other run of it is refused."""
    return programs.redeem_receipt(req)


@app.route("receipts/check", methods=["POST"])
def check_receipt(req: func.HttpRequest) -> func.HttpResponse:
    """Tell a released workflow whether a newer approval was released since."""
    return programs.check_receipt(req)


@app.route("review/{id}", methods=["GET"])
def show_review(req: func.HttpRequest) -> func.HttpResponse:
    """Show a request to a person's browser."""
    return browsers.show_review(req)


@app.route("review/{id}", methods=["POST"])
def decide_review(req: func.HttpRequest) -> func.HttpResponse:
    """Take a decision from the review page."""
    return browsers.decide_review(req)


@app.route("sign-in", methods=["GET"])
def sign_in(req: func.HttpRequest) -> func.HttpResponse:
    """Send a browser to a provider of identities."""
    return browsers.sign_in(req)


@app.route("sign-in/callback", methods=["GET"])
def end_sign_in(req: func.HttpRequest) -> func.HttpResponse:
    """Take a browser back from a provider of identities."""
    return browsers.end_sign_in(req)


@app.route("sign-out", methods=["GET"])
def show_sign_in(req: func.HttpRequest) -> func.HttpResponse:
    """Show the signed-in person."""
    return browsers.show_sign_in(req)


@app.route("sign-out", methods=["POST"])
def sign_out(req: func.HttpRequest) -> func.HttpResponse:
    """Sign a person out."""
    return browsers.sign_out(req)


@app.route("actions/run", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
def run_action(req: func.HttpRequest) -> func.HttpResponse:
    """Dispatch a plain card's event, without an approval."""
    return programs.run_action(req)


@app.route("messages", methods=["GET"])
def show_messages(req: func.HttpRequest) -> func.HttpResponse:
    """Show an operator the messages."""
    return operators.show_messages(req)


@app.route("messages/{id}", methods=["GET"])
def show_story(req: func.HttpRequest) -> func.HttpResponse:
    """Show an operator the story of a request."""
    return operators.show_story(req)


@app.route("outbox", methods=["GET"])
def show_outbox(req: func.HttpRequest) -> func.HttpResponse:
    """Show an operator the debts."""
    return operators.show_outbox(req)


@app.route("outbox/replay", methods=["POST"])
def replay_debts(req: func.HttpRequest) -> func.HttpResponse:
    """Let an operator replay all debts, or all of one cause."""
    return operators.replay_debts(req)


@app.route("outbox/{id}/replay", methods=["POST"])
def replay_debt(req: func.HttpRequest) -> func.HttpResponse:
    """Let an operator replay the debts of a request."""
    return operators.replay_debt(req)


@app.route("outbox/{id}/drop", methods=["POST"])
def drop_debt(req: func.HttpRequest) -> func.HttpResponse:
    """Let an operator drop the debts of a request."""
    return operators.drop_debt(req)


@app.route("keys", methods=["GET"])
def keys(req: func.HttpRequest) -> func.HttpResponse:
    """Publish the keys that prove receipts."""
    return programs.keys(req)


@app.route("health", methods=["GET", "HEAD"])
def health(req: func.HttpRequest) -> func.HttpResponse:
    """Tell monitors whether the relay can do its work."""
    return operators.health(req)


@app.route("metrics", methods=["GET"])
def show_metrics(req: func.HttpRequest) -> func.HttpResponse:
    """Show an operator's monitoring the metrics."""
    return operators.show_metrics(req)


@app.route("doctor", methods=["POST"])
def doctor(req: func.HttpRequest) -> func.HttpResponse:
    """Let the relay examine itself for an operator."""
    return operators.doctor(req)


@app.route("audit", methods=["GET"])
def export_audit(req: func.HttpRequest) -> func.HttpResponse:
    """Export the audit trail to an operator."""
    return operators.export_audit(req)


@app.timer_trigger("timer", schedule="*/15 * * * * *", run_on_startup=False, use_monitor=False)
def pay(timer: func.TimerRequest) -> None:
    """Pay the debts that are due."""
    timers.pay(timer)
