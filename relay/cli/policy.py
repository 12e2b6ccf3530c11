"""`relay policy`: checks and dry runs with the parser and the judge of production."""

import os
from pathlib import Path

import click

from relay.approval.approvable import check_approvable
from relay.approval.policy import Policy, rule_for, takeable
from relay.chats.table import kinds
from relay.cli.command import Group, examples
from relay.cli.context import Context
from relay.cli.failures import Failure, NotApproved, WrongContent
from relay.cli.inputs import read_text
from relay.cli.nearest_rule import nearest_rule
from relay.cli.policy_command import explain_command
from relay.cli.policy_dry_run import describe, explain_review, open_case, read_reviews
from relay.cli.policy_examples import outcome, read_cases
from relay.errors import Refusal
from relay.policy_toml.parse import PolicyError, load, parse
from relay.policy_toml.warnings import impossible, proposals, warnings
from relay.settings import is_policy_text

_DEFAULT = "policy.toml"
_file = click.argument("file", required=False)


@click.group(cls=Group, short_help="Check, explain and test a policy.")
def policy() -> None:
    """Check, explain and test a policy, with the parser and the judge that the relay uses.

    FILE is a policy, - for standard input; without it RELAY_POLICY (a path, or the text itself), else policy.toml.
    """


@policy.command()
@_file
@click.option("--strict", is_flag=True, help="Let warnings fail too. A proposal never does.")
def check(file: str | None, *, strict: bool) -> None:
    """Report the errors of a policy (exit code 2), its warnings, and proposals."""
    name, text = _read(file)
    found = _parse(name, text)
    if not load(text):
        raise WrongContent(f"FILE: {name} is empty; a file that was cut short looks like this")
    faults = impossible(found, text)
    for fault in faults:
        click.echo(f"{name}:{fault}")
    if faults:
        raise WrongContent("FILE: nobody could approve under the policy, see above")
    doubts = warnings(found, text)
    for doubt in doubts:
        click.echo(f"{name}:{doubt} [warning]")
    for proposal in proposals(found, text):
        click.echo(f"{name}:{proposal} [proposal]")
    if doubts and strict:
        count = "a warning" if len(doubts) == 1 else f"{len(doubts)} warnings"
        raise WrongContent(f"FILE: the policy has {count}, see above, and --strict is given")
    rules = "one rule" if len(found.rules) == 1 else f"{len(found.rules)} rules"
    doubtful = "" if not doubts else ", one warning" if len(doubts) == 1 else f", {len(doubts)} warnings"
    click.echo(f"{name}: {rules}, no errors{doubtful}")


@policy.command(
    epilog=examples("relay policy explain --repository octo/api --event-type deploy-api --review ada=approve")
)
@_file
@click.option("--repository", default="", metavar="OWNER/NAME", help="The repository of the request.")
@click.option("--event-type", default="", metavar="NAME", help="Its event type.")
@click.option("--environment", default="", metavar="NAME", help="Its environment.")
@click.option("--requested-by", default="", metavar="LOGIN", help="The requester.")
@click.option(
    "--review",
    "reviews",
    multiple=True,
    metavar="PERSON=VERDICT",
    help="A press: a person of the policy or an id such as entra:TENANT/OBJECT, and approve or reject. In order.",
)
@click.option("--say", metavar="TEXT", help="A command, with or without /relay, in place of --repository and the like.")
@click.option("--as", "person", metavar="PERSON", help="The person who says it.")
@click.pass_obj
def explain(  # noqa: PLR0913 - one for each option
    context: Context,
    /,
    *,
    file: str | None,
    repository: str,
    event_type: str,
    environment: str,
    requested_by: str,
    reviews: tuple[str, ...],
    say: str | None,
    person: str | None,
) -> None:
    """Show how a request would be judged, press by press; or the request that a command would make.

    Ends with 0 if it would be approved, with 3 otherwise. With --say it ends with 0 if a request would be made.
    """
    found = _parse(*_read(file))
    if say is not None or person is not None:
        given = [repository, event_type, environment, requested_by, *reviews]
        if say is None or person is None or any(given):
            raise click.UsageError("--say: goes with --as, and with no other option")
        explain_command(found, say, person, now=context.now())
        return
    for name, value in (("--repository", repository), ("--event-type", event_type)):
        if not value:
            raise click.UsageError(f"Missing option '{name}', or --say with --as")
    presses = read_reviews(found, reviews)
    rule = rule_for(found, repository, environment, event_type)
    if rule is None:
        near = nearest_rule(found, repository=repository, environment=environment, event_type=event_type)
        raise NotApproved(f"No rule of the policy matches this repository, environment and event type. {near}".strip())
    if not takeable(rule):
        raise NotApproved(f"No route of this version takes {' or '.join(rule.requests)}, so nobody can ask.")
    case = open_case(
        rule,
        repository=repository,
        event_type=event_type,
        environment=environment,
        requested_by=requested_by,
        now=context.now(),
    )
    click.echo(
        f"rule: repository {rule.repository}, environment {rule.environment}, event types {', '.join(rule.event_types)}"
    )
    try:
        check_approvable(found, rule, case.request)
    except Refusal as refusal:
        raise NotApproved(f"The relay refuses this request: {refusal.message}.") from None
    for press in presses:
        case, line = explain_review(case, press, found, now=context.now())
        click.echo(line)
    click.echo(describe(case, rule, found))
    if case.status != "approved":
        raise NotApproved("The request would not be approved by these reviews.")


@policy.command("test")
@click.argument("cases")
@click.option("--policy", "file", metavar="FILE", help="The policy; without it RELAY_POLICY, else policy.toml.")
@click.pass_obj
def run_cases(context: Context, /, *, cases: str, file: str | None) -> None:
    """Judge the cases of a TOML file, and report each that differs from its expected result.

    Each [[case]] has name, repository, event_type and expect: approved, rejected, pending, no-rule, not-allowed,
    own-request, or malformed for a request that nobody could approve. It may have environment, requested_by, proof and
    reviews: presses as PERSON=VERDICT, in order. Ends with 0 if every case holds, with 1 otherwise.
    """
    found = _parse(*_read(file))
    try:
        known = read_cases(read_text(cases, "CASES"))
    except PolicyError as error:
        _show(cases, error)
        raise WrongContent("CASES: the file has problems, see above") from None
    failed = 0
    for case in known:
        try:
            result, reason = outcome(case, found, now=context.now())
        except click.UsageError as error:
            # The names of options are those of `policy explain`; a case has keys.
            message = error.message.replace("--review: ", "reviews: ").replace("--requested-by: ", "requested_by: ")
            raise WrongContent(f"CASES: line {case.line}, {case.name}: {message.removeprefix('--')}") from None
        if result != case.expect:
            failed += 1
            click.echo(f"{cases}:{case.line}: {case.name}: expected {case.expect}, got {result} ({reason})")
    if failed:
        raise Failure(f"{failed} of {len(known)} cases do not hold.")
    click.echo(f"{cases}: {'one case holds' if len(known) == 1 else f'{len(known)} cases hold'}")


def _read(file: str | None) -> tuple[str, str]:
    """Return the name of the policy for messages, and its text."""
    given = os.environ.get("RELAY_POLICY", "").strip()
    if file is None and not given and "RELAY_POLICY" in os.environ:
        raise click.UsageError("FILE: RELAY_POLICY is set and empty; usually its source is not set here")
    if file is None and is_policy_text(given):
        return "RELAY_POLICY", given
    path = file or given or _DEFAULT
    if path == _DEFAULT and not Path(path).exists():
        raise click.UsageError(
            "FILE: there is no policy.toml here; relay init writes one, and RELAY_POLICY names another"
        )
    return path, read_text(path, "FILE")


def _parse(name: str, text: str) -> Policy:
    try:
        return parse(text, kinds())
    except PolicyError as error:
        _show(name, error)
        count = "one problem" if len(error.problems) == 1 else f"{len(error.problems)} problems"
        raise WrongContent(f"FILE: the policy has {count}, see above") from None


def _show(name: str, error: PolicyError) -> None:
    for problem in error.problems:
        click.echo(f"{name}:{problem}")
