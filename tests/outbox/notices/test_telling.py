"""What happens to a request is told in the channels of the policy, by the timer, once and in order."""

import pytest

from tests.outbox.notices.telling import Telling, entry

pytestmark = pytest.mark.httpx_mock(should_mock=lambda request: request.url.host != "127.0.0.1")


@pytest.mark.parametrize("here", [(entry("releases", "events"),)], indirect=True, ids=["both"])
def test_each_event_of_an_approval_is_told_once_and_in_order(here: Telling) -> None:
    case_id = here.ask()
    here.press("ada", case_id, comment="go")
    here.road.round()
    assert ["requested", "reviewed", "approved", "delivered"] == here.hooks.types()
    assert [
        "Approval is asked for: Deploy api, by octocat",
        "Ada: approve, in stage release: Deploy api. Comment: go",
        "Approved: Deploy api, by Ada",
        "GitHub has taken it: Deploy api",
    ] == here.texts()
    assert [f"{case_id}_{number}" for number in range(1, 5)] == [each.event["id"] for each in here.hooks.received]
    here.road.ahead += 3_600
    here.road.round()
    assert (4, 4) == (len(here.hooks.received), len(here.texts()))


def test_a_channel_that_fails_is_left_alone_for_the_rest_of_the_run(here: Telling) -> None:
    for number in range(3):
        here.ask(title=f"Deploy {number}")
    here.hooks.status = 500
    here.road.round()
    assert (["requested"], 3) == (here.hooks.types(), len(here.owed()))
    here.hooks.status = 204
    here.hours(1)
    assert (["requested"] * 4, []) == (here.hooks.types(), here.owed())
