"""Relay of its real parts: settings, policy, SQLite file and tokens. GitHub and the key server are pytest-httpx."""

import json
import sqlite3
import time
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from pytest_httpx import HTTPXMock

from relay.api.register import Registration
from relay.api.run_news import RunNews
from relay.api.status import RequestStatus
from relay.api.webhooks import Webhooks
from relay.app import Relay, build, read_all
from relay.commands.road import Commands
from relay.model.case import Case
from relay.model.delivery import Delivery, Reply
from relay.model.request import ApprovalRequest
from relay.outbox.new_case import NewCases
from relay.outbox.operator import Outbox
from relay.outbox.pay import Payer
from relay.outbox.supersede import Supersession
from relay.outbox.timer import TimerRun
from relay.press import Presses
from relay.signed import receipt_keys, tickets
from relay.signed.request import read_form
from tests.support import entra_tokens, example_policy, github_tokens, github_webhooks
from tests.support.click_answers import check, check_status
from tests.support.clicks import headers

ROOT: Final = Path(__file__).parents[2]
ORIGIN: Final = "https://relay.example"
MASTER: Final = tickets.TicketKey("k1", bytes(range(32)))
API_KEY: Final = "0123456789abcdef0123456789abcdef"
FOREIGN_KEY: Final = "foreign-0123456789abcdef01234567"
OPERATOR_KEY: Final = "operator-0123456789abcdef0123456"
RECEIPT_KEY: Final = receipt_keys.format_key(Ed25519PrivateKey.from_private_bytes(bytes(range(32))))
DISPATCHES: Final = "https://api.github.com/repos/octo/api/dispatches"
SITE_DISPATCHES: Final = "https://api.github.com/repos/octo/site/dispatches"


def environ(tmp_path: Path, **changes: str) -> dict[str, str]:
    return {
        "RELAY_PUBLIC_URL": ORIGIN,
        "RELAY_TICKET_KEYS": tickets.format_key(MASTER),
        "RELAY_RECEIPT_KEYS": RECEIPT_KEY,
        "RELAY_POLICY": example_policy.POLICY,
        "RELAY_STORE": f"sqlite:///{tmp_path}/relay.db",
        "RELAY_GITHUB_TOKEN": "github_pat_made_up",
        "RELAY_GITHUB_WEBHOOK_SECRET": f"{github_webhooks.SECRET},another secret of the app",
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
    deliveries: int = field(default=0)

    def now(self) -> float:
        return time.time() + self.ahead

    def payer(self) -> Payer:
        return replace(self.world.payer, clock=self.now)

    def supersession(self) -> Supersession:
        return replace(self.world.supersession, clock=self.now)

    def presses(self) -> Presses:
        payer, supersession = self.payer(), self.supersession()
        return replace(
            self.world.presses, clock=self.now, payer=payer, supersession=supersession, commands=self.commands
        )

    def new_cases(self) -> NewCases:
        payer, supersession = self.payer(), self.supersession()
        return replace(self.world.new_cases(), clock=self.now, payer=payer, supersession=supersession)

    def commands(self) -> Commands:
        return replace(self.world.commands(), clock=self.now, new_cases=self.new_cases())

    def registration(self) -> Registration:
        cases, supersession = self.new_cases(), self.supersession()
        return replace(self.world.registration(), clock=self.now, new_cases=cases, supersession=supersession)

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
        given = {"x_relay_key": API_KEY, "content_type": "application/json", **headers}
        return self.registration().register(self._delivery(given, body))

    def get(self, case_id: str, **headers: str) -> Reply:
        return self.request_status().show(self._delivery(headers), case_id)

    def end(self, case_id: str, **headers: str) -> Reply:
        return self.request_status().cancel(self._delivery(headers), case_id)

    def report(self, case_id: str, body: Mapping[str, Any] | bytes, **headers: str) -> Reply:
        """Report about a request, with the key of its repository unless a header says otherwise."""
        proof = {} if "authorization" in headers else {"x_relay_key": API_KEY}
        content = body if isinstance(body, bytes) else encoded(body)
        reports = replace(self.world.reports(), requests=self.request_status())
        return reports.report(self._delivery({**proof, **headers}, content), case_id)

    def webhook(self, payload: Mapping[str, Any] | bytes, headers: Mapping[str, str] | None = None) -> Reply:
        """Deliver an event of GitHub: as it signs it, if no headers are given, each under an id of its own."""
        body = payload if isinstance(payload, bytes) else encoded(payload)
        self.deliveries += 1
        given = github_webhooks.headers(body, delivery=f"delivery-{self.deliveries}") if headers is None else headers
        return self.webhooks().take(Delivery("github", given, body, self.now()))

    def webhooks(self) -> Webhooks:
        made = self.world.webhooks()
        reader = RunNews(self.world.store, self.payer(), self.world.settings.github_url, self.now)
        gates = self.world.gates()
        readers = {**made.readers, "workflow_run": lambda event: reader.take(event) | gates.hear(event)}
        return replace(made, clock=self.now, readers=readers)

    def _delivery(self, headers: Mapping[str, str], body: bytes = b"") -> Delivery:
        given = {name.replace("_", "-"): value for name, value in headers.items()}
        return Delivery("", given, body, self.now())

    def show(self, case_id: str, key: str = API_KEY) -> Reply:
        return self.get(case_id, x_relay_key=key)

    def cancel(self, case_id: str, key: str = API_KEY) -> Reply:
        return self.end(case_id, x_relay_key=key)

    def redeem(self, body: Mapping[str, Any], **headers: str) -> Reply:
        return replace(self.world.redemption(), clock=self.now).redeem(self._delivery(headers, encoded(body)))

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
