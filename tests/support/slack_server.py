"""The fake Slack of the simulator on loopback, for the relay's own client."""

from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from time import time
from types import TracebackType
from typing import Self

from relay.dev.simulator.slack import FakeSlack

LIFE = 10.0  # seconds that no connection outlives


class SlackServer:
    """Serves a fake Slack; each answer comes after `delay` seconds."""

    def __init__(self) -> None:
        self.delay = 0.0
        self.over = Event()
        self.headers: list[dict[str, str]] = []
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), self._handler())
        self._server.daemon_threads = True
        self._thread = Thread(target=self._server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True)
        self.slack = FakeSlack(f"http://127.0.0.1:{self._server.server_address[1]}", time)
        self.slack.add_channel("C111", "releases")
        self.slack.add_channel("C222", "qa")
        self.slack.add_channel("C333", "closed", app_is_in=False)
        for person in ("U111", "U222", "U333"):
            self.slack.add_person(person, person)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join(LIFE)

    def _handler(self) -> type[BaseHTTPRequestHandler]:
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            timeout = LIFE

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers.get("content-length") or 0))
                headers = {name.lower(): value for name, value in self.headers.items()}
                server.headers.append(headers)
                answer = server.slack.take(self.path.removeprefix("/"), headers, body)
                if server.delay:
                    server.over.wait(server.delay)
                if answer.body is None:
                    self.close_connection = True
                    return
                self.send_response(answer.status)
                for name, value in {**answer.headers, "Content-Length": str(len(answer.body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(answer.body)

            def log_message(self, *_arguments: object) -> None:
                """Keep the output of the tests to the tests."""

        return Handler
