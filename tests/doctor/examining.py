"""The doctor's checks on an environment and a web that are sound, and of which a test spoils one thing."""

import base64
import json
import re
import time
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime
from pathlib import Path
from typing import Any, Final, NamedTuple

from pytest_httpx import HTTPXMock

from relay.doctor.checkup import Report, examine
from relay.doctor.inside.make import inside_of_environment
from relay.doctor.inside.subject import Inside
from relay.doctor.table import inside_checks
from relay.model.values import iso
from relay.signed import receipt_keys
from relay.store.sqlite.store import SqliteStore
from tests.pages.sign_in import visitor
from tests.support import entra_tokens, example_policy, github_tokens, road

PATIENCE: Final = 120.0  # seconds: a busy machine is no fault of the relay
API: Final = "https://api.github.com"
REPOSITORY: Final = f"{API}/repos/octo/api"
WEB: Final = f"{API}/repos/octo/web"
WORKFLOWS: Final = f"{REPOSITORY}/contents/.github/workflows"
CHANNEL: Final = '[channels.releases]\nkind = "slack"\nplace = "C111"\n'
POLICY: Final = f"""
{CHANNEL}
{example_policy.WHO}
[[rule]]
repository = "octo/api"
event_types = ["deploy-api"]
{example_policy.stage("release", "group:owners")}
"""
TYPES: Final = "on:\n  repository_dispatch:\n    types: [deploy-api]\njobs: {}\n"
EXPIRY: Final = "github-authentication-token-expiration"
TOKENS: Final = f"{entra_tokens.AUTHORITY}/{entra_tokens.TENANT}/oauth2/v2.0/token"
AUTHORIZE: Final = re.compile(rf"{entra_tokens.AUTHORITY}/{entra_tokens.TENANT}/oauth2/v2.0/authorize\?.*")
GITHUB_CODE: Final = "https://github.com/login/oauth/access_token"
SLACK: Final = "https://slack.com/api"
OPENID: Final = "https://login.botframework.com/v1/.well-known/openidconfiguration"
BOT_KEYS: Final = "https://login.botframework.com/v1/.well-known/keys"
BOT: Final = "0d6c1f3e-9999-4333-8444-555566667777"
GUID: Final = "11111111-2222-4333-8444-555555555555"
EVERYTHING: Final = {
    "RELAY_SIGN_IN": "entra,github",
    "RELAY_ENTRA_SIGN_IN_CLIENT_ID": visitor.CLIENT,
    "RELAY_ENTRA_SIGN_IN_CLIENT_SECRET": visitor.SECRET,
    "RELAY_GITHUB_SIGN_IN_CLIENT_ID": "Iv1.made-up",
    "RELAY_GITHUB_SIGN_IN_CLIENT_SECRET": visitor.SECRET,
    "RELAY_TEAMS_APP_ID": BOT,
    "RELAY_TEAMS_APP_PASSWORD": "the-value-of-a-secret",
    "RELAY_TEAMS_TENANT_ID": entra_tokens.TENANT,
    "RELAY_SLACK_SIGNING_SECRET": "8f742231b10e8888abcd99yyyzzz85a5",
    "RELAY_SLACK_BOT_TOKEN": "xoxb-made-up",
    "RELAY_SLACK_TEAMS": "T111",
}
"""The settings of every part that a relay may do without."""
APP: Final = {
    "RELAY_GITHUB_TOKEN": "",
    "RELAY_GITHUB_APP_CLIENT_ID": "Iv23liExample",
    "RELAY_GITHUB_APP_PRIVATE_KEY": entra_tokens.PEM,
}
PERMISSIONS: Final = {"metadata": "read", "contents": "write", "actions": "write", "deployments": "write"}
Answers = Mapping[tuple[str, Any], Mapping[str, Any]]


def content(text: str) -> dict[str, Any]:
    """Return a file as GitHub's contents API answers it."""
    return {"json": {"name": "x.yml", "content": base64.encodebytes(text.encode()).decode(), "encoding": "base64"}}


def date(*, ahead: float = 0) -> str:
    """Return the Date of an answer from a machine whose clock is ahead."""
    return format_datetime(datetime.fromtimestamp(time.time() + ahead, UTC), usegmt=True)


def sound() -> Answers:
    """Return the answers of a web on which everything is right."""
    users = {
        ("GET", f"{API}/users/{name}"): {"json": {"login": name, "id": number}}
        for name, number in example_policy.IDS.items()
    }
    return {
        ("GET", f"{API}/rate_limit"): rate_limit(),
        ("POST", f"{REPOSITORY}/dispatches"): {"status_code": 422, "json": {"message": "Invalid request."}},
        ("GET", REPOSITORY): {"json": {"full_name": "octo/api", "default_branch": "main"}},
        ("GET", WORKFLOWS): {"json": [{"name": "release.yml"}, {"name": "README.md"}]},
        ("GET", f"{WORKFLOWS}/release.yml"): content(TYPES),
        ("GET", entra_tokens.JWKS_URL): {"json": entra_tokens.jwks()},
        ("GET", github_tokens.JWKS_URL): {"json": github_tokens.jwks()},
        ("GET", f"{road.ORIGIN}/api/keys"): {"json": receipt_keys.jwks([receipt_keys.parse_key(road.RECEIPT_KEY)])},
        **users,
        ("POST", TOKENS): refused_code("AADSTS70008"),
        ("GET", AUTHORIZE): {"status_code": 302, "headers": {"location": f"{road.ORIGIN}/api/sign-in/callback"}},
        ("POST", GITHUB_CODE): {"json": {"error": "bad_verification_code"}},
        ("GET", OPENID): {"json": {"issuer": "https://api.botframework.com", "jwks_uri": BOT_KEYS}},
        ("GET", BOT_KEYS): {"json": entra_tokens.jwks(entra_tokens.jwk(endorsements=["msteams"]))},
        ("POST", f"{SLACK}/auth.test"): {
            "json": {"ok": True, "team_id": "T111"},
            "headers": {"x-oauth-scopes": "chat:write,chat:write.public,commands"},
        },
        ("POST", f"{SLACK}/conversations.info"): {"json": {"ok": True, "channel": {"id": "C111", "is_member": True}}},
        ("POST", f"{SLACK}/users.info"): {"json": {"ok": True, "user": {"id": "U111", "deleted": False}}},
        ("GET", f"{API}/app"): {"json": {"id": 7, "permissions": PERMISSIONS}, "headers": {"date": date()}},
        ("GET", f"{REPOSITORY}/installation"): {"json": {"id": 42, "suspended_at": None, "permissions": PERMISSIONS}},
        ("GET", WEB): {"json": {"full_name": "octo/web", "default_branch": "main"}},
        ("GET", f"{WEB}/contents/.github/workflows"): {"json": []},
        ("GET", f"{WEB}/installation"): {"json": {"id": 42, "suspended_at": None, "permissions": PERMISSIONS}},
        ("POST", f"{API}/app/installations/42/access_tokens"): {
            "status_code": 201,
            "json": {"token": "ghs_made_up", "expires_at": iso(time.time() + 3_600)},
        },
    }


def refused_code(code: str) -> Mapping[str, Any]:
    """Return Microsoft Entra's refusal, by the number of its reason."""
    return {"status_code": 400, "json": {"error": "invalid_grant", "error_description": f"{code}: ..."}}


def environ(folder: Path, **changes: str) -> dict[str, str]:
    """Return the environment of a relay whose store is there and whose timer has run."""
    store = SqliteStore(f"{folder}/relay.db", time.time)
    store.mark_round(time.time())
    store.close()
    return road.environ(folder) | {"RELAY_POLICY": POLICY} | changes


class _Date(NamedTuple):
    """The date of an answer: at the time of the answer, and not when a table of answers is made."""

    ahead: float

    def now(self) -> str:
        return date(ahead=self.ahead)


def rate_limit(
    *, remaining: int = 4_999, expires: str = "2999-01-31 12:00:00 UTC", ahead: float = 0
) -> Mapping[str, Any]:
    """Return GitHub's answer about a token."""
    limits = {"resources": {"core": {"limit": 5_000, "remaining": remaining}}}
    return {"json": limits, "headers": {EXPIRY: expires, "date": _Date(ahead)}}


def answering(httpx_mock: HTTPXMock, *spoilt: Answers) -> None:
    """Let the web answer, with some answers spoilt."""
    answers = dict(sound())
    for each in spoilt:
        answers |= each
    for (method, url), given in answers.items():
        headers = {
            name: each.now() if isinstance(each, _Date) else each for name, each in given.get("headers", {}).items()
        }
        answer = {**given, "headers": headers} if headers else given
        add = httpx_mock.add_exception if "exception" in answer else httpx_mock.add_response
        add(method=method, url=url, is_optional=True, is_reusable=True, **answer)


def subject(folder: Path, **changes: str) -> Inside:
    """Return the subject of an environment with changes."""
    return inside_of_environment(environ(folder, **changes), seconds=PATIENCE)


def examined(inside: Inside) -> Report:
    """Return the whole report of a subject."""
    return examine(inside_checks(), inside, clock=time.time, wrong=inside.problems, seconds=PATIENCE)


def found(report: Report, name: str) -> list[tuple[str, str, str]]:
    """Return status, detail and cure of each finding of a check; a left out one has the reason for detail."""
    findings = [(each.status, each.detail, each.cure) for named, each in report.findings if named == name]
    return findings + [("left out", each.because, "") for named, each in report.left_out if named == name]


def statuses(report: Report) -> dict[str, list[str]]:
    """Return the statuses of each check."""
    names = dict.fromkeys([*(name for name, _ in report.findings), *(name for name, _ in report.left_out)])
    return {name: [status for status, _, _ in found(report, name)] for name in names}


def as_json(report: Report) -> Any:
    """Return the report as it crosses the network."""
    return json.loads(json.dumps(report.as_json()))
