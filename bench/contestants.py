"""The contestants: the relay and the ordinary peers, each with the click it takes and the server that serves it."""

import socket
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from bench import tenant
from bench.processes import ROOT, started
from bench.tenant import Click

if TYPE_CHECKING:
    import subprocess

THREADS: Final = "32"  # of Azure's worker, for every contestant: one for each of the clients
START: Final = 20.0  # seconds that a server may take to listen


@dataclass(frozen=True, slots=True)
class Contestant:
    """A server that handles clicks. `server` is its command after `python`, in which PORT stands for the port."""

    name: str
    click: Callable[[str], Click]
    path: str
    server: tuple[str, ...]
    app: Path


RELAY: Final = Contestant(
    name="relay",
    click=tenant.relay_click,
    path="/api/interactions/messagecard",
    server=("-m", "bench.limits", "dev", "--no-simulator", "--port", "PORT"),
    app=ROOT,
)
ORDINARY: Final = Contestant(
    name="ordinary",
    click=tenant.ordinary_click,
    path="/click",
    server=("-m", "uvicorn", "bench.peers.service:app", "--port", "PORT", "--backlog", "1024"),
    app=ROOT / "bench" / "peers" / "ordinary",
)

ASYNCHRONOUS: Final = Contestant(
    name="asynchronous", click=tenant.ordinary_click, path="", server=(), app=ROOT / "bench" / "peers" / "asynchronous"
)
NOOP: Final = Contestant(
    name="noop", click=tenant.ordinary_click, path="", server=(), app=ROOT / "bench" / "peers" / "noop"
)
BY_NAME: Final = {each.name: each for each in (RELAY, ORDINARY, ASYNCHRONOUS, NOOP)}


@contextmanager
def serving(contestant: Contestant, outside: str, folder: Path) -> Iterator[int]:
    """Start a contestant's server on a store of its own; yield its port, which may not be open yet."""
    port = free_port()
    store = folder / f"{contestant.name}-{port}.db"
    arguments = [str(port) if each == "PORT" else each for each in contestant.server]
    with started(*arguments, more=tenant.environ(outside, store), folder=ROOT, log=folder / "log", answers=False):
        yield port


def hosted(contestant: Contestant, outside: str, folder: Path) -> "AbstractContextManager[subprocess.Popen[str]]":
    """Start Azure's worker with a contestant's function app, in its folder, on a store of its own."""
    more = tenant.environ(outside, folder / f"{contestant.name}-azure.db")
    more["PYTHON_THREADPOOL_THREAD_COUNT"] = THREADS
    arguments = ("-m", "bench.azure_host", str(folder), contestant.name, outside)
    return started(*arguments, more=more, folder=contestant.app, log=folder / "log")


def free_port() -> int:
    """Return a port that was free just now."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return int(listener.getsockname()[1])


def wait_for(port: int) -> None:
    """Return as soon as the port is open. Raises TimeoutError after `START` seconds."""
    ends_at = time.perf_counter() + START
    while time.perf_counter() < ends_at:
        try:
            socket.create_connection(("127.0.0.1", port), 1).close()
        except ConnectionRefusedError:
            time.sleep(0.001)
        else:
            return
    raise TimeoutError("a server of the benchmark does not listen")
