"""The files of `relay init`, from nothing to a verified approval, in each chat."""

from pathlib import Path

import pytest

from tests.cli.init.approving import ask, press, verify
from tests.cli.running import run
from tests.cli.serving import serving_with
from tests.support.outside import TENANT, Outside, fill_in
from tests.support.own_process import clean

REPOSITORY = "octo/api"
PERSON = "aaaaaaaa-aaaa-4aaa-8aaa-aaaaaaaaaaaa"
ENTRA = f"ada=entra:{TENANT}/{PERSON}"
TEAMS = ("--place", "19:abc123@thread.tacv2")


@pytest.mark.parametrize(
    ("chat", "approver", "more"),
    [
        ("teams-workflow", ENTRA, ()),
        ("teams-workflow", "ada=github:583231", ()),
        ("teams-bot", ENTRA, TEAMS),
        ("slack", "ada=slack:T111/U111", ()),
        ("outlook", ENTRA, ()),
    ],
)
def test_an_approval_passes_from_ask_to_release(
    chat: str, approver: str, more: tuple[str, ...], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    with Outside.serving() as outside:
        chosen = ("--chat", chat, "--host", "machine", "--repository", REPOSITORY, "--relay", outside.origin)
        made = run("init", *chosen, "--approver", approver, "--yes", *more)
        assert 0 == made.exit_code, made.output
        fill_in(tmp_path)
        with serving_with(clean() | outside.meet(tmp_path), tmp_path) as started:
            outside.port = started.port
            request = ask(outside, tmp_path, REPOSITORY)
            press(outside, "ada")
            outputs = verify(outside, tmp_path, REPOSITORY)
    assert (request, "approved", "production") == tuple(outputs[name] for name in ("id", "decision", "environment"))
