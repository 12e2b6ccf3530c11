import json
from pathlib import Path

import pytest

from tests.cli.running import ASK, RELAY, TICKET_KEY, run


def test_our_own_card_keeps_the_limits() -> None:
    card = run("card", *ASK, env={"RELAY_URL": RELAY, "RELAY_TICKET_KEY": TICKET_KEY}).stdout
    result = run("lint", "-", stdin=card)
    assert (0, "The card keeps the limits.\n") == (result.exit_code, result.stdout)


def test_each_problem_stands_on_its_line(tmp_path: Path) -> None:
    file = tmp_path / "카드.json"
    file.write_text(json.dumps({"@type": "MessageCard", "themeColor": "red"}), "utf-8")
    result = run("lint", str(file))
    assert 2 == result.exit_code
    assert 3 == len(result.stdout.splitlines())
    assert "FILE: the card has 3 problems" in result.stderr


def test_another_kind_of_card_is_not_known(tmp_path: Path) -> None:
    file = tmp_path / "card.json"
    file.write_text('{"type": "AdaptiveCard"}', "utf-8")
    result = run("lint", str(file))
    assert 2 == result.exit_code
    assert '@type must be "MessageCard": this version knows no other cards' in result.stdout
    assert "FILE: the card has one problem" in result.stderr


@pytest.mark.parametrize("content", [b"", b"{", b"\xff", b"[" * 10_000, b"NaN"])
def test_what_is_no_json_is_told(content: bytes) -> None:
    result = run("lint", "-", stdin=content)
    assert 2 == result.exit_code
    assert "FILE: not JSON that the relay reads" in result.stderr
