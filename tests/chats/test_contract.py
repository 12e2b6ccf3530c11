"""The contract of a chat, held by every chat of the table and by one that the tests add."""

import ast
import json
import time
from collections.abc import Iterator
from dataclasses import replace
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import get_args

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from relay.app import build, read_all
from relay.chats.contract.incoming import Clicks
from relay.chats.table import CHATS, MODULES, kinds, limited, pressed, with_channels
from relay.errors import Code, Refusal
from relay.model.delivery import Delivery, Interaction
from tests.chats.pigeon.chat import Pigeon
from tests.support import road
from tests.support.entra_tokens import KID, PUBLIC

NAMES = (*MODULES, Pigeon.name)
PRESSED = (*pressed(), Pigeon.name)
CHANNELS = (*with_channels(), Pigeon.name)
LIMITED = (*limited(), Pigeon.name)
KEYS = {KID: PUBLIC}
TICKET = "a.b.c"
NOW = int(time.time())


@pytest.fixture(autouse=True)
def _pigeon(monkeypatch: pytest.MonkeyPatch) -> None:
    """Add a chat by one line."""
    monkeypatch.setitem(MODULES, "pigeon", "tests.chats.pigeon.chat")


@pytest.fixture
def clicks(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Clicks]:
    """Yield the reader of presses of a chat that is configured."""
    here = build(*read_all(road.environ(tmp_path, **of(request.param).ENVIRON)))
    yield here.channels[request.param]
    here.close()


def of(name: str) -> ModuleType:
    """Return the genuine press of a chat."""
    return import_module(f"tests.chats.{name}.genuine")


def genuine(name: str) -> Delivery:
    made: Delivery = of(name).genuine(TICKET, NOW)
    return made


def every(names: tuple[str, ...]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("clicks", "name"), [(name, name) for name in names], indirect=["clicks"], ids=names)


@pytest.mark.parametrize("name", NAMES)
def test_a_chat_is_known_by_the_name_of_its_line(name: str) -> None:
    assert name == CHATS[name].name
    assert MODULES[name].endswith(f".chats.{name}.chat")


def test_each_folder_is_a_line_of_the_table_but_for_what_several_share() -> None:
    folders = {path.parent.name for path in road.ROOT.joinpath("relay", "chats").glob("*/__init__.py")}
    assert folders - {"adaptive", "contract", "shared"} == set(MODULES) - {"pigeon"}


@pytest.mark.parametrize("name", NAMES)
def test_a_chats_own_module_imports_nothing_of_its_folder_at_the_top(name: str) -> None:
    module = MODULES[name]
    tree = ast.parse(Path(str(import_module(module).__file__)).read_text("utf-8"))
    named = {str(each.module) for each in tree.body if isinstance(each, ast.ImportFrom)}
    named |= {alias.name for each in tree.body if isinstance(each, ast.Import) for alias in each.names}
    assert not [each for each in named if each.startswith(module.removesuffix(".chat"))]


@every(PRESSED)
def test_a_genuine_press_proves_its_person_and_is_read(clicks: Clicks, name: str) -> None:
    verified = clicks.verify(genuine(name), KEYS, NOW)
    assert (of(name).PERSON, True) == (verified.actor.id, bool(verified.actor.name))
    read = clicks.read(verified)
    assert isinstance(read, Interaction)
    assert (TICKET, "approve", "", verified.actor) == (read.ticket, read.verdict, read.comment, read.actor)


@every(PRESSED)
def test_a_press_without_its_proof_is_not_genuine(clicks: Clicks, name: str) -> None:
    delivery = genuine(name)
    with pytest.raises(Refusal) as refused:
        clicks.verify(replace(delivery, headers={}), KEYS, NOW)
    assert "not-genuine" == refused.value.code


@every(PRESSED)
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=50, deadline=None)
@given(body=st.binary(max_size=200), spoilt=st.text(max_size=80))
def test_whatever_comes_in_is_verified_or_refused(clicks: Clicks, name: str, body: bytes, spoilt: str) -> None:
    delivery = genuine(name)
    for each in (
        Delivery(name, dict.fromkeys(delivery.headers, spoilt), body, NOW),
        replace(delivery, body=body),
        *(replace(delivery, headers={**delivery.headers, header: spoilt}) for header in delivery.headers),
    ):
        try:
            clicks.keys_needed(each)
            clicks.read(clicks.verify(each, KEYS, NOW))
        except Refusal:
            continue


@every(PRESSED)
def test_every_refusal_has_an_answer(clicks: Clicks, name: str) -> None:
    for code in {*get_args(Code), "busy"} & {"too-large", "not-genuine", "malformed", "no-rule", "not-allowed", "busy"}:
        reply = clicks.refuse(code, "a check", genuine(name))
        assert code == reply.headers["Relay-Outcome"]
        assert code == pressed()[name].refuse(code).headers["Relay-Outcome"]


@every(PRESSED)
def test_github_is_waited_for_within_the_time_of_the_answer(clicks: Clicks, name: str) -> None:
    assert name
    assert 0 < clicks.budget.github_until <= clicks.budget.all_until < 10
    assert 0 < clicks.max_body <= 1024 * 1024


@pytest.mark.parametrize("name", CHANNELS)
def test_a_chat_with_channels_is_a_kind_of_channel_and_says_how_it_is_configured(name: str) -> None:
    assert name in kinds()
    assert "RELAY_" in with_channels()[name].cure


@pytest.mark.parametrize("name", LIMITED)
@pytest.mark.parametrize("found", [None, [], 7, "x", {}, {"type": []}, {"type": "message", "attachments": [{}]}])
def test_the_limits_of_a_chat_take_any_json(name: str, found: object) -> None:
    chat = limited()[name]
    assert all(isinstance(problem, str) for problem in chat.breaches(json.loads(json.dumps(found))))
    assert chat.recognizes(found if isinstance(found, dict) else {}) in (True, False)
