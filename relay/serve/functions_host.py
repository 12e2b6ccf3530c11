"""A host of a function app over WSGI, as the Azure Functions host is one: like `func start`, without it."""

import hmac
from collections.abc import Iterable, Mapping, Sequence
from http import HTTPStatus
from typing import TYPE_CHECKING, Final
from urllib.parse import parse_qsl, urlsplit

from relay.net.addresses import is_loopback
from relay.serve.function_routes import METHODS, Route, find, read_template

if TYPE_CHECKING:
    from wsgiref.types import StartResponse, WSGIApplication, WSGIEnvironment

    import azure.functions as func
    from azure.functions.decorators.function_app import Function

MAX_BODY: Final = 100 * 1024 * 1024  # bytes; the platform's own limit of a request

Answer = tuple[int, list[tuple[str, str]], bytes]


class FunctionsHost:
    """A WSGI application of the HTTP triggers among `functions`. Every other path goes to `others`, or is 404.

    One of `keys` is asked for above the anonymous level. Without any, no key is needed, as under `func start`; if
    `guarded`, such a route is then 404. `prefix` is routePrefix of host.json.
    """

    def __init__(
        self,
        functions: Sequence["Function"],
        *,
        prefix: str = "api",
        keys: Sequence[str] = (),
        guarded: bool = False,
        others: "WSGIApplication | None" = None,
    ) -> None:
        routes = http_routes(functions, prefix)
        self._routes = tuple(each for each in routes if keys or not guarded or not each.asks_key)
        self._prefix = f"/{prefix}/" if prefix else "/api/"
        self._keys = tuple(keys)
        self._others = others

    def __call__(self, environ: "WSGIEnvironment", start_response: "StartResponse") -> Iterable[bytes]:
        """Answer one request. The server logs an exception of a function, and answers it by a bare 500."""
        method, path = str(environ["REQUEST_METHOD"]), _target(environ).partition("?")[0]
        found = find(self._routes, method, path)
        if found is None and self._others is not None and not path.startswith(self._prefix):
            return self._others(environ, start_response)
        status, headers, body = self._answer(environ, found)
        start_response(f"{status} {_phrase(status)}", [*headers, ("Content-Length", str(len(body)))])
        return [b"" if method == "HEAD" else body]

    def _answer(self, environ: "WSGIEnvironment", found: tuple[Route, Mapping[str, str]] | None) -> Answer:
        if found is None:
            return _empty(HTTPStatus.NOT_FOUND)
        route, parameters = found
        headers, query = request_headers(environ), request_query(environ)
        given = headers.get("x-functions-key") or query.get("code", "")
        if self._keys and route.asks_key and not self._takes(given):
            return _empty(HTTPStatus.UNAUTHORIZED)
        if route.asks_key and not self._keys and _is_from_foreign_page(headers):
            return _empty(HTTPStatus.FORBIDDEN)
        returned = route.function(**{route.binding: _request(environ, headers, query, parameters)})
        return _wire(route, returned)

    def _takes(self, given: str) -> bool:
        return any(hmac.compare_digest(given.encode(), key.encode()) for key in self._keys)


def _is_from_foreign_page(headers: Mapping[str, str]) -> bool:
    """Tell whether a page of another machine made a browser send this request."""
    # Any page can make a browser POST to loopback, and the browser names it in Origin. Without a key only this tells
    # it from a program. https://fetch.spec.whatwg.org/#origin-header
    try:
        return "origin" in headers and not is_loopback(urlsplit(headers["origin"]).hostname or "")
    except ValueError:
        return True


def http_routes(functions: Sequence["Function"], prefix: str) -> tuple[Route, ...]:
    """Return the routes of the HTTP triggers. Raises ValueError for an unknown form of a template."""
    from azure.functions import AuthLevel  # noqa: PLC0415 - only `relay dev` has the package
    from azure.functions.decorators.http import HttpTrigger  # noqa: PLC0415 - the same

    routes: list[Route] = []
    for function in functions:
        trigger, name = function.get_trigger(), str(function.get_function_name())
        if not isinstance(trigger, HttpTrigger):
            continue
        methods = frozenset(each.value for each in trigger.methods) if trigger.methods else METHODS
        routes.append(
            Route(
                name=name,
                segments=read_template(prefix, trigger.route or name),
                methods=methods,
                asks_key=trigger.auth_level is not AuthLevel.ANONYMOUS,
                binding=trigger.name,
                function=function.get_user_function(),
            )
        )
    return tuple(routes)


def request_headers(environ: "WSGIEnvironment") -> dict[str, str]:
    """Return the headers of a request, names in lower case."""
    names = {key: key[5:] for key in environ if key.startswith("HTTP_")}
    names |= {key: key for key in ("CONTENT_TYPE", "CONTENT_LENGTH") if key in environ}
    return {
        # the function refuses text that is not UTF-8
        name.replace("_", "-").lower(): str(environ[key]).encode("latin-1").decode("utf-8", "replace")
        for key, name in names.items()
    }


def request_query(environ: "WSGIEnvironment") -> dict[str, str]:
    """Return the query of a request. As on the host, repeated names are joined by commas, and empty values dropped."""
    query: dict[str, str] = {}
    for name, value in parse_qsl(str(environ.get("QUERY_STRING", ""))):
        query[name] = f"{query[name]},{value}" if name in query else value
    return query


def _request(
    environ: "WSGIEnvironment", headers: Mapping[str, str], query: Mapping[str, str], parameters: Mapping[str, str]
) -> "func.HttpRequest":
    from azure.functions import HttpRequest  # noqa: PLC0415 - as above

    length = int(environ.get("CONTENT_LENGTH") or 0)
    return HttpRequest(
        method=str(environ["REQUEST_METHOD"]),
        url=f"{environ['wsgi.url_scheme']}://{headers.get('host', '')}{_target(environ)}",
        headers=headers,
        params=query,
        route_params=parameters,
        body=environ["wsgi.input"].read(length) if length else b"",
    )


def _wire(route: Route, returned: object) -> Answer:
    """Return an answer as the host sends it: each header once, except Set-Cookie. Raises TypeError or ValueError."""
    from azure.functions import HttpResponse  # noqa: PLC0415 - as above

    if isinstance(returned, str):
        returned = HttpResponse(returned)
    if not isinstance(returned, HttpResponse):
        raise TypeError(f"the function {route.name} returned {type(returned).__name__}, not an HttpResponse")
    kept: dict[str, tuple[str, str]] = {}
    cookies: list[tuple[str, str]] = []
    for name, value in returned.headers.items():
        if not value.isascii():
            raise ValueError(f"the function {route.name} set the header {name} to what is not ASCII")
        if name.lower() == "set-cookie":
            cookies.append((name, value))
        elif name.lower() != "content-length":  # it is counted anew
            kept[name.lower()] = (name, value)
    if "content-type" not in kept:
        charset = f"; charset={returned.charset}" if returned.mimetype.startswith("text/") else ""
        kept["content-type"] = ("Content-Type", returned.mimetype + charset)
    return returned.status_code, [*kept.values(), *cookies], returned.get_body()


def _target(environ: "WSGIEnvironment") -> str:
    """Return path and query as they came."""
    # PATH_INFO is decoded already, and has lost the difference of / and %2F
    target = str(environ.get("REQUEST_URI") or "/")
    return target if target.startswith("/") else "/" + target.partition("://")[2].partition("/")[2]


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Unknown"


def _empty(status: HTTPStatus) -> Answer:
    return int(status), [], b""
