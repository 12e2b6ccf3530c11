"""A policy of one rule with two stages, and its reviewers."""

from typing import Final

from relay.approval.policy import Person, Policy, Rule, Stage
from relay.model.people import Actor, Review, Verdict
from relay.model.request import ApprovalRequest

ADA: Final = Person("ada", "Ada Lovelace", entra="t/ada", slack=("T/ADA",), github="ada", github_id=1)
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
