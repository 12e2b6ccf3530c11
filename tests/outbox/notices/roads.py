"""Roads that make events true: a press in each chat, the page, a command, the timer and others."""

from collections.abc import Callable
from typing import Final

from relay.model.people import Verdict
from tests.chats.slack.road.workspace import Workspace
from tests.chats.teams.road.bot import Bot
from tests.outbox.notices.telling import Telling
from tests.pages.browsing import Browser
from tests.support import github_webhooks, road

DAY: Final = 86_400
Road = Callable[[Telling], str]


def by_card(here: Telling) -> str:
    case_id = here.ask()
    assert "released" == here.press("ada", case_id)
    return case_id


def by_slack(here: Telling) -> str:
    case_id = here.ask(channels=["releases"])
    workspace = Workspace(here.road, here.slack, here.github)
    workspace.press_on(here.messages()[0], "ada")
    return case_id


def by_page(here: Telling) -> str:
    case_id = here.ask()
    browser = Browser(here.road, "ada")
    browser.get(case_id)
    browser.press(case_id, "approve")
    return case_id


def by_command(here: Telling) -> str:
    workspace = Workspace(here.road, here.slack, here.github)
    reply = workspace.say("ada", "deploy api")
    assert "released" == reply.headers["Relay-Outcome"]
    return str(road.said(reply)["text"].rpartition("/")[2].partition("|")[0])


def by_command_in_vain(here: Telling) -> str:
    here.github.status = 404
    workspace = Workspace(here.road, here.slack, here.github)
    reply = workspace.say("ada", "deploy api")
    assert "approved-refused" == reply.headers["Relay-Outcome"]
    return str(road.said(reply)["text"].rpartition("/")[2].partition("|")[0])


def offline(here: Telling) -> str:
    request = road.offline()
    here.road.press("ada", "approve", road.ticket(request))
    return request.id


def offline_in_order(here: Telling) -> str:
    request = road.offline("newest")
    here.road.press("ada", "approve", road.ticket(request))
    return request.id


def in_stages(here: Telling) -> str:
    case_id = here.ask(environment="staged")
    for person in ("lin", "ada", "grace"):
        here.press(person, case_id)
    return case_id


def rejected(here: Telling) -> str:
    case_id = here.ask(reject_event_type="refused-api")
    here.press("grace", case_id, "reject")
    return case_id


def cancelled(here: Telling) -> str:
    case_id = here.ask()
    here.road.end(case_id, x_relay_key=road.API_KEY)
    return case_id


def superseded(here: Telling) -> str:
    case_id = here.ask(environment="newest")
    here.ask(environment="newest")
    return case_id


def expired(here: Telling) -> str:
    case_id = here.ask()
    here.road.ahead += 2 * DAY
    here.road.round()
    return case_id


def announced(here: Telling) -> str:
    return here.ask(environment="announced")


def refused(here: Telling) -> str:
    here.github.status = 404
    case_id = here.ask()
    assert "approved-refused" == here.press("ada", case_id)
    return case_id


def replayed(here: Telling) -> str:
    case_id = refused(here)
    here.github.status = 204
    here.road.outbox().replay(case_id)
    here.road.round()
    return case_id


def replayed_in_vain(here: Telling) -> str:
    case_id = refused(here)
    here.road.outbox().replay(case_id)
    here.road.round()
    return case_id


def dropped(here: Telling) -> str:
    here.github.status = 503
    case_id = here.ask()
    here.press("ada", case_id)
    here.road.ahead += 60
    here.road.outbox().drop(case_id)
    return case_id


def dead(here: Telling) -> str:
    here.github.status = 503
    case_id = here.ask()
    here.press("ada", case_id)
    here.hours(26)
    return case_id


def paid_late(here: Telling) -> str:
    here.github.status = 503
    case_id = here.ask()
    here.press("ada", case_id)
    here.github.status = 204
    here.hours(1)
    return case_id


def reported(here: Telling) -> str:
    case_id = by_card(here)
    for state in ("started", "started", "failure"):
        assert 200 == here.road.report(case_id, {"state": state, "text": state}).status
    return case_id


def told_by_github(here: Telling) -> str:
    case_id = by_card(here)
    for action in github_webhooks.ACTIONS:
        event = github_webhooks.workflow_run(action, case_id, here.road.now())
        assert 202 == here.road.webhook(event).status
    return case_id


def plain(here: Telling) -> str:
    body = b'{"event_type": "publish", "client_payload": {}}'
    assert 202 == here.road.run(body).status
    return ""


RELEASED: Final = ["requested", "reviewed", "approved", "delivered"]
UNPAID: Final = ["requested", "reviewed", "approved"]
ROADS: Final[list[tuple[Road, list[str]]]] = [
    (by_card, RELEASED),
    (by_slack, RELEASED),
    (by_page, RELEASED),
    (by_command, RELEASED),
    (by_command_in_vain, [*UNPAID, "undelivered"]),
    (offline, RELEASED),
    (offline_in_order, RELEASED),
    (in_stages, ["requested", "reviewed", "passed", "reviewed", "reviewed", "approved", "delivered"]),
    (rejected, ["requested", "reviewed", "rejected", "delivered"]),
    (cancelled, ["requested", "cancelled"]),
    (superseded, ["requested", "superseded"]),
    (expired, ["requested", "expired"]),
    (announced, ["requested"]),
    (refused, [*UNPAID, "undelivered"]),
    (replayed, [*UNPAID, "undelivered", "delivered"]),
    (replayed_in_vain, [*UNPAID, "undelivered"]),
    (dropped, UNPAID),
    (dead, [*UNPAID, "undelivered"]),
    (paid_late, RELEASED),
    (reported, [*RELEASED, "run_started", "run_failure"]),
    (told_by_github, [*RELEASED, "run_started", "run_success"]),
    (plain, ["delivered"]),
]


def in_slack(here: Telling, _: Bot, person: str, case_id: str, verdict: Verdict) -> None:
    assert case_id
    Workspace(here.road, here.slack, here.github).press(person, verdict)


def in_teams(_: Telling, teams: Bot, person: str, case_id: str, verdict: Verdict) -> None:
    assert case_id
    teams.press(person, verdict, teams.ticket())


def on_the_page(here: Telling, _: Bot, person: str, case_id: str, verdict: Verdict) -> None:
    browser = Browser(here.road, person)
    browser.get(case_id)
    browser.press(case_id, verdict)
