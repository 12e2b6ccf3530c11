"""Calls of a sign-in to its provider: a form or a question goes out, and a JSON object comes back."""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urlencode

from relay.net import client as http_client
from relay.net.call import CallError
from relay.pages.sign_in.provider import Fault
from relay.signed import canonical_json


def ask_json(
    client: http_client.Client,
    url: str,
    *,
    deadline: float,
    clock: Callable[[], float],
    form: Mapping[str, str] | None = None,
    headers: Mapping[str, str] | None = None,
) -> tuple[int, Mapping[str, Any]]:
    """Return the status and the object of an answer. A form is posted. Raises Fault sign-in-away for anything else."""
    kind = {"Content-Type": "application/x-www-form-urlencoded"} if form is not None else {}
    try:
        answer = http_client.ask(
            client,
            "GET" if form is None else "POST",
            url,
            headers={"Accept": "application/json", **kind, **(headers or {})},
            content=None if form is None else urlencode(form).encode(),
            deadline=deadline,
            clock=clock,
        )
        found = canonical_json.parse(answer.body)
    except CallError as error:
        raise Fault("sign-in-away", f"the provider cannot be reached ({error})") from None
    except ValueError:
        raise Fault("sign-in-away", f"the provider answered {answer.status} without JSON") from None
    if not isinstance(found, dict):
        raise Fault("sign-in-away", f"the provider answered {answer.status} without an object")
    return answer.status, found
