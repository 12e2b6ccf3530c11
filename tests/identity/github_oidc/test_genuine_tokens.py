"""The claims that GitHub documents, with made-up values: what each token proves."""

import json

import pytest

from relay.errors import Refusal
from relay.identity.bearer_tokens import peek
from relay.identity.github_oidc import GITHUB, WorkflowToken, bearer
from tests.identity.github_oidc.proving import PROFILES, prove
from tests.support.github_tokens import CASES, ISSUER, KID, NAMES, ORIGIN, claims, token


@pytest.mark.parametrize("case", NAMES)
def test_a_genuine_token_proves_what_its_claims_say(case: str) -> None:
    made = claims(case)
    proven = prove(token(made))
    names = [name for name in WorkflowToken.__slots__ if name not in {"run_attempt", "environment"}]
    assert {name: made[name] for name in names} == {name: getattr(proven, name) for name in names}
    assert (int(made["run_attempt"]), made.get("environment", "")) == (proven.run_attempt, proven.environment)


@pytest.mark.parametrize("case", NAMES)
def test_a_token_proves_commit_and_requester_only_where_its_event_does(case: str) -> None:
    proven = prove(token(claims(case)))
    proves = {"commit": proven.proves_commit, "requester": proven.proves_requester}
    expected = json.loads((CASES / case / "expect.json").read_text("utf-8"))["proves"]
    assert expected == [name for name, is_proven in proves.items() if is_proven]


@pytest.mark.parametrize("case", NAMES)
def test_every_claim_that_github_documents_stands_in_the_table(case: str) -> None:
    assert set() == claims(case).keys() - GITHUB.required.keys() - GITHUB.optional.keys() - GITHUB.ignored


def test_no_claim_stands_in_the_table_twice() -> None:
    required, optional = set(GITHUB.required), set(GITHUB.optional)
    assert set() == required & optional | required & GITHUB.ignored | optional & GITHUB.ignored


def test_repository_and_ref_are_never_read_out_of_the_subject() -> None:
    proven = prove(token(claims(sub="repo:evil/other:ref:refs/heads/evil")))
    assert ("octo/api", "refs/heads/main") == (proven.repository, proven.ref)
    assert proven == prove(token(claims(sub=None)))


def test_a_claim_that_nobody_knows_is_left_alone() -> None:
    assert prove(token()) == prove(token(claims(repo_property_team="payments", new={"a": [1]})))


def test_a_list_of_the_one_audience_is_that_audience() -> None:
    assert prove(token()) == prove(token(claims(aud=[ORIGIN])))


def test_a_token_without_nbf_is_genuine() -> None:
    assert prove(token()) == prove(token(claims(nbf=None)))


def test_the_keys_are_those_of_the_issuer() -> None:
    profile, kid = peek(token(), PROFILES)
    assert (f"{ISSUER}/.well-known/jwks", KID) == (profile.jwks_url, kid)


def test_only_a_bearer_counts_as_a_token() -> None:
    assert token() == bearer({"authorization": f"bearer {token()}"})
    assert ["", "", ""] == [bearer({}), bearer({"authorization": ""}), bearer({"authorization": "Basic YTpi"})]


@pytest.mark.parametrize("text", ["Bearer", "Bearer ", "Bearer a b", "Bearer a,Bearer b"])
def test_a_bearer_that_is_not_one_token_is_refused(text: str) -> None:
    with pytest.raises(Refusal) as refused:
        bearer({"authorization": text})
    assert "not-genuine" == refused.value.code
