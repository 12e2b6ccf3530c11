"""Policy of the road of the tests: five people, two channels, two groups, and a rule of every kind.

Policies of other tests begin with the same people, channels and groups, and have rules of their own.
"""

import json
from collections.abc import Mapping, Sequence
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
SLACK: Final = {"ada": "U111", "grace": "U222", "lin": "U333", "octocat": "U444", "haneul": "U555"}
IDS: Final = {"ada": 1001, "grace": 1002, "lin": 1003, "octocat": 583231, "haneul": 1005}

WHO: Final = (
    "".join(
        f'[people.{name}]\nname = "{NAMES[name]}"\nentra = "{entra_tokens.TENANT}/{oid}"\n'
        f'slack = "T111/{SLACK[name]}"\ngithub = "{name}"\ngithub_id = {IDS[name]}\n'
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


def _table(name: str, fields: Mapping[str, object]) -> str:
    # Strings, lists and numbers are the same in TOML as in JSON.
    lines = [f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in fields.items()]
    return "\n".join([f"\n[[{name}]]", *lines, ""])


def stage(name: str, *approvers: str, **fields: object) -> str:
    """Return a stage of policy.toml."""
    named = {"name": name} if name else {}
    return _table("rule.stage", named | {"approvers": approvers} | fields)


QA: Final = stage("qa", "group:qa")
RELEASE: Final = stage("release", "group:owners")


def rule(environment: str, *stages: str, **fields: object) -> str:
    """Return a rule of policy.toml for an environment of every repository of octo."""
    given = {"repository": "octo/*", "environment": environment, "event_types": ["deploy-*"]}
    return _table("rule", given | {"requests": ["key", "offline"]} | fields) + "".join(stages)


def notify(environment: str, on: Sequence[str], *to: str, **fields: object) -> str:
    """Return an entry of policy.toml that tells some channels of events."""
    return _table("notify", {"environment": environment, "on": on, "to": to} | fields)


def command(name: str, *formats: str, **fields: object) -> str:
    """Return a command of policy.toml: of the owners, for an app of octo, unless the fields say otherwise."""
    given = {"who": ["group:owners"], "repository": "octo/{{app}}", "event_type": "deploy-{{app}}"}
    return _table("command", {"name": name, "formats": formats} | given | fields)


SLACK_CHANNELS: Final = """
[channels.releases]
kind = "slack"
place = "C111"
[channels.testers]
kind = "slack"
place = "C222"
[channels.owners]
kind = "slack"
people = ["ada", "grace"]
"""
POLICY: Final = "".join(
    [
        'plain_repository = "octo/site"\n',
        WHO,
        rule("production", RELEASE, reject_event_types=["refused-*"], requests=["oidc", "key", "offline"]),
        rule(
            "narrow",
            RELEASE,
            requests=["oidc", "key"],
            events=["push"],
            refs=["refs/heads/main", "refs/tags/v*"],
            workflows=["octo/api/.github/workflows/ask.yml@refs/heads/main"],
            owner_id=9919,
        ),
        rule("asked", RELEASE, requests=["oidc"], askers=["Octo/API"]),
        rule("reviewed", RELEASE, requests=["oidc"], events=["pull_request"]),
        rule("staged", QA, stage("release", "group:owners", required=2)),
        rule("korea", stage("검토", "haneul"), stage("배포", "group:owners"), expires_in="2h"),
        rule("crowd", stage("", "anyone", required=2), requests=["offline"], self_approval=True),
        rule("guarded", RELEASE, confirm_cards=True),
        rule("keyed", stage("", "group:owners"), requests=["oidc"]),
        '\n[[rule]]\nrepository = "octo/site"\nevent_types = ["publish", "deploy-site"]\nplain = true\n',
    ]
)
