"""The route of the doctor: POST /api/doctor, for an operator."""

import time
from collections.abc import Iterable
from typing import Final

from relay.api.json_replies import answered, json_reply, refused
from relay.app import Relay
from relay.doctor.checkup import examine
from relay.doctor.inside.make import inside_of
from relay.doctor.table import inside_checks
from relay.journal import log as journal
from relay.model.delivery import Delivery, Reply
from relay.pages.operator.program_access import need_operator

TIME: Final = 17.0  # seconds: who asks from outside waits for twenty


def doctor(here: Relay, delivery: Delivery) -> Reply:
    """Examine the running relay for an operator, who has a key or is signed in."""

    def work() -> Reply:
        operator = need_operator(here.pages().access(), delivery, changes=True)
        report = examine(inside_checks(), inside_of(here, seconds=TIME), clock=time.time, seconds=TIME)
        journal.write("doctor", {"outcome": report.status, "person": operator.id})
        return json_reply(200, report.as_json())

    return answered(work)


def wrong_settings(names: Iterable[str]) -> Reply:
    """Answer for a relay that cannot start, with the names of its wrong settings."""
    return refused("busy", f"Settings are wrong or missing: {', '.join(sorted(names))}.")
