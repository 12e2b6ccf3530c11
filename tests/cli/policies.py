"""A policy for `relay policy`, and cases that it should decide."""

from pathlib import Path

from tests.support.entra_tokens import OBJECT, TENANT

POLICY = f"""\
[people.ada]
entra = "{TENANT}/{OBJECT}"
github = "ada"
github_id = 1

[people.lin]
name = "린"
slack = "T1/U1"
github_id = 2

[people.mary]
github = "mary"

[groups]
qa = ["lin", "ada"]

[[rule]]
repository = "octo/api"
environment = "production"
event_types = ["deploy-*"]
requests = ["offline"]
[[rule.stage]]
name = "qa"
approvers = ["group:qa"]
[[rule.stage]]
name = "release"
approvers = ["ada", "mary"]

[[rule]]
repository = "octo/web"
event_types = ["publish"]
self_approval = true
[[rule.stage]]
approvers = ["anyone"]
required = 2
"""
API = ("--repository", "octo/api", "--event-type", "deploy-api", "--environment", "Production")
WEB = ("--repository", "octo/web", "--event-type", "publish")


def cases(folder: Path, *texts: str) -> str:
    path = folder / "cases.toml"
    path.write_text("\n".join(f"[[case]]\n{text}" for text in texts), "utf-8")
    return str(path)


def case(expect: str, *reviews: str, **changes: str) -> str:
    values = {
        "name": "운영 배포",
        "repository": "octo/api",
        "event_type": "deploy-api",
        "environment": "production",
        "expect": expect,
    } | changes
    return "".join(f'{key} = "{value}"\n' for key, value in values.items()) + f"reviews = {list(reviews)}\n"
