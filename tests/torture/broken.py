"""Relays that are broken on purpose, to prove that the torture finds it."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from types import MappingProxyType
from typing import Any, Final, cast

from relay.api import run_news
from relay.approval import cards, debts, gates, notices
from relay.approval.judge import Decision, Step
from relay.chats.webhook.post import Hooks
from relay.outbox import supersede
from relay.outbox.kinds import dispatch
from relay.outbox.kinds.card import CardKind


def spoil(way: str) -> None:
    """Break this process in one of `WAYS`. The taps do the others."""
    WAYS.get(way, bool)()


def _end_leases_early() -> object:
    return _put(debts, "LEASE_SLACK", -60.0)


def _supersede_nothing() -> object:
    return _put(supersede, "supersede", lambda case, *_: Step(Decision("superseded"), case, changed=False))


def _forget_runs() -> object:
    return _put(run_news, "with_run", lambda case, _run: case)


def _give_no_verdict() -> object:
    return _put(gates, "owe_verdict", lambda case, _now: case)


def _give_the_other_verdict() -> object:
    return _put(dispatch, "verdict", lambda _case: ("rejected", "It is the other one."))


def _leave_cards() -> object:
    return _put(cards, "owed_anew", lambda case, _now: case)


def _post_cards_anew() -> object:
    send = CardKind.send

    def forgetting(kind: CardKind, *given: Any) -> Any:
        attempt = send(kind, *given)
        return attempt._replace(card=replace(attempt.card, message="")) if attempt.card else attempt

    return _put(CardKind, "send", forgetting)


def _forget_notices() -> object:
    owe = notices.owe_notices
    return _put(notices, "owe_notices", lambda *given: replace(owe(*given), debts=given[1].debts))


def _tell_events_anew() -> object:
    owe = notices.owe_notices
    return _put(notices, "owe_notices", lambda before, *given: owe(replace(before, events=()), *given))


def _tell_twice() -> object:
    tell = Hooks.tell

    def telling(hooks: Hooks, *given: Any, **named: Any) -> Any:
        tell(hooks, *given, **named)
        return tell(hooks, *given, **named)

    return _put(Hooks, "tell", telling)


def _tell_in_any_order() -> object:
    return _put(notices, "waits", lambda *_: False)


def _put(place: object, name: str, value: object) -> object:
    setattr(cast("Any", place), name, value)
    return value


WAYS: Final[Mapping[str, Callable[[], object]]] = MappingProxyType(
    {
        "ends leases early": _end_leases_early,
        "supersedes nothing": _supersede_nothing,
        "forgets runs": _forget_runs,
        "gives no verdict": _give_no_verdict,
        "gives the other verdict": _give_the_other_verdict,
        "leaves cards": _leave_cards,
        "posts cards anew": _post_cards_anew,
        "forgets notices": _forget_notices,
        "tells events anew": _tell_events_anew,
        "tells twice": _tell_twice,
        "tells in any order": _tell_in_any_order,
    }
)
