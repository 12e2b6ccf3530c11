"""The target of a rule of policy.toml: how its approvals reach GitHub."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from relay.model.request import Target
from relay.policy_toml.channels import one_of
from relay.policy_toml.toml_table import Table, quoted

KEYS: Final = ("target", "workflow")
_DEFAULT: Final = "repository_dispatch"
_TARGETS: Final[Mapping[str, Target]] = MappingProxyType(
    {
        _DEFAULT: "repository_dispatch",
        "workflow_dispatch": "workflow_dispatch",
        "deployment_protection": "deployment_protection",
    }
)
_FILE: Final = re.compile(r"[A-Za-z0-9_-][A-Za-z0-9._-]{0,98}\.ya?ml")


def read_target(table: Table) -> tuple[Target, str]:
    """Read the target of a rule, and the workflow that it starts."""
    target = _TARGETS[one_of(table, "target", _TARGETS, _DEFAULT)]
    workflow = table.text("workflow")
    if target == "workflow_dispatch":
        _check_workflow(table, workflow)
    elif "workflow" in table.values:
        message = f"a rule with target {quoted(target)} starts no workflow by its name"
        table.report("workflow", message, 'write target = "workflow_dispatch", or remove workflow')
    return target, workflow


def _check_workflow(table: Table, workflow: str) -> None:
    if "workflow" not in table.values:
        table.report("target", "the rule does not say which workflow it starts", 'add workflow = "release.yml"')
    elif workflow.strip() and not _FILE.fullmatch(workflow):
        hint = 'write the name of a file in .github/workflows, such as "release.yml", without its folder'
        table.report("workflow", f"no workflow's file is called {quoted(workflow)}", hint)
