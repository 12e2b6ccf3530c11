"""The functions as the host calls them, without a server: a call is a path with headers and a body."""

import io
import json
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.util import module_from_spec, spec_from_file_location
from typing import TYPE_CHECKING, Any

from relay.serve.functions_host import FunctionsHost
from tests.support.road import ORIGIN, ROOT

if TYPE_CHECKING:
    from wsgiref.types import WSGIEnvironment


@dataclass(frozen=True)
class Answer:
    """An answer: status, headers by their names in lower case, and body."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self) -> Any:
        """Return the body as JSON."""
        return json.loads(self.body)

    @property
    def text(self) -> str:
        """Return the body as text."""
        return self.body.decode()


def call(method: str, path: str, headers: Mapping[str, str] | None = None, body: bytes = b"") -> Answer:
    """Call a route of the function app, as it stands at `app.relay`."""
    environ: WSGIEnvironment = {
        "REQUEST_METHOD": method,
        "REQUEST_URI": path,
        "QUERY_STRING": path.partition("?")[2],
        "CONTENT_LENGTH": str(len(body)),
        "wsgi.url_scheme": "https",
        "wsgi.input": io.BytesIO(body),
        "HTTP_HOST": ORIGIN.partition("//")[2],
    }
    for name, value in (headers or {}).items():
        key = name.upper().replace("-", "_")
        environ[key if key == "CONTENT_TYPE" else f"HTTP_{key}"] = value.encode().decode("latin-1")
    told: dict[str, Any] = {}

    def start(status: str, found: list[tuple[str, str]], _exc: object = None) -> Any:
        told.update(status=int(status[:3]), headers={name.lower(): value for name, value in found})

    text = b"".join(_host()(environ, start))
    return Answer(told["status"], told["headers"], text)


@cache
def _host() -> FunctionsHost:
    # Another module than the tests import: an app hands out its functions once.
    spec = spec_from_file_location("called_functions", ROOT / "function_app.py")
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return FunctionsHost(tuple(module.app.get_functions()))
