import json

import pytest
from pytest_httpx import HTTPXMock

from tests.cli.running import ASK, OFFLINE, opened, run
from tests.cli.sending import ENV

FACTS = ("--fact", "Result=\x1b[31mfailed\x1b[0m", "--fact", "Link=\x1b]8;;https://x.example\x07x\x1b]8;;\x07")


def test_a_commit_message_as_a_title_is_its_first_line() -> None:
    result = run("card", *ASK[:4], "--title", "Fix the build\n\nIt was broken.\n", env=OFFLINE)
    assert (0, "Fix the build") == (result.exit_code, json.loads(result.stdout)["title"])
    assert "Warning: --title: has 3 lines, and the first is used." in result.stderr
    result = run("card", *ASK[:4], "--summary", "\r\nOne\rTwo", env=OFFLINE)
    assert (0, "One") == (result.exit_code, json.loads(result.stdout)["summary"])


def test_the_colours_of_a_terminal_are_taken_out_of_every_text() -> None:
    result = run("card", *ASK, "--text", "\x1b[1;32mok\x1b[0m \x1b(B", *FACTS, env=OFFLINE)
    assert (2, True) == (result.exit_code, "--text: must not hold control characters" in result.stderr)
    result = run("card", *ASK, "--text", "\x1b[1;32mok\x1b[0m", *FACTS, env=OFFLINE)
    assert (0, "", "ok") == (result.exit_code, result.stderr, json.loads(result.stdout)["text"])
    assert "\\u001b" not in result.stdout


@pytest.mark.parametrize(("text", "shown"), [("x" * 8_001, 7_987), ("line\n" * 2_000, 7_984)])
def test_a_text_that_is_too_long_is_shortened_where_a_line_ends(httpx_mock: HTTPXMock, text: str, shown: int) -> None:
    httpx_mock.add_response(status_code=202)
    result = run("send", "--title", "x", "--text", text, env=ENV)
    assert (0, f"Warning: --text: has {len(text)} characters, and the card shows {shown}.\n") == (
        result.exit_code,
        result.stderr,
    )
    drawn = json.loads(httpx_mock.get_requests()[0].content)["text"]
    assert drawn.endswith("\n\n(shortened)")


def test_a_payload_is_never_changed() -> None:
    result = run("card", *ASK, "--payload", json.dumps({"log": "x" * 41_000}), env=OFFLINE)
    assert (2, True) == (result.exit_code, "--payload: takes at most 40 KiB" in result.stderr)
    result = run("card", "--format", "messagecard", *ASK, "--field", "log=\x1b[1mx", env=OFFLINE)
    assert {"log": "\x1b[1mx"} == getattr(opened(result).request, "client_payload", None)
