import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.chats.adaptive.hosts import OUTLOOK, TEAMS, WORKFLOWS, Host
from relay.chats.adaptive.limits import advice, check
from relay.chats.lint import lint
from tests.chats.adaptive.limited_cards import ADA, BOT, CARD, EXECUTE, HTTP, MAIL, OPEN, SHOW, TEXT, Spoil, spoiled


@pytest.mark.parametrize(
    ("card", "host"), [(CARD, WORKFLOWS), (CARD, OUTLOOK), (CARD, TEAMS), (MAIL, OUTLOOK), (BOT, TEAMS)]
)
def test_a_card_with_what_its_host_draws_has_no_problem(card: dict[str, Any], host: Host) -> None:
    assert [] == list(check(card, host))
    assert [] == list(advice(card))


@pytest.mark.parametrize("card", [None, [], "card", {}, {"type": "message"}])
def test_what_is_no_adaptive_card_is_told(card: object) -> None:
    assert ['content.type must be "AdaptiveCard"'] == list(check(card, TEAMS, "content."))


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda c: c.pop("version"), 'version must be given, as in "1.4"'),
        (lambda c: c.update(version=1.4), "version must be given"),
        (lambda c: c.update(version="1.4.1"), "version must be given"),
        (lambda c: c.update(version="1.5"), "version is 1.5: a flow fails on 1.6, and 1.5 was seen"),
        (lambda c: c.update(version="1.10"), "version is 1.10: a flow fails"),
        (lambda c: c.update(body={}), "body must be a list"),
        (lambda c: c["body"].append("x"), "body[4] must be an object"),
        (lambda c: c["body"].append({"type": "TextBlok"}), "body[4].type must be that of an element or action"),
        (lambda c: c["body"].append({"type": ["TextBlock"]}), "body[4].type must be that of an element or action"),
        (lambda c: c["body"].append({"text": "x"}), "body[4].type must be that of an element or action"),
        (lambda c: c["body"].append({"type": "AdaptiveCard"}), "body[4].type must be that of an element or action"),
        (lambda c: c["body"][0].update(text=None), "body[0].text must be a string"),
        (lambda c: c["body"][1]["items"][0].update(facts={}), "body[1].items[0].facts must be a list of"),
        (lambda c: c["body"][1]["items"][0]["facts"].append({"title": "x"}), "body[1].items[0].facts must be"),
        (lambda c: c["body"][2]["columns"][0]["items"][0].update(url="http://x.example"), "items[0].url must be an"),
        (lambda c: c["body"][3]["images"][0].update(url="data:text/html;base64,x"), "images[0].url must be an https"),
        (lambda c: c["body"][3]["images"][0].update(url="data:image/png,x"), "images[0].url must be an https"),
        (lambda c: c["body"].append({"type": "CodeBlock"}), "body[4]: phones do not draw CodeBlock: give it a"),
        (lambda c: c["body"].append({"type": "Badge", "fallback": None}), "body[4]: phones do not draw Badge: give"),
        (lambda c: c.update(msTeams={"width": "full"}), "msTeams must be written msteams"),
        (lambda c: c.update(MSTEAMS={}), "MSTEAMS must be written msteams"),
        (lambda c: c["body"].append(TEXT), "body[4]: nothing on this card can send what is typed here"),
        (
            lambda c: c["body"].append({"type": "Table", "rows": []}),
            "body[4]: Table is of version 1.5, and phones draw up to 1.2: give it a fallback, or leave it out",
        ),
        (lambda c: c.update(actions=[OPEN] * 7), "actions: there are 7 actions and 6 are shown: take some away"),
        (lambda c: c["actions"].append({**OPEN, "title": " ", "iconUrl": None}), "actions[2].title is"),
        (lambda c: c["actions"].append({**OPEN, "url": "mailto:x"}), "actions[2].url must be an http or https address"),
        (lambda c: c["actions"].append({**OPEN, "iconUrl": "x"}), "actions[2].iconUrl must be an https address"),
        (lambda c: c["actions"].append({**OPEN, "type": "Action.Submit"}), "[2]: Action.Submit goes to the flow"),
        (lambda c: c["actions"].append(EXECUTE), "actions[2]: Action.Execute goes to the flow that posted the card"),
        (lambda c: c["actions"].append(HTTP), "actions[2]: Action.Http is of Outlook alone and not drawn in Teams"),
        (lambda c: c["actions"][0].update(card="x"), "actions[0].card must be an object"),
        (lambda c: c["actions"][0]["card"]["body"][0].pop("text"), "actions[0].card.body[0].text must be a string"),
        (lambda c: c["body"][1].update(selectAction={**OPEN, "url": "x"}), "body[1].selectAction.url must be"),
        (lambda c: c.update(msteams={"entities": {}}), "msteams.entities must be a list"),
        (lambda c: c.update(msteams={"entities": ["x"]}), 'msteams.entities[0] must be {"type": "mention"'),
        (lambda c: c.update(msteams={"entities": [{**ADA, "mentioned": "x"}]}), "msteams.entities[0] must be"),
        (lambda c: c.update(msteams={"entities": [{**ADA, "text": "Ada"}]}), "msteams.entities[0] must be"),
        (lambda c: c.update(msteams={"entities": [{**ADA, "text": 7}]}), "msteams.entities[0] must be"),
        (
            lambda c: c.update(msteams={"entities": [{**ADA, "mentioned": {"id": " ", "name": "Ada"}}]}),
            "msteams.entities[0] must be",
        ),
        (lambda c: c.update(msteams={"entities": [ADA]}), "msteams.entities has a mention that stands in no text"),
        (
            lambda c: c["body"][0].update(text="<at>Ada</at>"),
            "body[0] mentions somebody who is not among msteams.entities, so that nobody is told: add an entity",
        ),
        (lambda c: c["body"][1]["items"][0]["facts"][0].update(value="<at>A</at>"), "items[0] mentions somebody"),
        (lambda c: c.update(refresh={"userIds": "x"}), "refresh.userIds must be a list"),
        (lambda c: c.update(refresh={"userIds": ["29:1"] * 61}), "refresh.userIds: there are 61 and 60 are taken"),
    ],
)  # fmt: skip
def test_one_thing_spoiled_on_a_workflows_card_is_one_problem_that_says_where(spoil: Spoil, told: str) -> None:
    (problem,) = check(spoiled(CARD, spoil), WORKFLOWS)
    assert told in problem


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda c: c.update(version="1.4"), "version is 1.4: from 1.4 on Outlook draws no Action.Http"),
        (lambda c: c["actions"].append(EXECUTE), "actions[2]: Action.Execute needs a bot on Outlook's channel"),
        (lambda c: c["actions"].append({"type": "Action.Submit", "title": "x"}), "Action.Submit is not displayed"),
        (lambda c: c["body"].append({"type": "Input.Time", "id": "x"}), "Input.Time is not displayed by Outlook"),
        (
            lambda c: c["body"].append({"type": "Media", "sources": [], "fallback": "drop"}),
            "body[5]: Media is of version 1.1, and Outlook draws up to 1.0: leave it out",
        ),
        (lambda c: c.update(actions=[OPEN] * 6), "actions: there are 6 actions and 5 are shown"),
        (lambda c: c["body"][3]["images"][0].update(url="data:image/png;base64,x"), "images[0].url must be an https"),
        (lambda c: c["body"].append({"type": "CodeBlock", "fallback": "drop"}), "body[5].type must be that of an"),
        (lambda c: c["body"].append({"type": "Input.Text"}), "body[5].id is missing: by it the value is known"),
        (lambda c: c["body"].append(TEXT), "body[5].id is taken by another input of this card"),
        (lambda c: c["actions"][0].update(url="http://relay.example"), "actions[0].url must be an https address that"),
        (lambda c: c["actions"][0].update(method="PUT"), "actions[0].method must be GET or POST"),
        (lambda c: c["actions"][0].pop("body"), "actions[0].body must be a string: write the JSON as text"),
        (lambda c: c["actions"][0].update(headers={"a": "b"}), "actions[0].headers must be a list of"),
    ],
)  # fmt: skip
def test_one_thing_spoiled_on_a_card_for_outlook_is_one_problem_that_says_where(spoil: Spoil, told: str) -> None:
    (problem,) = check(spoiled(MAIL, spoil), OUTLOOK)
    assert told in problem


@pytest.mark.parametrize(
    ("spoil", "told"),
    [
        (lambda c: c.update(version="1.6"), "version is 1.6: Teams draws cards up to 1.5"),
        (lambda c: c["body"][4]["actions"][0].pop("fallback"), "[0]: Action.Execute is of version 1.4, and"),
        (lambda c: c["body"][1].update(inlines={}), "body[1].inlines must be a list"),
        (lambda c: c["body"][1]["inlines"].append({}), "body[1].inlines[2].text must be a string"),
        (lambda c: c["actions"].append(HTTP), "Action.Http is of Outlook alone and not drawn in Teams: use"),
    ],
)  # fmt: skip
def test_one_thing_spoiled_on_a_bots_card_is_one_problem_that_says_where(spoil: Spoil, told: str) -> None:
    (problem,) = check(spoiled(BOT, spoil), TEAMS)
    assert told in problem


def test_outlook_has_parts_of_its_own_and_one_may_be_read_without_a_body() -> None:
    own = {"type": "Action.DisplayMessageForm", "title": "x", "itemId": "1"}
    toggle = {"type": "Action.ToggleVisibility", "title": "x", "targetElements": ["a"]}
    get = {**HTTP, "method": "GET", "body": None}
    sets = {"type": "ActionSet", "actions": [own, toggle, get]}
    assert [] == list(check({**MAIL, "body": [sets]}, OUTLOOK))
    assert 1 == len(list(check({**CARD, "actions": [own]}, TEAMS)))


FILES = sorted((Path(__file__).parent.parent.parent / "fixtures" / "adaptive" / "drawn").glob("*.json"))


@pytest.mark.parametrize("file", FILES, ids=lambda file: file.stem)
def test_what_teams_draws_raises_no_false_alarm(file: Path) -> None:
    card = json.loads(file.read_text("utf-8"))
    for platform in ("workflows", "teams"):
        assert () == lint(card, platform)


def test_twenty_shapes_that_teams_draws_are_held() -> None:
    assert 20 == len(FILES)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["type", "text", "items"]), inner),
    max_leaves=5,
)


@given(
    name=st.sampled_from(sorted({*BOT, *MAIL, *HTTP, *EXECUTE, *SHOW, *TEXT, "items", "columns", "facts", "images"})),
    value=JSON,
    host=st.sampled_from([WORKFLOWS, TEAMS, OUTLOOK]),
)
@settings(deadline=None, max_examples=200)
def test_any_value_in_any_place_is_a_problem_or_none_and_never_an_error(name: str, value: object, host: Host) -> None:
    for card in (BOT, MAIL):
        places = [card, *card["body"], *card["actions"]]
        for number in range(len(places)):
            copy = json.loads(json.dumps(card))
            [copy, *copy["body"], *copy["actions"]][number][name] = value
            assert isinstance([*check(copy, host), *advice(copy)], list)
