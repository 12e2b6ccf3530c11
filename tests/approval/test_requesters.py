"""Requesters whom GitHub names by a login alone, and people whom the policy knows by an id alone."""

from dataclasses import replace

import pytest

from relay.approval.approvable import check_approvable
from relay.approval.approvers import allow_rejection, allow_review
from relay.approval.policy import Person
from relay.errors import Refusal
from relay.model.case import Case
from tests.approval.reviewers import BY_ID, PEOPLE, POLICY, QA, REQUEST, RULE, actor

AGAIN = replace(REQUEST, requested_by_also="lin-at-github")


def test_a_person_without_a_login_may_be_the_one_who_started_the_run_again_and_does_not_approve() -> None:
    with pytest.raises(Refusal, match="own-request"):
        allow_review(POLICY, RULE, QA, AGAIN, actor("lin"))
    allow_review(POLICY, RULE, QA, AGAIN, actor("ada"))


@pytest.mark.parametrize("also", ["octocat", "OCTOCAT", "ada", "Grace", ""])
def test_they_approve_if_the_one_who_started_it_again_is_known_to_be_another(also: str) -> None:
    allow_review(POLICY, RULE, QA, replace(REQUEST, requested_by_also=also), actor("lin"))


def test_a_person_of_whom_the_policy_knows_nothing_at_github_approves_as_ever() -> None:
    mia = Person("mia", "Mia", entra="t/mia")
    policy = replace(
        POLICY, people={**PEOPLE, "mia": mia}, by_id={**BY_ID, "entra:t/mia": mia}, groups={"qa": ("mia",)}
    )
    allow_review(policy, RULE, QA, AGAIN, actor("mia"))


def test_they_may_still_reject() -> None:
    allow_rejection(POLICY, RULE, QA, Case(AGAIN, "oidc"), actor("lin"))


def test_they_may_approve_under_a_rule_with_self_approval() -> None:
    allow_review(POLICY, replace(RULE, self_approval=True), QA, AGAIN, actor("lin"))


def test_a_request_that_only_they_could_approve_is_refused_with_the_field() -> None:
    rule = replace(RULE, stages=(replace(QA, approvers=("lin",)),))
    check_approvable(POLICY, rule, REQUEST)
    with pytest.raises(Refusal) as refused:
        check_approvable(POLICY, rule, AGAIN)
    assert ("malformed", "requested_by_also") == (refused.value.code, refused.value.field)
