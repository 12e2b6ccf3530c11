"""Who counts: approvers of the stage, as far as the request narrows them, and the requester only by the rule."""

from dataclasses import replace

import pytest

from relay.approval.policy import Stage, allow_review, check_narrowing, counts, identity, is_requester
from relay.errors import Refusal
from relay.model import Actor
from tests.approval.reviewers import POLICY, QA, REQUEST, RULE, actor, review


@pytest.mark.parametrize(
    ("approvers", "narrowed", "person", "expected"),
    [
        (("ada",), (), "ada", ""),
        (("ada",), (), "grace", "not-allowed"),
        (("ada",), (), "stranger", "not-allowed"),
        (("group:qa",), (), "lin", ""),
        (("group:qa",), (), "grace", "not-allowed"),
        (("group:qa", "grace"), (), "grace", ""),
        (("group:none",), (), "ada", "not-allowed"),
        (("qa",), (), "ada", "not-allowed"),
        (("anyone",), (), "stranger", ""),
        (("ada", "anyone"), (), "grace", ""),
        (("group:qa",), ("ada",), "ada", ""),
        (("group:qa",), ("ada",), "lin", "not-allowed"),
        (("group:qa",), ("grace",), "grace", "not-allowed"),
        (("group:qa",), ("group:owners",), "ada", ""),
        (("group:qa",), ("group:owners",), "lin", "not-allowed"),
        (("group:qa",), ("anyone",), "lin", ""),
        (("group:qa",), ("anyone",), "stranger", "not-allowed"),
        (("anyone",), ("ada",), "ada", ""),
        (("anyone",), ("ada",), "stranger", "not-allowed"),
        (("anyone",), ("nobody",), "ada", "not-allowed"),
    ],
)
def test_a_request_narrows_who_may_approve_and_never_widens(
    approvers: tuple[str, ...], narrowed: tuple[str, ...], person: str, expected: str
) -> None:
    request = replace(REQUEST, approvers=narrowed)
    stage = Stage("qa", approvers)
    found = ""
    try:
        allow_review(POLICY, RULE, stage, request, actor(person))
    except Refusal as refusal:
        found = refusal.code
    assert expected == found
    assert (not expected) is counts(POLICY, RULE, stage, request, review(person))


def test_a_name_on_display_makes_nobody_an_approver() -> None:
    with pytest.raises(Refusal, match="not-allowed: not an approver of stage qa"):
        allow_review(POLICY, RULE, QA, REQUEST, Actor("entra:t/mallory", "ada"))


def test_only_an_approval_of_the_stage_itself_counts() -> None:
    assert counts(POLICY, RULE, QA, REQUEST, review("ada"))
    assert not counts(POLICY, RULE, QA, REQUEST, review("ada", stage="release"))
    assert not counts(POLICY, RULE, QA, REQUEST, review("ada", verdict="reject"))


@pytest.mark.parametrize(
    ("by", "login", "number", "expected"),
    [
        ("entra:t/ada", "ada", 0, True),
        ("entra:t/ada", "ADA", 0, True),
        ("entra:t/ada", "renamed", 1, True),
        ("slack:T/ADA", "ada", 0, True),
        ("github:1", "", 1, True),
        ("entra:t/ada", "ada", 99, True),
        ("entra:t/ada", "octocat", 583231, False),
        ("entra:t/ada", "", 0, False),
        ("entra:t/grace", "grace", 0, True),
        ("entra:t/grace", "renamed", 2, False),
        ("entra:t/lin", "lin", 0, False),
        ("entra:t/lin", "lin", 3, True),
        ("entra:t/lin", "", 0, False),
        ("github:77", "stranger", 77, True),
        ("github:77", "stranger", 0, False),
        ("entra:t/stranger", "stranger", 0, False),
    ],
)
def test_the_requester_is_known_by_login_or_by_number(by: str, login: str, number: int, expected: bool) -> None:
    request = replace(REQUEST, requested_by=login, requested_by_id=number)
    assert expected is is_requester(POLICY, request, Actor(by, "x"))


def test_requesters_approve_their_own_request_only_where_the_rule_says_so() -> None:
    own = replace(REQUEST, requested_by="Ada")
    with pytest.raises(Refusal, match="own-request"):
        allow_review(POLICY, RULE, QA, own, actor("ada"))
    allow_review(POLICY, replace(RULE, self_approval=True), QA, own, actor("ada"))
    allow_review(POLICY, RULE, QA, own, actor("lin"))


def test_who_is_no_approver_is_told_so_even_of_their_own_request() -> None:
    with pytest.raises(Refusal, match="not-allowed"):
        allow_review(POLICY, RULE, QA, replace(REQUEST, requested_by="grace"), actor("grace"))


def test_a_person_is_one_through_whatever_id_and_a_stranger_is_their_id() -> None:
    assert "ada" == identity(POLICY, Actor("entra:t/ada", "x")) == identity(POLICY, Actor("slack:T/ADA", "y"))
    assert "entra:t/stranger" == identity(POLICY, actor("stranger"))


def test_a_list_of_approvers_names_people_and_not_anyone() -> None:
    assert {"ada", "lin"} == POLICY.names(["group:qa", "ada", "anyone", "group:none", "nobody"])


# Narrowing that can never be satisfied


@pytest.mark.parametrize(
    ("approvers", "expected"),
    [
        ((), ""),
        (("anyone",), ""),
        (("ada", "grace"), ""),
        (("group:owners",), ""),
        (("group:qa", "grace"), ""),
        (("ada",), "leaves 1 of 2 required approvers in stage release"),
        (("grace",), "leaves 0 of 1 required approvers in stage qa"),
        (("group:none",), "names a group that the policy does not have"),
        (("ada", "nobody"), "names a person that the policy does not have"),
        (("anyone", "nobody"), "names a person that the policy does not have"),
    ],
)
def test_a_narrowing_that_can_never_be_satisfied_is_told(approvers: tuple[str, ...], expected: str) -> None:
    assert expected == check_narrowing(POLICY, RULE, replace(REQUEST, approvers=approvers))


def test_a_stage_open_to_anyone_is_left_with_those_the_request_names() -> None:
    rule = replace(RULE, stages=(Stage("all", ("anyone",), 2),))
    assert "" == check_narrowing(POLICY, rule, replace(REQUEST, approvers=("ada", "lin")))
    expected = "leaves 1 of 2 required approvers in stage all"
    assert expected == check_narrowing(POLICY, rule, replace(REQUEST, approvers=("lin",)))
