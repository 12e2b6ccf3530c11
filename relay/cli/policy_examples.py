"""Test cases of a policy: a request, the presses on it, and the expected result."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Literal, cast, get_args

from relay.approval import judge
from relay.approval.approvable import check_approvable
from relay.approval.policy import Policy, rule_for, takeable
from relay.approval.requests import allow_request
from relay.cli.policy_dry_run import Press, open_case, read_reviews
from relay.errors import Refusal
from relay.model.case import Case
from relay.model.delivery import Interaction
from relay.policy_toml.parse import PolicyError, document_of
from relay.policy_toml.toml_table import Table, meant, quoted

Expected = Literal["approved", "rejected", "pending", "no-rule", "not-allowed", "own-request", "malformed"]
AskedBy = Literal["oidc", "key", "offline", "command"]

_KEYS: Final = ("name", "repository", "event_type", "environment", "requested_by", "proof", "reviews", "expect")


@dataclass(frozen=True, slots=True)
class PolicyCase:
    """One test case. `line` is its position in the file; an empty `proof` means any that the rule accepts."""

    line: int
    name: str
    repository: str
    event_type: str
    environment: str
    requested_by: str
    proof: AskedBy | None
    reviews: tuple[str, ...]
    expect: Expected


def read_cases(text: str) -> tuple[PolicyCase, ...]:
    """Return the cases of a TOML text. Raises PolicyError with every problem."""
    document = document_of(text)
    document.only(("case",))
    tables = document.tables("case")
    if not tables and not document.problems:
        document.report("", "there is no case", "write [[case]] above each")
    cases = tuple(_case(table) for table in tables)
    if document.problems:
        raise PolicyError(tuple(sorted(document.problems)))
    return cases


def outcome(case: PolicyCase, policy: Policy, *, now: float) -> tuple[Expected, str]:
    """Return the result of a case under the policy, and its reason.

    The result is the refusal of the last press, or else the status of the request. Raises UsageError for an unknown
    person, or a form that is no request.
    """
    presses = read_reviews(policy, case.reviews)
    rule = rule_for(policy, case.repository, case.environment, case.event_type)
    if rule is None:
        return "no-rule", "no rule matches repository, environment and event type"
    opened = open_case(
        rule,
        repository=case.repository,
        event_type=case.event_type,
        environment=case.environment,
        requested_by=case.requested_by,
        now=now,
        proof=case.proof,
    )
    if not case.proof and not takeable(rule):
        return "no-rule", f"no route of this version takes {opened.proof}"
    try:
        allow_request(policy, opened.request, opened.proof)
        check_approvable(policy, rule, opened.request)
    except Refusal as refusal:
        return cast("Expected", refusal.code), refusal.message or refusal.check
    return _judged(opened, presses, policy, now)


def _judged(case: Case, presses: Sequence[Press], policy: Policy, now: float) -> tuple[Expected, str]:
    refused: Refusal | None = None
    for press in presses:
        interaction = Interaction(ticket="", verdict=press.verdict, comment="", actor=press.actor)
        try:
            case, refused = (
                judge.take(case, interaction, policy, now=now, drawn_for=case.stage, confirms=judge.confirmed).case,
                None,
            )
        except Refusal as refusal:
            refused = refusal
    if refused is not None:
        return cast("Expected", refused.code), refused.check
    return cast("Expected", case.status), f"stage {case.stage}" if case.stage else "no review was counted"


def _case(table: Table) -> PolicyCase:
    table.only(_KEYS)
    for name in ("name", "repository", "event_type", "expect"):
        if name not in table.values:
            table.report("", f"{name} is missing", f'write {name} = "..."')
    return PolicyCase(
        line=table.position(table.path)[0],
        name=table.text("name"),
        repository=table.text("repository"),
        event_type=table.text("event_type"),
        environment=table.text("environment"),
        requested_by=table.text("requested_by"),
        proof=cast("AskedBy | None", _one_of(table, "proof", get_args(AskedBy)) or None),
        reviews=table.texts("reviews", empty=True),
        expect=cast("Expected", _one_of(table, "expect", get_args(Expected))),
    )


def _one_of(table: Table, key: str, known: tuple[str, ...]) -> str:
    value = table.text(key)
    if value.strip() and value not in known:
        table.report(key, f"{key} is {quoted(value)}", meant(value, known) or f"known: {', '.join(known)}")
    return value
