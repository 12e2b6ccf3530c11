"""How a channel hears of events: new messages, replies in a thread, or one announcement that is changed."""

from typing import Final

import pytest

from tests.chats.slack.road.workspace import Workspace
from tests.chats.teams.road.bot import Bot
from tests.outbox.notices.telling import COMMAND, FORM, Telling, entry
from tests.support import road, teams_activities

pytestmark = pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")
OPS: Final = "19:ops@thread.tacv2"
ENDS: Final = ["approved", "delivered", "run_complete"]


def of(*entries: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("here", [entries], indirect=True, ids=["policy"])


def told_to(*entries: str) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("bot", [entries], indirect=True, ids=["policy"])


@of(entry("releases", on=["reviewed", "delivered"], style="thread"))
def test_a_thread_is_below_the_card_of_the_request(here: Telling) -> None:
    case_id = here.ask(channels=["releases"])
    (card,) = here.messages()
    here.press("ada", case_id)
    here.road.round()
    assert [card.ts] * 2 == [each.thread for each in here.messages()[1:]]
    assert "" == card.thread


@of(entry("releases", style="thread"))
def test_without_a_card_a_thread_is_below_the_first_message(here: Telling) -> None:
    here.press("ada", here.ask())
    here.road.round()
    first, *rest = here.messages()
    assert ("", [first.ts] * 3) == (first.thread, [each.thread for each in rest])


@of(entry("releases", on=["requested"], style="thread"))
def test_a_reply_waits_for_the_card_that_is_still_to_be_posted(here: Telling) -> None:
    here.slack.slack.mode = "down"
    here.ask(channels=["releases"])
    here.slack.slack.mode = "up"
    here.road.round()  # the card is tried again later, and the notice could be told now
    assert ([], ["releases requested"]) == (here.messages(), here.owed())
    here.hours(1)
    card, reply = here.messages()
    assert card.ts == reply.thread


@of(entry("owners", on=["requested", "reviewed"], style="thread"))
def test_people_hear_of_it_each_below_their_own_card(here: Telling) -> None:
    case_id = here.ask(channels=["owners"])
    here.press("grace", case_id)
    here.road.round()
    for direct in ("D111", "D222"):
        card, *replies = here.messages(direct)
        assert [card.ts] * 2 == [each.thread for each in replies]
    assert ["owners"] * 4 == [debt.event_type for debt in here.road.case(case_id).debts if debt.notice]


@of(entry("releases", on=["approved", "delivered", "undelivered", "run_complete"], style="edit"))
def test_an_announcement_is_one_message_that_is_changed(here: Telling) -> None:
    case_id = here.ask()
    here.github.status = 503
    here.press("ada", case_id)
    here.road.round()
    assert ["Approved: Deploy api, by Ada"] == here.texts()
    here.github.status = 204
    here.hours(1)
    assert ["GitHub has taken it: Deploy api"] == here.texts()
    here.road.report(case_id, {"state": "failure", "text": "no quota", "url": "https://ci.example/1"})
    here.road.round()
    (message,) = here.messages()
    shown = "<https://ci.example/1|https://ci.example/1>"
    assert f"The run has failed: Deploy api. Reason: no quota {shown}" == message.text
    assert 2 == message.edits


@of(
    entry("releases", on=["approved"], style="edit", text="one"),
    entry("releases", on=["approved"], style="edit", text="two"),
)
def test_each_entry_has_an_announcement_of_its_own(here: Telling) -> None:
    here.press("ada", here.ask())
    here.press("ada", here.ask(title="Another"))
    here.road.round()
    assert ["one", "one", "two", "two"] == sorted(here.texts())


@of(entry("releases", on=["approved", "delivered"], style="edit"))
def test_an_announcement_that_a_person_deleted_is_let_go(here: Telling) -> None:
    case_id = here.ask()
    here.github.status = 503
    here.press("ada", case_id)
    here.road.round()
    here.slack.slack.messages.clear()
    here.github.status = 204
    here.hours(1)
    assert ([], []) == (here.messages(), here.owed())


@of(
    entry("releases", on=["approved"], environment="prod*"),
    entry("releases", on=["approved"], environment="staging", text="staging"),
    entry("releases", on=["approved"], repository="hexa/*", text="hexa"),
    entry("releases", on=["approved"], event_types=["publish", "release-*"], text="publish"),
    entry("releases", on=["approved"], event_types=["publish", "DEPLOY-*"], text="any capitals"),
)
def test_an_entry_is_about_what_its_globs_match(here: Telling) -> None:
    here.press("ada", here.ask())
    here.road.round()
    assert ["Approved: Deploy api, by Ada", "any capitals"] == here.texts()


@of(entry("origin", on=["requested", "delivered"], style="thread"), entry("origin", "releases", on=["approved"]))
def test_what_becomes_of_a_command_is_told_where_it_was_said(here: Telling) -> None:
    workspace = Workspace(here.road, here.slack, here.github)
    workspace.say("ada", "deploy api", channel="C222")
    here.road.round()
    card, *told = here.messages("C222")
    assert [
        "Approval is asked for: Deploy api, by ada",
        "Approved: Deploy api, by Ada",
        "GitHub has taken it: Deploy api",
    ] == [each.text for each in told]
    assert [card.ts, "", card.ts] == [each.thread for each in told]
    assert ["Approved: Deploy api, by Ada"] == here.texts("C111")


@of(entry("origin", "releases", on=["approved"]))
def test_a_command_said_in_a_channel_that_hears_of_it_anyway_is_told_once(here: Telling) -> None:
    workspace = Workspace(here.road, here.slack, here.github)
    workspace.say("ada", "deploy api", channel="C111")
    here.road.round()
    assert ["Approved: Deploy api, by Ada"] == here.texts()[1:]
    here.press("ada", here.ask())
    here.road.round()
    assert 3 == len(here.messages())


@of(
    entry("releases", on=["approved"], style="thread"),
    entry("origin", on=["delivered"], style="thread"),
    COMMAND.replace("deploy {{", "ship {{").replace('"deploy"', '"ship"') + 'channels = ["releases", "origin"]\n',
)
@pytest.mark.parametrize("said", ["deploy api", "ship api"])
def test_a_thread_is_below_the_one_card_of_a_conversation_under_whichever_name(here: Telling, said: str) -> None:
    workspace = Workspace(here.road, here.slack, here.github)
    workspace.say("ada", said, channel="C111")
    here.road.round()
    card, *told = here.messages()
    assert [card.ts] * 2 == [each.thread for each in told]


@of(entry("releases", on=["approved"], style="thread"))
def test_a_thread_waits_for_the_card_of_the_command_that_was_said_there(here: Telling) -> None:
    here.slack.slack.mode = "down"
    workspace = Workspace(here.road, here.slack, here.github)
    workspace.say("ada", "deploy api", channel="C111")
    here.slack.slack.mode = "up"
    here.road.round()
    assert ([], ["releases approved"]) == (here.messages(), here.owed())
    here.hours(1)
    card, reply = here.messages()
    assert card.ts == reply.thread


@told_to(
    entry("ops", on=["requested", "delivered"], style="thread"),
    entry("ops", on=["approved", "delivered"], style="edit", text="{{title}} of {{repository}}"),
)
def test_teams_has_threads_and_announcements_too(bot: tuple[Telling, Bot]) -> None:
    here, teams = bot
    made = road.said(
        here.road.ask(
            {
                "repository": "octo/api",
                "event_type": "deploy-api",
                "environment": "production",
                "title": "*Deploy*",
                "channels": ["ops"],
            }
        )
    )
    (card,) = teams.teams.messages
    teams.press("ada", "approve", teams.ticket())
    here.road.round()
    told = {place: message["text"] for place, message in teams.teams.messages.items() if "text" in message}
    thread = f"{OPS};messageid={card[1]}"
    assert ["Approval is asked for: *Deploy*", "GitHub has taken it: *Deploy*"] == [
        text for (room, _), text in told.items() if room == thread
    ]
    assert ["*Deploy* of octo/api"] == [text for (room, _), text in told.items() if room == OPS]
    assert {"plain"} == {each["textFormat"] for each in teams.teams.messages.values() if "text" in each}
    assert made["id"]
    assert [] == here.owed()


@told_to(entry("ops", on=["requested", "approved"], style="edit"))
def test_an_announcement_in_teams_is_changed_in_its_place(bot: tuple[Telling, Bot]) -> None:
    here, teams = bot
    road.said(here.road.ask({**FORM, "channels": ["ops"]}))
    ticket = teams.ticket()
    here.road.round()
    teams.press("ada", "approve", ticket)
    here.road.round()
    (text,) = (each["text"] for each in teams.teams.messages.values() if "text" in each)
    assert "Approved: Deploy api, by Ada" == text


@told_to(entry("ops", on=["approved"], style="thread"))
def test_in_teams_a_thread_is_below_the_card_of_the_command_that_was_said_there(bot: tuple[Telling, Bot]) -> None:
    here, teams = bot
    teams.send(teams.by("ada", teams_activities.activity("message", text="deploy api")))
    here.road.round()
    messages = teams.teams.messages
    (card,) = [name for (room, name), message in messages.items() if room == OPS and "text" not in message]
    below = [message["text"] for (room, _), message in messages.items() if room == f"{OPS};messageid={card}"]
    assert "Approved: Deploy api, by Ada" in below
