"""Calls of a stranger who writes a canary into every field that they can fill, through every route."""

import base64
import hashlib
import hmac
import json
import time
from typing import Any, Final
from urllib.parse import urlencode

from tests.pages.browsing import FORM as URLENCODED
from tests.pages.browsing import principal
from tests.pages.operator.asking import ASKER, FORM, KEY
from tests.support import clicks, example_policy, gates
from tests.support.functions import Answer, call
from tests.support.road import ORIGIN

CANARY: Final = "canary_tweets"  # of the letters that names of fields, ids and codes are made of
DIGITS: Final = "424242424242424242"
SECRET: Final = "slack-signing-secret"
WEBHOOKS: Final = "webhook-secret-of-sixteen"
COMMAND: Final = example_policy.command(
    "deploy",
    "deploy {{app...}}",
    who=["group:owners", "group:qa"],
    repository="octo/api",
    event_type="deploy-api",
    environment="staging",
    title="{{app}}",
    approve=True,
)
TOLD: Final = f"""
[channels.events]
kind = "webhook"
[[notify]]
on = ["requested", "reviewed", "approved", "undelivered", "failing", "run_complete"]
to = ["events"]
{COMMAND}{gates.RULES}{example_policy.rule("staging", example_policy.RELEASE, requests=["command"])}"""
SENT: Final = {"user-agent": CANARY, "x-forwarded-for": CANARY, "x-request-id": CANARY, "traceparent": CANARY}
ANY: Final[dict[str, Any]] = {
    "title": CANARY,
    "text": CANARY,
    "summary": CANARY,
    "theme_color": "0078d7",
    "facts": [{"name": CANARY, "value": CANARY}],
    "links": [{"name": CANARY, "url": f"https://{CANARY.replace('_', '-')}.example/{CANARY}"}],
    "client_payload": {CANARY: CANARY},
    "sections": [{"title": CANARY, "text": CANARY}],
    "ref": f"refs/heads/{CANARY}",
    "requested_by": "octocat",
    "run_url": f"https://github.com/{CANARY}",
    "approve_label": CANARY,
    "reject_label": CANARY,
    "confirm": CANARY,
}


def post(path: str, body: object, headers: dict[str, str] | None = None) -> Answer:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode()
    return call("POST", f"/api/{path}", SENT | (headers or {}), sent)


def slack(path: str, form: dict[str, str]) -> Answer:
    body, at = urlencode(form).encode(), str(int(time.time()))
    mac = hmac.digest(SECRET.encode(), f"v0:{at}:".encode() + body, hashlib.sha256).hex()
    signed = {"x-slack-request-timestamp": at, "x-slack-signature": f"v0={mac}", "content-type": URLENCODED}
    return post(path, body, signed)


def webhook(name: str, body: object) -> Answer:
    sent = json.dumps(body).encode()
    mac = hmac.digest(WEBHOOKS.encode(), sent, hashlib.sha256).hex()
    headers = {
        "x-hub-signature-256": f"sha256={mac}",
        "x-github-event": name,
        "x-github-delivery": CANARY.replace("_", "-"),
    }
    return post("webhooks/github", sent, headers | {"content-type": "application/json"})


def ask(**fields: Any) -> Answer:
    return post("requests", FORM | ANY | fields, ASKER | {"idempotency-key": CANARY})


def press_everything(ticket: str) -> None:
    outlook = clicks.headers("ada", "approve", ticket)
    for spoilt in (
        outlook | {"relay-ticket": CANARY},
        outlook | {"relay-verdict": CANARY},
        outlook | {"authorization": f"Bearer {CANARY}"},
        outlook | {"authorization": clicks.bearer("ada", name=CANARY, preferred_username=CANARY, aud=CANARY)},
        outlook | {"authorization": clicks.bearer("ada", tid=CANARY)},
        outlook | {"relay-card": CANARY},
        {},
    ):
        post("interactions/messagecard", {"comment": CANARY, CANARY: CANARY}, spoilt)
    post("interactions/messagecard", f'{{"comment": "{CANARY}" {CANARY}'.encode(), outlook)
    lin = clicks.headers("lin", "approve", ticket, name=CANARY, ipaddr=CANARY)
    post("interactions/messagecard", {"comment": CANARY}, lin)
    pressed: dict[str, Any] = {
        "type": "block_actions",
        "user": {"id": "U333", "team_id": "T111", "username": CANARY, "name": CANARY},
        "team": {"id": "T111", "domain": CANARY},
        "response_url": f"https://hooks.slack.com/actions/{CANARY}",
        "message": {"text": CANARY, "ts": CANARY},
        "channel": {"id": CANARY, "name": CANARY},
        "actions": [{"action_id": "approve", "value": ticket, "text": {"text": CANARY}}],
        "state": {"values": {CANARY: {"comment": {"value": CANARY}}}},
    }
    changes: list[dict[str, Any]] = [
        {},
        {"actions": [{"action_id": CANARY, "value": CANARY}]},
        {"actions": [{"action_id": "approve", "value": CANARY}]},
        {"user": {"id": CANARY, "team_id": "T111"}},
        {"user": {"id": "U333", "team_id": CANARY}},
        {"type": CANARY},
        {"state": CANARY},
    ]
    for change in changes:
        slack("interactions/slack", {"payload": json.dumps(pressed | change)})
    slack("interactions/slack", {"payload": CANARY, CANARY: CANARY})
    slack("interactions/slack", {"command": CANARY})
    post("interactions/slack", CANARY.encode())
    bearers: list[dict[str, str]] = [
        {},
        {"authorization": f"Bearer {CANARY}"},
        {"authorization": outlook["authorization"]},
    ]
    for bearer in bearers:
        post("interactions/teams", {"type": CANARY, "text": CANARY, "from": {"name": CANARY}}, bearer)


def ask_everything(id_: str) -> None:
    ask(repository=CANARY)
    ask(repository=f"{CANARY}/{CANARY}")
    ask(event_type=CANARY)
    ask(environment=CANARY, event_type=CANARY)
    ask(reject_event_type=CANARY)
    ask(expires_in=CANARY)
    stated = ("requested_by", "requested_by_also", "requested_by_id", "sha", "ref", "environment", "require_comment")
    for name in stated:
        ask(**{name: CANARY})
    part = base64.urlsafe_b64encode(json.dumps({"kid": CANARY, "alg": "RS256", "iss": CANARY}).encode()).decode()
    post("requests", FORM | ANY, {"authorization": f"Bearer {part}.{part}.{CANARY}"})
    ask(channels=[CANARY])
    ask(approvers=[CANARY])
    ask(**{CANARY: CANARY})
    post("requests", CANARY.encode(), ASKER)
    post("requests", f"{CANARY}={CANARY}".encode(), ASKER | {"content-type": URLENCODED})
    post("requests", FORM | ANY, {"x-relay-key": CANARY})
    post("requests", FORM | ANY, {"authorization": f"Bearer {CANARY}"})
    for name in (id_, CANARY):
        post(
            f"requests/{name}/report", {"state": "success", "text": CANARY, "url": f"https://x.example/{CANARY}"}, ASKER
        )
        post(f"requests/{name}/report", {"state": CANARY, CANARY: CANARY}, ASKER)
        post(f"requests/{name}/cancel?{CANARY}={CANARY}", {CANARY: CANARY}, ASKER)
    for path in ("receipts/check", "receipts/redeem"):
        post(path, {"receipt": CANARY}, ASKER)
        post(path, {"receipt": f"{CANARY}.{CANARY}.{CANARY}", CANARY: CANARY}, ASKER)
        post(path, {"receipt": "x", "run_id": CANARY}, ASKER)
        post(path, CANARY.encode(), ASKER)
    for body in (
        {"event_type": CANARY, "client_payload": {CANARY: CANARY}},
        {"event_type": "publish", "client_payload": {"repository": {"owner": CANARY, "name": CANARY}}},
        {"event_type": "publish", CANARY: CANARY},
        {CANARY: CANARY},
    ):
        post("actions/run", body)


def browse_everything(id_: str) -> None:
    browser = principal("ada") | {"cookie": f"{CANARY}={CANARY}; __Host-relay-ticket-{id_}={CANARY}"}
    own = browser | {"origin": ORIGIN, "sec-fetch-site": "same-origin", "content-type": URLENCODED}
    form = urlencode({"token": CANARY, "decision": "approve", "comment": CANARY, "ticket": CANARY}).encode()
    for headers in (own, browser | {"origin": f"https://{CANARY}", "content-type": URLENCODED}, {}):
        for name in (id_, CANARY):
            post(f"review/{name}", form, headers)
            post(f"review/{name}", urlencode({CANARY: CANARY}).encode(), headers)
    for path in (
        f"review/{CANARY}",
        f"review/{id_}?ticket={CANARY}&look={CANARY}",
        f"sign-in?to={CANARY}&provider={CANARY}",
    ):
        call("GET", f"/api/{path}", SENT | browser)
    call("GET", f"/api/sign-in/callback?state={CANARY}&code={CANARY}&error={CANARY}", SENT)
    for headers in (KEY, own, {}, {"x-relay-key": CANARY}):
        post(f"outbox/{CANARY}/replay?card={CANARY}", {"cause": CANARY}, headers)
        post(f"outbox/{CANARY}/drop", {CANARY: CANARY}, headers)
        post("outbox/replay", {"cause": CANARY}, headers)
        call("GET", f"/api/messages?person={CANARY}&cursor={CANARY}&since={CANARY}", SENT | headers)
        call("GET", f"/api/messages/{CANARY}", SENT | headers)
        call("GET", f"/api/messages?channel={CANARY}", SENT | headers)
        call("GET", f"/api/audit?since={CANARY}", SENT | headers)
        post(f"doctor?{CANARY}={CANARY}", {CANARY: CANARY}, headers)


def command_everything() -> None:
    said = {"command": "/relay", "text": f"deploy {CANARY}", "team_id": "T111", "user_id": "U333"}
    said |= {"user_name": CANARY, "channel_name": CANARY, "response_url": f"https://hooks.slack.com/{CANARY}"}
    changes: list[dict[str, str]] = [{}, {"team_id": CANARY}, {"user_id": CANARY}, {CANARY: CANARY}]
    for change in changes:
        slack("commands/slack", said | change)
    post("commands/slack", CANARY.encode())
    post("commands/teams", {"text": CANARY, "from": {"name": CANARY}}, {"authorization": f"HMAC {CANARY}"})
    post(f"commands/{CANARY}", CANARY.encode())
    told = {"action": CANARY, "repository": {"full_name": f"octo/{CANARY}"}, "workflow_run": {"name": CANARY}}
    for name in ("ping", "workflow_run", "deployment_protection_rule", CANARY):
        webhook(name, told)
    waits = gates.event(ref=f"refs/heads/{CANARY}", sender={"login": CANARY, "id": 4242, "type": "User"})
    webhook("deployment_protection_rule", waits)
    webhook("deployment_protection_rule", gates.event(environment=CANARY, deployment_callback_url=CANARY))
    post("webhooks/github", CANARY.encode(), {"x-hub-signature-256": CANARY, "x-github-event": CANARY})
