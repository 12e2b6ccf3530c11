"""Presses many times and prints its memory in MB: `python -m bench.memory_process FOLDER OUTSIDE CLICKS REQUESTS`."""

import json
import os
import resource
import sys
import time
from pathlib import Path
from typing import Final

from bench import tenant
from bench.limits import lift
from relay.app import build, read_all
from relay.model.delivery import Delivery

MEGABYTE: Final = 1_000_000
TOKENS: Final = 400  # more than anything in the relay remembers


def resident() -> float:
    """Return the memory that the process holds now."""
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE") / MEGABYTE


def peak() -> float:
    """Return the most memory that the process ever held. Linux gives it in KiB."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1_024 / MEGABYTE


def run(folder: Path, outside: str, clicks: int, requests: int) -> dict[str, float]:
    """Press every request `clicks // requests` times in a row, and return the memory half-way and at the end."""
    relay, signer = build(*read_all(os.environ)), tenant.load(folder)
    channel = relay.channels["messagecard"]
    tokens = [signer.token(outside) for _ in range(TOKENS)]
    halfway = 0.0
    for number in range(requests):
        if number == requests // 2:
            halfway = resident()
        ticket = tenant.ticket()
        for again in range(clicks // requests):
            click = tenant.press(tokens[(number * 7 + again) % TOKENS], ticket)
            reply = relay.presses.answer(channel, Delivery("messagecard", click.headers, click.body, time.time()))
            expected = "already-approved" if again else "released"
            if reply.headers["Relay-Outcome"] != expected:
                raise RuntimeError(f"not {expected}: {reply.headers['Relay-Outcome']}")
    last = resident()
    relay.close()
    return {"middle": halfway, "last": last, "peak": peak()}


if __name__ == "__main__":
    lift()
    print(json.dumps(run(Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), int(sys.argv[4]))))  # noqa: T201 - its answer
