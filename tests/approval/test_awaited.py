"""The names of the people that a case waits for, on cards that they do not press themselves."""

from dataclasses import replace
from typing import Any

import pytest

from relay.approval.awaited import MAX_NAMES, awaited_names
from relay.approval.policy import Person, Policy, Stage
from relay.model.case import Case
from tests.approval.reviewers import POLICY, REQUEST, RULE, review


def policy(*approvers: str, **people: Person) -> Policy:
    return replace(
        POLICY, rules=(replace(RULE, stages=(Stage("only", approvers),)),), people={**POLICY.people, **people}
    )


def test_everybody_of_the_stage_is_named_until_they_have_spoken() -> None:
    case = Case(REQUEST, "key")
    two = replace(policy("ada", "grace"), rules=(replace(RULE, stages=(Stage("only", ("ada", "grace"), required=2),)),))
    names = [POLICY.people[key].name for key in ("ada", "grace")]
    assert ", ".join(names) == awaited_names(two, case)
    assert names[1] == awaited_names(two, replace(case, reviews=(review("ada", stage="only"),)))


def test_the_requester_is_not_awaited_where_their_own_approval_does_not_count() -> None:
    case, asked = Case(replace(REQUEST, requested_by="ada", requested_by_id=1), "key"), policy("ada", "grace")
    assert "Grace Hopper" == awaited_names(asked, case)
    trusting = replace(asked, rules=(replace(asked.rules[0], self_approval=True),))
    assert "Ada Lovelace, Grace Hopper" == awaited_names(trusting, case)


@pytest.mark.parametrize("ids", [{"entra": "t/o"}, {"slack": ("T1/U1",)}, {"github_id": 7}])
def test_a_person_is_named_whatever_proves_them(ids: dict[str, Any]) -> None:
    person = replace(Person("new", "Newcomer"), **ids)
    assert "Newcomer" == awaited_names(policy("new", new=person), Case(REQUEST, "key"))


def test_neither_anyone_nor_a_person_without_an_id_is_named() -> None:
    person = Person("new", "Newcomer", github="new")
    assert "" == awaited_names(policy("anyone"), Case(REQUEST, "key"))
    assert "" == awaited_names(policy("new", new=person), Case(REQUEST, "key"))
    assert "" == awaited_names(Policy(rules=(), people=POLICY.people), Case(REQUEST, "key"))


@pytest.mark.parametrize(("name", "end"), [("N", ", N, N and 2 more"), ("A long name of a person", "…")])
def test_many_people_are_counted_and_long_names_are_cut(name: str, end: str) -> None:
    people = {f"p{n:02}": Person(f"p{n:02}", name, github_id=n + 1) for n in range(12)}
    found = awaited_names(policy(*people, **people), Case(REQUEST, "key"))
    assert found.endswith(end)
    assert len(found) <= MAX_NAMES
