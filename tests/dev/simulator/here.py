"""The relay and its simulator in this process, served on a free port of loopback; timers run when a test says so."""

import json
import os
import re
import shlex
import sqlite3
import sys
from collections.abc import Iterator, Mapping
from contextlib import closing, contextmanager
from dataclasses import dataclass
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from threading import Thread
from typing import Any, Final

import httpx
import pytest

from relay import app
from relay.app import Relay
from relay.dev import command, settings
from relay.dev.simulator.app import Simulator
from relay.serve.functions_host import FunctionsHost
from relay.serve.server import Server
from tests.dev.simulator.running import PATIENCE
from tests.support.own_process import ROOT

APPROVE: Final = ["potentialAction", 0, "actions", 0]
REJECT: Final = ["potentialAction", 1, "actions", 0]
_OURS: Final = ("RELAY_", "GITHUB_", "ACTIONS_")


@dataclass(frozen=True)
class Here:
    """Where it serves, and the token of its run."""

    origin: str
    token: str
    simulator: Simulator

    def client(self) -> httpx.Client:
        return httpx.Client(
            base_url=self.origin, headers={"X-Simulator-Token": self.token}, trust_env=False, timeout=PATIENCE
        )


@contextmanager
def here(folder: Path, **environ: str) -> Iterator[Here]:
    """Serve until the test ends, with no settings but those of `relay dev` and `environ`; threads end with it."""
    with pytest.MonkeyPatch.context() as patch, pytest.MonkeyPatch.context() as modules:
        for name in [name for name in os.environ if name.startswith(_OURS)]:
            patch.delenv(name)
        patch.setenv("PYTHONPATH", str(ROOT))
        patch.setattr(settings, "SIMULATED", folder / "simulator")
        server = Server(0)
        origin = f"http://127.0.0.1:{server.port}"
        wanted = settings.own_defaults(origin, folder) | environ
        for name, value in wanted.items():
            patch.setenv(name, value)
        known = set(os.environ)
        worlds = _remember_worlds(patch)
        simulator, page = command._simulator(origin)
        host = FunctionsHost(_functions(modules), others=simulator)
        thread = Thread(target=server.run, args=[host], kwargs={"ending": simulator.end})
        thread.start()
        try:
            yield Here(origin, page.partition("#")[2], simulator)
        finally:
            server.stop()
            thread.join()
            simulator.close()
            for world in worlds:
                world.close()
            for name in set(os.environ) - known:
                del os.environ[name]


def _remember_worlds(patch: pytest.MonkeyPatch) -> list[Relay]:
    """Have the process build a world of its own for as long as this lasts; one of a relay around it stays as it is."""
    built = list[Relay]()

    @cache
    def build() -> Relay:
        built.append(app.build(*app.read_all(os.environ)))
        return built[-1]

    patch.setattr(app, "_relay", build)
    return built


def _functions(modules: pytest.MonkeyPatch) -> tuple[Any, ...]:
    spec = spec_from_file_location("function_app_here", ROOT / "function_app.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    modules.setitem(sys.modules, spec.name, module)
    spec.loader.exec_module(module)
    return tuple(module.app.get_functions())


def state(page: httpx.Client) -> dict[str, Any]:
    """Return how things stand: the first event of a new stream."""
    with page.stream("GET", "/simulator/events") as answer:
        assert 200 == answer.status_code, answer.read()
        return next(states(answer))


def states(answer: httpx.Response) -> Iterator[dict[str, Any]]:
    for line in answer.iter_lines():
        if line.startswith("data: "):
            yield json.loads(line.removeprefix("data: "))


def exports(page: httpx.Client) -> dict[str, str]:
    """Return what the page has people put into their shell."""
    said = page.post("/simulator/command", json={"form": {"title": "T"}}).json()["environment"]
    return {name: shlex.split(value)[0] for name, value in re.findall(r"export (\w+)=(\S+)", said) if name != "PATH"}


def sample(page: httpx.Client, key: str) -> dict[str, Any]:
    return dict(next(each["form"] for each in state(page)["samples"] if each["key"] == key))


def ask(page: httpx.Client, form: Mapping[str, object] | str) -> dict[str, Any]:
    """Make a request, of a sample by its key, and return its card."""
    return ask_in(page, form, "outlook")[0]


def ask_in(page: httpx.Client, form: Mapping[str, object] | str, *places: str) -> list[dict[str, Any]]:
    """Make a request in several places, and return its cards in their order; the relay's channels come first."""
    wanted = sample(page, form) if isinstance(form, str) else form
    answer = page.post("/simulator/requests", json={"form": wanted, "places": list(places)})
    assert (201, {}) == (answer.status_code, answer.json())
    return [dict(each) for each in reversed(state(page)["cards"][: len(places)])]


def path_of(card: object, name: str, path: tuple[object, ...] = ()) -> list[object]:
    """Return where the innermost action of this name stands in a card of either form."""
    entries = card.items() if isinstance(card, dict) else enumerate(card) if isinstance(card, list) else ()
    for key, each in entries:
        found = path_of(each, name, (*path, key))
        if found:
            return found
    is_action = isinstance(card, dict) and name in (card.get("title"), card.get("name"))
    kind = (card.get("type") or card.get("@type")) if isinstance(card, dict) else ""
    return list(path) if is_action and kind in {"Action.Execute", "Action.Http", "HttpPOST"} else []


def press(
    page: httpx.Client, card: str, person: str, path: list[object] | None = None, comment: str = ""
) -> dict[str, Any]:
    """Press on a card and return the card as it is afterwards."""
    asked = {"card": card, "person": person, "path": path or APPROVE, "inputs": {"comment": comment}}
    answer = page.post("/simulator/presses", json=asked)
    assert 200 == answer.status_code, answer.text
    return now(page, card)


def press_on(page: httpx.Client, card: Mapping[str, Any], name: str, person: str, comment: str = "") -> dict[str, Any]:
    """Press the button of this name on the card that the person sees, and return the card as it is afterwards."""
    return press(page, card["id"], person, path_of(card["views"].get(person, card["card"]), name), comment)


def now(page: httpx.Client, card: str) -> dict[str, Any]:
    """Return a card as it is now."""
    return next(each for each in state(page)["cards"] if each["id"] == card)


@contextmanager
def github(page: httpx.Client, mode: str) -> Iterator[None]:
    """Have GitHub behave in this way for a while; what it asked to wait for is forgotten afterwards."""
    assert 200 == page.post("/simulator/switch", json={"mode": mode}).status_code
    yield
    assert 200 == page.post("/simulator/switch", json={"mode": "healthy"}).status_code
    with closing(sqlite3.connect(os.environ["RELAY_STORE"].removeprefix("sqlite:///"))) as file, file:
        file.execute("DELETE FROM buckets")
