"""The fake Slack of the simulator on loopback, for the relay's own client."""

from time import time

from relay.dev.simulator.slack import FakeSlack
from tests.support.http_server import Answer, Call, HttpServer


class SlackServer(HttpServer):
    """Serves a fake Slack; each answer comes after `delay` seconds."""

    def __init__(self) -> None:
        super().__init__()
        self.delay = 0.0
        self.headers: list[dict[str, str]] = []
        self.slack = FakeSlack(self.url, time)
        self.slack.add_channel("C111", "releases")
        self.slack.add_channel("C222", "qa")
        self.slack.add_channel("C333", "closed", app_is_in=False)
        for person in ("U111", "U222", "U333"):
            self.slack.add_person(person, person)

    def answer(self, call: Call) -> Answer:
        self.headers.append(dict(call.headers))
        answer = self.slack.take(call.path.removeprefix("/"), call.headers, call.body)
        if self.delay:
            self.over.wait(self.delay)
        return Answer(answer.status, answer.body, answer.headers)
