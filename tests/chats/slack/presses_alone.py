"""Relay in a process of its own: takes the presses in Slack that are its lines, and says what it loaded for each.

A line is JSON with `headers` and `body`, an answer JSON with the outcome and the modules of the chats.
"""

import json
import sys

import azure.functions as func

import function_app
from relay.app import relay


def take(line: str) -> None:
    """Take a press as Azure delivers it."""
    given = json.loads(line)
    request = func.HttpRequest(
        "POST",
        "https://relay.example/api/interactions/slack",
        headers=given["headers"],
        route_params={"channel": "slack"},
        body=given["body"].encode(),
    )
    reply = function_app.interactions(request)
    loaded = sorted(name for name in sys.modules if name.startswith("relay.chats."))
    sys.stdout.write(json.dumps([reply.headers["Relay-Outcome"], loaded]) + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    for each in sys.stdin:
        take(each)
    relay().close()
