"""Commands of a policy, to be spoiled in one place."""

from typing import Final

BASE: Final = """\
[people.ada]
slack = "T1/U1"
github_id = 1
[people.grace]
slack = "T1/U2"
github_id = 2
[groups]
devs = ["ada"]
both = ["ada", "grace"]
[channels.releases]
kind = "slack"
place = "C1"
[[rule]]
repository = "octo/*"
environment = "prod"
event_types = ["deploy-*"]
requests = ["command"]
self_approval = true
[[rule.stage]]
approvers = ["group:both"]
"""
COMMAND: Final = """\
[[command]]
name = "deploy"
description = "Release an app"
formats = ["deploy {{app}} [to {{env=prod}}]", "ship {{app}} as {{env}}"]
who = ["group:devs"]
repository = "octo/{{app}}"
environment = "{{env}}"
event_type = "deploy-{{app}}"
title = "Deploy {{app}}"
channels = ["origin", "releases"]
extra = ["version"]
approve = true
[command.values]
env = ["prod"]
[command.fixed]
by = "chat"
"""
SMALL: Final = """
[[command]]
name = "stop"
formats = ["stop {{app}}"]
who = ["anyone"]
repository = "octo/api"
environment = "prod"
event_type = "deploy-stop"
"""


def changed(old: str, new: str) -> tuple[str, int, int]:
    """Put `new` for `old`, which stands once; also return the line and column of the mark ¦ in the result."""
    assert 1 == COMMAND.count(old), old
    before, _, after = (BASE + COMMAND.replace(old, new)).partition("¦")
    return before + after, before.count("\n") + 1, len(before) - before.rfind("\n")
