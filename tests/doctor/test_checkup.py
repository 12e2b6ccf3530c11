"""A run of checks: its order, its time, and checks that another fault makes impossible."""

import time
from collections.abc import Iterator
from pathlib import Path
from threading import Event

import pytest

from relay.chats.table import CHATS
from relay.cli.doctor import PAGE
from relay.doctor.checkup import Check, Report, examine
from relay.doctor.once import Once
from relay.doctor.outside.app import NAME
from relay.doctor.table import inside_checks, outside_checks
from relay.errors import Outage
from relay.model.findings import Finding, LeftOut
from tests.support import road
from tests.test_docs import anchors

OK = Finding("ok", "fine")
BAD = Finding("failed", "broken", "mend it")


def test_the_worst_status_is_that_of_the_report() -> None:
    warning = Finding("warning", "odd")
    assert "failed" == Report([("a", OK), ("b", BAD), ("c", warning)], []).status
    assert "warning" == Report([("a", OK), ("c", warning)], []).status
    assert "ok" == Report([], [("a", LeftOut("no subject"))]).status


def test_a_fault_is_told_once_and_what_it_makes_impossible_is_left_out() -> None:
    checks: list[Check[None]] = [
        Check("a", lambda _: [BAD]),
        Check("b", lambda _: [OK], needs=("a",)),
        Check("c", lambda _: [OK], needs=("b",)),
        Check("d", lambda _: [Finding("warning", "odd")]),
        Check("e", lambda _: [OK], needs=("d",)),
        Check("f", lambda _: [OK], settings=("X",)),
    ]
    report = examine(checks, None, clock=time.time, wrong={"X": "is missing"})
    assert [("a", BAD), ("d", Finding("warning", "odd"))] == report.findings
    reasons = {name: each.because for name, each in report.left_out}
    assert {"b": "a failed", "c": "b was left out", "e": "d does not hold", "f": "X is wrong or missing"} == reasons


def test_an_outage_is_a_failure() -> None:
    def fails(_subject: None) -> Iterator[Finding]:
        yield OK
        raise Outage("the store is away")

    checks: list[Check[None]] = [Check("a", fails)]
    ((name, finding),) = examine(checks, None, clock=time.time).findings
    assert ("a", "failed", "the store is away") == (name, finding.status, finding.detail)
    assert "the firewall" in finding.cure


def test_what_is_not_ready_in_time_is_left_out() -> None:
    over = Event()
    checks: list[Check[None]] = [
        Check("quick", lambda _: [OK]),
        Check("slow", lambda _: [OK] if over.wait(10) else []),
        Check("after", lambda _: [OK], needs=("slow",)),
    ]
    began = time.monotonic()
    report = examine(checks, None, clock=time.time, seconds=0.3)
    over.set()
    assert time.monotonic() - began < 5
    assert ["quick"] == [name for name, _ in report.findings]
    assert ["slow", "after"] == [name for name, each in report.left_out if "no time left" in each.because]


def test_a_value_is_asked_for_once_and_again_after_a_failure() -> None:
    asked: list[int] = []

    def make() -> int:
        asked.append(1)
        if len(asked) == 1:
            raise Outage("not yet")
        return 7

    once = Once(make)
    with pytest.raises(Outage):
        once()
    assert [7, 7, 2] == [once(), once(), len(asked)]


@pytest.mark.parametrize("checks", [inside_checks(), outside_checks()], ids=["inside", "outside"])
def test_a_check_stands_below_those_that_it_needs(checks: tuple[Check[object], ...]) -> None:
    names = [check.name for check in checks]
    assert len({*names}) == len(names)
    for at, check in enumerate(checks):
        assert {*check.needs} <= {*names[:at]}


def test_every_check_has_its_place_in_the_docs_and_nothing_else_has() -> None:
    chapters = {"the-doctor", "from-inside", "from-outside"}
    names = {check.name for check in inside_checks()} | {check.name for check in outside_checks()} | {"webhook", NAME}
    assert names | chapters == anchors(road.ROOT / PAGE)


def test_every_setting_that_a_check_names_is_one() -> None:
    from relay.net.setting_names import OF_THE_RELAY  # noqa: PLC0415 - of this test alone

    used = {name for check in inside_checks() for name in check.settings}
    assert used <= {*OF_THE_RELAY, "AzureWebJobsStorage"}


def test_a_chat_without_checks_has_none(tmp_path: Path) -> None:
    assert () == CHATS["outlook"].checks()
