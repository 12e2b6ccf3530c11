"""Rules about the asking workflow, one key at a time."""

from dataclasses import replace
from typing import Any

import pytest

from relay.approval.policy import ANY_TOKEN, TokenRule
from relay.approval.token_rules import allow_event, allow_token
from relay.errors import Refusal
from relay.identity.github_oidc import OWN_EVENTS, WorkflowToken
from relay.model.request import ApprovalRequest
from tests.support import road

TOKEN = WorkflowToken(
    jti="j",
    repository="octo/api",
    repository_id="710044512",
    repository_owner_id="9919",
    ref="refs/heads/main",
    sha="f" * 40,
    run_id="1",
    run_attempt=1,
    actor="octocat",
    actor_id="583231",
    event_name="push",
    job_workflow_ref="octo/api/.github/workflows/ask.yml@refs/heads/main",
)
REQUEST = road.offline(ref="refs/heads/main")


def refused(rule: TokenRule, token: WorkflowToken = TOKEN, request: ApprovalRequest = REQUEST) -> tuple[str, str]:
    """Return the code and the check of a refusal, empty if there is none."""
    try:
        allow_token(rule, token, request)
    except Refusal as refusal:
        return refusal.code, refusal.check
    return "", ""


@pytest.mark.parametrize("event", sorted(OWN_EVENTS))
def test_the_events_of_the_repository_s_own_commits_may_ask(event: str) -> None:
    allow_event(ANY_TOKEN, replace(TOKEN, event_name=event))


@pytest.mark.parametrize(
    "event", ["pull_request", "pull_request_target", "workflow_run", "issues", "issue_comment", "discussion", "fork"]
)
def test_any_other_event_asks_only_where_the_rule_lists_it(event: str) -> None:
    token = replace(TOKEN, event_name=event)
    assert ("not-allowed", "the event of the token") == refused(ANY_TOKEN, token)
    assert ("", "") == refused(TokenRule(events=(event,)), token)


@pytest.mark.parametrize(
    ("rule", "changes", "expected"),
    [
        ({"refs": ("refs/heads/main",)}, {}, ""),
        ({"refs": ("refs/heads/rel/*", "refs/heads/m*")}, {}, ""),
        ({"refs": ("refs/heads/main",)}, {"ref": "refs/heads/Main"}, "the rule's refs"),
        ({"refs": ("refs/heads/main",)}, {"ref": "refs/tags/main"}, "the rule's refs"),
        ({"refs": ("refs/heads/Main",)}, {}, "the rule's refs"),
        ({"refs": ("main",)}, {}, "the rule's refs"),
        ({"workflows": ("octo/api/.github/workflows/ask.yml@refs/heads/main",)}, {}, ""),
        ({"workflows": ("octo/*/ask.yml@refs/heads/main",)}, {}, ""),
        ({"workflows": ("octo/api/.github/workflows/ASK.yml@refs/heads/main",)}, {}, "the rule's workflows"),
        ({"workflows": ("octo/api/.github/workflows/ask.yml",)}, {}, "the rule's workflows"),
        ({"owner_id": "9919"}, {}, ""),
        ({"owner_id": "991"}, {}, "the rule's owner_id"),
        ({"owner_id": "9919"}, {"repository_owner_id": "99190"}, "the rule's owner_id"),
    ],
)
def test_a_key_holds_or_refuses(rule: dict[str, Any], changes: dict[str, Any], expected: str) -> None:
    assert expected == refused(TokenRule(**rule), replace(TOKEN, **changes))[1]


def test_refs_judge_the_request_s_ref_too() -> None:
    rule = TokenRule(refs=("refs/heads/main",), askers=("octo/api",))
    for ref, expected in (("refs/heads/main", ""), ("refs/heads/other", "the rule's refs")):
        assert expected == refused(rule, request=road.offline(repository="octo/web", ref=ref))[1]
    assert "the rule's refs" == refused(rule, request=road.offline(repository="octo/web"))[1]


@pytest.mark.parametrize(
    ("askers", "expected"),
    [
        ((), "malformed"),
        (("octo/ci",), "malformed"),
        (("octo/api",), ""),
        (("OCTO/*",), ""),
        (("octo/ap",), "malformed"),
    ],
)
def test_askers_may_ask_for_other_repositories(askers: tuple[str, ...], expected: str) -> None:
    request = road.offline(repository="octo/web")
    assert expected == refused(TokenRule(askers=askers), request=request)[0]


def test_an_asker_is_judged_by_its_own_owner_event_and_workflow() -> None:
    request = road.offline(repository="octo/web")
    narrower: list[dict[str, Any]] = [{"owner_id": "1"}, {"workflows": ("x/*",)}, {"events": ("schedule",)}]
    for keys in narrower:
        rule = TokenRule(askers=("octo/api",), **keys)
        assert "not-allowed" == refused(rule, request=request)[0]
