"""Expiry by the timer: once, and never too early."""

from dataclasses import replace

from tests.outbox.timer.ages import DAY, HOUR, lives
from tests.support import groups, road
from tests.support.groups import ask, press


def test_what_has_expired_is_marked_so_by_the_timer_and_its_card_says_expired_and_never_rejected(
    here: road.Road,
) -> None:
    made = ask(here, "1", expires_in="2h")
    assert "counted" == press(here, two := ask(here, "2", "staged", expires_in="2h"), "lin")
    end = here.case(made["id"]).request.expires_at
    here.ahead = 2 * HOUR - 20
    here.round()
    assert "pending" == here.case(made["id"]).status
    here.ahead = 2 * HOUR + 20
    here.round()
    case = here.case(made["id"])
    assert ("expired", end, ()) == (case.status, case.decided_at, case.reviews)
    assert ("expired", 1) == (here.case(two["id"]).status, len(here.case(two["id"]).reviews))
    assert "expired" == road.said(here.show(made["id"]))["status"]
    for verdict in ("approve", "reject"):
        reply = here.press("ada", verdict, made["ticket"])
        assert (200, "expired") == road.outcome(reply)
        assert "Expired without a decision" == road.said(reply)["sections"][0]["title"]
        assert "eject" not in reply.headers["CARD-ACTION-STATUS"] + road.said(reply)["sections"][0]["title"]
    version = case.version
    here.round()
    assert version == here.case(made["id"]).version


def test_what_is_decided_in_time_never_expires(here: road.Road, github: groups.GitHub) -> None:
    approved, rejected, cancelled = (ask(here, str(number), "production") for number in range(3))
    old, _new = ask(here, "3"), ask(here, "4")
    press(here, approved)
    press(here, rejected, verdict="reject")
    here.cancel(cancelled["id"])
    here.ahead = DAY + 1
    here.round()
    ids = [made["id"] for made in (approved, rejected, cancelled, old)]
    assert ["approved", "rejected", "cancelled", "superseded"] == [here.case(case_id).status for case_id in ids]
    assert [approved["id"]] == github.ids()


def test_one_made_offline_and_half_approved_expires_when_its_rule_says(here: road.Road) -> None:
    request = road.offline("korea")  # its rule gives it two hours, its ticket a day
    assert "counted" == press(here, request, "haneul")
    end = request.issued_at + 2 * HOUR
    assert [(end, request.id)] == lives(here)
    here.ahead = 2 * HOUR + 1
    assert ("pending", "expired") == (here.case(request.id).status, road.said(here.show(request.id))["status"])
    assert "expired" == press(here, request, "ada")
    here.round()
    assert ("expired", end) == (here.case(request.id).status, here.case(request.id).decided_at)


def test_one_made_offline_is_kept_until_a_day_after_its_ticket_though_its_rule_ended_it_before(here: road.Road) -> None:
    request = road.offline("korea")
    press(here, request, "haneul")
    here.ahead = 2 * HOUR + 1
    brief = replace(here.timer(), keep=0)
    brief.run()
    assert [(request.expires_at + DAY, request.id)] == lives(here)


def test_a_notification_ends_too(here: road.Road) -> None:
    made = road.said(here.ask({"repository": "octo/api", "title": "done"}))
    here.ahead = DAY + 1
    here.round()
    assert "expired" == here.case(made["id"]).status


def test_a_press_that_meets_the_timer_at_the_end_is_counted_or_expired(here: road.Road, github: groups.GitHub) -> None:
    outcomes = set()
    for number in range(1, 30):
        made = ask(here, str(number), "production")
        here.ahead += DAY + 5
        late = road.Road(here.world, here.path, here.ahead)

        with groups.hooked(here, before=groups.at(number, late.round)) as met:
            met.ahead -= 10  # its clock goes a little after the timer's
            outcome = press(met, made)
        status = here.case(made["id"]).status
        outcomes.add(outcome)
        late.round()
        assert {"released": {"approved"}, "expired": {"expired"}}[outcome] == {status}
        assert [made["id"]] * (status == "approved") == [each for each in github.ids() if each == made["id"]]
    assert {"released", "expired"} == outcomes
