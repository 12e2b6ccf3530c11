"""The health of the relay: settings, store, timer, outbox."""

import logging
import time
from collections.abc import Iterator
from typing import Final

from relay import app
from relay.api.json_replies import json_reply
from relay.app import Relay
from relay.errors import Outage
from relay.model import Reply
from relay.settings import NOT_ENABLED, Settings, SettingsError

log = logging.getLogger("relay")

TIMER_STOPPED_AFTER: Final = 300.0  # seconds
_WORST: Final = ("ok", "degraded", "failing")
Check = dict[str, str]


def health() -> Reply:
    """Answer GET /api/health: every check with its status, names only; 503 while one is failing."""
    try:
        checks = [*_of(app.relay())]
    except SettingsError as error:
        log.error("settings: %s", error)  # noqa: TRY400 - it is no bug
        checks = [_check("settings", "failing", "wrong or missing: " + ", ".join(sorted(error.problems)))]
    worst = max((check["status"] for check in checks), key=_WORST.index)
    return json_reply(503 if worst == "failing" else 200, {"status": worst, "checks": checks})


def _of(here: Relay) -> list[Check]:
    amiss = "; ".join(_amiss(here.settings))
    checks = [_check("settings", "degraded" if amiss else "ok", amiss)]
    try:
        last_round = here.store.last_round() or here.store.born_at()
        stuck = sum(row.parked for row in here.store.rows())
    except Outage as outage:
        return [*checks, _check("store", "failing", outage.what)]
    silent = int(time.time() - last_round)
    stopped = silent > TIMER_STOPPED_AFTER
    timer = ("failing", f"no round for {silent} s: is the timer function disabled?") if stopped else ("ok", "")
    many = f"{stuck} dispatches or cards were never taken; `relay outbox list` tells why"
    outbox = ("degraded", many) if stuck else ("ok", "")
    return [*checks, _check("store", "ok", ""), _check("timer", *timer), _check("outbox", *outbox)]


def _amiss(settings: Settings) -> Iterator[str]:
    """Yield each setting without effect, with the cure if there is one."""
    if settings.reserved:
        yield "not used by this version: " + ", ".join(settings.reserved)
    if NOT_ENABLED in settings.sign_in:
        yield (
            "RELAY_SIGN_IN has no effect: the platform does not say that App Service authentication is enabled "
            "(WEBSITE_AUTH_ENABLED). Switch it on under Authentication of the app, or set RELAY_SIGN_IN to off"
        )


def _check(name: str, status: str, detail: str) -> Check:
    return {"name": name, "status": status, "detail": detail}
