"""Commands and their rules, for policies of tests that begin with example_policy's people."""

from typing import Final

from tests.support.example_policy import command, rule, stage

RULES: Final = "".join(
    [
        rule("staging", stage("", "group:owners"), requests=["key", "command"]),
        rule("own", stage("", "group:owners"), requests=["command"], self_approval=True),
        rule("line", stage("", "group:owners"), requests=["command"], supersede=True),
        rule("pair", stage("", "group:owners", required=2), requests=["command"], self_approval=True),
    ]
)
COMMANDS: Final = "".join(
    [
        command(
            "deploy",
            "deploy {{app}} [to {{env=staging}}] [because {{why...}}]",
            "ship {{app}}",
            description="Release an app",
            who=["group:qa", "octocat"],
            environment="staging",
            title="Deploy {{app}} to staging",
            extra=["version"],
            approve=True,
        ),
        """
[command.values]
env = ["staging", "prod"]
[command.fixed]
by = "chat"
""",
        command("own", "release {{app}}", environment="own", approve=True),
        command("pair", "pair {{app}}", environment="pair", approve=True, channels=[]),
        command("line", "line {{app}} {{note=none}}", environment="line", channels=[]),
        command("rogue", "rogue {{app}}", who=["octocat"], environment="nowhere"),
    ]
)
"""What no rule takes, `rogue`, is a slip of the operator."""
