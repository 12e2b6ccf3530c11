"""The ordinary function: the same handling on Azure Functions, one shared client."""  # noqa: INP001 - a folder of its own, as Azure wants it

import json
import os
from functools import cache

import azure.functions as func
import httpx

from bench.peers.handling import HEADERS, DeniedError, Ordinary

app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)


@cache
def shared() -> tuple[Ordinary, httpx.Client]:
    """Return the objects that live as long as the process."""
    return Ordinary(os.environ), httpx.Client(headers=HEADERS, timeout=10)


@app.route("click", methods=["POST"])
def click(req: func.HttpRequest) -> func.HttpResponse:
    """Handle a click."""
    ordinary, client = shared()
    try:
        approved = ordinary.claim(ordinary.person(req.headers.get("authorization", "")), req.get_json())
    except DeniedError as denied:
        return func.HttpResponse(status_code=denied.status)
    answer = client.post(approved.url, json=approved.event)
    outcome = {"outcome": "released" if answer.is_success else "failed"}
    return func.HttpResponse(json.dumps(outcome), mimetype="application/json")
