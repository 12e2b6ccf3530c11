"""The receiver of the docs takes what the relay signs, and nothing else."""

import json
import re
import time
from base64 import b64decode
from contextlib import suppress
from threading import Thread
from typing import Any, Final
from urllib.request import Request, urlopen

import pytest

from relay.chats.webhook.post import headers_of
from tests.support.road import ROOT

PAGE: Final = (ROOT / "docs" / "notifications.md").read_text("utf-8")


def fence(language: str) -> str:
    found = re.search(rf"^```{language}\n(.*?)^```", PAGE, re.DOTALL | re.MULTILINE)
    assert found
    return found[1]


def test_the_receiver_of_the_docs_takes_the_event_of_the_docs_and_no_spoilt_one(
    capsys: pytest.CaptureFixture[str],
) -> None:
    text = fence("python").replace(".serve_forever()", "").replace("\nHTTPServer((", "\nserver = HTTPServer((")
    key = b64decode(re.findall(r'"whsec_([A-Za-z0-9+/=]+)"', text)[0])
    body = json.dumps(json.loads(fence("json"))).encode()
    headers = headers_of("kT3v9sQ2xY_3", int(time.time()), body, [key])
    made: dict[str, Any] = {}
    exec(text.replace("9000", "0"), made)  # noqa: S102 - the code of the docs
    answers = []
    with made["server"] as server:
        for sent in (body, body + b" "):
            thread = Thread(target=server.handle_request)
            thread.start()
            with suppress(OSError):
                request = Request(f"http://127.0.0.1:{server.server_port}", sent, headers)
                answers.append(urlopen(request, timeout=5).status)  # noqa: S310 - loopback
            thread.join(5)
    assert [204] == answers
    assert "relay.approved Deploy api\n" == capsys.readouterr().out
