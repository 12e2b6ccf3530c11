import json
import sys
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path

import httpx
import pytest

from bench import memory_process, tenant
from bench.clicked import Clicked
from bench.contestants import ASYNCHRONOUS, NOOP, ORDINARY, RELAY, Contestant, hosted, serving, wait_for
from bench.parts import PARTS
from bench.peers.pieces import OrdinaryPieces
from bench.pressing import press, request
from bench.processes import environment, line, outside, tell
from bench.run import Run
from bench.told import Told
from tests.support.left_out import leave_out


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Run]:
    folder = tmp_path_factory.mktemp("bench")
    signer = tenant.create(folder)
    with outside(folder) as address:
        yield Run(folder, signer, address)


def test_there_is_a_part_for_each_letter() -> None:
    assert list("abcdefghij") == list(PARTS)


def test_a_measured_process_writes_bytecode_and_has_no_settings_of_this_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYTHONDONTWRITEBYTECODE", "1")
    monkeypatch.setenv("RELAY_STORE", "tables")
    assert not {"PYTHONDONTWRITEBYTECODE", "RELAY_STORE"} & set(environment({}))


def test_a_slow_outside_takes_its_time(run: Run) -> None:
    with outside(run.folder, 0.1) as address:
        assert 204 == httpx.post(f"{address}/x", trust_env=False, timeout=10).status_code
        with pytest.raises(httpx.ReadTimeout):
            httpx.post(f"{address}/x", trust_env=False, timeout=0.05)


@pytest.mark.parametrize("contestant", [RELAY, ORDINARY], ids=lambda each: each.name)
def test_each_server_releases_what_is_pressed_by_several_at_once(contestant: Contestant, run: Run) -> None:
    clicks = [contestant.click(run.tenant.token(run.outside)) for _ in range(6)]
    with serving(contestant, run.outside, run.folder) as port:
        wait_for(port)
        pressed = press(port, [request(contestant.path, click) for click in clicks], 3)
        assert 6 == len(pressed.times)
        with pytest.raises(RuntimeError, match="not released"):
            press(port, [request(contestant.path, clicks[0])], 1)


def test_a_press_that_owes_notices_is_released_too(run: Run) -> None:
    with closing(Told(run, 1)) as made:
        made.told()
        made.untold()
        assert [2, 0] == made.owed()  # of the three, one waits for another of its channel


def test_a_click_that_is_not_proven_is_not_measured(run: Run) -> None:
    click = RELAY.click("no.token.atall")
    with serving(RELAY, run.outside, run.folder) as port:
        wait_for(port)
        with pytest.raises(RuntimeError, match="not-genuine"):
            press(port, [request(RELAY.path, click)], 1)


@pytest.mark.parametrize("contestant", [NOOP, ORDINARY, ASYNCHRONOUS, RELAY], ids=lambda each: each.name)
def test_each_function_is_run_by_azures_worker(contestant: Contestant, run: Run) -> None:
    if find_spec("azure_functions_runtime") is None:
        leave_out("azure-functions-runtime is missing: it needs Python 3.13", possible=sys.version_info >= (3, 13))
    with hosted(contestant, run.outside, run.folder) as process:
        tell(process, json.dumps([2, 4]))
        whole, times = json.loads(line(process))
    assert 4 == len(times)
    assert whole >= max(times)


def test_every_piece_of_a_click_does_its_work(run: Run) -> None:
    with closing(Clicked(run)) as ours:
        for piece in (ours.token, ours.ticket, ours.policy, ours.encode, ours.commit, ours.dispatch, ours.card):
            piece()
        assert "receipt" in json.dumps(ours.receipt())
        with closing(OrdinaryPieces(run, ours.decided(), ours.payload())) as theirs:
            for piece in (theirs.token, theirs.ticket, theirs.encode, theirs.commit, theirs.dispatch, theirs.receipt):
                piece()


def test_the_memory_is_of_clicks_that_were_taken(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in tenant.environ(run.outside, tmp_path / "relay.db").items():
        monkeypatch.setenv(name, value)
    found = memory_process.run(run.folder, run.outside, clicks=6, requests=2)
    assert {"middle", "last", "peak"} == set(found)
    assert min(found.values()) > 1  # MB
