"""People whom a card of Teams names: those whose word is missing, and no more than sixty."""

import json
from typing import Any

import pytest

from relay.chats.table import kinds
from relay.chats.teams.card import TeamsCards
from relay.model.case import Case
from relay.policy_toml import parse
from tests.chats.teams.drawing import OPS, ORIGIN, adaptive, approved, case, pending
from tests.support import entra_tokens, example_policy


def called(made: Case) -> list[str]:
    """Return whom the card of a pending case names, by their names."""
    card = adaptive(pending(made))
    return [each["mentioned"]["name"] for each in card["msteams"].get("entities", [])]


def test_the_approvers_of_the_stage_are_named_and_see_it_refresh_by_itself() -> None:
    card = adaptive(pending(case()))
    names = ["Ada", "Grace", "김하늘", "Octocat"]
    ids = [example_policy.PEOPLE[key] for key in ("ada", "grace", "haneul", "octocat")]
    assert [(name, oid) for name, oid in zip(names, ids, strict=True)] == [
        (each["mentioned"]["name"], each["mentioned"]["id"]) for each in card["msteams"]["entities"]
    ]
    assert ids == card["refresh"]["userIds"]
    action = card["refresh"]["action"]
    assert ("Action.Execute", "refresh", {"ticket": "t.i.c"}) == (action["type"], action["verb"], action["data"])
    text = json.dumps(card["body"], ensure_ascii=False)
    assert all(f"<at>{name}</at>" in text for name in names)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (case("staged"), ["Ada", "Lin"]),
        (case("staged", approved("lin", "qa")), ["Ada", "Grace", "김하늘", "Octocat"]),
        (case("staged", approved("lin", "qa"), approved("ada")), ["Grace", "김하늘", "Octocat"]),
        (case(requested_by="octocat"), ["Ada", "Grace", "김하늘"]),
        (case(approvers=["ada", "lin"]), ["Ada"]),
        (case(approvers=["anyone"]), ["Ada", "Grace", "김하늘", "Octocat"]),
        (case(event_type="unknown"), []),
    ],
)
def test_named_are_those_whose_word_is_missing(made: Case, expected: list[str]) -> None:
    assert expected == called(made)


ANYONE = """
[people.bo]
name = "Bo"
slack = "T1/U1"
[people.cy]
name = "Cy"
entra = "7d1e9b0a-3c55-4f6e-9a51-0f2b6c8d4e10/aaaaaaaa-0000-4000-8000-000000000009"
[[rule]]
repository = "octo/*"
event_types = ["deploy-*"]
self_approval = true
[[rule.stage]]
name = "release"
approvers = ["anyone"]
"""


@pytest.mark.parametrize(("fields", "expected"), [({}, []), ({"approvers": ["bo", "cy"]}, ["Cy"])])
def test_where_anyone_may_approve_nobody_is_named_but_whom_the_request_names(
    fields: dict[str, Any], expected: list[str]
) -> None:
    cards = TeamsCards(parse.parse(ANYONE, kinds()), ORIGIN)
    card: Any = cards.draw(pending(case(**fields)), OPS)["attachments"]
    content = card[0]["content"]
    assert expected == [each["mentioned"]["name"] for each in content["msteams"].get("entities", [])]
    assert bool(expected) == ("userIds" in content["refresh"])


def test_no_more_than_sixty_are_named() -> None:
    people = "".join(
        f'[people.p{n:02}]\nname = "P{n}"\nentra = "{entra_tokens.TENANT}/aaaaaaaa-0000-4000-8000-0000000001{n:02}"\n'
        for n in range(70)
    )
    everybody = ", ".join(f'"p{n:02}"' for n in range(70))
    text = people + ANYONE.replace('"anyone"', everybody)
    message: Any = TeamsCards(parse.parse(text, kinds()), ORIGIN).draw(pending(case()), OPS)
    card = message["attachments"][0]["content"]
    assert 60 == len(card["refresh"]["userIds"]) == len(card["msteams"]["entities"])
