"""The health of the relay: whether it can take requests and presses, and have them released."""

import logging
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from relay import __version__, app
from relay.api.json_replies import json_reply
from relay.app import Relay
from relay.approval.deciders import Ways, able_in, blocked_rules
from relay.approval.policy import Policy
from relay.errors import Outage
from relay.journal import log as journal
from relay.model import Reply, iso
from relay.settings import FEWEST_THREADS, NOT_ENABLED, THREADS, Settings, SettingsError

TIMER_STOPPED_AFTER: Final = 300.0  # seconds
CLOCK_OFF: Final = 300.0  # seconds; tickets and receipts allow for that many
PROBE: Final = "health"  # the value that a check writes into the store
_BUILT: Final = Path(__file__).with_name("BUILT")  # written into a package: when it was made, as an ISO time
_WORST: Final = ("ok", "degraded", "failing")
Check = dict[str, str]


def health() -> Reply:
    """Answer GET /api/health: every check with its status, names only; 503 while one is failing."""
    try:
        checks = [*_of(app.relay())]
    except SettingsError as error:
        journal.write("settings", {"outcome": "wrong", "reason": str(error)}, logging.ERROR)
        checks = [_check("settings", "failing", "wrong or missing: " + ", ".join(sorted(error.problems)))]
    worst = max((check["status"] for check in checks), key=_WORST.index)
    body = {"status": worst, "version": __version__, "built": _built(), "checks": checks}
    return json_reply(503 if worst == "failing" else 200, body)


def _of(here: Relay) -> Iterator[Check]:
    yield _degraded("settings", "; ".join(_amiss(here.settings)))
    yield from _store(here)
    yield _degraded("threads", _few_threads(here.settings))
    yield _degraded("people", "; ".join(_unreachable(here.settings, here.policy, here.ways())))
    github = here.github.state()
    yield _degraded("github", github.trouble)
    off = f"this machine's clock is {abs(github.ahead):.0f} s {'ahead of' if github.ahead > 0 else 'behind'} GitHub's"
    yield _degraded("clock", off if abs(github.ahead) > CLOCK_OFF else "")


def _store(here: Relay) -> Iterator[Check]:
    """Yield the checks that ask the store. Something is written too: a locked file or a full disk can still be read."""
    now = time.time()
    try:
        here.store.put(PROBE, "", until=now)
        born_at = here.store.born_at()
        last_round = here.store.last_round() or born_at
        stuck = sum(row.parked for row in here.store.rows())
    except Outage as outage:
        yield _check("store", "failing", outage.what)
        return
    yield _check("store", "ok", f"made {iso(born_at)}")  # after a typo in RELAY_STORE this is news
    silent = int(now - last_round)
    stopped = f"no round for {silent} s: is the timer function disabled?" if silent > TIMER_STOPPED_AFTER else ""
    yield _check("timer", "failing" if stopped else "ok", stopped)
    many = "one dispatch or card was" if stuck == 1 else f"{stuck} dispatches or cards were"
    yield _degraded("outbox", f"{many} never taken; `relay outbox list` tells why" if stuck else "")


def _amiss(settings: Settings) -> Iterator[str]:
    """Yield each setting without effect, with the cure if there is one."""
    if settings.reserved:
        yield "not used by this version: " + ", ".join(settings.reserved)
    for name, nearest in settings.unknown:
        yield f"{name} is no setting" + (f": did you mean {nearest}?" if nearest else "")
    if NOT_ENABLED in settings.sign_in:
        yield (
            "RELAY_SIGN_IN has no effect: the platform does not say that App Service authentication is enabled "
            "(WEBSITE_AUTH_ENABLED). Switch it on under Authentication of the app, or set RELAY_SIGN_IN to off"
        )


def _few_threads(settings: Settings) -> str:
    if settings.threads is None or settings.threads >= FEWEST_THREADS:
        return ""
    return f"{THREADS} is below {FEWEST_THREADS} or not set, so that few presses are taken at once: set it to 64"


def _unreachable(settings: Settings, policy: Policy, ways: Ways) -> Iterator[str]:
    """Yield each reason why a person could not decide what the policy asks for."""
    if not any(rule.stages for rule in policy.rules):
        return
    if not ways.proofs:
        yield "no chat that takes presses is set up and RELAY_SIGN_IN is off, so nobody can decide"
    at_github = "github" in ways.proofs
    if not settings.entra_tenants and not ways.teams and not at_github:
        yield "RELAY_ENTRA_TENANTS is empty, so nobody may decide"
    elif ways.proofs:
        of = "of the tenants in RELAY_ENTRA_TENANTS" + (" and the teams in RELAY_SLACK_TEAMS" if ways.teams else "")
        of += " or with a github_id" if at_github else ""
        numbers = {id(rule): number for number, rule in enumerate(policy.rules, 1)}
        for rule, stage in blocked_rules(policy, ways):
            able = len(able_in(policy, stage, ways))
            yield f"stage {stage.name} of rule {numbers[id(rule)]} needs {stage.required} and has {able} {of}"


def _built() -> str | None:
    return _BUILT.read_text("ascii").strip() if _BUILT.exists() else None


def _degraded(name: str, trouble: str) -> Check:
    return _check(name, "degraded" if trouble else "ok", trouble)


def _check(name: str, status: str, detail: str) -> Check:
    return {"name": name, "status": status, "detail": detail}
