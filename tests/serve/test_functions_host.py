"""The host of functions, over real HTTP on loopback."""

import json
import logging
import time
from collections.abc import Iterator
from threading import Event, Thread

import azure.functions as func
import httpx
import pytest
from azure.functions.timer import TimerRequest

from relay.serve.function_routes import read_template
from relay.serve.function_timers import FunctionTimers
from relay.serve.functions_host import FunctionsHost
from relay.serve.server import Server

KEY = "the-key-of-this-run"


def make_app() -> func.FunctionApp:
    app = func.FunctionApp(http_auth_level=func.AuthLevel.ANONYMOUS)

    @app.route("echo/{id}", methods=["POST"])
    def echo(req: func.HttpRequest) -> func.HttpResponse:
        seen = {
            "method": req.method,
            "url": req.url,
            "headers": dict(req.headers),
            "params": dict(req.params),
            "route": dict(req.route_params),
            "body": len(req.get_body()),
        }
        return func.HttpResponse(json.dumps(seen), mimetype="application/json")

    @app.route("echo/known", methods=["POST"])
    def known(req: func.HttpRequest) -> str:
        return "known"

    @app.route("any")
    def anything(req: func.HttpRequest) -> func.HttpResponse:
        answer = func.HttpResponse("any", status_code=299, headers={"CARD-ACTION-STATUS": "Done."})
        answer.headers.add("Set-Cookie", "a=1")
        answer.headers.add("Set-Cookie", "b=2")
        answer.headers.add("X-Twice", "first")
        answer.headers.add("X-Twice", "last")
        return answer

    @app.route("locked", methods=["GET"], auth_level=func.AuthLevel.FUNCTION)
    def locked(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse("in")

    @app.route("run", methods=["POST"], auth_level=func.AuthLevel.FUNCTION)
    def run(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse("ran")

    @app.route("bug", methods=["GET"])
    def bug(req: func.HttpRequest) -> func.HttpResponse:
        raise LookupError("a secret")

    @app.route("korean", methods=["GET"])
    def korean(req: func.HttpRequest) -> func.HttpResponse:
        return func.HttpResponse("", headers={"CARD-ACTION-STATUS": "승인됨"})

    @app.route("nothing", methods=["GET"])
    def nothing(req: func.HttpRequest) -> None:
        return None

    return app


def _serve(host: FunctionsHost) -> Iterator[httpx.Client]:
    server = Server(0)
    thread = Thread(target=server.run, args=[host], daemon=True)
    thread.start()
    with httpx.Client(base_url=f"http://127.0.0.1:{server.port}", trust_env=False) as client:
        yield client
    server.stop()
    thread.join(60)
    assert not thread.is_alive()


@pytest.fixture(scope="module")
def host() -> Iterator[httpx.Client]:
    yield from _serve(FunctionsHost(tuple(make_app().get_functions())))


@pytest.fixture(scope="module")
def guarded() -> Iterator[httpx.Client]:
    yield from _serve(FunctionsHost(tuple(make_app().get_functions()), keys=(KEY,)))


@pytest.mark.parametrize(
    ("method", "path", "status", "body"),
    [
        ("POST", "/api/echo/known", 200, "known"),
        ("POST", "/API/Echo/KNOWN/", 200, "known"),
        ("GET", "/api/echo/known", 404, ""),
        ("HEAD", "/api/locked", 404, ""),
        ("OPTIONS", "/api/locked", 404, ""),
        ("GET", "/api/locked", 200, "in"),
        ("DELETE", "/api/any", 299, "any"),
        ("HEAD", "/api/any", 299, ""),
        ("POST", "/echo/known", 404, ""),
        ("POST", "/api/echo", 404, ""),
        ("POST", "/api/echo/known/more", 404, ""),
        ("GET", "/", 404, ""),
    ],
)
def test_a_route_is_found_by_its_path_and_method_or_is_an_empty_404(
    host: httpx.Client, method: str, path: str, status: int, body: str
) -> None:
    answer = host.request(method, path)
    assert (status, body) == (answer.status_code, answer.text)


def test_a_function_sees_the_request_as_the_real_host_hands_it_on(host: httpx.Client) -> None:
    answer = host.post(
        "/api/echo/a%2Fb%20c?x=1&empty=&x=2",
        headers=[(b"X-Some", b"1"), (b"x-some", b"2"), (b"X-Name", "김".encode())],
        content=b"body",
    )
    seen = answer.json()
    assert "application/json" == answer.headers["content-type"]
    assert ("POST", {"x": "1,2"}, {"id": "a%2Fb c"}, 4) == tuple(seen[k] for k in ("method", "params", "route", "body"))
    assert f"{host.base_url}/api/echo/a%2Fb%20c?x=1&empty=&x=2".replace("//api", "/api") == seen["url"]
    assert ["1", "2"] == [each.strip() for each in seen["headers"]["x-some"].split(",")]
    assert "김" == seen["headers"]["x-name"]


def test_a_header_that_is_not_utf_8_is_left_to_the_function_to_refuse(host: httpx.Client) -> None:
    assert "\ufffd" == host.post("/api/echo/1", headers={b"X-Name": b"\xff"}).json()["headers"]["x-name"]


def test_a_body_of_six_mebibytes_arrives_whole(host: httpx.Client) -> None:
    assert 6 << 20 == host.post("/api/echo/1", content=bytes(6 << 20)).json()["body"]


def test_headers_that_are_too_large_are_refused(host: httpx.Client) -> None:
    assert 431 == host.post("/api/echo/1", headers={"X-Huge": "x" * 50_000}).status_code


def test_an_answers_header_stands_once_with_its_last_value_and_every_cookie_stays(host: httpx.Client) -> None:
    headers = host.get("/api/any").headers
    assert ["last"] == headers.get_list("x-twice")
    assert ["a=1", "b=2"] == headers.get_list("set-cookie")
    assert ("Done.", "text/plain; charset=utf-8") == (headers["card-action-status"], headers["content-type"])


@pytest.mark.parametrize("path", ["/api/bug", "/api/korean", "/api/nothing"])
def test_a_function_that_fails_is_a_500_that_tells_nothing(host: httpx.Client, path: str) -> None:
    answer = host.get(path)
    assert 500 == answer.status_code
    for word in ("secret", "Error(", "Traceback", "승인됨"):
        assert word not in answer.text


@pytest.mark.parametrize(
    ("headers", "query", "status"),
    [
        ({}, "", 401),
        ({"x-functions-key": KEY}, "", 200),
        ({}, f"?code={KEY}", 200),
        ({"x-functions-key": "wrong"}, f"?code={KEY}", 401),
        ({"x-functions-key": KEY}, "?code=wrong", 200),
        ({}, "?code=%ED%82%A4", 401),
    ],
)
def test_a_function_key_is_asked_for_where_auth_is_enabled(
    guarded: httpx.Client, headers: dict[str, str], query: str, status: int
) -> None:
    assert status == guarded.get(f"/api/locked{query}", headers=headers).status_code
    assert 299 == guarded.get("/api/any").status_code


@pytest.mark.parametrize(
    ("origin", "status"),
    [
        ("", 200),
        ("http://127.0.0.1:7071", 200),
        ("http://localhost:3000", 200),
        ("http://evil.example", 403),
        ("http://127.0.0.1.evil.example", 403),
        ("http://127.0.0.1@evil.example", 403),
        ("null", 403),
        ("http://[", 403),
    ],
)
def test_no_page_of_the_web_runs_what_would_ask_for_a_key(host: httpx.Client, origin: str, status: int) -> None:
    assert status == host.post("/api/run", headers={"origin": origin} if origin else {}).status_code


def test_where_the_key_is_asked_for_it_decides(guarded: httpx.Client) -> None:
    page = {"origin": "http://evil.example"}
    assert 401 == guarded.post("/api/run", headers=page).status_code
    assert 200 == guarded.post("/api/run", headers=page | {"x-functions-key": KEY}).status_code


def test_a_route_template_of_another_form_is_refused_by_name() -> None:
    with pytest.raises(ValueError, match=r"things/\{\*rest\}"):
        read_template("api", "things/{*rest}")


def test_a_timer_goes_on_after_a_failure_and_never_overlaps_itself(caplog: pytest.LogCaptureFixture) -> None:
    app = func.FunctionApp()
    thrice, rounds = Event(), list[bool]()

    @app.timer_trigger("timer", schedule="0 0 0 1 1 *")
    def tick(timer: func.TimerRequest) -> None:
        assert isinstance(timer, TimerRequest)
        assert {"Last", "LastUpdated", "Next"} == set(timer.schedule_status)
        rounds.append(timer.past_due)
        if len(rounds) == 3:
            thrice.set()
        raise RuntimeError("this round")

    timers = FunctionTimers(tuple(app.get_functions()), every=0.01)
    with caplog.at_level(logging.ERROR):
        timers.start()
        assert thrice.wait(60)
        timers.stop()
    assert {"timer tick failed; it goes on"} == {
        each.getMessage() for each in caplog.records if each.name.startswith("relay")
    }
    assert not any(rounds)


def test_a_timer_that_takes_long_runs_again_on_time() -> None:
    app = func.FunctionApp()
    twice, starts = Event(), list[float]()

    @app.timer_trigger("timer", schedule="0 0 0 1 1 *")
    def tick(timer: func.TimerRequest) -> None:
        starts.append(time.monotonic())
        if len(starts) == 2:
            twice.set()
        else:
            time.sleep(1.0)

    timers = FunctionTimers(tuple(app.get_functions()), every=1.2)
    timers.start()
    assert twice.wait(60)
    timers.stop()
    assert 1.2 <= starts[1] - starts[0] + 0.01 < 2.2
