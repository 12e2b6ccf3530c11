"""A signed body is read as its fixture says, or refused by name."""

import json
from typing import Any
from urllib.parse import quote_plus

import pytest

from relay.chats.slack.payload import Press, is_response_url, read_press
from relay.errors import Refusal
from relay.model.delivery import Interaction
from relay.model.people import Actor
from tests.chats.slack.fixtures import ALL, GENUINE, Fixture

SLACK = "https://slack.com/api/"


def read(each: Fixture) -> dict[str, Any]:
    """Return what a body comes to, in the words of expect.json."""
    try:
        press = read_press(each.body)
        if press is None:
            return {"reads": {"kind": "nothing"}}
        actor = press.person(each.teams)
        interaction = press.interaction(actor)
    except Refusal as refusal:
        return {"refusal": refusal.code}
    said = {"kind": "press", "verdict": interaction.verdict, "ticket": interaction.ticket}
    return {"actor": actor.id, "reads": said | {"comment": interaction.comment}}


@pytest.mark.parametrize("name", [name for name in GENUINE if name != "ssl-check"])
def test_every_genuine_fixture_is_read_as_it_says(name: str) -> None:
    each = ALL[name]
    found, expect = read(each), each.expect
    if "refusal" in expect:
        assert {"refusal": expect["refusal"]["code"]} == found
    else:
        assert expect["reads"] == found["reads"]
        assert expect.get("actor") == found.get("actor")


@pytest.mark.parametrize("name", GENUINE)
def test_words_go_only_where_the_fixture_says(name: str) -> None:
    each = ALL[name]
    if "reads" in each.expect and each.expect["reads"]["kind"] == "press":
        press = read_press(each.body)
        assert press is not None
        assert (each.expect.get("says", "") is None) == (press.response_url(each.api_url) == "")


def form(payload: object) -> bytes:
    return b"payload=" + quote_plus(json.dumps(payload)).encode()


def members(**changes: object) -> dict[str, Any]:
    plain = {
        "type": "block_actions",
        "user": {"id": "W111", "team_id": "T111", "name": "ada\u202e\n lovelace"},
        "container": {"channel_id": "C111", "message_ts": "1.2"},
        "actions": [{"action_id": "approve", "value": "a.b.c"}],
        "response_url": "https://hooks.slack.com/actions/1",
    }
    return {name: value for name, value in (plain | changes).items() if value is not None}


def press(**changes: object) -> Press:
    found = read_press(form(members(**changes)))
    assert found is not None
    return found


def test_the_person_is_the_id_whatever_name_they_chose_in_slack() -> None:
    assert Actor("slack:T111/W111", "W111") == press().person(["T111"])
    assert Actor("slack:T111/W111", "W111") == press(user={"id": "W111", "team_id": "T111"}).person(["T111"])


@pytest.mark.parametrize("team", [None, "", "t111", "T1/11", ["T111"], "X111", 5])
def test_a_team_of_another_form_is_none_of_the_list(team: object) -> None:
    with pytest.raises(Refusal) as refused:
        press(user={"id": "W111", "team_id": team}).person(["T111", "t111", "", "X111", "T1/11"])
    assert "not-allowed" == refused.value.code


def test_the_message_is_known_by_channel_and_time() -> None:
    assert ("C111", "1.2") == press().message()
    assert ("", "") == press(container=None).message()
    assert ("", "") == press(container={"channel_id": 1, "message_ts": "1.2"}).message()


@pytest.mark.parametrize(
    ("state", "comment"),
    [
        (None, ""),
        ({"values": []}, ""),
        ({"values": {"a": {"other": {"value": "x"}}}}, ""),
        ({"values": {"a": {"comment": {"value": None}}, "b": {"comment": {"value": "second"}}}}, "second"),
        ({"values": {"a": {"comment": {"value": " \n"}}}}, ""),
        ({"values": {"a": {"comment": {"value": " why "}}}}, " why "),
    ],
)
def test_the_comment_is_the_first_text_of_the_cards_input(state: object, comment: str) -> None:
    said = press(state=state).interaction(Actor("slack:T/W", "ada"))
    assert Interaction("a.b.c", "approve", comment, Actor("slack:T/W", "ada"), ("C111", "1.2")) == said


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example/",
        "http://hooks.slack.com/actions/1",
        "https://hooks.slack.com.evil.example/",
        "https://hooks.slack.com@evil.example/",
        "https://user@hooks.slack.com/",
        "https://evil.example\\@hooks.slack.com/",
        "https://hooks.slack.com:8443/",
        "https://hooks.slack.com:99999/",
        "https://hooks.slack.com/ a",
        "https://hooks.slack.com/\n",
        "https://slack.com/actions/1",
        "https://[hooks.slack.com/",
        "//hooks.slack.com/",
        "https://hooks.slаck.com/",  # noqa: RUF001 - a Cyrillic letter
        "",
    ],
)
def test_an_address_that_is_not_slacks_gets_no_words(url: str) -> None:
    assert not is_response_url(url, SLACK)
    assert "" == press(response_url=url).response_url(SLACK)


def test_an_address_is_slacks_on_its_own_host_or_on_the_loopback_of_the_api() -> None:
    assert is_response_url("https://hooks.slack.com/actions/1/2", SLACK)
    assert is_response_url("https://hooks.slack.com:443/actions/1/2", SLACK)
    assert is_response_url("https://hooks.slack-gov.com/actions/1", "https://slack-gov.com/api/")
    assert not is_response_url("https://hooks.slack.com/actions/1", "https://slack-gov.com/api/")
    local = "http://127.0.0.1:7071/slack/api/"
    assert is_response_url("http://127.0.0.1:7071/slack/actions/1", local)
    assert not is_response_url("http://127.0.0.1:7072/slack/actions/1", local)
    assert not is_response_url("http://evil.example/", local)
    assert "" == press(response_url=None).response_url(SLACK)
