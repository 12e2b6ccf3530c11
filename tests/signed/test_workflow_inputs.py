"""The inputs of a workflow that the relay starts: their form, and the room that is left for the approval."""

import json
from dataclasses import replace
from typing import Any

import pytest

from relay.model.case import Case
from relay.model.people import Actor, Review
from relay.signed.workflow_inputs import KEPT_FREE, MAX_CHARACTERS, inputs_of, inputs_room, size
from tests.cli.releasing import STARTED, started
from tests.support.entra_tokens import NOW


def approval(case: Case) -> Any:
    return json.loads(started(case)["inputs"]["approval"])


def with_comments(comment: str, reviews: int) -> Case:
    each = [Review("approve", Actor(f"github:{number}", "x"), "release", NOW, comment) for number in range(reviews)]
    return replace(STARTED, reviews=tuple(each))


def test_texts_stay_as_they_are_and_all_else_becomes_json() -> None:
    sent = {"text": '"a"\n', "yes": True, "none": None, "n": -1, "list": [1, {"b": 1, "a": 2}], "empty": ""}
    expected = {"text": '"a"\n', "yes": "true", "none": "null", "n": "-1", "list": '[1,{"a":2,"b":1}]', "empty": ""}
    assert expected == inputs_of(sent)


def test_a_comment_is_whole_while_there_is_room() -> None:
    assert "좋아요" * 300 == approval(with_comments("좋아요" * 300, 1))["reviews"][0]["comment"]


@pytest.mark.parametrize("comment", ["x" * 1_000, '"' * 1_000, "\u0001" * 1_000])
def test_comments_beyond_the_room_are_cut_with_an_ellipsis(comment: str) -> None:
    case = with_comments(comment, 12)
    inputs = started(case)["inputs"]
    found = approval(case)["reviews"][0]["comment"]
    assert found.endswith("\u2026")
    assert len(found) in (40, 200)
    assert size({"approval": inputs["approval"]}) <= KEPT_FREE


def test_a_rule_with_many_reviews_keeps_more_room() -> None:
    assert MAX_CHARACTERS - KEPT_FREE == inputs_room(1)
    room = inputs_room(40)
    assert room < MAX_CHARACTERS - KEPT_FREE
    full = with_comments("x" * 1_000, 40)
    request = replace(full.request, client_payload={"big": "x" * (room - 20)})
    inputs = started(replace(full, request=request))["inputs"]
    del inputs["dry-run"]
    assert size(inputs) <= MAX_CHARACTERS
