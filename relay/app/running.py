"""The running relay: its parts, and the work that each function asks of it."""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from threading import Event
from typing import TYPE_CHECKING, Final

from relay.app.environment import ways_of
from relay.app.stores import new_nonce
from relay.approval.policy import DAY, Policy
from relay.chats.contract.incoming import Clicks, Typed
from relay.chats.posting import Cards
from relay.journal.message_log import MessageLog
from relay.net import client as http_client
from relay.outbox.pay import Payer
from relay.outbox.supersede import Supersession
from relay.press import Presses
from relay.settings import Settings

if TYPE_CHECKING:
    from relay.api.gates import Gates
    from relay.api.plain import Plain
    from relay.api.proofs import Proofs
    from relay.api.receipts_check import ReceiptsCheck
    from relay.api.redeem import Redemption
    from relay.api.register import Registration
    from relay.api.report import Reports
    from relay.api.status import RequestStatus
    from relay.api.webhooks import Webhooks
    from relay.app.pages import Pages
    from relay.app.stores import Store
    from relay.approval.deciders import Ways
    from relay.commands.road import Commands
    from relay.github.credential import CredentialCheck
    from relay.outbox.alarm import Alarm
    from relay.outbox.cleaner import Cleaner
    from relay.outbox.new_case import NewCases
    from relay.outbox.operator import Outbox
    from relay.outbox.timer import TimerRun

CLOSING: Final = 2.0  # seconds that the last messages may take
_ALARM_MEMORY: Final[dict[str, float]] = {}  # of this process, for a store that does not answer
ENDING: Final = Event()  # set when this process is about to end


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
    typed: Mapping[str, Typed]
    cards: Cards
    key_set: dict[str, object]
    client: Callable[[], http_client.Client]
    github: "Callable[[], CredentialCheck]"
    messages: MessageLog
    errands: Callable[[], object]
    cleaner: "Cleaner"

    def close(self) -> None:
        """Close the store and the connections that are not in use; a process that ends need not."""
        self.messages.flush(CLOSING)
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
            nonce=new_nonce,
            ending=ENDING.is_set,
            messages=self.messages,
            errands=self.errands,
            cleaner=self.cleaner,
        )

    def outbox(self, by: str = "") -> "Outbox":
        """Return the operator's view of the debts; `by` names the operator in the log."""
        from relay.outbox.operator import Outbox  # noqa: PLC0415 - a cold press does not pay for it

        return Outbox(self.store, time.time, new_nonce, by)

    def alarm(self) -> "Alarm":
        """Return the operators' alarm."""
        from relay.outbox.alarm import Alarm  # noqa: PLC0415 - as above

        return Alarm(self.store, self.payer.notices(), self.policy, time.time, new_nonce, _ALARM_MEMORY)

    def registration(self) -> "Registration":
        """Return the registration of requests."""
        from relay.api.register import Registration  # noqa: PLC0415 - a cold click does not pay for it

        return Registration(
            store=self.store,
            new_cases=self.new_cases(),
            supersession=self.supersession,
            policy=self.policy,
            proofs=self.proofs(),
            ticket_keys=self.settings.ticket_keys,
            public_url=self.settings.public_url,
            github_url=self.settings.github_url,
            clock=time.time,
            nonce=new_nonce,
            ways=self.ways(),
            has_page=self.pages().entrance().is_open,
        )

    def new_cases(self) -> "NewCases":
        """Return the maker of new cases."""
        from relay.outbox.new_case import NewCases  # noqa: PLC0415 - a cold click does not pay for it

        return NewCases(self.store, self.payer, self.supersession, self.cards, self.policy, time.time)

    def gates(self) -> "Gates":
        """Return the reader of GitHub's runs that wait at an environment."""
        from relay.api.gates import Gates  # noqa: PLC0415 - a cold click does not pay for it

        own = self.settings
        return Gates(self.new_cases(), own.public_url, own.github_url, own.github_api_url, new_nonce)

    def commands(self) -> "Commands":
        """Return the road of commands."""
        return self.presses.commands()

    def request_status(self) -> "RequestStatus":
        """Return the status and the cancellation of requests, for programs."""
        from relay.api.status import RequestStatus  # noqa: PLC0415 - a cold click does not pay for it

        return RequestStatus(self.store, self.payer, self.policy, self.proofs(), time.time)

    def reports(self) -> "Reports":
        """Return the reader of workflows' reports."""
        from relay.api.report import Reports  # noqa: PLC0415 - a cold click does not pay for it

        return Reports(self.request_status(), self.settings.github_url)

    def webhooks(self) -> "Webhooks":
        """Return GitHub's webhooks, with the reader of each event."""
        from relay.api.run_news import RunNews  # noqa: PLC0415 - a cold click does not pay for it
        from relay.api.webhooks import Webhooks  # noqa: PLC0415 - as above

        runs, gates = RunNews(self.store, self.payer, self.settings.github_url, time.time), self.gates()
        return Webhooks(
            store=self.store,
            secrets=self.settings.github_webhook_secrets,
            readers={
                "workflow_run": lambda event: runs.take(event) | gates.hear(event),
                "deployment_protection_rule": gates.take,
            },
            clock=time.time,
        )

    def proofs(self) -> "Proofs":
        """Return the proofs that programs may give."""
        from relay.api.proofs import Proofs  # noqa: PLC0415 - a cold click does not pay for it
        from relay.identity.github_oidc import profiles  # noqa: PLC0415 - as above

        issuers, audience = self.settings.github_oidc_issuers, self.settings.public_url
        return Proofs(self.settings.api_keys, profiles(issuers, audience), self.presses.key_sets, time.time)

    def redemption(self) -> "Redemption":
        """Return the redemption of receipts, by runs that an approval started."""
        from relay.api.redeem import Redemption  # noqa: PLC0415 - a cold click does not pay for it

        return Redemption(self.store, self.proofs(), self.key_set, self.settings.public_url, time.time, new_nonce)

    def receipts_check(self) -> "ReceiptsCheck":
        """Return the check whether a release was overtaken."""
        from relay.api.receipts_check import ReceiptsCheck  # noqa: PLC0415 - a cold click does not pay for it

        return ReceiptsCheck(self.store, self.key_set, self.settings.public_url, time.time)

    def plain(self) -> "Plain":
        """Return the plain form."""
        from relay.api.plain import Plain  # noqa: PLC0415 - a cold press does not pay for it

        return Plain(
            store=self.store,
            payer=self.payer,
            policy=self.policy,
            github_url=self.settings.github_url,
            clock=time.time,
            nonce=new_nonce,
        )

    def ways(self) -> "Ways":
        """Return the identities that some chat or page of this relay proves."""
        return ways_of(self.settings)

    def pages(self) -> "Pages":
        """Return the pages for people in a browser, and for operators."""
        from relay.app.pages import Pages  # noqa: PLC0415 - a cold press does not pay for it

        return Pages(
            settings=self.settings,
            policy=self.policy,
            store=self.store,
            presses=self.presses,
            client=self.client,
            messages=self.messages,
            outbox=self.outbox,
            identity=self.payer.dispatches.identity,
        )
