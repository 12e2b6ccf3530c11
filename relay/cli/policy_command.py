"""A command, as `relay policy explain --say` shows it: the request that it would make, and the rule that judges it."""

import re
from typing import Final

import click

from relay.approval import judge
from relay.approval.approvable import check_approvable
from relay.approval.policy import Policy, rule_of
from relay.approval.requests import allow_request
from relay.approval.targets import allow_target
from relay.cli.failures import NotApproved
from relay.cli.nearest_rule import nearest_rule
from relay.cli.policy_dry_run import Press, describe, explain_review, read_actor
from relay.commands import wording
from relay.commands.choice import MAX_TEXT, BadValue, Chosen, choose, nearest, sayable
from relay.commands.form import request_of
from relay.errors import Refusal
from relay.formats.words import split
from relay.model.case import Case
from relay.model.people import Actor
from relay.model.request import ApprovalRequest
from relay.signed import canonical_json

_SLASH: Final = re.compile(r"\s*/relay(?!\S)", re.IGNORECASE)


def explain_command(policy: Policy, text: str, person: str, *, now: float) -> None:
    """Print the request of a command and the judgment on it. Raises NotApproved, UsageError for an unknown person."""
    actor = read_actor(policy, person, "--as")
    if slash := _SLASH.match(text):  # Slack sends the words after it alone
        text = text[slash.end() :].strip()
    chosen = _chosen(policy, text, actor)
    try:
        request = request_of(chosen, text, actor, policy.person(actor), issued_at=int(now), nonce="explained-explained")
    except Refusal as refusal:
        raise NotApproved(wording.refusal(refusal)) from None
    try:
        rule = allow_request(policy, request, "command")
        check_approvable(policy, rule, request)
        allow_target(rule, request)
    except Refusal as refusal:
        near = "" if rule_of(policy, request) else _nearest(policy, request)
        raise NotApproved(f"{wording.refusal(refusal)} {near}".strip()) from None
    click.echo(f"command: {chosen.command.name}")
    for line in _lines(request):
        click.echo(line)
    click.echo(
        f"rule: repository {rule.repository}, environment {rule.environment}, event types {', '.join(rule.event_types)}"
    )
    case = judge.opened(Case(request, "command"), rule, now)
    if chosen.command.approve:
        case, line = explain_review(case, Press("the asking itself", actor, "approve"), policy, now=now)
        click.echo(line)
    click.echo(describe(case, rule, policy))


def _nearest(policy: Policy, request: ApprovalRequest) -> str:
    return nearest_rule(
        policy, repository=request.repository, environment=request.environment, event_type=request.event_type
    )


def _chosen(policy: Policy, text: str, actor: Actor) -> Chosen:
    commands = sayable(policy, actor)
    if not commands:
        raise NotApproved("No command of the policy names this person.")
    if len(text) > MAX_TEXT:
        raise NotApproved(wording.too_long())
    words = split(text)
    match choose(commands, words) if words else None:
        case Chosen() as chosen:
            return chosen
        case BadValue() as bad:
            raise NotApproved(wording.bad_value(bad))
    reason, near, *_ = wording.unknown(nearest(commands, words, text), closed=words is not None)
    raise NotApproved(f"{reason} {near}")


def _lines(request: ApprovalRequest) -> list[str]:
    payload = canonical_json.encode(dict(request.client_payload)).decode()
    fields = {
        "title": request.title,
        "repository": request.repository,
        "environment": request.environment,
        "event type": request.event_type,
        "client_payload": payload,
        "requested by": request.requested_by,
        "channels": ", ".join(request.channels),
    }
    return [f"{name}: {value}" for name, value in fields.items() if value]
