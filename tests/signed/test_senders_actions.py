from typing import Any

import pytest

from relay.errors import Refusal
from relay.signed import senders_actions
from relay.signed.request import read_form
from relay.signed.senders_actions import check_actions

RELAY = "https://relay.example"
PRESSES = f"{RELAY}/api/interactions/messagecard"
FORM = {"repository": "octo/api", "event_type": "deploy-api", "title": "Nightly tests passed"}


def post(target: str = "https://ci.example", **members: Any) -> dict[str, Any]:
    return {"@type": "HttpPOST", "name": "Show the test report", "target": target, **members}


def link(uri: str = "https://ci.example/1", name: str = "Logs") -> dict[str, Any]:
    return {"@type": "OpenUri", "name": name, "targets": [{"os": "default", "uri": uri}]}


def refused(field: str, value: list[dict[str, Any]], relay: str = RELAY) -> str:
    """Return the refusal of a request with this field, or an empty text if it is taken."""
    request = read_form(FORM | {field: value}, issued_at=1, nonce="n" * 16, lifetime=60)
    try:
        check_actions(request, relay)
    except Refusal as refusal:
        return refusal.message if (refusal.field, refusal.code) == (field, "malformed") else "another refusal"
    return ""


LEADING: list[dict[str, Any]] = [
    post(PRESSES, headers=[{"name": "Relay-Ticket", "value": "t.t.t"}, {"name": "Relay-Verdict", "value": "approve"}]),
    post(PRESSES),
    post("HTTPS://RELAY.example:443/"),
    post("https://relay.example:8443/"),
    post("http://relay.example/"),
    post("https://relay.example."),
    post("https://ada@relay.example/"),
    post("https:\\\\relay.example/"),
    post(" https://relay%2Eexample/"),
    post("https://relay。example/"),
    post("//relay.example/api"),
    {"@type": "ActionCard", "name": "More", "actions": [post(PRESSES)]},
    {"@type": "Action.Http", "title": "Report", "url": PRESSES},
    {"type": "Action.OpenUrl", "title": "Report", "url": f"{RELAY}/api/review/x"},
    {"type": "Action.Submit", "title": "Report", "data": {"msteams": {"type": "openUrl", "value": PRESSES}}},
    {"type": "Action.ShowCard", "title": "Report", "card": {"actions": [{"type": "Action.Http", "url": PRESSES}]}},
    {**link(), "targets": [{"os": "default", "uri": "https://ci.example"}, {"os": "iOS", "uri": PRESSES}]},
    {"@TYPE": "HttpPOST", "Name": "Report", "Target": PRESSES},
    post("https://proxy.example", headers=[{"name": "relay-TICKET", "value": "t"}]),
    post("https://proxy.example", headers={"Relay-Ticket": "t"}),
    post("https://proxy.example", headers=[{"@type": "x", "name": " Relay_Verdict ", "value": "approve"}]),
]


@pytest.mark.parametrize("action", LEADING)
def test_nobody_gets_one_thing_approved_and_another_released_by_a_button_of_their_own(action: dict[str, Any]) -> None:
    for field, value in (
        ("actions", [action]),
        ("sections", [{"title": "Tests", "potentialAction": [action]}]),
        ("sections", [{"title": "Tests", "anything": {"deeper": [action]}}]),
    ):
        assert "must not lead to the relay" in refused(field, value)


@pytest.mark.parametrize(
    ("name", "uri"),
    [
        ("Logs", "https://github.com\\@evil.example/login"),
        ("Logs", "https://login.microsoftonline.com@evil.example/"),
        ("Logs", "https://gıthub.com/"),  # noqa: RUF001 - a letter that looks like another
        ("Logs", "mailto:ada@octo.example"),
        ("Logs", "https://{{host.value}}/api"),
    ],
)
def test_no_button_leads_to_a_deceiving_address(name: str, uri: str) -> None:
    assert "takes only http and https addresses" in refused("actions", [link(uri, name)])
    assert "takes only http and https addresses" in refused("sections", [{"potentialAction": [post(uri)]}])


@pytest.mark.parametrize(
    "name",
    [
        "Approve",
        "reject: this",
        "APPROVE!",
        "✅ Approve",
        "Аpprove",  # noqa: RUF001 - a Cyrillic letter
        "Ap\u200bprove",
        "Ａpprove",  # noqa: RUF001 - a wide letter
        "**Reject**",
        "Review and decide",
        "Review: Approve or Reject",
        "Run again",
        "Äpprove",
    ],
)
def test_no_button_of_a_sender_says_the_words_of_the_relays_own(name: str) -> None:
    assert "must not begin a name with words of the relay's own buttons" in refused("actions", [link(name=name)])
    held = {"@type": "ActionCard", "name": "More", "actions": [post(name=name)]}
    assert "must not begin a name" in refused("sections", [{"potentialAction": [held]}])
    adaptive = {"type": "Action.OpenUrl", "title": name, "url": "https://ci.example"}
    assert "must not begin a name" in refused("actions", [adaptive])


@pytest.mark.parametrize(
    "action",
    [
        link("http://127.0.0.1:9000/logs"),
        link("https://relay.example.evil.example/"),
        link("https://notrelay.example/?to=https://relay.example"),
        link(name="Approved by QA: see the list"),
        link(name="Review the changes"),
        link(name="Open the run"),
        link(name="Relay-service logs"),
        post("https://ci.example/again", headers=[{"name": "Authorization", "value": "x"}], body="{}"),
        {"@type": "ActionCard", "name": "Say more", "inputs": [{"@type": "TextInput", "title": "Reject, since"}]},
        {},
    ],
)
def test_what_leads_elsewhere_under_its_own_name_is_taken(action: dict[str, Any]) -> None:
    assert ("", "") == (refused("actions", [action]), refused("sections", [{"potentialAction": [action]}]))


def test_words_of_a_section_may_name_the_relay() -> None:
    facts = [{"name": "Approve", "value": PRESSES}]
    assert "" == refused("sections", [{"title": "Approve", "text": f"See {PRESSES}", "facts": facts}])


def test_on_loopback_another_port_is_another_program() -> None:
    relay = "http://127.0.0.1:7071"
    assert "" == refused("actions", [post("http://127.0.0.1:9000/")], relay)
    assert "must not lead" in refused("actions", [post("http://127.0.0.1:7071/api")], relay)


def test_without_a_known_relay_names_and_headers_are_checked_all_the_same() -> None:
    assert "" == refused("actions", [post(PRESSES)], "")
    assert refused("actions", [link(name="Approve")], "")
    assert refused("actions", [post(headers=[{"name": "Relay-Verdict", "value": "approve"}])], "")


@pytest.mark.parametrize("address", ["https://[half", "https://relay.example:99999/x"])
def test_what_is_no_address_at_all_leads_nowhere(address: str) -> None:
    assert ("", 0) == senders_actions._host_and_port(address)
