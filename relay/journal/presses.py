"""The line of a press in the log: its outcome, and the time that it took."""

import logging

from relay.errors import Outage, Refusal
from relay.journal import log
from relay.journal.events import Fields, of_case
from relay.model.answer import Answer
from relay.model.delivery import Delivery
from relay.model.people import Actor


def write_press(answer: Answer, person: Actor, delivery: Delivery, now: float) -> None:
    """Log a press that was judged; `now` is in Unix seconds."""
    fields: Fields = {"outcome": answer.code, "ms": _ms(delivery, now), "channel": delivery.channel}
    log.write("press", {**of_case(answer.case), **fields, "person": person.id})


def write_refused_press(refusal: Refusal, delivery: Delivery, now: float) -> None:
    """Log a press that was refused, by the check that failed and never by content."""
    fields = {"outcome": refusal.code, "ms": _ms(delivery, now), "channel": delivery.channel, "person": refusal.person}
    log.write("press", {**fields, "check": refusal.check}, logging.WARNING)


def write_busy_press(outage: Outage, delivery: Delivery) -> None:
    """Log a press that an outage kept from being judged or stored."""
    log.write("press", {"outcome": "busy", "channel": delivery.channel, "reason": outage.what}, logging.ERROR)


def _ms(delivery: Delivery, now: float) -> int:
    return max(0, round((now - delivery.arrived_at) * 1000))


def write_command(code: str, person: Actor, delivery: Delivery, now: float) -> None:
    """Log a command that was answered. The request that it made has lines of its own."""
    log.write("press", {"outcome": code, "ms": _ms(delivery, now), "channel": delivery.channel, "person": person.id})
