"""Relay of its real parts: settings, policy, SQLite file and tokens. GitHub and the key server are pytest-httpx."""

import json
import os
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pytest_httpx import HTTPXMock

from relay import app
from relay.api.register import Registration
from relay.api.status import RequestStatus
from relay.app import Relay, build, read_all
from relay.chats.shared import message_card_limits as limits
from relay.model import ApprovalRequest, Case, Delivery, Reply
from relay.outbox.operator import Outbox
from relay.outbox.pay import Payer
from relay.outbox.supersede import Supersession
from relay.outbox.timer import TimerRun
from relay.press import Presses
from relay.signed import receipts, tickets
from relay.signed.request import read_form
from tests.support import entra_tokens, example_policy, github_tokens

ROOT: Final = Path(__file__).parents[2]
ORIGIN: Final = "https://relay.example"
MASTER: Final = tickets.TicketKey("k1", bytes(range(32)))
API_KEY: Final = "0123456789abcdef0123456789abcdef"
FOREIGN_KEY: Final = "foreign-0123456789abcdef01234567"
OPERATOR_KEY: Final = "operator-0123456789abcdef0123456"
RECEIPT_KEY: Final = receipts.format_key(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
DISPATCHES: Final = "https://api.github.com/repos/octo/api/dispatches"
SITE_DISPATCHES: Final = "https://api.github.com/repos/octo/site/dispatches"
LIVE: Final = ("counted", "already-counted", "confirm")  # the outcomes whose card has buttons
DECIDED: Final = (
    "already-approved",
    "already-rejected",
    "superseded",
    "cancelled",
    "expired",
    "released",
    "approved-retrying",
    "approved-refused",
    "rejected",
)


def environ(tmp_path: Path, **changes: str) -> dict[str, str]:
    return {
        "RELAY_PUBLIC_URL": ORIGIN,
        "RELAY_TICKET_KEYS": tickets.format_key(MASTER),
        "RELAY_RECEIPT_KEYS": RECEIPT_KEY,
        "RELAY_POLICY": example_policy.POLICY,
        "RELAY_STORE": f"sqlite:///{tmp_path}/relay.db",
        "RELAY_GITHUB_TOKEN": "github_pat_made_up",
        "RELAY_ENTRA_TENANTS": entra_tokens.TENANT,
        "RELAY_CARD_AUDIENCE": entra_tokens.AUDIENCE,
        "RELAY_API_KEYS": f"ci:{API_KEY}:octo/*,other:{FOREIGN_KEY}:hexa/*,ops:{OPERATOR_KEY}:operator",
    } | changes


def encoded(form: Mapping[str, Any]) -> bytes:
    """Return the body of a form."""
    return json.dumps(form).encode()


def offline(environment: str = "production", **fields: Any) -> ApprovalRequest:
    """Return a request as an offline workflow makes it, issued now unless `issued_at` is given."""
    form: dict[str, Any] = {"repository": "octo/api", "event_type": "deploy-api", "title": "Deploy api", **fields}
    if environment:
        form["environment"] = environment
    issued_at, nonce = form.pop("issued_at", int(time.time())), form.pop("nonce", "n" * 22)
    return read_form(form, issued_at=issued_at, nonce=nonce, lifetime=86_400)


def ticket(request: ApprovalRequest, *, key: tickets.TicketKey = MASTER, origin: str = ORIGIN) -> str:
    return tickets.sign(request, key, origin, self_contained=True)


def claims(person: str, **changes: Any) -> dict[str, object]:
    """Return the claims of a token made now for a person of the policy, or for an object id."""
    now = int(time.time())
    entra = entra_tokens.v2_claims() | {
        "iat": now,
        "nbf": now,
        "exp": now + 3_600,
        "oid": example_policy.PEOPLE.get(person, person),
    }
    changed = entra | {"name": example_policy.NAMES.get(person, "Somebody")} | changes
    return {name: value for name, value in changed.items() if value is not None}


def bearer(person: str, **changes: Any) -> str:
    return f"Bearer {entra_tokens.token(claims(person, **changes))}"


def headers(person: str, verdict: str, ticket_text: str, **changes: Any) -> dict[str, str]:
    return {
        "authorization": bearer(person, **changes),
        "relay-ticket": ticket_text,
        "relay-verdict": verdict,
        "content-type": "application/json",
    }


@dataclass
class Click:
    """Press of a button as it arrives, for a test to spoil."""

    headers: dict[str, str]
    body: bytes = b""


def click(person: str = "ada", verdict: str = "approve", request: ApprovalRequest | None = None) -> Click:
    return Click(headers(person, verdict, ticket(request or offline())), b'{"comment": ""}')


@dataclass
class Road:
    """Relay as people and workflows use it. Its clock is `ahead` seconds ahead of the real one."""

    world: Relay
    path: Path
    ahead: float = field(default=0.0)

    def now(self) -> float:
        return time.time() + self.ahead

    def payer(self) -> Payer:
        return replace(self.world.payer, clock=self.now)

    def supersession(self) -> Supersession:
        return replace(self.world.supersession, clock=self.now)

    def presses(self) -> Presses:
        return replace(self.world.presses, clock=self.now, payer=self.payer(), supersession=self.supersession())

    def registration(self) -> Registration:
        return replace(self.world.registration(), clock=self.now, payer=self.payer(), supersession=self.supersession())

    def request_status(self) -> RequestStatus:
        return replace(self.world.request_status(), clock=self.now, payer=self.payer())

    def timer(self) -> TimerRun:
        return replace(self.world.round(), clock=self.now, payer=self.payer())

    def round(self) -> int:
        """Run the timer once, and return how many debts it tried."""
        return self.timer().run()

    def outbox(self) -> Outbox:
        return replace(self.world.outbox(), clock=self.now)

    def send(self, headers: Mapping[str, str], body: bytes = b"", *, late: float = 0) -> Reply:
        """Deliver a click that arrived `late` seconds ago, and check the answer against the contract."""
        delivery = Delivery("messagecard", headers, body, self.now() - late)
        reply = self.presses().answer(self.world.channels["messagecard"], delivery)
        check(reply)
        return reply

    def press(self, person: str, verdict: str, ticket_text: str, comment: str | None = None) -> Reply:
        body = b"" if comment is None else json.dumps({"comment": comment}, ensure_ascii=False).encode()
        at = int(self.now())
        return self.send(headers(person, verdict, ticket_text, iat=at, nbf=at, exp=at + 3_600), body)

    def ask(self, form: Mapping[str, Any], **headers: str) -> Reply:
        return self.post(json.dumps(form).encode(), **headers)

    def post(self, body: bytes, **headers: str) -> Reply:
        given = {"x-relay-key": API_KEY, "content-type": "application/json"} | {
            name.replace("_", "-"): value for name, value in headers.items()
        }
        return self.registration().register(Delivery("", given, body, self.now()))

    def get(self, case_id: str, **headers: str) -> Reply:
        return self.request_status().show(self._delivery(headers), case_id)

    def end(self, case_id: str, **headers: str) -> Reply:
        return self.request_status().cancel(self._delivery(headers), case_id)

    def _delivery(self, headers: Mapping[str, str]) -> Delivery:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return Delivery("", given, b"", self.now())

    def show(self, case_id: str, key: str = API_KEY) -> Reply:
        delivery = Delivery("", {"x-relay-key": key}, b"", self.now())
        return self.request_status().show(delivery, case_id)

    def cancel(self, case_id: str, key: str = API_KEY) -> Reply:
        delivery = Delivery("", {"x-relay-key": key}, b"", self.now())
        return self.request_status().cancel(delivery, case_id)

    def redeem(self, body: Mapping[str, Any], **headers: str) -> Reply:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        redeeming = replace(self.world.redemption(), clock=self.now)
        return redeeming.redeem(Delivery("", given, json.dumps(body).encode(), self.now()))

    def check_receipt(self, body: bytes) -> Reply:
        return replace(self.world.receipts_check(), clock=self.now).check(Delivery("", {}, body, self.now()))

    def run(self, body: bytes) -> Reply:
        plain = replace(self.world.plain(), clock=self.now, payer=self.payer())
        reply = plain.run(Delivery("", {}, body, self.now()))
        check_status(reply)
        return reply

    def case(self, case_id: str) -> Case:
        case = self.world.store.load(case_id)
        assert case is not None
        return case

    def recorded(self) -> dict[str, int]:
        """Return how many rows each table of the store has, leaving out its birth."""
        self.world.store.born_at()
        with closing(sqlite3.connect(self.path / "relay.db")) as connection:
            return {
                table: connection.execute(f"SELECT count(*) FROM {table}").fetchone()[0]  # noqa: S608 - our own names
                for table in ("cases", "due", "claims", "pending", "lives")
            }


NOTHING: Final = {"cases": 0, "due": 0, "claims": 0, "pending": 0, "lives": 0}


@contextmanager
def set_up(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Give this process the environment of a relay, and remove the relay afterwards."""
    for name in [name for name in os.environ if name.startswith("RELAY_")]:
        monkeypatch.delenv(name)
    for name, value in environ(tmp_path).items():
        monkeypatch.setenv(name, value)
    app._relay.cache_clear()
    try:
        yield
    finally:
        if app._relay.cache_info().currsize:
            app.relay().store.close()
        app._relay.cache_clear()


@contextmanager
def made(tmp_path: Path, httpx_mock: HTTPXMock, **changes: str) -> Iterator[Road]:
    """Yield a road. Its key server answers, and the test registers the answers of GitHub."""
    httpx_mock.add_response(url=entra_tokens.JWKS_URL, json=entra_tokens.jwks(), is_optional=True, is_reusable=True)
    httpx_mock.add_response(url=github_tokens.JWKS_URL, json=github_tokens.jwks(), is_optional=True, is_reusable=True)
    world = build(*read_all(environ(tmp_path, **changes)))
    try:
        yield Road(world, tmp_path)
    finally:
        world.close()


def dispatched(httpx_mock: HTTPXMock) -> list[dict[str, Any]]:
    """Return the dispatches that GitHub was sent, in order."""
    sent = httpx_mock.get_requests(method="POST")
    return [json.loads(request.content) for request in sent if request.url.path.endswith("/dispatches")]


def outcome(reply: Reply) -> tuple[int, str]:
    return reply.status, reply.headers["Relay-Outcome"]


def said(reply: Reply) -> Any:
    """Return the body of an answer."""
    return json.loads(reply.body)


def check(reply: Reply) -> None:
    """Check an answer to a click against the contract."""
    code = check_status(reply)
    body = said(reply)
    if reply.status == 200:
        assert "true" == reply.headers["CARD-UPDATE-IN-BODY"]
        assert code in LIVE + DECIDED
        assert () == limits.check(body)
        assert (code in LIVE) == bool(pressable(body))
    else:
        assert "CARD-UPDATE-IN-BODY" not in reply.headers
        assert {"error": code, "message": reply.headers["CARD-ACTION-STATUS"]} == body
    assert "Traceback" not in reply.body.decode()


def check_status(reply: Reply) -> str:
    """Check the headers for the chat against the contract, and return the outcome code."""
    sentence = reply.headers["CARD-ACTION-STATUS"]
    assert sentence.isascii()
    assert sentence.isprintable()
    assert 0 < len(sentence) < 200
    return reply.headers["Relay-Outcome"]


def pressable(card: Mapping[str, Any]) -> dict[str, str]:
    """Return the tickets of a card's buttons by their verdict."""
    found = {}
    for action in card.get("potentialAction", ()):
        for button in action.get("actions", ()):
            values = {header["name"]: header["value"] for header in button["headers"]}
            found[values["Relay-Verdict"]] = values["Relay-Ticket"]
    return found
