"""The tracks of docs/start.md, walked from an empty folder to a verified approval."""

import re
from pathlib import Path

import pytest

from tests.cli.init.approving import ask, press, verify
from tests.start.tracks import TEXT, Step, Track, read
from tests.start.walking import walking

TRACKS = read()
REPOSITORY = "octo/api"
MOST_BY_HAND = 12
MOST_MINUTES = 10
every_track = pytest.mark.parametrize("track", TRACKS, ids=lambda track: track.name)


def test_there_is_a_track_for_each_chat_and_place() -> None:
    named = re.findall(r"\| \[[^\]]+\]\(#([\w-]+)\)", TEXT) + re.findall(r"or \[on Azure\]\(#([\w-]+)\)", TEXT)
    assert 5 == len(TRACKS)
    assert {re.sub(r"[^\w ]", "", track.name.lower()).replace(" ", "-") for track in TRACKS} == set(named)


@every_track
def test_steps_are_numbered_and_those_by_hand_are_counted(track: Track) -> None:
    assert [*range(1, len(track.steps) + 1)] == [step.number for step in track.steps]
    assert track.by_hand == sum(step.by_hand for step in track.steps) <= MOST_BY_HAND
    assert track.minutes <= MOST_MINUTES
    assert "**Approve**" in track.steps[-1].words


@every_track
def test_each_step_says_what_to_see_and_what_to_do_otherwise(track: Track) -> None:
    for step in track.steps[1:-1]:
        assert re.search(r"\bYou see .*\b(If |The warning says )", step.words), step
        assert step.by_hand or step.seen, step


@every_track
def test_a_track_leads_to_a_verified_approval(track: Track, tmp_path: Path) -> None:
    with walking(tmp_path) as walk:
        for step in track.steps:
            said = walk.take(step)
            assert [] == [each for each in step.seen if each not in said], said
        repository = walk.work / "repository"
        wanted = set(re.findall(r"(?:vars|secrets)\.(\w+)", (repository / ".github/workflows/ask.yml").read_text()))
        assert set() == wanted - set(walk.given)
        request = ask(walk.outside, repository, REPOSITORY)
        press(walk.outside, "me")
        outputs = verify(walk.outside, repository, REPOSITORY)
        assert (request, "approved") == (outputs["id"], outputs["decision"])
        assert walk.spent < 60 * track.minutes


def test_an_option_that_a_program_does_not_have_ends_the_walk(tmp_path: Path) -> None:
    for script in ("az ad app create --colour red\n", "pip install something-else\n", "azd env frobnicate\n"):
        folder = tmp_path / script[:6].strip()
        folder.mkdir()
        with walking(folder) as walk, pytest.raises(AssertionError):
            walk.take(Step(1, "", script, ()))
