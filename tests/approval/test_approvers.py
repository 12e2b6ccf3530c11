"""Who counts: approvers of the stage, as far as the request narrows them, and the requester only by the rule."""

from dataclasses import replace
from typing import Any

import pytest

from relay.approval.approvable import check_approvable
from relay.approval.approvers import allow_rejection, allow_review, counts, identity
from relay.approval.policy import Rule, Stage
from relay.approval.requesters import is_requester
from relay.errors import Refusal
from relay.model.case import Case
from relay.model.people import Actor
from relay.model.request import Origin
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
        # A command without a GitHub account: a person of an organization of Slack acts under it and under its teams.
        ("slack:T/ADA", "slack:T/ADA", 0, True),
        ("slack:T/ADA", "slack:E/ADA", 0, True),
        ("entra:t/ada", "slack:E/ADA", 0, True),
        ("slack:E/U9", "slack:T/U9", 0, True),
        ("slack:T/U9", "slack:T/U8", 0, False),
        ("entra:t/stranger", "slack:t/stranger", 0, False),
        ("entra:t/grace", "entra:t/grace", 0, True),
        ("entra:u/grace", "entra:t/grace", 0, False),
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
    assert "entra:stranger" == identity(POLICY, actor("stranger"))


def test_a_stranger_is_one_under_a_team_and_under_the_organization_of_the_team() -> None:
    team, organization = Actor("slack:T111/U1", "x"), Actor("slack:E111/U1", "x")
    assert identity(POLICY, team) == identity(POLICY, organization)
    assert identity(POLICY, team) != identity(POLICY, Actor("slack:T111/U2", "x"))
    assert identity(POLICY, team) != identity(POLICY, Actor("entra:T111/U1", "x"))


def test_a_list_of_approvers_names_people_and_not_anyone() -> None:
    assert {"ada", "lin"} == POLICY.names(["group:qa", "ada", "anyone", "group:none", "nobody"])


# Narrowing that can never be satisfied


def trouble(rule: Rule, **changes: Any) -> str:
    """Return the message of the refusal of a request, or an empty string."""
    try:
        check_approvable(POLICY, rule, replace(REQUEST, **changes))
    except Refusal as refusal:
        return refusal.message
    return ""


@pytest.mark.parametrize(
    ("approvers", "expected"),
    [
        ((), ""),
        (("anyone",), ""),
        (("ada", "grace"), ""),
        (("group:owners",), ""),
        (("group:qa", "grace"), ""),
        (("ada",), "approvers: leaves 1 of 2 required approvers in stage release"),
        (("grace",), "approvers: leaves 0 of 1 required approvers in stage qa"),
        (("group:none",), "approvers: names a group that the policy does not have"),
        (("ada", "nobody"), "approvers: names a person that the policy does not have"),
        (("anyone", "nobody"), "approvers: names a person that the policy does not have"),
    ],
)
def test_a_narrowing_that_can_never_be_satisfied_is_told(approvers: tuple[str, ...], expected: str) -> None:
    assert expected == trouble(RULE, approvers=approvers)


def test_a_stage_open_to_anyone_is_left_with_those_the_request_names() -> None:
    rule = replace(RULE, stages=(Stage("all", ("anyone",), 2),))
    assert "" == trouble(rule, approvers=("ada", "lin"))
    assert "approvers: leaves 1 of 2 required approvers in stage all" == trouble(rule, approvers=("lin",))


# Requests that nobody could approve

NOT_APPROVE = "since a requester may not approve; ask as another person, or let the operator add an approver"


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"requested_by": "lin", "requested_by_id": 3, "approvers": ("lin", "ada")}, ""),
        ({"requested_by": "ADA"}, f"requested_by: leaves 1 of 2 required approvers in stage release, {NOT_APPROVE}"),
        (
            {"requested_by_also": "grace"},
            f"requested_by_also: leaves 1 of 2 required approvers in stage release, {NOT_APPROVE}",
        ),
        (
            {
                "requested_by": "renovate[bot]",
                "requested_by_id": 3,
                "approvers": ("lin", "group:owners"),
                "qa": ("lin",),
            },
            f"approvers: leaves 0 of 1 required approvers in stage qa, {NOT_APPROVE}",
        ),
        ({"requested_by": "octocat"}, ""),
    ],
)
def test_a_request_that_nobody_can_ever_approve_is_refused_with_field_and_stage(
    changes: dict[str, Any], expected: str
) -> None:
    stages = (Stage("qa", changes.pop("qa", QA.approvers)), RULE.stages[1])
    expected_of_lin = expected
    if changes.get("requested_by") == "lin":
        expected_of_lin = "approvers: leaves 1 of 2 required approvers in stage release"
    assert expected_of_lin == trouble(replace(RULE, stages=stages), **changes)
    assert "requester" not in trouble(replace(RULE, stages=stages, self_approval=True), **changes)


# Rejections

PROVEN = Origin("1", ("requester",))


@pytest.mark.parametrize(
    "changes",
    [{"approvers": ("ada",)}, {"requested_by": "grace"}, {"requested_by_also": "Grace", "approvers": ("lin",)}],
)
def test_the_asker_takes_the_veto_from_no_approver(changes: dict[str, Any]) -> None:
    request = replace(REQUEST, **changes)
    stage = RULE.stages[1]
    with pytest.raises(Refusal):
        allow_review(POLICY, RULE, stage, request, actor("grace"))
    allow_rejection(POLICY, RULE, stage, Case(request, "key"), actor("grace"))
    with pytest.raises(Refusal, match="not-allowed"):
        allow_rejection(POLICY, RULE, stage, Case(request, "key"), actor("lin"))


def test_a_proven_requester_cancels_and_does_not_reject() -> None:
    own = Case(replace(REQUEST, requested_by="grace"), "oidc", origin=PROVEN)
    with pytest.raises(Refusal, match="own-request"):
        allow_rejection(POLICY, RULE, RULE.stages[1], own, actor("grace"))
    again = Case(replace(REQUEST, requested_by_also="grace"), "oidc", origin=PROVEN)  # this one is stated all the same
    allow_rejection(POLICY, RULE, RULE.stages[1], again, actor("grace"))
    allow_rejection(POLICY, replace(RULE, self_approval=True), RULE.stages[1], own, actor("grace"))


@pytest.mark.parametrize("first", ["octocat", "renovate[bot]", ""])
def test_who_runs_a_workflow_again_may_not_approve_what_it_asks_for(first: str) -> None:
    request = replace(REQUEST, requested_by=first, requested_by_id=0, requested_by_also="Ada")
    with pytest.raises(Refusal, match="own-request"):
        allow_review(POLICY, RULE, QA, request, actor("ada"))
    allow_review(POLICY, RULE, QA, request, actor("lin"))


def test_anyone_is_no_person_of_github_in_approvals_and_in_rejections() -> None:
    stage, stranger = Stage("approval", ("anyone",)), Actor("github:999", "eve")
    rule = replace(RULE, self_approval=True, stages=(stage,))
    with pytest.raises(Refusal, match="not-allowed"):
        allow_review(POLICY, rule, stage, REQUEST, stranger)
    with pytest.raises(Refusal, match="not-allowed"):
        allow_rejection(POLICY, rule, stage, Case(REQUEST, "key"), stranger)
