"""Settings become a relay: every part is made once, and none touches the network or the disk."""

import random
import time
from collections.abc import Callable, Mapping
from functools import cache, partial
from threading import Lock
from typing import TYPE_CHECKING

from relay.app.running import Relay
from relay.app.stores import new_nonce, open_store
from relay.approval.policy import DAY, Policy
from relay.chats.contract.chat import Entra, Setup
from relay.chats.conversations import Conversations
from relay.chats.posting import Cards
from relay.chats.table import Made, commanded, pressed, redraws, with_channels
from relay.github.api import GitHubApi
from relay.github.caller import NoApp, OneToken
from relay.github.dispatch import Dispatches
from relay.identity.key_sets import KeySets
from relay.journal.message_log import MessageLog
from relay.journal.messages import forgotten_from
from relay.net import client as http_client
from relay.outbox.cleaner import Cleaner
from relay.outbox.pay import Payer
from relay.outbox.supersede import Supersession
from relay.press import Presses
from relay.settings import Settings
from relay.signed.receipt_keys import jwks

if TYPE_CHECKING:
    from relay.app.stores import Store
    from relay.chats.contract.incoming import Clicks, Typed
    from relay.chats.contract.outgoing import Posting, Telling
    from relay.chats.notices import Notices
    from relay.commands.road import Commands
    from relay.github.credential import CredentialCheck


def build(settings: Settings, policy: Policy) -> Relay:
    """Build a relay from checked settings. Raises SettingsError if the store's libraries are missing."""
    store = open_store(settings.store, settings.storage)
    client = lazily(http_client.make_client)
    conversations = Conversations(store, time.time)
    setup = setup_of(settings, policy, conversations, client)
    posting: Made[Posting | None] = Made(lambda kind: with_channels()[kind].posting(setup(kind)))
    cards = Cards(
        chats=posting,
        policy=policy,
        ticket_keys=settings.ticket_keys,
        public_url=settings.public_url,
        clock=time.time,
    )
    tellings: Made[Telling | None] = Made(lambda kind: with_channels()[kind].telling(setup(kind), posting[kind]))
    dispatches, github, failed = _github(settings, client, store)
    payer = Payer(
        store=store,
        dispatches=dispatches,
        cards=cards,
        notices=partial(_notices, tellings, cards, policy, settings.public_url),
        policy=policy,
        receipt_key=settings.receipt_keys[0],
        issuer=settings.public_url,
        clock=time.time,
        jitter=random.random,
        nonce=new_nonce,
        pause=time.sleep,
    )
    supersession = Supersession(store, policy, time.time, new_nonce)
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
        commands=partial(_commands, payer, supersession, settings.public_url),
    )
    channels: Made[Clicks] = Made(lambda name: pressed()[name].clicks(setup(name)))
    key_set = jwks([*settings.receipt_keys, *settings.retired_keys])
    typed: Made[Typed] = Made(lambda name: commanded()[name].typed(setup(name)))
    return Relay(
        settings,
        policy,
        store,
        payer,
        supersession,
        presses,
        channels,
        typed,
        cards,
        key_set,
        client,
        github,
        MessageLog(store, time.time),
        failed,
        Cleaner(
            [
                lambda now: store.forget_messages(forgotten_from(now)),
                lambda now: store.forget_audit(now - settings.keep_audit_days * DAY),
            ]
        ),
    )


def _notices(tellings: "Mapping[str, Telling | None]", cards: Cards, policy: Policy, public_url: str) -> "Notices":
    from relay.chats.notices import Notices  # noqa: PLC0415 - no press tells a notice

    return Notices(tellings, cards.places, policy, public_url)


def _commands(payer: Payer, supersession: Supersession, public_url: str) -> "Commands":
    from relay.commands.road import Commands  # noqa: PLC0415 - a cold press does not pay for it
    from relay.outbox.new_case import NewCases  # noqa: PLC0415 - as above

    store, cards, policy = payer.store, payer.cards, payer.policy
    new_cases = NewCases(store, payer, supersession, cards, policy, time.time)
    return Commands(store, new_cases, policy, public_url, time.time, new_nonce)


def setup_of(
    settings: Settings, policy: Policy, conversations: Conversations, client: Callable[[], http_client.Client]
) -> Callable[[str], Setup]:
    """Return a function that gives the parts of a chat by its name."""
    entra = Entra(settings.entra_tenants, settings.entra_authority, settings.entra_v1_issuer)

    def setup(name: str) -> Setup:
        own = settings.chats[name]
        return Setup(own, settings.public_url, entra, policy, conversations, client, time.time, redraws())

    return setup


def _github(
    settings: Settings, client: Callable[[], http_client.Client], store: "Store"
) -> "tuple[Dispatches, Callable[[], CredentialCheck], Callable[[], object]]":
    """Return the dispatches, the check of the credential, and the look at webhooks that were not delivered."""
    api = GitHubApi(client, settings.github_api_url, settings.github_api_version, time.time)
    token, web_url = settings.github_token, settings.github_url
    of_token = _checking(api, "/rate_limit", lambda: token)
    if not settings.github_app_client_id:
        return Dispatches(api, OneToken(token), web_url, NoApp()), of_token, bool
    from relay.github.app import GitHubApp  # noqa: PLC0415 - only for those who use an App

    app = GitHubApp(api, settings.github_app_client_id, settings.github_app_private_key)

    def send_again() -> object:
        from relay.github.deliveries import FailedDeliveries  # noqa: PLC0415 - the timer alone needs it

        return FailedDeliveries(store, api, app.credential, new_nonce).send_again()

    again = send_again if settings.github_webhook_secrets else bool
    if token:
        return Dispatches(api, OneToken(token), web_url, app), of_token, again
    return Dispatches(api, app, web_url), _checking(api, "/app", app.credential), again


def _checking(api: GitHubApi, path: str, credential: Callable[[], str]) -> "Callable[[], CredentialCheck]":
    """Return a function that makes the check of a credential at its first call, and then returns that one."""

    @cache
    def check() -> "CredentialCheck":
        from relay.github.credential import CredentialCheck  # noqa: PLC0415 - a cold press does not pay for it

        return CredentialCheck(api, path, credential)

    return check


def lazily(make: Callable[[], http_client.Client]) -> Callable[[], http_client.Client]:
    """Return a function that makes the client at its first call, and then returns that one."""
    lock = Lock()
    made: list[http_client.Client] = []

    def get() -> http_client.Client:
        with lock:
            if not made:
                made.append(make())
            return made[0]

    return get
