"""Two payers at the same time, met at each step in turn."""

from itertools import count

from tests.outbox.turns.approving import approve
from tests.support import groups, road
from tests.support.groups import GONE, ask, press


def test_two_rounds_that_meet_at_any_step_send_everything_once_and_in_order(
    here: road.Road, github: groups.GitHub
) -> None:
    for number in count(1):
        event_type = f"deploy-{number}"
        github.answers = [GONE] * 2
        ids = [approve(here, f"{number}.{each}", event_type=event_type)[0] for each in range(3)]
        here.ahead += 120
        github.answers, before = [], len(github.sent)
        with groups.hooked(here, before=groups.at(number, here.round)) as met:
            met.timer().run()
            ended = groups.reached(met) < number
        here.ahead += 120
        here.round()
        assert ids == github.ids()[before:]
        if ended:
            break
    assert number > 12
    assert 0 == here.recorded()["due"]


def test_a_press_that_meets_the_timer_on_the_way_to_an_earlier_one_sends_each_once_and_in_order(
    here: road.Road, github: groups.GitHub
) -> None:
    for number in count(1):
        event_type = f"deploy-{number}"
        github.answers = [GONE]
        first, _ = approve(here, f"{number}.1", event_type=event_type)
        here.ahead += 120
        made, before = ask(here, f"{number}.2", "production", event_type=event_type), len(github.sent)
        with groups.hooked(here, before=groups.at(number, here.round)) as met:
            outcome = press(met, made)
            ended = groups.reached(met) < number
        here.ahead += 120
        here.round()
        assert outcome in {"released", "approved-retrying"}
        assert [first, made["id"]] == github.ids()[before:]
        if ended:
            break
    assert ("released", True) == (outcome, number > 10)
