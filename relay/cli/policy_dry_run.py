"""A made-up request and the presses on it, judged by the judge of production."""

from collections.abc import Sequence
from dataclasses import dataclass

import click

from relay.approval import judge
from relay.approval.approvers import progress
from relay.approval.policy import PROVEN_IDS, Policy, Rule, is_proven_by, takeable
from relay.cli.failures import wrong_usage
from relay.errors import Refusal
from relay.model.case import Case
from relay.model.delivery import Interaction
from relay.model.people import Actor, Verdict
from relay.model.request import Origin, Proof
from relay.signed.request import read_form


@dataclass(frozen=True, slots=True)
class Press:
    """One press of a button, and its text on the command line."""

    text: str
    actor: Actor
    verdict: Verdict


def read_reviews(policy: Policy, texts: Sequence[str]) -> list[Press]:
    """Read presses as PERSON=VERDICT. Raises UsageError for an unknown verdict or person."""
    return [_press(policy, text) for text in texts]


def open_case(
    rule: Rule,
    *,
    repository: str,
    event_type: str,
    environment: str,
    requested_by: str,
    now: float,
    proof: Proof | None = None,
) -> Case:
    """Return the case of a made-up request, with a proof that the rule accepts unless one is given.

    Raises UsageError.
    """
    form = {
        "repository": repository,
        "event_type": event_type,
        "environment": environment or None,
        "requested_by": requested_by or None,
        "title": "explained",
        "ref": "refs/heads/main" if rule.workflow else None,
    }
    try:
        request = read_form(form, issued_at=int(now), nonce="explained-explained", lifetime=rule.expires_in)
    except Refusal as refusal:
        raise wrong_usage(refusal) from None
    proof = proof or (*takeable(rule), *rule.requests)[0]
    # A person's own run: its token, or GitHub's webhook, proves who asked.
    origin = Origin("", ("requester",)) if proof in ("oidc", "github") else None
    return Case(request=request, proof=proof, origin=origin)


def explain_review(case: Case, press: Press, policy: Policy, *, now: float) -> tuple[Case, str]:
    """Return the case after a press, and a line that describes the effect."""
    interaction = Interaction(ticket="", verdict=press.verdict, comment="", actor=press.actor)
    try:
        step = judge.take(case, interaction, policy, now=now, drawn_for=case.stage, confirms=judge.confirmed)
    except Refusal as refusal:
        return case, f"{press.text}: {refusal.code} ({refusal.check})"
    decision = step.decision
    passed = f"; stage {decision.passed} has passed" if decision.passed else ""
    return step.case, f"{press.text}: {decision.code}, stage {decision.stage}{passed}"


def describe(case: Case, rule: Rule, policy: Policy) -> str:
    """Return the progress of the case in words."""
    if case.status != "pending":
        return case.status
    current = progress(policy, rule, case.request, case.reviews)
    approvers = ", ".join(current.stage.approvers)
    return f"pending: stage {current.stage.name} needs {current.missing} more of {approvers}"


def _press(policy: Policy, text: str) -> Press:
    name, _, word = text.rpartition("=")
    verdict: Verdict
    match word:
        case "approve" | "reject":
            verdict = word
        case _:
            raise click.UsageError("--review: write PERSON=approve or PERSON=reject")
    return Press(text, read_actor(policy, name, "--review"), verdict)


def read_actor(policy: Policy, name: str, option: str) -> Actor:
    """Return a person of the policy, or an id, as some chat or page proves them. Raises UsageError with the option."""
    if ":" in name:
        return Actor(name.lower() if name.startswith("entra:") else name, name)
    person = policy.people.get(name)
    if person is None:
        raise click.UsageError(
            f"{option}: names a person that the policy does not have; write the key of [people.KEY], or an id such as "
            "entra:TENANT/OBJECT"
        )
    for id_, known in policy.by_id.items():
        if known.key == name and is_proven_by(id_):
            return Actor(id_, person.name)
    raise click.UsageError(
        f"{option}: this person has no id in the policy by which a press is proven ({', '.join(PROVEN_IDS)})"
    )
