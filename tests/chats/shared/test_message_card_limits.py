import json
from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.chats.shared.message_card import draw
from relay.chats.shared.message_card_limits import MAX_SIZE, check
from relay.signed.request import read_form
from tests.support.entra_tokens import NOW

OPEN = {"@type": "OpenUri", "name": "Logs", "targets": [{"os": "default", "uri": "https://ci.example/1"}]}
POST = {
    "@type": "HttpPOST",
    "name": "승인",
    "target": "https://relay.example/api",
    "headers": [{"name": "Relay-Ticket", "value": "t"}],
    "body": "{}",
    "bodyContentType": "application/json",
}
ADD_IN = {"@type": "InvokeAddInCommand", "name": "Open", "addInId": "a", "desktopCommandId": "b"}
INPUTS = [
    {"@type": "TextInput", "id": "comment"},
    {"@type": "DateInput", "id": "day"},
    {"@type": "MultichoiceInput", "id": "size", "choices": [{"display": "큼", "value": "l"}]},
]
ACTION_CARD = {"@type": "ActionCard", "name": "말하기", "inputs": INPUTS, "actions": [POST, OPEN]}
CARD: dict[str, Any] = {
    "@type": "MessageCard",
    "@context": "https://schema.org/extensions",
    "summary": "배포",
    "title": "배포",
    "text": "굵게",
    "themeColor": "0969DA",
    "sections": [
        {"title": "one", "facts": [{"name": "크기", "value": "큼"}], "potentialAction": [OPEN]},
        {"activityTitle": "two"},
    ],
    "potentialAction": [ACTION_CARD, POST, OPEN, ADD_IN],
}
Spoil = Callable[[dict[str, Any]], object]


def action(card: dict[str, Any], number: int = 0) -> Any:
    return card["potentialAction"][number]


def test_a_card_with_all_that_is_allowed_has_no_problem() -> None:
    assert () == check(CARD)


def test_what_the_relay_draws_has_no_problem() -> None:
    form = {"repository": "octo/api", "event_type": "deploy", "title": "배포", "actions": [OPEN, POST]}
    request = read_form(form, issued_at=NOW, nonce="n" * 22, lifetime=60)
    for target in ("https://relay.example/x", "http://127.0.0.1:7071/x", "http://localhost/x", "http://[::1]:7071/x"):
        assert () == check(draw(request, target=target, ticket="t" * 2_000, proven=()))


def test_a_card_of_text_alone_is_complete() -> None:
    assert () == check({"@type": "MessageCard", "@context": "http://schema.org/extensions", "text": "x"})


@pytest.mark.parametrize("card", [None, [], "card", 7])
def test_what_is_no_object_is_no_card(card: object) -> None:
    assert ("the card must be a JSON object",) == check(card)


@pytest.mark.parametrize("kind", [None, "AdaptiveCard", ["MessageCard"], "messagecard"])
def test_another_card_is_told_to_be_none(kind: object) -> None:
    assert ('@type must be "MessageCard"',) == check({**CARD, "@type": kind})


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda c: c.update({"@context": ["https://schema.org/extensions"]}), "@context must be"),
        (lambda c: c.pop("@context"), '@context must be "https://schema.org/extensions"'),
        (lambda c: c.update(summary=" ", text=""), "summary is missing, and text too"),
        (lambda c: c.update(summary=7), "summary must be a string"),
        (lambda c: c.update(title=None), "title must be a string"),
        (lambda c: c.update(themeColor="red"), "themeColor must be six hexadecimal digits"),
        (lambda c: c.update(themeColor=7), "themeColor must be six hexadecimal digits"),
        (lambda c: c.update(text="x\ud800"), "half a character"),
        (lambda c: c.update(sections={}), "sections must be a list"),
        (lambda c: c.update(sections=[{}] * 11), "sections: there are 11 and 10 are shown"),
        (lambda c: c["sections"].append("x"), "sections[2] must be an object"),
        (lambda c: c["sections"][1].update(activityTitle=7), "sections[1].activityTitle must be a string"),
        (lambda c: c["sections"][0].update(facts={}), "sections[0].facts must be a list"),
        (lambda c: c["sections"][0]["facts"].append({"name": "x"}), "sections[0].facts[1] must be"),
        (lambda c: c["sections"][0]["facts"].append("x"), "sections[0].facts[1] must be"),
        (lambda c: c["sections"][0].update(potentialAction=[OPEN] * 5), "sections[0].potentialAction: there are 5"),
        (lambda c: c.update(potentialAction={}), "potentialAction must be a list"),
        (lambda c: c["potentialAction"].append(OPEN), "potentialAction: there are 5 actions and 4 are shown"),
        (lambda c: c.update(potentialAction=["x"]), "potentialAction[0] must be an object"),
        (lambda c: action(c).pop("name"), "potentialAction[0].name is missing"),
        (lambda c: action(c).update({"@type": "Submit"}), "potentialAction[0].@type must be one of OpenUri, HttpPOST"),
        (lambda c: action(c).update({"@type": []}), "potentialAction[0].@type must be one of"),
        (lambda c: action(c)["actions"].append(ACTION_CARD), "actions[2].@type must be OpenUri or HttpPOST"),
        (lambda c: action(c)["actions"].append(ADD_IN), "actions[2].@type must be OpenUri or HttpPOST"),
        (lambda c: action(c).update(actions=[OPEN] * 5), "potentialAction[0].actions: there are 5 actions"),
        (lambda c: action(c).update(actions={"a": 1}), "potentialAction[0].actions must be a list"),
        (lambda c: action(c).pop("actions"), "potentialAction[0].actions is missing"),
        (lambda c: action(c).update(inputs={}), "potentialAction[0].inputs must be a list"),
        (lambda c: action(c)["inputs"].append("x"), "inputs[3] must be an object"),
        (lambda c: action(c)["inputs"].append({"@type": "TextInput", "id": "day"}), "inputs[3].id is taken"),
        (lambda c: action(c)["inputs"][0].update(id=7), "inputs[0].id is missing"),
        (lambda c: action(c)["inputs"][0].pop("id"), "inputs[0].id is missing: by it a body names the value, as in {{"),
        (lambda c: action(c)["inputs"][0].update({"@type": "Input.Text"}), "inputs[0].@type must be one of DateInput"),
        (lambda c: action(c)["inputs"][0].update({"@type": []}), "inputs[0].@type must be one of DateInput"),
        (lambda c: action(c)["inputs"][2].update(choices=["x"]), "inputs[2].choices must be a list"),
        (lambda c: action(c)["inputs"][2].update(choices=[]), "inputs[2].choices must be a list"),
        (lambda c: action(c)["inputs"][2].pop("choices"), "inputs[2].choices must be a list"),
        (lambda c: action(c, 1).update(target="http://relay.example"), "[1].target must be an https address"),
        (lambda c: action(c, 1).update(target="http://10.0.0.1"), "[1].target must be an https address"),
        (lambda c: action(c, 1).update(target="https://"), "[1].target must be an https address"),
        (lambda c: action(c, 1).update(target="https://[x"), "[1].target must be an https address"),
        (lambda c: action(c, 1).pop("target"), "[1].target must be an https address"),
        (lambda c: action(c, 1).update(headers={"Content-Type": "x"}), "[1].headers must be a list of"),
        (lambda c: action(c, 1).update(headers=[{"name": "x"}]), "[1].headers must be a list of"),
        (lambda c: action(c, 1).update(body={}), "[1].body must be a string"),
        (lambda c: action(c, 1).update(bodyContentType="text/xml"), "[1].bodyContentType must be application/json or"),
        (lambda c: action(c, 1).update(bodyContentType=[]), "[1].bodyContentType must be application/json or"),
        (lambda c: action(c, 2).update(targets=[]), "[2].targets must be a list"),
        (lambda c: action(c, 2).update(targets=["x"]), "[2].targets[0] must be"),
        (lambda c: action(c, 2)["targets"][0].update(os="linux"), "[2].targets[0].os must be one of"),
        (lambda c: action(c, 2)["targets"][0].update(os=[]), "[2].targets[0].os must be one of"),
        (lambda c: action(c, 2)["targets"][0].update(uri="mailto:x"), "[2].targets[0].uri must be"),
        (lambda c: action(c, 3).pop("addInId"), "[3].addInId is missing"),
    ],
)  # fmt: skip
def test_one_thing_spoiled_is_one_problem_that_says_where(spoil: Spoil, told: str) -> None:
    card = json.loads(json.dumps(CARD))
    spoil(card)
    problems = check(card)
    assert 1 == len(problems), problems
    assert told in problems[0]


def test_the_size_is_that_of_the_json_in_utf_8() -> None:
    empty = len(json.dumps({**CARD, "text": ""}, ensure_ascii=False, separators=(",", ":")).encode())
    room = (MAX_SIZE - empty) // 3
    assert () == check({**CARD, "text": "가" * room})
    (problem,) = check({**CARD, "text": "가" * (room + 1)})
    assert f"and {MAX_SIZE} are taken (28 KB): shorten" in problem


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["@type", "name", "id"]), inner),
    max_leaves=5,
)


@given(name=st.sampled_from(sorted({*CARD, *CARD["sections"][0], *ACTION_CARD, *POST, *OPEN})), value=JSON)
@settings(deadline=None, max_examples=200)
def test_any_value_in_any_place_is_a_problem_or_none_and_never_an_error(name: str, value: object) -> None:
    for spoil in (CARD, CARD["sections"][0], ACTION_CARD, POST, OPEN):
        card = json.loads(json.dumps(CARD))
        for place in (card, card["sections"][0], *card["potentialAction"]):
            if place == spoil:
                place[name] = value
        assert isinstance(check(card), tuple)
