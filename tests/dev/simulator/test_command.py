"""The command line that the page shows, against the command itself."""

import json
import os
import re
import shlex
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.cli.options import read_request
from relay.cli.send import send
from relay.dev.simulator.answers import NotTaken
from relay.dev.simulator.command import OPTIONS, command, commands, exports
from relay.signed.fields import READERS
from tests.dev.simulator.here import state

NO_FIELDS = {  # how it is sent, not what
    *("webhook_url", "form_of_card", "offline", "relay", "api_key", "ticket_key", "mentions", "originator"),
    *("outlook_card", "smtp", "smtp_user", "smtp_password", "mail_from", "mail_to"),
    *("policy_channels", "wait", "timeout"),
}

MAIL = ("RELAY_SMTP", "RELAY_SMTP_USER", "RELAY_SMTP_PASSWORD")


@pytest.fixture(scope="module", autouse=True)
def no_workflow() -> Iterator[None]:
    """Take away what a runner sets: the options fall back to it."""
    with pytest.MonkeyPatch.context() as patch:
        for name in [name for name in os.environ if name.startswith(("GITHUB_", "RELAY_"))]:
            patch.delenv(name)
        yield


def words_of(line: str) -> list[str]:
    """Return the words that a shell reads after `relay send`."""
    shell = "printf '%s\\0' " + line.removeprefix("relay ")
    # The page shows the exports of these beside its command.
    env = os.environ | {"RELAY_WEBHOOK_URL": "https://hooks.example/s", "WORKFLOWS_URL": "https://flows.example/s"}
    printed = subprocess.run(["sh", "-c", shell], env=env, capture_output=True, check=True, timeout=10).stdout.decode()
    return printed.split("\0")[1:-1]


def form_of(line: str) -> dict[str, Any]:
    """Return the form that the real command makes of a line."""
    values = send.make_context("send", words_of(line)).params
    return read_request(values) | ({"channels": [*values["channels"]]} if values["channels"] else {})


LINE = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=20).filter(str.strip)
TEXT = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\0\x1b"), min_size=1, max_size=40)
NAME = LINE.filter(lambda name: "=" not in name)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53) + 1, 2**53 - 1) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=5,
)
OBJECTS = st.lists(st.dictionaries(LINE, JSON, max_size=3), min_size=1, max_size=3)
VALUES: dict[str, st.SearchStrategy[Any]] = {
    **dict.fromkeys(OPTIONS, LINE),
    "text": TEXT,
    "client_payload": st.dictionaries(TEXT, TEXT, min_size=1, max_size=4)
    | st.dictionaries(st.text(max_size=4), JSON, min_size=1, max_size=4).filter(lambda made: "\0" not in "".join(made)),
    "facts": st.lists(st.fixed_dictionaries({"name": NAME, "value": TEXT.filter(str.strip)}), min_size=1, max_size=3),
    "links": st.lists(st.fixed_dictionaries({"name": NAME, "url": LINE}), min_size=1, max_size=3),
    "sections": OBJECTS,
    "actions": OBJECTS,
    "requested_by_id": st.integers(1, 2**53 - 1),
    "require_comment": st.just(True),
    "approvers": st.lists(LINE, min_size=1, max_size=3),
    "channels": st.lists(LINE, min_size=1, max_size=3),
}


@given(form=st.fixed_dictionaries({"title": LINE}, optional={k: v for k, v in VALUES.items() if k != "title"}))
@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.too_slow])
def test_running_the_command_makes_exactly_the_form(form: dict[str, Any]) -> None:
    assert form == form_of(command(form))


def test_every_field_of_a_request_and_every_option_of_send_is_in_the_table() -> None:
    assert set(READERS) - {"nonce"} | {"expires_in"} == set(OPTIONS)
    made = {words.split()[0] for words in command(FULL).split(" \\\n  ")[1:]}
    offered = {option.opts[0]: option.name for option in send.params}
    assert {option for option, name in offered.items() if name not in NO_FIELDS | {"approvers", "payload"}} == made
    assert "--payload" in command({"client_payload": {"n": 1}})


FULL: dict[str, object] = {
    **dict.fromkeys(OPTIONS, "x"),
    "client_payload": {"a": "b"},
    "facts": [{"name": "a", "value": "b"}],
    "links": [{"name": "a", "url": "b"}],
    "sections": [{}],
    "actions": [{}],
    "requested_by_id": 1,
    "require_comment": True,
    "approvers": ["ada"],
    "channels": ["ops"],
}


def test_each_option_has_a_line_of_its_own_and_what_is_empty_has_none() -> None:
    empty: dict[str, object] = {"text": "", "environment": None, "facts": [], "require_comment": False}
    assert "relay send \\\n  --title 'It'\"'\"'s on'" == command({"title": "It's on", "client_payload": {}, **empty})
    assert "relay send" == command({})


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("title", 1),
        ("title", ["x"]),
        ("title", "nul \0"),
        ("requested_by_id", "1"),
        ("requested_by_id", True),
        ("requested_by_id", 1.5),
        ("require_comment", "yes"),
        ("sections", {"a": 1}),
        ("client_payload", [1]),
        ("facts", {"a": 1}),
        ("facts", ["x"]),
        ("facts", [{"name": "a"}]),
        ("facts", [{"name": "a", "value": 1}]),
        ("facts", [{"name": "a", "value": "nul \0"}]),
        ("facts", [{"name": "a=b", "value": "c"}]),
        ("links", [{"name": "", "url": "c"}]),
        ("approvers", "ada"),
        ("approvers", [1]),
        ("approvers", ["nul \0"]),
        ("channels", "one"),
        ("nonsense", 1),
    ],
)
def test_what_no_option_can_say_is_told_with_its_field(page: httpx.Client, field: str, value: object) -> None:
    with pytest.raises(NotTaken) as caught:
        command({"title": "T", field: value})
    assert (400, field) == (caught.value.status, caught.value.field)
    answer = page.post("/simulator/command", content=json.dumps({"form": {field: value}}))
    assert (400, field) == (answer.status_code, answer.json()["field"])


def test_every_sample_is_a_command(page: httpx.Client) -> None:
    samples = state(page)["samples"]
    assert samples
    for each in samples:
        said = page.post("/simulator/command", json={"form": each["form"]}).json()
        assert each["form"] == form_of(said["command"])
        names = [*("RELAY_URL", "RELAY_API_KEY", "RELAY_WEBHOOK_URL", "WORKFLOWS_URL"), *MAIL]
        assert names == [name for name in re.findall(r"export (\w+)=", said["environment"]) if name != "PATH"]


def test_one_command_posts_to_all_channels_of_the_relay_and_each_other_place_has_its_own() -> None:
    said = commands({"title": "Deploy"}, ["workflows", "channel:ops", "mail", "channel:qa team"])
    posted, *others = said.split("\n\n")
    words = [word for word in shlex.split(posted) if word.strip()]
    assert ["relay", "send", "--channel", "ops", "--channel", "qa team"] == words[:6]
    assert [True, False] == ["$WORKFLOWS_URL" in each for each in others]


def test_a_webhook_stands_in_its_command() -> None:
    assert 'relay send \\\n  --webhook "$RELAY_WEBHOOK_URL" \\\n  --title T' == commands({"title": "T"}, ["outlook"])


def test_the_environment_finds_the_command_that_is_beside_this_python(tmp_path: Path) -> None:
    folder = tmp_path / "with a blank"
    folder.mkdir()
    assert "export A='b c'" == exports({"A": "b c"}, str(folder / "python"))
    (folder / "relay").touch(mode=0o755)
    shown = exports({"A": "b c"}, str(folder / "python"))
    shell = f'{shown}\ncommand -v relay; printf %s "$A"'
    said = subprocess.run(["sh", "-c", shell], capture_output=True, check=True, timeout=10, env={"PATH": os.defpath})
    assert f"{folder}/relay\nb c" == said.stdout.decode()
