"""Who may approve what on the road of the tests: five people, and a policy with a rule of every kind.

Policies of other tests begin with the same people, channels and groups, and have rules of their own.
"""

from typing import Final

from tests.support import entra_tokens

PEOPLE: Final = {
    "ada": "aaaaaaaa-0000-4000-8000-000000000001",
    "grace": "aaaaaaaa-0000-4000-8000-000000000002",
    "lin": "aaaaaaaa-0000-4000-8000-000000000003",
    "octocat": "aaaaaaaa-0000-4000-8000-000000000004",
    "haneul": "aaaaaaaa-0000-4000-8000-000000000005",
}
NAMES: Final = {"ada": "Ada", "grace": "Grace", "lin": "Lin", "octocat": "Octocat", "haneul": "김하늘"}
IDS: Final = {"ada": 1001, "grace": 1002, "lin": 1003, "octocat": 583231, "haneul": 1005}

WHO: Final = (
    "".join(
        f'[people.{name}]\nname = "{NAMES[name]}"\nentra = "{entra_tokens.TENANT}/{oid}"\n'
        f'github = "{name}"\ngithub_id = {IDS[name]}\n'
        for name, oid in PEOPLE.items()
    )
    + """
[channels.ops]
kind = "teams"
place = "19:ops@thread.tacv2"

[channels.old]
kind = "teams"
place = "19:old@thread.tacv2"
card = "messagecard"

[groups]
qa = ["lin", "ada"]
owners = ["ada", "grace", "octocat", "haneul"]
"""
)

POLICY: Final = (
    'plain_repository = "octo/site"\n'
    + WHO
    + """
[[rule]]
repository = "octo/*"
environment = "production"
event_types = ["deploy-*"]
reject_event_types = ["refused-*"]
requests = ["oidc", "key", "offline"]
[[rule.stage]]
name = "release"
approvers = ["group:owners"]

[[rule]]
repository = "octo/*"
environment = "narrow"
event_types = ["deploy-*"]
events = ["push"]
refs = ["refs/heads/main", "refs/tags/v*"]
workflows = ["octo/api/.github/workflows/ask.yml@refs/heads/main"]
owner_id = 9919
[[rule.stage]]
name = "release"
approvers = ["group:owners"]

[[rule]]
repository = "octo/*"
environment = "asked"
event_types = ["deploy-*"]
askers = ["Octo/API"]
[[rule.stage]]
name = "release"
approvers = ["group:owners"]

[[rule]]
repository = "octo/*"
environment = "reviewed"
event_types = ["deploy-*"]
events = ["pull_request"]
[[rule.stage]]
name = "release"
approvers = ["group:owners"]

[[rule]]
repository = "octo/*"
environment = "staged"
event_types = ["deploy-*"]
requests = ["key", "offline"]
[[rule.stage]]
name = "qa"
approvers = ["group:qa"]
[[rule.stage]]
name = "release"
approvers = ["group:owners"]
required = 2

[[rule]]
repository = "octo/*"
environment = "korea"
event_types = ["deploy-*"]
requests = ["key", "offline"]
expires_in = "2h"
[[rule.stage]]
name = "검토"
approvers = ["haneul"]
[[rule.stage]]
name = "배포"
approvers = ["group:owners"]

[[rule]]
repository = "octo/*"
environment = "crowd"
event_types = ["deploy-*"]
requests = ["offline"]
self_approval = true
[[rule.stage]]
approvers = ["anyone"]
required = 2

[[rule]]
repository = "octo/*"
environment = "keyed"
event_types = ["deploy-*"]
requests = ["oidc"]
[[rule.stage]]
approvers = ["group:owners"]

[[rule]]
repository = "octo/site"
event_types = ["publish", "deploy-site"]
plain = true
"""
)
