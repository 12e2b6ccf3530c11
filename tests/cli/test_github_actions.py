from pathlib import Path

import pytest

from relay.cli import github_actions
from relay.cli.failures import Failure
from tests.cli.running import make_edges


@pytest.fixture(autouse=True)
def _step(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GITHUB_ACTIONS", "true")
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path / "output"))
    monkeypatch.setenv("GITHUB_STEP_SUMMARY", str(tmp_path / "summary"))


def test_each_output_stands_between_delimiters_of_its_own(tmp_path: Path) -> None:
    github_actions.outputs({"payload": "EOF\nsha=evil", "ref": "가"}, make_edges())
    lines = (tmp_path / "output").read_text("utf-8").splitlines()
    first, second = lines[0].partition("<<")[2], lines[4].partition("<<")[2]
    assert ["payload<<" + first, "EOF", "sha=evil", first, "ref<<" + second, "가", second] == lines
    assert first != second


def test_a_mask_and_an_error_are_escaped(capsys: pytest.CaptureFixture[str]) -> None:
    github_actions.mask("a%b\r\nc", "")
    github_actions.error("no\n::set-output name=x::y")
    shown = capsys.readouterr()
    assert "" == shown.out
    assert "::add-mask::a%25b%0D%0Ac\n::error title=relay::no%0A::set-output name=x::y\n" == shown.err


def test_the_summary_is_no_markdown_of_the_sender(tmp_path: Path) -> None:
    github_actions.summary("Title\n# <b>x</b>", {"Ref": "[x](http://y)", "Empty": ""})
    lines = (tmp_path / "summary").read_text("utf-8").splitlines()
    assert [r"### Title \# \<b\>x\</b\>", "", r"- Ref: \[x\]\(http://y\)", ""] == lines


def test_outside_of_github_actions_nothing_is_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.delenv("GITHUB_ACTIONS")
    github_actions.outputs({"id": "x"}, make_edges())
    github_actions.mask("secret")
    github_actions.error("failed")
    assert [] == list(tmp_path.iterdir())
    assert ("", "") == capsys.readouterr()


def test_a_file_that_cannot_be_written_is_told(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("GITHUB_OUTPUT", str(tmp_path))
    with pytest.raises(Failure, match="GITHUB_OUTPUT names cannot be written"):
        github_actions.outputs({"id": "x"}, make_edges())
