from dataclasses import replace
from typing import Final

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.core.errors import Refusal
from relay.core.model import Actor, ApprovalRequest, Proof, Review, Verdict
from relay.core.policy import (
    Person,
    Policy,
    Rule,
    Stage,
    allow_plain,
    allow_request,
    allow_review,
    check_narrowing,
    counts,
    expires_at,
    identity,
    is_requester,
    matches,
    rule_for,
    stand,
)

ADA: Final = Person("ada", "Ada Lovelace", entra="t/ada", slack="T/ADA", github="ada", github_id=1)
GRACE: Final = Person("grace", "Grace Hopper", entra="t/grace", github="Grace")
LIN: Final = Person("lin", "Lin", entra="t/lin", github_id=3)
PEOPLE: Final = {person.key: person for person in (ADA, GRACE, LIN)}
BY_ID: Final = {
    "entra:t/ada": ADA,
    "slack:T/ADA": ADA,
    "github:1": ADA,
    "entra:t/grace": GRACE,
    "entra:t/lin": LIN,
    "github:3": LIN,
}
QA: Final = Stage("qa", ("group:qa",))
RELEASE: Final = Stage("release", ("group:owners",), 2)
RULE: Final = Rule(
    repository="octo/*",
    environment="production",
    event_types=("deploy-*", "release"),
    reject_event_types=("rejected-*", "deploy-undo"),
    stages=(QA, RELEASE),
)
POLICY: Final = Policy(
    rules=(RULE,), people=PEOPLE, groups={"qa": ("lin", "ada"), "owners": ("ada", "grace")}, by_id=BY_ID
)
REQUEST: Final = ApprovalRequest(
    id="r1",
    repository="octo/api",
    title="Deploy",
    issued_at=1_000,
    expires_at=90_000,
    nonce="n",
    event_type="deploy-api",
    environment="production",
    requested_by="octocat",
    requested_by_id=583231,
)


def actor(key: str) -> Actor:
    """Return a person by an id of the policy, or a stranger of an allowed tenant."""
    return Actor(f"entra:t/{key}", key)


def review(key: str, stage: str = "qa", verdict: Verdict = "approve") -> Review:
    return Review(verdict, Actor(key, key) if ":" in key else actor(key), stage, 2_000)


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


# Who counts


@pytest.mark.parametrize(
    ("approvers", "narrowed", "who", "expected"),
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
    approvers: tuple[str, ...], narrowed: tuple[str, ...], who: str, expected: str
) -> None:
    request = replace(REQUEST, approvers=narrowed)
    stage = Stage("qa", approvers)
    found = ""
    try:
        allow_review(POLICY, RULE, stage, request, actor(who))
    except Refusal as refusal:
        found = refusal.code
    assert expected == found
    assert (not expected) is counts(POLICY, RULE, stage, request, review(who))


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


# How far a request has come


@pytest.mark.parametrize(
    ("reviews", "expected"),
    [
        ([], ("qa", 1, (), "release", 0)),
        ([review("grace")], ("qa", 1, (), "release", 0)),
        ([review("lin", verdict="reject")], ("qa", 1, (), "release", 0)),
        ([review("lin")], ("release", 2, ("qa",), "", 0)),
        ([review("lin"), review("ada")], ("release", 2, ("qa",), "", 0)),
        ([review("lin"), review("ada", "release")], ("release", 1, ("qa",), "", 1)),
        ([review("lin"), review("ada", "release"), review("ada", "release")], ("release", 1, ("qa",), "", 1)),
        ([review("lin"), review("ada", "release"), review("slack:T/ADA", "release")], ("release", 1, ("qa",), "", 1)),
        ([review("lin"), review("ada", "release"), review("grace", "release")], ("release", 0, ("qa",), "", 2)),
        ([review("ada"), review("ada", "release"), review("grace", "release")], ("release", 0, ("qa",), "", 2)),
        ([review("ada", "release"), review("grace", "release")], ("qa", 1, (), "release", 0)),
    ],
)
def test_stages_pass_in_order_and_a_person_counts_once_in_each(
    reviews: list[Review], expected: tuple[str, int, tuple[str, ...], str, int]
) -> None:
    """Expected: the stage, how many are missing, the stages passed, the next one, how many count."""
    standing = stand(POLICY, RULE, REQUEST, reviews)
    found = (standing.stage.name, standing.missing, standing.passed, standing.next_stage, len(standing.counted))
    assert expected == found


def test_more_approvals_than_required_leave_none_missing() -> None:
    rule = replace(RULE, stages=(Stage("qa", ("anyone",)),))
    assert 0 == stand(POLICY, rule, REQUEST, [review("lin"), review("ada"), review("grace")]).missing


def test_two_strangers_are_two_where_anyone_may_approve() -> None:
    rule = replace(RULE, stages=(Stage("qa", ("anyone",), 3),))
    assert 1 == stand(POLICY, rule, REQUEST, [review("x"), review("y"), review("x")]).missing


def test_a_policy_that_changed_judges_the_stored_reviews_anew() -> None:
    reviews = [review("lin"), review("ada", "release")]
    without_lin = replace(POLICY, groups={**POLICY.groups, "qa": ("ada",)})
    assert "qa" == stand(without_lin, RULE, REQUEST, reviews).stage.name
    gone = replace(POLICY, by_id={key: person for key, person in BY_ID.items() if person != LIN})
    assert "qa" == stand(gone, RULE, REQUEST, reviews).stage.name
    stricter = replace(RULE, stages=(replace(QA, required=2), RELEASE))
    standing = stand(POLICY, stricter, REQUEST, reviews)
    assert ("qa", 1) == (standing.stage.name, standing.missing)
    milder = replace(RULE, stages=(QA, replace(RELEASE, required=1)))
    assert 0 == stand(POLICY, milder, REQUEST, reviews).missing
    renamed = replace(RULE, stages=(replace(QA, name="test"), RELEASE))
    assert "test" == stand(POLICY, renamed, REQUEST, reviews).stage.name


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
