"""The pages of a running relay: the review page, the sign-in, and the pages and files of operators."""

import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from relay.approval.policy import Policy
from relay.journal.message_log import MessageLog
from relay.net.client import Client
from relay.pages.entrance import Entrance
from relay.pages.sign_in.sessions import Sessions
from relay.press import Presses
from relay.settings import NOT_ENABLED, Settings

if TYPE_CHECKING:
    from relay.api.audit import AuditTrail
    from relay.app.stores import Store
    from relay.outbox.operator import Outbox
    from relay.pages.operator.access import Access
    from relay.pages.operator.answering import Answering
    from relay.pages.operator.files import OperatorFiles
    from relay.pages.operator.messages import MessagesDesk
    from relay.pages.operator.outbox import OutboxDesk
    from relay.pages.review import Review
    from relay.pages.sign_in.road import SignIn


@dataclass(frozen=True, slots=True)
class Pages:
    """The parts of a relay that browsers see. `outbox` is made for an operator, `identity` of a repository."""

    settings: Settings
    policy: Policy
    store: "Store"
    presses: Presses
    client: Callable[[], Client]
    messages: MessageLog
    outbox: "Callable[[str], Outbox]"
    identity: Callable[[str], str]

    def review(self) -> "Review":
        """Return the review page."""
        from relay.pages.review import Review  # noqa: PLC0415 - each page loads its own modules alone

        return Review(
            presses=self.presses,
            policy=self.policy,
            entrance=self.entrance(),
            ticket_keys=self.settings.ticket_keys,
            public_url=self.settings.public_url,
            clock=time.time,
        )

    def messages_desk(self) -> "MessagesDesk":
        """Return the operator's routes of messages."""
        from relay.pages.operator.messages import MessagesDesk  # noqa: PLC0415 - as above

        return MessagesDesk(self._answering(), self.store, self.messages, self.policy, time.time)

    def outbox_desk(self) -> "OutboxDesk":
        """Return the operator's routes of the outbox."""
        from relay.pages.operator.outbox import OutboxDesk  # noqa: PLC0415 - as above

        return OutboxDesk(self._answering(), self.outbox, time.time)

    def _answering(self) -> "Answering":
        from relay.pages.operator.answering import Answering  # noqa: PLC0415 - as above

        return Answering(self.access())

    def operator_files(self) -> "OperatorFiles":
        """Return the files of operators: the audit trail and the metrics."""
        from relay.pages.operator.files import OperatorFiles  # noqa: PLC0415 - as above

        repositories = {rule.repository for rule in self.policy.rules}
        identities = {self.identity(repository) for repository in repositories}
        return OperatorFiles(self.access(), self.audit_trail(), identities, time.time)

    def access(self) -> "Access":
        """Return the proof of operators."""
        from relay.pages.operator.access import Access  # noqa: PLC0415 - as above

        own = self.settings
        return Access(own.api_keys, self.entrance(), self.policy, own.ticket_keys, own.public_url)

    def entrance(self) -> "Entrance":
        """Return the way into the pages."""
        return Entrance(
            ways=tuple(way for way in self.settings.sign_in if way != NOT_ENABLED),
            tenants=self.settings.entra_tenants,
            policy=self.policy,
            sessions=Sessions(self.settings.ticket_keys, self.settings.public_url),
            clock=time.time,
        )

    def sign_in(self) -> "SignIn":
        """Return the sign-in of the pages."""
        from relay.app.sign_in import make_sign_in  # noqa: PLC0415 - as above

        return make_sign_in(self.settings, self.policy, self.entrance(), self.client, self.presses.key_sets)

    def audit_trail(self) -> "AuditTrail":
        """Return the audit trail."""
        from relay.api.audit import AuditTrail  # noqa: PLC0415 - as above

        own = self.settings
        return AuditTrail(self.store, self.policy, own.receipt_keys[0], own.public_url, time.time)
