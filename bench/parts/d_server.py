"""(d) The same server against server: `relay dev` against FastAPI under uvicorn, over HTTP."""

from contextlib import ExitStack
from typing import Final

from bench.bursts import p50, p99, rate
from bench.contestants import ORDINARY, RELAY, Contestant, serving, wait_for
from bench.figures import Line, compare
from bench.pressing import Pressed, press, request
from bench.run import Run

ROUNDS: Final = 5
WARM_UP: Final = 60
BURSTS: Final = ((1, 200), (32, 640))  # clients, clicks


def measure(run: Run) -> list[Line]:
    """Give both the same bursts in turn."""
    found: dict[tuple[Contestant, int], list[Pressed]] = {}
    with ExitStack() as stack:
        ports = {each: stack.enter_context(serving(each, run.outside, run.folder)) for each in (RELAY, ORDINARY)}
        for each, port in ports.items():
            wait_for(port)
            for clients, _ in BURSTS:
                burst(each, port, run, clients, WARM_UP)
        for _ in range(ROUNDS):
            for clients, clicks in BURSTS:
                for each, port in ports.items():
                    found.setdefault((each, clients), []).append(burst(each, port, run, clients, clicks))
    alone, many = ((found[RELAY, clients], found[ORDINARY, clients]) for clients, _ in BURSTS)
    return [
        compare("d", "server, 1 client: p50", "ms", map(p50, alone), goal=0.8),
        compare("d", "server, 1 client: p99", "ms", map(p99, alone)),
        compare("d", "server, 32 clients: clicks", "/s", map(rate, many), goal=2, at_least=True),
        compare("d", "server, 32 clients: p99", "ms", map(p99, many), goal=0.5),
    ]


def burst(contestant: Contestant, port: int, run: Run, clients: int, clicks: int) -> Pressed:
    """Press that many fresh requests, each with a fresh token."""
    tokens = (run.tenant.token(run.outside) for _ in range(clicks))
    return press(port, [request(contestant.path, contestant.click(token)) for token in tokens], clients)
