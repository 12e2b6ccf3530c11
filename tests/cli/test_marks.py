"""Files as editors of Windows save them: with a byte order mark, or in UTF-16."""

import json
from pathlib import Path

import pytest

from tests.cli.running import ASK, OFFLINE, run

MARK = b"\xef\xbb\xbf"
CARD = {"type": "AdaptiveCard", "version": "1.0", "body": [{"type": "TextBlock", "text": "x"}]}


def test_a_byte_order_mark_before_a_file_is_skipped(tmp_path: Path) -> None:
    card, mail, payload, sections = (tmp_path / name for name in ("card.json", "mail.html", "p.json", "s.json"))
    card.write_bytes(MARK + json.dumps(CARD).encode())
    assert 0 == run("lint", str(card)).exit_code
    plain = run("card", "--format", "outlook-email", *ASK, env=OFFLINE).stdout
    mail.write_bytes(MARK + plain.encode())
    assert run("lint", "-", stdin=plain).stdout == run("lint", str(mail)).stdout
    payload.write_bytes(MARK + b'{"version": "1.2"}')
    sections.write_bytes(MARK + b'[{"title": "More"}]')
    files = ("--payload", f"@{payload}", "--sections", f"@{sections}")
    assert 0 == run("card", *ASK, *files, env=OFFLINE).exit_code
    assert 0 == run("card", *ASK, "--payload", "-", stdin=payload.read_bytes(), env=OFFLINE).exit_code


@pytest.mark.parametrize("encoding", ["utf-16", "utf-16-le", "utf-16-be"])
def test_a_file_in_utf_16_is_named_with_the_cure(tmp_path: Path, encoding: str) -> None:
    file = tmp_path / "file.json"
    file.write_bytes(json.dumps(CARD).encode(encoding))
    for arguments in (
        ("lint", str(file)),
        ("card", *ASK, "--payload", f"@{file}"),
        ("policy", "check", str(file)),
    ):
        result = run(*arguments, env=OFFLINE)
        assert 2 == result.exit_code
        assert "save it as UTF-8" in result.stderr
