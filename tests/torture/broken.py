"""Relays that are broken on purpose, to prove that the torture finds it."""

from typing import Any, Final, cast

from relay.approval import debts
from relay.approval.judge import Decision, Step
from relay.outbox import supersede

WAYS: Final = ("forgets rows", "sends twice", "ends leases early", "supersedes nothing")


def spoil(way: str) -> None:
    """Break this process in one of `WAYS`. The taps do the first two."""
    if way == "ends leases early":
        cast("Any", debts).LEASE_SLACK = -60.0
    elif way == "supersedes nothing":
        cast("Any", supersede).supersede = lambda case, *_: Step(Decision("superseded"), case, changed=False)
