"""Runs clicks through `azure-functions-runtime`, the code that executes functions on Azure: one contestant a process.

`python -m bench.azure_host FOLDER CONTESTANT OUTSIDE` reads lines of JSON `[clients, clicks]` and prints for each
`[seconds of the whole, [seconds of each click]]`. https://github.com/Azure/azure-functions-python-worker
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

from bench import tenant
from bench.azure_worker import Worker
from bench.contestants import BY_NAME
from bench.limits import lift
from bench.tenant import Click

URL: Final = f"{tenant.ORIGIN}/api/interactions/messagecard"


class AzureHost(Worker):
    """The worker of one function app, and the clicks that the host hands to it."""

    def datum(self, click: Click) -> object:
        """Return a click as the host hands it over."""
        return self.request(URL, click.headers, {"channel": "messagecard"}, click.body)

    async def click(self, datum: object) -> None:
        """Let a click be taken, and check that it was released. RuntimeError where it was not."""
        status, headers, body = await self.call("interactions" if "interactions" in self.ids else "click", datum)
        said = headers.get("Relay-Outcome") or body
        if status != 200 or "released" not in said:  # noqa: PLR2004 - HTTP's OK
            raise RuntimeError(f"not released: {said[:300]}")


async def burst(host: AzureHost, clicks: list[object], clients: int) -> tuple[float, list[float]]:
    """Press each click once, `clients` at once."""
    waiting, times = iter(clicks), list[float]()

    async def client(waiting: Iterator[object]) -> None:
        for each in waiting:
            begun = time.perf_counter()
            await host.click(each)
            times.append(time.perf_counter() - begun)

    begun = time.perf_counter()
    await asyncio.gather(*(client(waiting) for _ in range(clients)))
    return time.perf_counter() - begun, times


async def serve(folder: Path, name: str, outside: str) -> None:
    """Answer every order of standard input."""
    host, signer, contestant = AzureHost(), tenant.load(folder), BY_NAME[name]
    await host.start(contestant.app)
    for order in sys.stdin:
        clients, count = json.loads(order)
        clicks = [host.datum(contestant.click(signer.token(outside))) for _ in range(count)]
        sys.stdout.write(json.dumps(await burst(host, clicks, clients)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    lift()
    asyncio.run(serve(Path(sys.argv[1]), sys.argv[2], sys.argv[3]))
