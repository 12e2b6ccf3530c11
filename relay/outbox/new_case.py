"""A new request becomes a case: checked against the policy, committed with its first debts, and these paid."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from relay.approval import judge
from relay.approval.approvable import check_approvable
from relay.approval.cards import owe_cards
from relay.approval.policy import Policy
from relay.approval.requests import allow_request, expires_at
from relay.approval.targets import allow_target
from relay.chats.posting import Cards
from relay.errors import Outage, malformed
from relay.journal.calls import note_case
from relay.model.case import Case
from relay.model.delivery import Conversation, Interaction
from relay.model.request import ORIGIN, ApprovalRequest, Proof
from relay.outbox.pay import Payer
from relay.outbox.supersede import Supersession
from relay.store.contract import Store

NOTIFICATION_LIFETIME: Final = 86_400  # seconds; nobody decides a notification


@dataclass(frozen=True, slots=True)
class NewCases:
    """The making of cases; `clock` returns Unix seconds."""

    store: Store
    payer: Payer
    supersession: Supersession
    cards: Cards
    policy: Policy
    clock: Callable[[], float]

    def check(
        self, request: ApprovalRequest, proof: Proof, conversation: Conversation | None = None
    ) -> ApprovalRequest:
        """Return the request with the end that its rule gives it. Raises Refusal no-rule, malformed.

        `conversation` is that of a command, whose channels may name it as their origin.
        """
        known = {*self.policy.channels, *((ORIGIN,) if proof == "command" else ())}
        if not known >= {*request.channels}:
            raise malformed("channels", "the policy has no channel of this name; the operator adds [channels.NAME]")
        if not all(self.policy.channels[name].takes_cards for name in {*request.channels} - {ORIGIN}):
            raise malformed("channels", "a webhook gets events and no cards; the operator names it in [[notify]]")
        self.cards.check_fits(request, proof, conversation)
        if not request.event_type:
            return replace(request, expires_at=min(request.expires_at, request.issued_at + NOTIFICATION_LIFETIME))
        rule = allow_request(self.policy, request, proof)
        check_approvable(self.policy, rule, request)
        allow_target(rule, request)
        return replace(request, expires_at=expires_at(rule, request))

    def make(
        self, case: Case, *, deadline: float, github_until: float, by: str, press: Interaction | None = None
    ) -> Case:
        """Commit a new case with its first debts, pay them, and close the older requests of its group.

        With a `press` the same commit holds the requester's own review. GitHub is waited for until `github_until`,
        everything is answered by `deadline`; `by` is logged. Return the case as it is stored then, by this call or
        another. Raises Refusal if the press does not count, Outage.
        """
        if not case.request.event_type:
            owed = owe_cards(case, self.cards.wanted(case), self.clock())
            committed = self.payer.commit(case, owed, deadline=deadline, by=by)
            return self._paid(committed, case.request.id, deadline, github_until)
        if self.supersession.applies(case.request):
            self.supersession.add(case.request)
        rule, now = allow_request(self.policy, case.request, case.proof), self.clock()
        owed = owe_cards(judge.opened(case, rule, now), self.cards.wanted(case), now)
        if press is not None:
            owed = judge.take(owed, press, self.policy, now=now, confirms=judge.confirmed).case
        committed = self.payer.commit(case, owed, deadline=deadline, by=by)
        self.close_older(case)
        return self._paid(committed, case.request.id, deadline, github_until)

    def close_older(self, case: Case) -> None:
        """Close the older requests of a pending case's group, under a rule with `supersede`. Raises Outage."""
        if case.status == "pending" and self.supersession.applies(case.request):
            self.supersession.close_older(case)

    def _paid(self, committed: Case | None, case_id: str, deadline: float, github_until: float) -> Case:
        """Pay the first debts of a new case, unless it ended already. Return the case afterwards."""
        stored = self._stored(case_id)
        note_case(stored)
        if committed is None or not committed.debts:
            return stored
        if stored.status == committed.status:
            committed, _ = self.payer.pay_leased(committed, deadline=github_until)
            self.payer.update_cards(committed, deadline=deadline)
        else:
            self.payer.let_go(committed)
        return self._stored(case_id)

    def _stored(self, case_id: str) -> Case:
        """Return a case that this call or another has committed. Raises Outage if neither has."""
        case = self.store.load(case_id)
        if case is None:
            raise Outage("the store did not take a new request")
        return case
