"""Driver of the code that executes functions on Azure, `azure-functions-runtime`, in this process and without gRPC.

It indexes function_app.py with its own checks of decorators, annotations and bindings. It decodes requests and encodes
responses as in production. https://github.com/Azure/azure-functions-python-worker
"""

import asyncio
import json
from collections.abc import Coroutine, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from importlib import import_module
from types import SimpleNamespace
from typing import Any

from bench.azure_worker import MESSAGES, SUCCESS, Message
from tests.support import road


@dataclass(frozen=True)
class Answer:
    """Response that the host would send to the caller."""

    status: int
    headers: dict[str, str]
    body: bytes
    cookies: tuple[str, ...] = ()


class Runtime:
    """Worker of one function app. Its functions are called by name."""

    def __init__(self) -> None:
        worker = import_module("azure_functions_runtime")
        self._native = import_module("azure_functions_runtime.native_invocation")
        self._datum = import_module("azure_functions_runtime.bindings.datumdef").Datum
        protos = SimpleNamespace(**{name: type(name, (Message,), {}) for name in MESSAGES})
        init = SimpleNamespace(capabilities={}, function_app_directory=str(road.ROOT))
        request = SimpleNamespace(
            request=SimpleNamespace(worker_init_request=init), properties={"host": "127.0.0.1", "protos": protos}
        )
        worker.start_threadpool_executor()
        self.close = worker.stop_threadpool_executor
        answer = _run(worker.worker_init_request(request))
        assert SUCCESS == answer.result.status, answer.result.exception.message
        answer = _run(worker.functions_metadata_request(request))
        self.functions = {each.name: each for each in answer.function_metadata_results}

    def bindings(self, name: str) -> list[dict[str, Any]]:
        """Return the bindings of a function as the host gets them."""
        return [json.loads(binding) for binding in self.functions[name].raw_bindings]

    def http(
        self,
        name: str,
        *,
        method: str = "POST",
        headers: Mapping[str, str] | None = None,
        body: bytes = b"",
        route: Mapping[str, str] | None = None,
        query: Mapping[str, str] | None = None,
    ) -> Answer:
        """Call a function as the host does for an HTTP request."""
        value = {
            "method": self._text(method),
            "url": self._text(f"{road.ORIGIN}/api/{name}"),
            "headers": {key: self._text(each) for key, each in (headers or {}).items()},
            "query": {key: self._text(each) for key, each in (query or {}).items()},
            "params": {key: self._text(each) for key, each in (route or {}).items()},
            "body": self._datum(body, "bytes"),
        }
        answer = self._invoke(name, "req", self._datum(value, "http"))
        return Answer(
            int(answer["status_code"].value),
            {key: each.value for key, each in answer["headers"].items()},
            answer["body"].value,
            tuple(f"{morsel.key}={morsel.value}" for each in answer["cookies"] or () for morsel in each.values()),
        )

    def timer(self, name: str) -> None:
        """Run a timer function once."""
        tick = {"IsPastDue": False, "Schedule": {"AdjustForDST": True}, "ScheduleStatus": None}
        assert self._invoke(name, "timer", self._datum(json.dumps(tick), "json")) is None

    def _invoke(self, name: str, parameter: str, datum: object) -> Any:
        identifier = self.functions[name].function_id
        call = self._native.invocation_request_native("an-invocation", identifier, [(parameter, datum)], {})
        done, returned, _, error, trace = _run(call)
        assert done, f"{error}\n{trace}"
        return returned.value if returned else None

    def _text(self, text: str) -> object:
        return self._datum(text, "string")


def _run(call: Coroutine[Any, Any, Any]) -> Any:
    # The browser's driver may keep a loop in the tests' thread.
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(asyncio.run, call).result(timeout=60)
