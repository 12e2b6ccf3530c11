"""The keys of a rule that judge the asking workflow's token."""

import re
from typing import Final

from relay.approval.token_rules import TokenRule
from relay.identity.github_oidc import OWN_EVENTS
from relay.policy_toml.toml_table import Table, meant, quoted

KEYS: Final = ("events", "refs", "workflows", "owner_id", "askers")
MAX_ID: Final = 2**63 - 1
_EVENT: Final = re.compile("[a-z][a-z_]{0,99}")
_OTHER_EVENTS: Final = ("pull_request", "pull_request_target", "workflow_run", "issues", "issue_comment", "deployment")


def read_token_rule(table: Table) -> TokenRule:
    """Read the keys of one rule. Absent ones judge nothing."""
    owner = table.number("owner_id", 0, most=MAX_ID)
    return TokenRule(
        events=_read_events(table),
        refs=_read_globs(table, "refs", "refs/", 'write a full ref, such as "refs/heads/main" or "refs/tags/v*"'),
        workflows=_read_globs(
            table, "workflows", "/.github/workflows/", 'write "OWNER/NAME/.github/workflows/FILE@refs/heads/main"'
        ),
        owner_id=str(owner) if owner else "",
        askers=_read_globs(table, "askers", "/", 'write "OWNER/NAME"; globs are allowed'),
    )


def _read_events(table: Table) -> tuple[str, ...]:
    events = table.texts("events")
    for event in events:
        if not _EVENT.fullmatch(event):
            hint = meant(event.lower(), [*OWN_EVENTS, *_OTHER_EVENTS]) or 'write it as in `on:`, such as "push"'
            table.report("events", f"no event is called {quoted(event)}", hint)
    return events


def _read_globs(table: Table, key: str, part: str, hint: str) -> tuple[str, ...]:
    globs = table.texts(key)
    for glob in globs:
        if part not in glob and not glob.startswith("*"):
            table.report(key, f"{key} can never match {quoted(glob)}", hint)
    return globs
