from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.approval.globs import matches
from relay.approval.policy import Rule, rule_for
from relay.approval.requests import allow_plain, allow_request, expires_at
from relay.errors import Refusal
from relay.model.request import ApprovalRequest, Proof
from tests.approval.reviewers import POLICY, QA, REQUEST, RULE

# Matching


@pytest.mark.parametrize(
    ("glob", "name", "expected"),
    [
        ("octo/api", "octo/api", True),
        ("octo/api", "Octo/API", True),
        ("OCTO/*", "octo/api", True),
        ("octo/*", "octo/api/x", True),
        ("octo/*", "octocat/api", False),
        ("*", "", True),
        ("api", "api-2", False),
        ("deploy-?", "deploy-1", True),
        ("deploy-?", "deploy-12", False),
        ("deploy-[ab]", "deploy-B", True),
        ("deploy-[ab]", "deploy-c", False),
        ("deploy-[!ab]", "deploy-c", True),
        ("*", "two\nlines", True),
        ("a", "a\n", False),
        ("a.c", "abc", False),
    ],
)
def test_a_glob_matches_the_whole_name_whatever_the_case(glob: str, name: str, expected: bool) -> None:
    assert expected is matches(glob, name)


@pytest.mark.parametrize(
    ("repository", "environment", "event_type", "expected"),
    [
        ("octo/api", "production", "deploy-api", True),
        ("Octo/Api", "Production", "DEPLOY-api", True),
        ("octo/api", "production", "release", True),
        ("acme/api", "production", "deploy-api", False),
        ("octo/api", "staging", "deploy-api", False),
        ("octo/api", "", "deploy-api", False),
        ("octo/api", "production", "undeploy-api", False),
        ("octo/api", "production", "", False),
    ],
)
def test_a_rule_matches_by_repository_environment_and_event_type(
    repository: str, environment: str, event_type: str, expected: bool
) -> None:
    assert (RULE if expected else None) == rule_for(POLICY, repository, environment, event_type)


def test_the_first_rule_that_matches_wins() -> None:
    wide = replace(RULE, environment="*", stages=(QA,))
    assert RULE == rule_for(replace(POLICY, rules=(RULE, wide)), "octo/api", "production", "release")
    assert wide == rule_for(replace(POLICY, rules=(RULE, wide)), "octo/api", "staging", "release")
    assert wide == rule_for(replace(POLICY, rules=(wide, RULE)), "octo/api", "production", "release")


def test_a_plain_rule_is_none_for_requests() -> None:
    plain = Rule(repository="*", event_types=("*",), plain=True)
    assert RULE == rule_for(replace(POLICY, rules=(plain, RULE)), "octo/api", "production", "release")
    assert None is rule_for(replace(POLICY, rules=(plain,)), "octo/api", "production", "release")


@given(upper=st.lists(st.booleans(), min_size=len("octo/api"), max_size=len("octo/api")))
@settings(deadline=None, max_examples=50)
def test_no_way_to_write_a_repository_sidesteps_its_rule(upper: list[bool]) -> None:
    spelled = "".join(letter.upper() if up else letter for letter, up in zip("octo/api", upper, strict=True))
    assert RULE == rule_for(POLICY, spelled, "production", "deploy-api")


# Which requests


@pytest.mark.parametrize("proof", ["oidc", "key"])
def test_a_request_is_allowed_under_its_rule(proof: Proof) -> None:
    assert RULE == allow_request(POLICY, REQUEST, proof)


@pytest.mark.parametrize("reject", ["rejected-api", "Rejected-API"])
def test_a_reject_event_that_the_rule_lists_is_allowed(reject: str) -> None:
    assert RULE == allow_request(POLICY, replace(REQUEST, reject_event_type=reject), "oidc")


@pytest.mark.parametrize(
    ("request_", "proof", "check", "field"),
    [
        (replace(REQUEST, repository="acme/api"), "oidc", "no rule matches", ""),
        (replace(REQUEST, environment=""), "oidc", "no rule matches", ""),
        (replace(REQUEST, event_type=""), "oidc", "no rule matches", ""),
        (REQUEST, "offline", "proven by offline", ""),
        (REQUEST, "plain", "proven by plain", ""),
        (replace(REQUEST, reject_event_type="closed"), "oidc", "does not list", "reject_event_type"),
        (replace(REQUEST, reject_event_type="Deploy-Undo"), "oidc", "releasing one", "reject_event_type"),
    ],
)
def test_any_other_request_has_no_rule(request_: ApprovalRequest, proof: Proof, check: str, field: str) -> None:
    with pytest.raises(Refusal, match=check) as caught:
        allow_request(POLICY, request_, proof)
    assert ("no-rule", field) == (caught.value.code, caught.value.field)


def test_a_notification_has_no_rule_even_where_every_event_type_has() -> None:
    everything = replace(POLICY, rules=(replace(RULE, event_types=("*",)),))
    with pytest.raises(Refusal, match="no-rule"):
        allow_request(everything, replace(REQUEST, event_type=""), "oidc")


def test_a_request_ends_when_it_or_its_rule_says_whichever_is_sooner() -> None:
    assert 87_400 == expires_at(RULE, REQUEST)
    assert 1_060 == expires_at(replace(RULE, expires_in=60), REQUEST)
    assert 90_000 == expires_at(replace(RULE, expires_in=100_000), REQUEST)


# The plain form


PLAIN: Final = Rule(repository="octo/site", event_types=("publish",), plain=True)


def test_a_plain_dispatch_needs_a_plain_rule() -> None:
    policy = replace(POLICY, rules=(RULE, PLAIN))
    assert PLAIN == allow_plain(policy, "Octo/Site", "publish")
    for repository, event_type in (("octo/api", "publish"), ("octo/site", "other"), ("octo/api", "deploy-api")):
        with pytest.raises(Refusal, match="no-rule: no plain rule"):
            allow_plain(policy, repository, event_type)


@pytest.mark.parametrize("first", [True, False])
def test_a_rule_with_approvers_guards_its_event_in_any_environment(first: bool) -> None:
    guard = replace(RULE, environment="nowhere", event_types=("pub*",))
    rules = (guard, PLAIN) if first else (PLAIN, guard)
    with pytest.raises(Refusal, match="a rule with approvers guards the same event"):
        allow_plain(replace(POLICY, rules=rules), "octo/site", "publish")
