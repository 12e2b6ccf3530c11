"""RELAY_HOOKS: one entry for each webhook of the policy, and what is wrong with others."""

from base64 import b64encode
from pathlib import Path
from typing import Final

import pytest

from relay.app import build, read_all
from relay.chats.table import commanded, drawing, pressed, with_channels
from relay.chats.webhook.chat import Hook, read_hook
from relay.settings import Settings, SettingsError
from tests.support import road
from tests.support.hook_server import KEY, OTHER_KEY

URL: Final = "https://hooks.example/x"


def hooks(tmp_path: Path, text: str) -> dict[str, Hook]:
    found: dict[str, Hook] = dict(Settings.read(road.environ(tmp_path, RELAY_HOOKS=text)).chats["webhook"])
    return found


def test_there_are_none_by_default(tmp_path: Path) -> None:
    assert {} == hooks(tmp_path, "")


def test_each_entry_is_a_name_a_key_and_an_address(tmp_path: Path) -> None:
    found = hooks(tmp_path, f" events:{KEY}:{URL}/?sig=a%2Cb:c&x=1 , audit:{OTHER_KEY}:http://127.0.0.1:9000/a ")
    assert {"events": f"{URL}/?sig=a%2Cb:c&x=1", "audit": "http://127.0.0.1:9000/a"} == {
        name: hook.url for name, hook in found.items()
    }
    assert [(bytes(range(32)),), (bytes(range(32, 64)),)] == [hook.keys for hook in found.values()]


def test_a_name_that_stands_twice_has_both_keys_and_the_first_address(tmp_path: Path) -> None:
    found = hooks(tmp_path, f"events:{OTHER_KEY}:{URL}/1,events:{KEY}:{URL}/2")
    assert {"events": ((bytes(range(32, 64)), bytes(range(32))), f"{URL}/1")} == {
        name: (hook.keys, hook.url) for name, hook in found.items()
    }


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("events", "not NAME:KEY:URL"),
        (f"events:{KEY}", "not NAME:KEY:URL"),
        (f":{KEY}:{URL}", "not NAME:KEY:URL"),
        (f"{'x' * 101}:{KEY}:{URL}", "not NAME:KEY:URL"),
        (f"events:{KEY.removeprefix('whsec_')}:{URL}", "not whsec_ and base64 of 24 to 64 bytes"),
        (f"events:whsec_:{URL}", "24 to 64 bytes"),
        (f"events:whsec_{b64encode(bytes(23)).decode()}:{URL}", "24 to 64 bytes"),
        (f"events:whsec_{b64encode(bytes(65)).decode()}:{URL}", "24 to 64 bytes"),
        (f"events:whsec_!{KEY.removeprefix('whsec_')}:{URL}", "24 to 64 bytes"),
        (f"events:whsec_é:{URL}", "24 to 64 bytes"),
        (f"events:{KEY}:http://hooks.example", "must begin with https://"),
        (f"events:{KEY}:ftp://hooks.example", "must begin with https://"),
        (f"events:{KEY}:hooks.example", "is not an address"),
        (f"events:{KEY}:https://me:secret@hooks.example", "takes no user"),
        (f"events:{KEY}:https://", "is not an address"),
        (f"events:{KEY}:{URL}?a=b c", "query has blanks"),
        (f"events:{KEY}:{URL}?a=b#c", "a fragment"),
        (f"events:{KEY}:{URL}?a=é", "letters beyond ASCII"),
    ],
)
def test_a_wrong_entry_is_a_problem_that_shows_neither_key_nor_address(tmp_path: Path, text: str, problem: str) -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.read(road.environ(tmp_path, RELAY_HOOKS=text))
    told = raised.value.problems["RELAY_HOOKS"]
    assert problem in told
    assert "hooks.example" not in told
    assert KEY[8:] not in told


def test_keys_of_24_and_64_bytes_are_taken() -> None:
    for size in (24, 64):
        key = f"whsec_{b64encode(bytes(size)).decode()}"
        assert (bytes(size),) == read_hook(f"events:{key}:{URL}").keys


def test_no_secret_is_in_a_repr(tmp_path: Path) -> None:
    here = build(*read_all(road.environ(tmp_path, RELAY_HOOKS=f"events:{KEY}:{URL}")))
    telling = here.payer.notices().tellings["webhook"]
    here.close()
    told = repr((here.settings.chats["webhook"], telling))
    assert "hooks.example" not in told
    assert repr(bytes(range(32))) not in told


def test_it_takes_no_presses_and_posts_no_cards(tmp_path: Path) -> None:
    here = build(*read_all(road.environ(tmp_path, RELAY_HOOKS=f"events:{KEY}:{URL}")))
    posting, telling = here.payer.cards.chats["webhook"], here.payer.notices().tellings["webhook"]
    here.close()
    assert (None, False) == (posting, telling is None)
    assert "webhook" not in {*pressed(), *commanded(), *drawing()}
    assert "webhook" in with_channels()
