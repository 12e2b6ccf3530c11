"""Relays that are broken on purpose, each in one way that the model must find."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final

import pytest

from relay.approval import cards, debts, endings
from relay.github import rate_limit
from relay.github.rate_limit import Allowance
from relay.model.case import Case
from relay.model.debts import Delivered, RetryAfter
from relay.outbox.expiry import Expiry
from relay.outbox.new_case import NewCases
from relay.outbox.turns import Turns
from tests.support.memory_store import MemoryStore

Break = Callable[[pytest.MonkeyPatch], None]


def _arms_after_the_commit(patch: pytest.MonkeyPatch) -> None:
    commit = MemoryStore.write_case

    def late(
        self: MemoryStore, case: Case, *, to_set: Any = (), to_clear: Any = (), spending: Any = None, **kept: Any
    ) -> bool:
        done = commit(self, case, to_clear=to_clear, spending=spending, **kept)
        return done and self._set(to_set, None)

    patch.setattr(MemoryStore, "write_case", late)


def _disarms_before_the_commit(patch: pytest.MonkeyPatch) -> None:
    commit = MemoryStore.write_case

    def early(
        self: MemoryStore, case: Case, *, to_set: Any = (), to_clear: Any = (), spending: Any = None, **kept: Any
    ) -> bool:
        for row in to_clear:
            self.drop_row(row)
        return commit(self, case, to_set=to_set, spending=spending, **kept)

    patch.setattr(MemoryStore, "write_case", early)


def _writes_over_any_version(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(MemoryStore, "_is_at", lambda _self, _case_id, _version: True)


def _takes_what_is_leased(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(debts, "is_due", lambda debt, _now: debt.status == "owed")
    patch.setattr(debts, "is_leased", lambda _debt, _now: False)


def _records_without_a_lease(patch: pytest.MonkeyPatch) -> None:
    settle = debts.record_outcome

    def careless(case: Case, index: int, holder: str, outcome: Any, **at: Any) -> Case | None:
        mine = replace(case.debts[index], lease=holder, status="owed")
        return settle(
            replace(case, debts=(*case.debts[:index], mine, *case.debts[index + 1 :])), index, holder, outcome, **at
        )

    patch.setattr(debts, "record_outcome", careless)


def _believes_every_answer(patch: pytest.MonkeyPatch) -> None:
    settle = debts.record_outcome

    def trusting(case: Case, index: int, holder: str, outcome: Any, **at: Any) -> Case | None:
        taken = Delivered() if isinstance(outcome, RetryAfter) and outcome.tried else outcome
        return settle(case, index, holder, taken, **at)

    patch.setattr(debts, "record_outcome", trusting)


def _closes_without_a_look_at_who_waits(patch: pytest.MonkeyPatch) -> None:
    lead = MemoryStore.take_lead
    patch.setattr(MemoryStore, "take_lead", lambda self, group, mark: (lead(self, group, mark)[0], []))


def _never_asks_who_is_the_newest(patch: pytest.MonkeyPatch) -> None:
    lead = MemoryStore.take_lead
    patch.setattr(MemoryStore, "take_lead", lambda self, group, mark: (mark, lead(self, group, mark)[1]))


def _answers_before_it_closes(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(NewCases, "close_older", lambda _self, _case: None)


def _closes_what_is_decided(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(endings, "settled_decision", lambda _case, _policy, _now: None)


def _pays_out_of_turn(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Turns, "wait_for_turn", lambda _self, _case, _index, _deadline: 0.0)


def _pays_without_room(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(rate_limit, "allowance", lambda _bucket, wanted, _now: Allowance(wanted, 0.0))
    patch.setattr(rate_limit, "unapproved_allowance", lambda _bucket, _repository, wanted, _now: Allowance(wanted, 0.0))
    patch.setattr(rate_limit, "spend", lambda bucket, _spending: bucket)


def _leaves_what_has_ended(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(Expiry, "_expire_or_remove", lambda _self, _row: False)


def _forgets_the_cards(patch: pytest.MonkeyPatch) -> None:
    patch.setattr(cards, "owed_anew", lambda case, _now: case)


def _records_a_card_as_it_was_drawn_for(patch: pytest.MonkeyPatch) -> None:
    """Take a card for current although the case changed while it was on its way."""
    settle = debts.record_outcome

    def blind(case: Case, index: int, *rest: Any, card: Any = None, **at: Any) -> Case | None:
        return settle(case, index, *rest, card=card and replace(card, fingerprint=cards.fingerprint(case)), **at)

    patch.setattr(debts, "record_outcome", blind)


BROKEN: Final[Mapping[str, Break]] = MappingProxyType(
    {
        break_.__name__.strip("_"): break_
        for break_ in (
            _arms_after_the_commit,
            _disarms_before_the_commit,
            _writes_over_any_version,
            _takes_what_is_leased,
            _records_without_a_lease,
            _believes_every_answer,
            _closes_without_a_look_at_who_waits,
            _never_asks_who_is_the_newest,
            _answers_before_it_closes,
            _closes_what_is_decided,
            _pays_out_of_turn,
            _pays_without_room,
            _leaves_what_has_ended,
            _forgets_the_cards,
            _records_a_card_as_it_was_drawn_for,
        )
    }
)
