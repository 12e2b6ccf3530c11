"""The keys of a rule that judge the asking workflow's token."""

import re
from typing import Final

from relay.approval.globs import overlap, repository_fault
from relay.approval.policy import TokenRule
from relay.policy_toml.toml_table import Table, meant, quoted

KEYS: Final = ("events", "refs", "workflows", "owner_id", "askers")
MAX_ID: Final = 2**63 - 1
_EVENT: Final = re.compile("[a-z][a-z_]{0,99}")
# https://docs.github.com/actions/reference/workflows-and-actions/events-that-trigger-workflows
EVENTS: Final = frozenset(
    {
        *("branch_protection_rule", "check_run", "check_suite", "create", "delete", "deployment"),
        *("deployment_status", "discussion", "discussion_comment", "fork", "gollum", "image_version"),
        *("issue_comment", "issues", "label", "merge_group", "milestone", "page_build", "public"),
        *("pull_request", "pull_request_review", "pull_request_review_comment", "pull_request_target", "push"),
        *("registry_package", "release", "repository_dispatch", "schedule", "status", "watch"),
        *("workflow_dispatch", "workflow_run"),
    }
)
_REFS: Final = ("refs/heads/*", "refs/tags/*", "refs/pull/*")
# The workflow that a job runs is named at a full ref, or at the commit that its caller names.
_WORKFLOWS: Final = tuple(f"*/*/.github/workflows/*@{ref}" for ref in ("refs/*", "?" * 40))


def read_token_rule(table: Table) -> TokenRule:
    """Read the keys of one rule. Absent ones judge nothing."""
    owner = table.number("owner_id", 0, most=MAX_ID)
    return TokenRule(
        events=_read_events(table),
        refs=_read_globs(table, "refs", _REFS, 'write a full ref, such as "refs/heads/main" or "refs/tags/v*"'),
        workflows=_read_globs(
            table, "workflows", _WORKFLOWS, 'write "OWNER/NAME/.github/workflows/FILE@refs/heads/main"'
        ),
        owner_id=str(owner) if owner else "",
        askers=_read_askers(table),
    )


def _read_events(table: Table) -> tuple[str, ...]:
    events = table.texts("events")
    for event in events:
        if not _EVENT.fullmatch(event):
            hint = meant(event.lower(), EVENTS) or 'write it as in `on:`, such as "push"'
            table.report("events", f"no event is called {quoted(event)}", hint)
    return events


def _read_globs(table: Table, key: str, forms: tuple[str, ...], hint: str) -> tuple[str, ...]:
    globs = table.texts(key)
    for glob in globs:
        if not any(overlap(glob, form) for form in forms):
            table.report(key, f"{key} can never match {quoted(glob)}", hint)
    return globs


def _read_askers(table: Table) -> tuple[str, ...]:
    globs = table.texts("askers")
    for glob in globs:
        fault = repository_fault(glob) if "/" in glob or "*" in glob else 'write "OWNER/NAME"; globs are allowed'
        if fault:
            table.report("askers", f"askers can never match {quoted(glob)}", fault)
    return globs
