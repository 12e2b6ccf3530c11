"""Runs clicks through `azure-functions-runtime`, the code that executes functions on Azure: one contestant a process.

`python -m bench.azure_host FOLDER CONTESTANT OUTSIDE` reads lines of JSON `[clients, clicks]` and prints for each
`[seconds of the whole, [seconds of each click]]`. https://github.com/Azure/azure-functions-python-worker
"""

import asyncio
import json
import sys
import time
from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

from bench import tenant
from bench.contestants import BY_NAME
from bench.limits import lift
from bench.tenant import Click

SUCCESS: Final = 1
MESSAGES: Final = (
    "BindingInfo",
    "FunctionMetadataResponse",
    "RpcException",
    "RpcFunctionMetadata",
    "RpcRetryOptions",
    "StatusResult",
    "WorkerInitResponse",
    "WorkerMetadata",
)


class Message:
    """A message of the worker's protocol, with its fields as attributes."""

    Success: Final = SUCCESS
    Failure: Final = 0
    undefined: Final = None
    out: Final = 1
    inout: Final = 2

    def __init__(self, **fields: object) -> None:
        self.__dict__.update(fields)


class AzureHost:
    """The worker of one function app, as the host drives it."""

    def __init__(self) -> None:
        self._native = import_module("azure_functions_runtime.native_invocation")
        self._datum = import_module("azure_functions_runtime.bindings.datumdef").Datum
        self._ids: dict[str, str] = {}

    async def start(self, app: Path) -> None:
        """Index the functions of a folder."""
        worker = import_module("azure_functions_runtime")
        protos = SimpleNamespace(**{name: type(name, (Message,), {}) for name in MESSAGES})
        init = SimpleNamespace(capabilities={}, function_app_directory=str(app))
        request = SimpleNamespace(
            request=SimpleNamespace(worker_init_request=init), properties={"host": "127.0.0.1", "protos": protos}
        )
        worker.start_threadpool_executor()
        answer = await worker.worker_init_request(request)
        if answer.result.status != SUCCESS:
            raise RuntimeError(answer.result.exception.message)
        answer = await worker.functions_metadata_request(request)
        self._ids = {each.name: each.function_id for each in answer.function_metadata_results}

    def datum(self, click: Click) -> object:
        """Return a click as the host hands it over."""
        value = {
            "method": self._text("POST"),
            "url": self._text(f"{tenant.ORIGIN}/api/interactions/messagecard"),
            "headers": {name: self._text(each) for name, each in click.headers.items()},
            "query": {},
            "params": {"channel": self._text("messagecard")},
            "body": self._datum(click.body, "bytes"),
        }
        return self._datum(value, "http")

    async def click(self, datum: object) -> None:
        """Run one click, and check that it was released. Raises RuntimeError if it was not."""
        identifier = self._ids.get("interactions") or self._ids["click"]
        call = self._native.invocation_request_native("an-invocation", identifier, [("req", datum)], {})
        done, returned, _, error, trace = await call
        if not done:
            raise RuntimeError(f"{error}\n{trace}")
        answer: Any = returned.value
        outcome = answer["headers"].get("Relay-Outcome")
        text = outcome.value if outcome else answer["body"].value.decode()
        if int(answer["status_code"].value) != 200 or "released" not in text:  # noqa: PLR2004 - HTTP's OK
            raise RuntimeError(f"not released: {text[:300]}")

    def _text(self, text: str) -> object:
        return self._datum(text, "string")


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
