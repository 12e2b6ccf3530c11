"""The worker of one function app, driven without gRPC. It is `azure-functions-runtime`, which runs functions on Azure.

As a program it knows nothing but the folder it is given, as an instance of Azure does:
`python -I -S bench/azure_worker.py FOLDER` prints the names of the functions, and for each line of JSON
`[function, headers, route parameters, body]` on standard input one of `[status, headers, body]`.
https://github.com/Azure/azure-functions-python-worker
"""

import asyncio
import json
import sys
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from types import SimpleNamespace
from typing import Any, Final

SUCCESS: Final = 1
SITE_PACKAGES: Final = ".python_packages/lib/site-packages"
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
    """A message of the worker's protocol; its fields are attributes."""

    Success: Final = SUCCESS
    Failure: Final = 0
    undefined: Final = None
    out: Final = 1
    inout: Final = 2

    def __init__(self, **fields: object) -> None:
        self.__dict__.update(fields)


class Worker:
    """A worker as the host drives it."""

    def __init__(self) -> None:
        self._native = import_module("azure_functions_runtime.native_invocation")
        self._datum = import_module("azure_functions_runtime.bindings.datumdef").Datum
        self.ids: dict[str, str] = {}

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
        self.ids = {each.name: each.function_id for each in answer.function_metadata_results}

    def request(self, url: str, headers: Mapping[str, str], route: Mapping[str, str], body: bytes) -> object:
        """Return a POST as the host hands it over."""
        value = {
            "method": self._text("POST"),
            "url": self._text(url),
            "headers": {name: self._text(each) for name, each in headers.items()},
            "query": {},
            "params": {name: self._text(each) for name, each in route.items()},
            "body": self._datum(body, "bytes"),
        }
        return self._datum(value, "http")

    async def call(self, name: str, request: object) -> tuple[int, dict[str, str], str]:
        """Return a function's status, headers and body. RuntimeError if it failed."""
        call = self._native.invocation_request_native("an-invocation", self.ids[name], [("req", request)], {})
        done, returned, _, error, trace = await call
        if not done:
            raise RuntimeError(f"{error}\n{trace}")
        answer: Any = returned.value
        headers = {name: each.value for name, each in answer["headers"].items()}
        return int(answer["status_code"].value), headers, answer["body"].value.decode()

    def _text(self, text: str) -> object:
        return self._datum(text, "string")


async def serve(folder: Path) -> None:
    """Answer every call of standard input by the functions of a folder."""
    worker = Worker()
    await worker.start(folder)
    sys.stdout.write(json.dumps(sorted(worker.ids)) + "\n")
    sys.stdout.flush()
    for order in sys.stdin:
        name, headers, route, body = json.loads(order)
        request = worker.request(f"https://relay.example/api/{name}", headers, route, body.encode())
        sys.stdout.write(json.dumps(await worker.call(name, request)) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    # The order of Azure's worker: the dependencies of the function app, then its folder.
    sys.path[:0] = [str(Path(sys.argv[1]) / SITE_PACKAGES), sys.argv[1]]
    asyncio.run(serve(Path(sys.argv[1])))
