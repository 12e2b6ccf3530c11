"""The calls that become messages, and the facts of each."""

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from relay.journal.calls import Call
from relay.journal.incoming import ROUTES, Route, message_of, route_of, trace_of
from relay.journal.messages import Message
from relay.model.delivery import Delivery, Reply
from tests.support.road import ROOT

NO_MESSAGES = {"sign-out"}  # a person's own session, and nothing of a request
TRACE = "0af7651916cd43dd8448eb211c80319c"
ROUTE = Route("api", "request", "requested")
DELIVERY = Delivery("", {}, b"", 100.0)


def test_every_route_that_changes_something_is_a_message() -> None:
    source = (ROOT / "function_app.py").read_text("utf-8")
    paths = re.findall(r'@app\.route\("([^"]+)", methods=\["POST"\]', source)
    lost = {
        path for path in paths if route_of("POST", f"https://relay.example/api/{re.sub('{[a-z]+}', 'x', path)}") is None
    }
    assert NO_MESSAGES == lost


@pytest.mark.parametrize(
    ("url", "expected"),
    [
        ("https://r/api/interactions/slack?x=1", Route("slack", "press", "seen")),
        ("https://r/interactions/teams", Route("teams", "press", "seen")),
        ("https://r/api/commands/slack", Route("command", "command")),
        ("https://r/api/requests", ROUTE),
        ("https://r/api/requests/abc/cancel", Route("api", "cancel", "cancelled")),
        ("https://r/api/review/abc/", Route("page", "press")),
        ("https://r/api/requests/abc", None),
        ("https://r/api/requests/abc/other", None),
        ("https://r/api/", None),
        ("https://r", None),
    ],
)
def test_a_path_names_channel_and_kind(url: str, expected: Route | None) -> None:
    assert expected == route_of("POST", url)
    assert route_of("GET", url) is None


@pytest.mark.parametrize("spelt", [str.upper, str.title, lambda path: path.replace("a", "%61").replace("p", "%70")])
@pytest.mark.parametrize("host", ["https://r", "https://[::1]:8080", "http://[bad", "HTTPS://r"])
def test_a_path_in_another_spelling_which_a_host_takes_too_is_the_same_message(
    host: str, spelt: Callable[[str], str]
) -> None:
    for path in ROUTES:
        whole = f"/api/{path.replace('*', 'abc').replace('+', 'slack')}"
        assert route_of("POST", f"https://r{whole}") == route_of("POST", f"{host}/{spelt(whole)}?x=/1#y") is not None


def message(status: int, noted: dict[str, str] | None = None, **headers: str) -> Message:
    call = Call(lambda _: None, TRACE, noted=noted or {})
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    return message_of(ROUTE, DELIVERY, Reply(status, named, b""), call, 100.25)


def test_the_outcome_is_what_was_noted_else_what_the_answer_says_else_what_the_route_does() -> None:
    assert "noted" == message(200, {"outcome": "noted"}, Relay_Outcome="said").outcome
    assert "said" == message(403, Relay_Outcome="said").outcome
    assert ("requested", "requested", "refused") == (message(201).outcome, message(303).outcome, message(400).outcome)


def test_a_message_has_the_noted_facts_its_trace_and_the_time_that_it_took() -> None:
    noted = {"request": "r", "repository": "o/r", "person": "p", "check": "c", "what": "view", "channel": "page"}
    expected = Message(100.0, "in", "page", "view", "requested", "c", 200, 250, None, "r", "o/r", "p", TRACE)
    assert expected == message(200, noted)
    assert replace(expected, channel="api", what="request", request="", repository="", person="", check="") == message(
        200
    )


@pytest.mark.parametrize(
    ("header", "expected"),
    [
        (f"00-{TRACE}-b7ad6b7169203331-01", TRACE),
        (f"cc-{TRACE}-b7ad6b7169203331-01-later", TRACE),
        (f"00-{TRACE.upper()}-b7ad6b7169203331-01", ""),
        (f"00-{TRACE}-b7ad6b7169203331", ""),
        ("canary", ""),
        ("", ""),
    ],
)
def test_only_a_trace_of_the_standard_form_is_taken(header: str, expected: str) -> None:
    assert expected == trace_of({"traceparent": header})
    assert "" == trace_of({})
