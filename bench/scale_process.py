"""An instance of the relay for the measurement of scale: `python -m bench.scale_process FOLDER OUTSIDE`.

It reads a line of JSON and answers with one. `[CLICKS, THREADS, APART]` presses fresh requests, if `APART` each of a
repository of its own. `[]` is a round of the timer.
"""

import json
import os
import secrets
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Final

from bench import tenant
from relay.app import Relay, build, read_all
from relay.model.delivery import Delivery

FAR: Final = 10.0  # seconds that messages may take to be written


def press(relay: Relay, clicks: list[tenant.Click], threads: int) -> dict[str, object]:
    """Press all of them, and return the seconds of CPU and the outcomes. One thread writes each press's messages."""

    def one(click: tenant.Click) -> str:
        reply = relay.presses.answer(
            relay.channels["messagecard"], Delivery("messagecard", click.headers, click.body, time.time())
        )
        if threads == 1:
            relay.messages.flush(FAR)
        return reply.headers["Relay-Outcome"]

    begun = time.process_time()
    with ThreadPoolExecutor(threads) as pool:
        outcomes = Counter(pool.map(one, clicks))
    relay.messages.flush(FAR)
    return {"cpu": time.process_time() - begun, "outcomes": outcomes}


def main(folder: Path, outside: str) -> None:
    """Answer each line of standard input."""
    relay, signer = build(*read_all(os.environ)), tenant.load(folder)
    for text in sys.stdin:
        order = json.loads(text)
        if order:
            count, threads, apart = order
            names = [f"octo/{secrets.token_hex(4)}" if apart else tenant.REPOSITORY for _ in range(count)]
            clicks = [tenant.press(signer.token(outside), tenant.ticket(name)) for name in names]
            found = press(relay, clicks, threads)
        else:
            begun = time.process_time()
            found = {"tried": relay.round().run(), "cpu": time.process_time() - begun}
        sys.stdout.write(f"{json.dumps(found)}\n")
        sys.stdout.flush()
    relay.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
