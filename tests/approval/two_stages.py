"""Three people, a rule of two stages, and presses on a case under it."""

from dataclasses import replace
from typing import Final

from relay.approval.judge import Step, take
from relay.approval.policy import Person, Policy, Rule, Stage
from relay.model.case import Case
from relay.model.delivery import Interaction
from relay.model.people import Actor, Review, Verdict
from relay.model.request import ApprovalRequest

NOW: Final = 2_000.7
ADA: Final = Person("ada", "Ada Lovelace", entra="t/ada", slack=("T/ADA",), github="ada")
GRACE: Final = Person("grace", "Grace Hopper", entra="t/grace", github="grace")
LIN: Final = Person("lin", "Lin", entra="t/lin", github="lin")
PEOPLE: Final = (ADA, GRACE, LIN)
QA: Final = Stage("qa", ("ada", "lin"))
RELEASE: Final = Stage("release", ("ada", "grace"), 2)
RULE: Final = Rule(
    repository="octo/api",
    event_types=("deploy",),
    reject_event_types=("rejected",),
    expires_in=5_000,
    stages=(QA, RELEASE),
)
POLICY: Final = Policy(
    rules=(RULE,),
    people={person.key: person for person in PEOPLE},
    by_id={f"entra:{person.entra}": person for person in PEOPLE} | {"slack:T/ADA": ADA},
)
REQUEST: Final = ApprovalRequest(
    id="r1",
    repository="octo/api",
    title="Deploy",
    issued_at=1_000,
    expires_at=9_000,
    nonce="n",
    event_type="deploy",
    requested_by="octocat",
)
CASE: Final = Case(REQUEST, "oidc", stage="qa", version=3, commit_id="c3")


def press(person: str, verdict: Verdict = "approve", comment: str = "") -> Interaction:
    return Interaction(
        "ticket", verdict, comment, Actor(person if ":" in person else f"entra:t/{person}", "as the token says")
    )


def said(person: Person, stage: str, verdict: Verdict = "approve", comment: str = "") -> Review:
    return Review(verdict, Actor(f"entra:{person.entra}", person.name), stage, int(NOW), comment)


def after(*presses: Interaction, case: Case = CASE, policy: Policy = POLICY, drawn_for: str = "") -> Step:
    """Take one press after another, each on the case that the one before left."""
    for interaction in presses:
        step = take(case, interaction, policy, now=NOW, drawn_for=drawn_for)
        case = step.case
    return step


def with_stages(*stages: Stage, policy: Policy = POLICY) -> Policy:
    return replace(policy, rules=(replace(policy.rules[0], stages=stages),))
