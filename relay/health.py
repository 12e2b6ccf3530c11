"""The health of the relay: whether it can take requests and presses, and have them released."""

import logging
import time
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Final

from relay import __version__, app
from relay.api.json_replies import json_reply
from relay.app import Relay
from relay.approval.deciders import Ways, able_in, blocked_rules
from relay.approval.policy import Policy
from relay.chats.table import CHATS
from relay.errors import Outage
from relay.journal import log as journal
from relay.model.delivery import Reply
from relay.model.values import iso
from relay.settings import FEWEST_THREADS, NOT_ENABLED, THREADS, Settings, SettingsError

TIMER_STOPPED_AFTER: Final = 300.0  # seconds
LATE: Final = 120.0  # seconds after which a call of health runs the timer's round itself, if it was asked to
ROUND_TIME: Final = 20.0  # seconds of such a round; an availability test waits for its answer
CLOCK_OFF: Final = 300.0  # seconds; tickets and receipts allow for that many
HEARD: Final = frozenset({"store", "timer", "people", "github", "clock", "hooks"})  # checks that operators hear of
HOOKS: Final = "webhook"  # the chat with a check of its own
PROBE: Final = "health"  # the value that a check writes into the store
_BUILT: Final = Path(__file__).with_name("BUILT")  # written into a package: when it was made, as an ISO time
_WORST: Final = ("ok", "degraded", "failing")
Check = dict[str, str]


def health(*, run_round: bool = False) -> Reply:
    """Answer GET /api/health: every check with its status, names only; 503 while one is failing.

    With `run_round` a late round is run first. On Flex Consumption a timer can stop for good after a deployment while
    HTTP goes on: https://github.com/Azure/azure-functions-host/issues/11828
    """
    try:
        here = app.relay()
        late = _run_late_round(here) if run_round else 0
        checks = look(here, late)
    except SettingsError as error:
        journal.write("settings", {"outcome": "wrong", "reason": str(error)}, logging.ERROR)
        checks = [_check("settings", "failing", "wrong or missing: " + ", ".join(sorted(error.problems)))]
    worst = max((check["status"] for check in checks), key=_WORST.index)
    body = {"status": worst, "version": __version__, "built": _built(), "checks": checks}
    return json_reply(503 if worst == "failing" else 200, body)


def look(here: Relay, late: int = 0) -> list[Check]:
    """Return every check of a relay, and tell the operators of what is failing or has recovered.

    `late` is the age of a round that this call had to run itself, or 0.
    """
    checks = [*_of(here, late)]
    alarm = here.alarm()
    if alarm.is_wanted:
        alarm.tell(
            {each["name"]: each["detail"] for each in checks if each["status"] != "ok" and each["name"] in HEARD}
        )
    return checks


def _run_late_round(here: Relay) -> int:
    """Run one bounded round if the last one is older than two minutes. Return the age of that one, or 0."""
    try:
        silent = time.time() - (here.store.last_round() or here.store.born_at())
        if silent <= LATE:
            return 0
        tried = replace(here.round(), time=ROUND_TIME).run()
    except Outage as outage:  # the check of the store tells it too
        journal.write("round", {"outcome": "failed", "reason": str(outage)}, logging.ERROR)
        return 0
    journal.write(
        "round", {"outcome": "late", "tried": tried}
    )  # no round of the timer: its alert tells that it stopped
    return int(silent)


def _of(here: Relay, late: int) -> Iterator[Check]:
    yield _degraded("settings", "; ".join(troubles_of_settings(here.settings, here.policy)))
    yield from _store(here, late)
    if here.messages.lost:
        yield _degraded("messages", f"{here.messages.lost} were not kept since the start: {here.messages.fault}")
    yield _degraded("threads", few_threads(here.settings))
    yield _degraded("people", "; ".join(unreachable(here.settings, here.policy, here.ways())))
    github = here.github().state()
    yield _degraded("github", github.trouble)
    off = f"this machine's clock is {abs(github.ahead):.0f} s {'ahead of' if github.ahead > 0 else 'behind'} GitHub's"
    yield _degraded("clock", off if abs(github.ahead) > CLOCK_OFF else "")
    yield _degraded("hooks", "; ".join(without_receiver(here.settings, here.policy)))


def _store(here: Relay, late: int) -> Iterator[Check]:
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
    done = f"this call ran the round, {late} s after the last one: is the timer function disabled?" if late else ""
    yield _check("timer", "failing" if stopped else "ok", stopped or done)
    many = "one dispatch, card or notice was" if stuck == 1 else f"{stuck} dispatches, cards or notices were"
    yield _degraded("outbox", f"{many} never taken; `relay outbox list` tells why" if stuck else "")


def without_effect(settings: Settings) -> Iterator[str]:
    """Yield each setting without effect, with the cure if there is one."""
    for name, nearest in settings.unknown:
        yield f"{name} is no setting" + (f": did you mean {nearest}?" if nearest else "")
    if NOT_ENABLED in settings.sign_in:
        yield (
            "RELAY_SIGN_IN has no effect: the platform does not say that App Service authentication is enabled "
            "(WEBSITE_AUTH_ENABLED). Switch it on under Authentication of the app, or set RELAY_SIGN_IN to off"
        )


def unheard(settings: Settings, policy: Policy) -> Iterator[str]:
    """Yield a problem if a rule of the policy needs GitHub's webhooks or its App, and the settings lack it."""
    needing = [str(number) for number, rule in enumerate(policy.rules, 1) if rule.needs_webhooks]
    if needing and not settings.github_webhook_secrets:
        need = f"rule {needing[0]} needs" if len(needing) == 1 else f"rules {', '.join(needing)} need"
        yield f"RELAY_GITHUB_WEBHOOK_SECRET is not set, and {need} the webhooks of GitHub"
    gates = [str(number) for number, rule in enumerate(policy.rules, 1) if rule.is_for_gates]
    if gates and not settings.github_app_client_id:
        named = f"rule{'s' * (len(gates) > 1)} {', '.join(gates)}"
        yield f"RELAY_GITHUB_APP_CLIENT_ID is not set, and only a GitHub App can answer for {named}"


def without_receiver(settings: Settings, policy: Policy) -> Iterator[str]:
    """Yield a problem of RELAY_HOOKS for each channel whose events have no receiver."""
    return _unset(HOOKS, settings, policy)


def troubles_of_settings(settings: Settings, policy: Policy) -> Iterator[str]:
    """Yield each setting without effect, and each that is needed and missing, but for RELAY_HOOKS."""
    yield from without_effect(settings)
    yield from unheard(settings, policy)
    for kind in CHATS:
        if kind != HOOKS:
            yield from _unset(kind, settings, policy)


def tell_of_settings(settings: Settings, policy: Policy) -> None:
    """Write each setting that is missing or has no effect into the log, at the start of a server."""
    for trouble in troubles_of_settings(settings, policy):
        journal.write("settings", {"outcome": "degraded", "reason": trouble}, logging.WARNING)


def _unset(kind: str, settings: Settings, policy: Policy) -> Iterator[str]:
    """Yield each setting of a chat that is missing."""
    channels = [name for name, channel in policy.channels.items() if channel.kind == kind]
    return CHATS[kind].unset(settings.chats[kind], channels)


def few_threads(settings: Settings) -> str:
    """Return why few presses are taken at once on Azure, with the cure, or an empty text."""
    if settings.threads is None or settings.threads >= FEWEST_THREADS:
        return ""
    return f"{THREADS} is below {FEWEST_THREADS} or not set, so that few presses are taken at once: set it to 64"


def unreachable(settings: Settings, policy: Policy, ways: Ways) -> Iterator[str]:
    """Yield each reason why a person could not decide what the policy asks for."""
    if not any(rule.stages for rule in policy.rules):
        return
    if not ways.proofs:
        yield "no chat that takes presses is set up and RELAY_SIGN_IN is off, so nobody can decide"
    at_github = "github" in ways.proofs
    if not settings.entra_tenants and not ways.teams and not at_github:
        yield (
            "RELAY_ENTRA_TENANTS is empty, and RELAY_SLACK_TEAMS or RELAY_SLACK_SIGNING_SECRET is too, so "
            "nobody may decide"
        )
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
