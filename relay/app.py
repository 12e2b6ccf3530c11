"""The running relay: made of settings and adapters on first use, so that importing the functions never fails."""

import os
import random
import secrets
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from threading import Event, Lock
from typing import TYPE_CHECKING, Final

from relay.approval.deciders import Ways
from relay.approval.policy import DAY, Policy
from relay.chats.contract import Clicks, Entra, Posting, Setup
from relay.chats.conversations import Conversations
from relay.chats.posting import Cards
from relay.chats.table import CHATS, Made, kinds, redraws
from relay.github.api import GitHubApi
from relay.github.credential import CredentialCheck
from relay.github.dispatch import Dispatches
from relay.identity.key_sets import KeySets
from relay.net import client as http_client
from relay.outbox.pay import Payer
from relay.outbox.supersede import Supersession
from relay.policy_toml import parse
from relay.press import Presses
from relay.settings import (
    APP_SERVICE,
    DEFAULT_POLICY,
    ENTRA,
    GITHUB,
    NOT_ENABLED,
    Settings,
    SettingsError,
    is_policy_text,
    read_store,
    sqlite_path,
)
from relay.signed.receipts import jwks
from relay.store.tables.account import Storage

if TYPE_CHECKING:
    from relay.api.plain import Plain
    from relay.api.proofs import Proofs
    from relay.api.receipts_check import ReceiptsCheck
    from relay.api.redeem import Redemption
    from relay.api.register import Registration
    from relay.api.status import RequestStatus
    from relay.outbox.operator import Outbox
    from relay.outbox.timer import TimerRun
    from relay.pages.entrance import Entrance
    from relay.pages.review import Review
    from relay.pages.sign_in.provider import Provider
    from relay.pages.sign_in.road import SignIn
    from relay.store.sqlite.store import SqliteStore
    from relay.store.tables.store import TableStore

    Store = SqliteStore | TableStore

_LOCK: Final = Lock()
_ENDING: Final = Event()  # set when this process is about to end


@dataclass(frozen=True, slots=True)
class Relay:
    """The relay, for the functions and the commands."""

    settings: Settings
    policy: Policy
    store: "Store"
    payer: Payer
    supersession: Supersession
    presses: Presses
    channels: Mapping[str, Clicks]
    cards: Cards
    key_set: dict[str, object]
    client: Callable[[], http_client.Client]
    github: CredentialCheck

    def close(self) -> None:
        """Close the store and the connections that are not in use; a process that ends need not."""
        self.store.close()
        self.client().close()

    def round(self) -> "TimerRun":
        """Return the timer's work."""
        from relay.outbox.timer import TimerRun  # noqa: PLC0415 - a cold press does not pay for it

        return TimerRun(
            store=self.store,
            payer=self.payer,
            policy=self.policy,
            keep=self.settings.keep_days * DAY,
            clock=time.time,
            nonce=_nonce,
            ending=_ENDING.is_set,
        )

    def outbox(self, by: str = "") -> "Outbox":
        """Return the operator's view of the debts; `by` names the operator in the log."""
        from relay.outbox.operator import Outbox  # noqa: PLC0415 - a cold press does not pay for it

        return Outbox(self.store, time.time, _nonce, by)

    def registration(self) -> "Registration":
        """Return the registering of requests."""
        from relay.api.register import Registration  # noqa: PLC0415 - a cold click does not pay for it

        return Registration(
            store=self.store,
            payer=self.payer,
            supersession=self.supersession,
            cards=self.cards,
            policy=self.policy,
            proofs=self.proofs(),
            ticket_keys=self.settings.ticket_keys,
            public_url=self.settings.public_url,
            github_url=self.settings.github_url,
            clock=time.time,
            nonce=_nonce,
            ways=self.ways(),
            has_page=self.entrance().is_open,
        )

    def request_status(self) -> "RequestStatus":
        """Return the state of requests for those who asked, and their cancelling."""
        from relay.api.status import RequestStatus  # noqa: PLC0415 - a cold click does not pay for it

        return RequestStatus(self.store, self.payer, self.policy, self.proofs(), time.time)

    def proofs(self) -> "Proofs":
        """Return the proofs that are accepted from programs."""
        from relay.api.proofs import Proofs  # noqa: PLC0415 - a cold click does not pay for it
        from relay.identity.github_oidc import profiles  # noqa: PLC0415 - as above

        issuers, audience = self.settings.github_oidc_issuers, self.settings.public_url
        return Proofs(self.settings.api_keys, profiles(issuers, audience), self.presses.key_sets, time.time)

    def redemption(self) -> "Redemption":
        """Return the redemption of receipts, by runs that an approval started."""
        from relay.api.redeem import Redemption  # noqa: PLC0415 - a cold click does not pay for it

        return Redemption(self.store, self.proofs(), self.key_set, self.settings.public_url, time.time, _nonce)

    def receipts_check(self) -> "ReceiptsCheck":
        """Return the answer to released workflows that ask whether they were overtaken."""
        from relay.api.receipts_check import ReceiptsCheck  # noqa: PLC0415 - a cold click does not pay for it

        return ReceiptsCheck(self.store, self.key_set, self.settings.public_url, time.time)

    def plain(self) -> "Plain":
        """Return the plain form."""
        from relay.api.plain import Plain  # noqa: PLC0415 - a cold press does not pay for it

        return Plain(store=self.store, payer=self.payer, policy=self.policy, clock=time.time, nonce=_nonce)

    def review(self) -> "Review":
        """Return the review page."""
        from relay.pages.review import Review  # noqa: PLC0415 - as above

        return Review(
            presses=self.presses,
            policy=self.policy,
            entrance=self.entrance(),
            ticket_keys=self.settings.ticket_keys,
            public_url=self.settings.public_url,
            clock=time.time,
        )

    def ways(self) -> Ways:
        """Return the identities that some chat or page of this relay proves."""
        own = self.settings
        pages = {ENTRA: "entra", GITHUB: "github", APP_SERVICE: "entra"}
        proofs = {pages[way] for way in own.sign_in if way in pages}
        proofs.update(proof for name, chat in CHATS.items() for proof in chat.proves(own.chats[name]))
        teams = [team for name, chat in CHATS.items() for team in chat.own_teams(own.chats[name])]
        return Ways(proofs, own.entra_tenants, teams)

    def entrance(self) -> "Entrance":
        """Return the way into the pages."""
        from relay.pages.entrance import Entrance  # noqa: PLC0415 - as above
        from relay.pages.sign_in.sessions import Sessions  # noqa: PLC0415 - as above

        return Entrance(
            ways=tuple(way for way in self.settings.sign_in if way != NOT_ENABLED),
            tenants=self.settings.entra_tenants,
            policy=self.policy,
            sessions=Sessions(self.settings.ticket_keys, self.settings.public_url),
            clock=time.time,
        )

    def sign_in(self) -> "SignIn":
        """Return the sign-in of the pages."""
        from relay.pages.sign_in.attempts import Attempts  # noqa: PLC0415 - as above
        from relay.pages.sign_in.road import SignIn  # noqa: PLC0415 - as above

        entrance, own = self.entrance(), self.settings
        return SignIn(
            entrance=entrance,
            providers={name: self._provider(name) for name in own.sign_in if name in (ENTRA, GITHUB)},
            attempts=Attempts(own.ticket_keys, own.public_url),
            sessions=entrance.sessions,
            public_url=own.public_url,
            clock=time.time,
            nonce=_nonce,
        )

    def _provider(self, name: str) -> "Provider":
        own = self.settings
        if name == GITHUB:
            from relay.pages.sign_in.github import GitHubSignIn  # noqa: PLC0415 - only for those who sign in there

            return GitHubSignIn(
                web_url=own.github_url,
                api_url=own.github_api_url,
                api_version=own.github_api_version,
                client_id=own.github_sign_in_client_id,
                secret=own.github_sign_in_client_secret,
                policy=self.policy,
                public_url=own.public_url,
                client=self.client,
                clock=time.time,
            )
        from relay.identity.managed_identity import assertion  # noqa: PLC0415 - as above
        from relay.pages.sign_in.entra import EntraSignIn  # noqa: PLC0415 - as above

        return EntraSignIn(
            authority=own.entra_authority,
            tenants=own.entra_tenants,
            client_id=own.entra_sign_in_client_id,
            secret=own.entra_sign_in_client_secret,
            assertion=lambda: assertion(own.entra_sign_in_identity),
            public_url=own.public_url,
            client=self.client,
            keys=self.presses.key_sets.keys,
            clock=time.time,
        )


def build(settings: Settings, policy: Policy) -> Relay:
    """Build a relay from checked settings. Raises SettingsError if the store's libraries are missing."""
    store = _store(settings.store, settings.storage)
    client = _lazily(http_client.make_client)
    conversations = Conversations(store, time.time)
    setup = _setup(settings, policy, conversations, client)
    posting: Made[Posting | None] = Made(lambda kind: CHATS[kind].posting(setup(kind)))
    cards = Cards(
        chats=posting,
        policy=policy,
        ticket_keys=settings.ticket_keys,
        public_url=settings.public_url,
        clock=time.time,
    )
    dispatches, github = _github(settings, client)
    payer = Payer(
        store=store,
        dispatches=dispatches,
        cards=cards,
        policy=policy,
        receipt_key=settings.receipt_keys[0],
        issuer=settings.public_url,
        clock=time.time,
        jitter=random.random,
        nonce=_nonce,
        pause=time.sleep,
    )
    supersession = Supersession(store, policy, time.time, _nonce)
    presses = Presses(
        store=store,
        key_sets=KeySets(client, time.time),
        payer=payer,
        supersession=supersession,
        conversations=conversations,
        cards=cards,
        policy=policy,
        ticket_keys=settings.ticket_keys,
        public_url=settings.public_url,
        clock=time.time,
    )
    channels: Made[Clicks] = Made(lambda name: CHATS[name].clicks(setup(name)))
    key_set = jwks(settings.receipt_keys)
    return Relay(settings, policy, store, payer, supersession, presses, channels, cards, key_set, client, github)


def read_policy(setting: str) -> Policy:
    """Read the policy from RELAY_POLICY, a path or the TOML itself. Raises SettingsError."""
    try:
        text = setting if is_policy_text(setting) else _policy_path(setting).read_text("utf-8")
        return parse.parse(text, kinds())
    except (OSError, UnicodeDecodeError) as error:
        problem = f"names a file that cannot be read ({type(error).__name__})"
        raise SettingsError({"RELAY_POLICY": problem}) from error
    except parse.PolicyError as error:
        raise SettingsError({"RELAY_POLICY": f"is no policy: {error}"}) from error


def open_outbox(environ: Mapping[str, str], by: str) -> "tuple[Outbox, str]":
    """Return the operator's view of the debts, by the settings of the store alone, and the name of that store.

    A store that is not there is not made. Raises SettingsError.
    """
    from relay.outbox.operator import Outbox  # noqa: PLC0415 - only the command needs it

    text, storage = read_store(environ)
    name = f"tables {storage.prefix}* of {storage.account}" if storage else str(Path(sqlite_path(text)).absolute())
    return Outbox(_store(text, storage, create=False), time.time, _nonce, by), name


def relay() -> Relay:
    """Return the relay of this process's environment, built on first use. Raises SettingsError."""
    with _LOCK:
        return _relay()


def end() -> None:
    """Let the timer start no further payment: this process is about to end."""
    _ENDING.set()


@cache
def _relay() -> Relay:
    return build(*read_all(os.environ))


def read_all(environ: Mapping[str, str]) -> tuple[Settings, Policy]:
    """Read settings and policy. Raises SettingsError with every problem of either."""
    problems: dict[str, str] = {}
    try:
        policy = read_policy(environ.get("RELAY_POLICY", "").strip() or DEFAULT_POLICY)
    except SettingsError as error:
        problems |= error.problems
    try:
        settings = Settings.read(environ)
    except SettingsError as error:
        problems |= error.problems
    if problems:
        raise SettingsError(problems)
    return settings, policy


def _setup(
    settings: Settings, policy: Policy, conversations: Conversations, client: Callable[[], http_client.Client]
) -> Callable[[str], Setup]:
    entra = Entra(settings.entra_tenants, settings.entra_authority, settings.entra_v1_issuer)

    def setup(name: str) -> Setup:
        own = settings.chats[name]
        return Setup(own, settings.public_url, entra, policy, conversations, client, time.time, redraws())

    return setup


def _store(store: str, storage: Storage | None, *, create: bool = True) -> "Store":
    """Return the store, which its first use makes if `create`. Raises SettingsError if its libraries are missing."""
    if storage is not None:
        try:
            from relay.store.tables.store import TableStore  # noqa: PLC0415 - only for those who use tables
        except ModuleNotFoundError as error:
            problem = f"is tables, and {error.name} is not installed: pip install '.[tables]' in the relay's folder"
            raise SettingsError({"RELAY_STORE": problem}) from None
        return TableStore(storage, time.time, create=create)
    from relay.store.sqlite.store import SqliteStore  # noqa: PLC0415 - only for those who use a file

    return SqliteStore(sqlite_path(store), time.time, create=create)


def _github(settings: Settings, client: Callable[[], http_client.Client]) -> tuple[Dispatches, CredentialCheck]:
    api = GitHubApi(client, settings.github_api_url, settings.github_api_version, time.time)
    if settings.github_app_client_id:
        from relay.github.app import GitHubApp  # noqa: PLC0415 - only for those who use an App

        app = GitHubApp(api, settings.github_app_client_id, settings.github_app_private_key)
        return Dispatches(api, app.token, app.outdated, app.identity), CredentialCheck(api, "/app", app.credential)
    token = settings.github_token
    return Dispatches(api, lambda _repository, _deadline: token), CredentialCheck(api, "/rate_limit", lambda: token)


def _lazily(make: Callable[[], http_client.Client]) -> Callable[[], http_client.Client]:
    lock = Lock()
    made: list[http_client.Client] = []

    def get() -> http_client.Client:
        with lock:
            if not made:
                made.append(make())
            return made[0]

    return get


def _nonce() -> str:
    return secrets.token_urlsafe(16)


def _policy_path(setting: str) -> Path:
    """Return the policy's path. A relative one is looked for beside function_app.py, then in the working directory."""
    beside = Path(__file__).parent.parent / setting
    return beside if beside.exists() else Path(setting)
