"""The part of the benchmark about scale: its arithmetic, its counting, and GitHub's limits as the fake has them."""

import json
import re
import tomllib
from pathlib import Path

import httpx
import pytest
from click.testing import CliRunner

from bench import projection, scale_process, tenant
from bench.__main__ import BEGIN_APART, END_APART, PAGE, main
from bench.counting import touched
from bench.github_limits import Window
from bench.parts import APART, PARTS
from bench.parts.scale import pressed, projected
from bench.processes import ROOT, outside
from bench.projection import ONE_CREDENTIAL, Work
from bench.run import Run
from relay.app import build, read_all
from tests.support import azurite

LIGHT = Work(operations=8, hottest=4, cpu=0.02)  # holds a place for 0.02 + 8 * 0.01 + 0.2 = 0.3 seconds
TIMES = {"table_operation": 0.01, "dispatch": 0.2, "shortest_billed": 1.0, "billed_in_steps_of": 0.1}
AMOUNTS = {"prices": {"execution": 1e-6, "gigabyte_second": 1e-5, "table_operation": 1e-7}, "times": TIMES}


def test_scale_is_measured_apart() -> None:
    assert ["scale"] == list(APART)
    assert set() == set(APART) & set(PARTS)
    refused = CliRunner().invoke(main, ["a", "scale", "--write-docs"])
    assert "measure scale alone" in refused.output
    assert (1, 1) == tuple(PAGE.read_text("utf-8").count(marker) for marker in (BEGIN_APART, END_APART))


@pytest.mark.parametrize(("rate", "expected"), [(1, 1), (3_000, 1), (3_001, 2), (6_001, 3)])
def test_cores_bound_the_instances_if_the_work_is_of_a_core(rate: int, expected: int) -> None:
    assert expected == projection.instances(LIGHT, TIMES, rate)


def test_places_bound_the_instances_if_an_approval_mostly_waits() -> None:
    slow = TIMES | {"dispatch": 63.9}  # holds a place for 64 seconds
    assert (10, 11) == tuple(projection.instances(LIGHT, slow, rate) for rate in (600, 601))


def test_each_resource_ends_at_its_documented_limit() -> None:
    expected = {ONE_CREDENTIAL: 500 / 60, "the hottest partition": 30_000.0, "40 instances": 120_000.0}
    found = projection.ends(LIGHT, TIMES)
    assert expected | {"the storage account": 150_000.0} == found
    assert sorted(found.values()) == list(found.values())


@pytest.mark.parametrize(("rate", "tokens", "hours"), [(1, 1, 0.0), (100, 12, 11.0), (10_000, 1_200, 1_199.0)])
def test_dispatches_beyond_500_an_hour_need_credentials_or_wait(rate: int, tokens: int, hours: float) -> None:
    assert (tokens, hours) == (projection.credentials(rate), projection.wait(rate))


def test_an_approval_alone_is_billed_a_whole_second_and_then_tenths_of_one() -> None:
    assert pytest.approx(1 + 20 + 0.8) == projection.cost(LIGHT, AMOUNTS, at_once=1)
    longer = AMOUNTS | {"times": TIMES | {"dispatch": 1.13}}  # 1.23 seconds
    assert pytest.approx(1 + 26 + 0.8) == projection.cost(LIGHT, longer, at_once=1)


def test_approvals_together_share_the_time_of_their_instance() -> None:
    assert pytest.approx(1 + 2 * 10 * 0.3 / 10 + 0.8) == projection.cost(LIGHT, AMOUNTS, at_once=10)
    assert pytest.approx(1 + 2 * 10 * 0.02 + 0.8) == projection.cost(LIGHT, AMOUNTS, at_once=100)


def test_a_timer_that_has_nothing_to_do_is_billed_for_its_rounds() -> None:
    assert pytest.approx(172_800 * (1e-6 + 2e-5 + 7e-7)) == projection.idle_month(7, AMOUNTS)


def test_the_lines_name_the_resource_that_breaks_first() -> None:
    titles = [line.title for line in projected(LIGHT, Work(80, 40, 0.5), 7) if "breaks first" in line.title]
    assert [f"computed, {rate} a minute: {ONE_CREDENTIAL}, breaks first" for rate in ("100", "10,000")] == titles


def test_each_price_has_its_page_and_date_and_tells_whether_it_was_verified() -> None:
    entries = [
        entry for kind in tomllib.loads(projection.PRICES.read_text("utf-8")).values() for entry in kind.values()
    ]
    assert {("amount", "source", "date", "verified")} == {tuple(entry) for entry in entries}
    assert all(entry["source"].startswith("https://") for entry in entries)
    assert all(re.fullmatch(r"20\d\d-\d\d-\d\d", entry["date"]) for entry in entries)
    assert {bool} == {type(entry["verified"]) for entry in entries}
    assert {kind: set(names) for kind, names in AMOUNTS.items()} == {
        kind: set(names) for kind, names in projection.read().items()
    }


def test_the_arithmetic_has_the_figures_of_the_infrastructure() -> None:
    bicep = "".join(path.read_text("utf-8") for path in Path(ROOT / "infra").glob("*.bicep"))
    assert f"param maximumInstanceCount int = {projection.INSTANCES}\n" in bicep
    assert f"param instanceMemoryMB int = {projection.GIGABYTES * 1_024:.0f}\n" in bicep
    assert f"var concurrency = {projection.CONCURRENCY}\n" in bicep
    assert f'"*/{projection.ROUND} * * * * *"' in (ROOT / "function_app.py").read_text("utf-8")


def test_github_takes_80_calls_in_any_minute_and_500_in_any_hour() -> None:
    window = Window()
    assert [True] * 80 + [False] == [window.take(0.0) for _ in range(81)]
    assert (False, True) == (window.take(59.9), window.take(60.0))
    later = [window.take(60.0 + minute * 60) for minute in range(1, 8) for _ in range(80)]
    assert 500 - 81 == sum(later)
    assert (False, True) == (window.take(3_599.9), window.take(3_600.0))


def test_the_fake_github_refuses_what_is_beyond_the_limits_of_a_credential(tmp_path: Path) -> None:
    tenant.create(tmp_path)
    with outside(tmp_path, limited=True) as address, httpx.Client(base_url=address, trust_env=False) as client:
        first = [client.post("/x", headers={"authorization": "Bearer a"}).status_code for _ in range(82)]
        other = client.post("/x", headers={"authorization": "Bearer b"})
        counted = [client.get(path).json() for path in ("/taken", "/refused")]
        refused = client.post("/x", headers={"authorization": "Bearer a"})
    assert [204] * 80 + [403] * 2 == first
    assert (204, [81, 2]) == (other.status_code, counted)
    assert "secondary rate limit" in refused.json()["message"]


def test_a_call_is_counted_for_each_entity_that_it_touches() -> None:
    account = "/devstoreaccount1"
    row = b'{"PartitionKey": "p", "RowKey": "r"}'
    assert [("cases", "p")] == touched(f"{account}/cases(PartitionKey='p',RowKey='r')", row)
    assert [("cases", "p")] == touched(f"{account}/cases", row)
    assert [("due", "owed")] == touched(f"{account}/due()?$filter=PartitionKey%20eq%20'owed'", b"")
    part = b"Content-Type: application/http\r\n\r\nPUT http://host%s/due(PartitionKey='owed',RowKey='%d') HTTP/1.1\r\n"
    batch = b"--batch\r\n" + b"".join(part % (account.encode(), number) for number in range(3))
    assert [("due", "owed")] * 3 == touched(f"{account}/$batch", batch)


def test_an_instance_tells_its_work_and_its_outcomes(tmp_path: Path) -> None:
    signer = tenant.create(tmp_path)
    with outside(tmp_path) as address:
        relay = build(*read_all(tenant.environ(address, tmp_path / "relay.db")))
        clicks = [tenant.press(signer.token(address), tenant.ticket(name)) for name in ("octo/a", "octo/b")]
        found = json.loads(json.dumps(scale_process.press(relay, clicks, 1)))
        relay.close()
    assert {"released": 2} == found["outcomes"]
    assert found["cpu"] > 0


def test_instances_on_one_account_are_counted_together(tmp_path: Path) -> None:
    azurite.need()
    run = Run(tmp_path, tenant.create(tmp_path), "")
    found = pressed(run, instances=2, clicks=4, threads=1, apart=True)
    assert ({"released": 4}, 0, "due, owed") == (found.outcomes, found.refused, found.hottest)
    assert 6 <= found.work.operations <= 20
    assert (0, True) == (found.rounds, 0 < found.idle < 20)
