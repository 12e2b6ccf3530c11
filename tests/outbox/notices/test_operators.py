"""Operators hear of releases that GitHub does not take: of one cause once an hour, with the number of the others."""

from typing import Final

import pytest

from tests.outbox.notices.telling import Telling, entry

pytestmark = pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")
OPERATORS: Final = entry("events", "testers", on=["undelivered", "failing", "recovered"])
EACH: Final = entry("audit", on=["undelivered"])
REASON: Final = "it does not accept the relay's credential"


def fail(here: Telling, *titles: str) -> list[str]:
    """Let requests be approved while GitHub refuses the credential."""
    here.github.status = 401
    asked = [here.ask(title=title) for title in titles]
    for each in asked:
        assert "approved-refused" == here.press("grace", each)
    here.road.round()
    return asked


@pytest.mark.parametrize("here", [(OPERATORS, EACH)], indirect=True)
def test_five_of_one_cause_are_two_messages_within_the_hour_and_none_is_forgotten(here: Telling) -> None:
    fail(here, "One", "Two", "Three", "Four", "Five")
    assert [f"GitHub has not taken it: One. Reason: {REASON}"] == here.texts("C222")
    assert ["undelivered"] == here.hooks.types("/events")
    here.road.round()
    assert 1 == len(here.texts("C222"))
    here.hours(1)
    others = "and 3 more of this cause since the last message: see the outbox"
    assert [f"GitHub has not taken it: Two. Reason: {REASON} ({others})"] == here.texts("C222")[1:]
    events = [each.event["data"] for each in here.hooks.received if each.path == "/events"]
    assert [None, 3] == [each.get("others") for each in events]
    assert [REASON] * 2 == [each["dispatch"]["last_error"] for each in events]
    here.hours(2)
    assert (2, 2) == (len(here.texts("C222")), len(here.hooks.types("/events")))
    assert [] == here.owed()
    assert 5 == len(here.hooks.types("/audit?of=relay")), "other entries hear of each"


@pytest.mark.parametrize("here", [(OPERATORS,)], indirect=True)
def test_a_message_that_waits_for_its_hour_is_listed_as_owed(here: Telling) -> None:
    fail(here, "One", "Two")
    assert ["events undelivered", "testers undelivered"] == sorted(here.owed())
