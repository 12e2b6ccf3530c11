"""Every script of the release workflow, with stand-ins; and that the version has one place."""

import re
import subprocess
import sys
import tarfile
from pathlib import Path

import pytest

import relay
from infra.bill_of_materials import version
from tests.infra.steps import ROOT, Runner, scripts

HOLD = "Hold the tag against the version, and take its changes"
BUILD = "Check, test, and build the package and the distributions"
COMPILE = "Compile the template with the real compiler"
PUSH = "Build and push the image"
TAKE = "Take the distributions alone"
PUBLISH = "Publish the release once all of it is there"
MOVE = "Move the tag of the major version, unless a newer release has it"
REPOSITORY = {"GH_REPO": "octo/relay", "GITHUB_REF_NAME": "v1.2.3", "GITHUB_SHA": "a" * 40}


@pytest.fixture
def runner(tmp_path: Path) -> Runner:
    folder = tmp_path / "work"
    (folder / "relay").mkdir(parents=True)
    (folder / "relay" / "__init__.py").write_text('"""It."""\n\n__version__ = "1.2.3"\n')
    (folder / "CHANGELOG.md").write_text("# Changes\n\n## 1.2.3\n\n- New.\n\n## 1.2.2\n\n- Old.\n")
    (folder / "dist").mkdir()
    for name in ("approval_relay-1.2.3-py3-none-any.whl", "approval_relay-1.2.3.tar.gz", "function-app.zip"):
        (folder / "dist" / name).write_text("x")
    return Runner(folder)


def test_every_script_is_tried_here() -> None:
    assert [HOLD, BUILD, COMPILE, PUSH, TAKE, PUBLISH, MOVE] == [*scripts("release.yml")]


def test_a_tag_that_is_the_version_brings_its_changes(runner: Runner) -> None:
    assert 0 == runner.run("release.yml", HOLD, GITHUB_REF_NAME="v1.2.3").code
    assert "- New." == (runner.folder / "notes.md").read_text().strip()


def test_a_tag_that_is_another_version_ends_the_release(runner: Runner) -> None:
    ran = runner.run("release.yml", HOLD, GITHUB_REF_NAME="v1.2.4")
    assert 1 == ran.code
    assert "::error::The tag is v1.2.4 and relay/__init__.py says 1.2.3." in ran.said


def test_a_version_without_changes_ends_the_release(runner: Runner) -> None:
    (runner.folder / "CHANGELOG.md").write_text("# Changes\n\n## 1.2.2\n\n- Old.\n")
    ran = runner.run("release.yml", HOLD, GITHUB_REF_NAME="v1.2.3")
    assert 1 == ran.code
    assert "no changes under the heading ## 1.2.3" in ran.said


def test_the_tag_of_the_present_version_would_be_taken(runner: Runner) -> None:
    for name in ("relay/__init__.py", "CHANGELOG.md"):
        (runner.folder / name).write_text((ROOT / name).read_text("utf-8"))
    assert 0 == runner.run("release.yml", HOLD, GITHUB_REF_NAME=f"v{relay.__version__}").code


def test_what_is_released_was_checked_and_tested_and_each_word_is_one_of_the_makefile(runner: Runner) -> None:
    ((*words, python),) = runner.run("release.yml", BUILD).called("make")
    assert ["check", "test", "package", "distributions"] == words
    assert "PYTHON=python3.13" == python
    targets = re.findall(r"^([a-z]+):", (ROOT / "Makefile").read_text("utf-8"), re.MULTILINE)
    assert set(words) <= set(targets)


def test_the_template_is_compiled_from_the_file_that_azd_takes(runner: Runner) -> None:
    (called,) = runner.run("release.yml", COMPILE).called("az")
    assert ["bicep", "build", "--file", "infra/main.bicep", "--outfile", "dist/main.json"] == called
    assert (ROOT / "infra" / "main.bicep").exists()


def test_the_image_is_pushed_under_its_version_and_known_by_its_digest(runner: Runner) -> None:
    runner.answer("docker", "inspect", said="ghcr.io/octo/relay@sha256:0123\n")
    ran = runner.run(
        "release.yml", PUSH, GITHUB_REF_NAME="v1.2.3", REPOSITORY="Octo/Relay", ACTOR="ada", GH_TOKEN="t0k3n"
    )
    image = "ghcr.io/octo/relay:1.2.3"
    assert [
        ["login", "ghcr.io", "--username", "ada", "--password-stdin"],
        ["build", "--pull", "--tag", image, "."],
        ["push", image],
        ["image", "inspect", "--format", "{{index .RepoDigests 0}}", image],
    ] == ran.called("docker")
    assert "t0k3n\n" == ran.read
    assert {"image": "ghcr.io/octo/relay", "digest": "sha256:0123"} == ran.output


def test_an_image_that_is_not_pushed_ends_the_release(runner: Runner) -> None:
    runner.answer("docker", "push", code=1)
    ran = runner.run("release.yml", PUSH, GITHUB_REF_NAME="v1.2.3", REPOSITORY="o/r", ACTOR="ada", GH_TOKEN="t")
    assert (1, {}) == (ran.code, ran.output)


def test_pypi_gets_the_distributions_and_nothing_else(runner: Runner) -> None:
    assert 0 == runner.run("release.yml", TAKE).code
    found = {path.name for path in (runner.folder / "distributions").iterdir()}
    assert {"approval_relay-1.2.3-py3-none-any.whl", "approval_relay-1.2.3.tar.gz"} == found


def test_a_release_is_a_draft_until_all_of_it_is_there(runner: Runner) -> None:
    runner.answer("gh", "release view", code=1)
    runner.answer("gh", "api", said="true\n")
    ran = runner.run("release.yml", PUBLISH, **REPOSITORY)
    assert 0 == ran.code
    _, create, upload, edit, _ = ran.called("gh")
    assert ["release", "create", "v1.2.3", "--draft", "--verify-tag"] == create[:5]
    assert ["release", "upload", "v1.2.3"] == upload[:3]
    assert {"dist/function-app.zip", "--clobber"} < set(upload)
    assert ["release", "edit", "v1.2.3", "--draft=false"] == edit


def test_a_draft_of_a_run_that_failed_is_finished(runner: Runner) -> None:
    runner.answer("gh", "release view", said="true\n")
    runner.answer("gh", "api", said="true\n")
    calls = [call[1] for call in runner.run("release.yml", PUBLISH, **REPOSITORY).called("gh")]
    assert ["view", "upload", "edit"] == calls[:3]


def test_a_published_release_is_left_as_it_is(runner: Runner) -> None:
    runner.answer("gh", "release view", said="false\n")
    runner.answer("gh", "api", said="true\n")
    ran = runner.run("release.yml", PUBLISH, **REPOSITORY)
    assert (0, 2) == (ran.code, len(ran.called("gh")))


def test_a_release_that_is_not_immutable_is_an_error_with_its_cure(runner: Runner) -> None:
    runner.answer("gh", "release view", code=1)
    runner.answer("gh", "api", said="false\n")
    ran = runner.run("release.yml", PUBLISH, **REPOSITORY)
    assert 1 == ran.code
    assert "Switch immutable releases on" in ran.said


def test_a_file_that_is_not_uploaded_keeps_the_draft(runner: Runner) -> None:
    runner.answer("gh", "release view", code=1)
    runner.answer("gh", "release upload", code=1)
    ran = runner.run("release.yml", PUBLISH, **REPOSITORY)
    assert 1 == ran.code
    assert not [call for call in ran.called("gh") if "edit" in call]


@pytest.mark.parametrize(
    ("releases", "moved"),
    [
        ("v1.2.3", True),
        ("v1.2.3\nv1.2.2\nv0.9.0\nv2.0.0", True),
        ("v1.2.3\nv1.2.10", False),
        ("v1.10.0\nv1.2.3\nv1.9.9", False),
        ("v1.2.3\nv1.9.9-beta\nv11.0.0", True),
    ],
)
def test_the_tag_of_the_major_version_goes_to_its_newest_release(runner: Runner, releases: str, moved: bool) -> None:
    runner.answer("gh", "--paginate", said=f"{releases}\n")
    ran = runner.run("release.yml", MOVE, **REPOSITORY)
    patch = [
        "api",
        "--method",
        "PATCH",
        "repos/octo/relay/git/refs/tags/v1",
        "-f",
        f"sha={'a' * 40}",
        "-F",
        "force=true",
    ]
    assert (0, [patch] * moved) == (ran.code, ran.called("gh")[1:])


def test_the_first_tag_of_a_major_version_is_made(runner: Runner) -> None:
    runner.answer("gh", "--paginate", said="v1.2.3\n")
    runner.answer("gh", "PATCH", code=1)
    *_, made = runner.run("release.yml", MOVE, **REPOSITORY).called("gh")
    assert ["repos/octo/relay/git/refs", "-f", "ref=refs/tags/v1"] == made[3:6]


def test_releases_that_cannot_be_listed_are_an_error(runner: Runner) -> None:
    runner.answer("gh", "--paginate", code=1)
    ran = runner.run("release.yml", MOVE, **REPOSITORY)
    assert (1, 1) == (ran.code, len(ran.called("gh")))


def test_the_version_has_one_place() -> None:
    assert relay.__version__ == version()
    command = ["git", "grep", "-nE", rf"version.{{0,5}}[\"']{re.escape(version())}[\"']"]
    found = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False, timeout=60).stdout
    assert [f'relay/__init__.py:3:__version__ = "{version()}"'] == found.splitlines()
    assert re.fullmatch(r"\d+\.\d+\.\d+", version())


def test_the_source_distribution_holds_the_version_and_no_test(tmp_path: Path) -> None:
    listed = subprocess.run(
        ["git", "ls-files", "-co", "--exclude-standard", "relay", "pyproject.toml", "README.md", "LICENSE"],
        cwd=ROOT, capture_output=True, text=True, check=True, timeout=60,
    )  # fmt: skip
    for name in listed.stdout.splitlines():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes((ROOT / name).read_bytes())
    code = "from setuptools.build_meta import build_sdist; build_sdist('dist')"
    subprocess.run([sys.executable, "-c", code], cwd=tmp_path, capture_output=True, check=True, timeout=120)
    with tarfile.open(tmp_path / "dist" / f"approval_relay-{version()}.tar.gz") as packed:
        names = packed.getnames()
    assert f"approval_relay-{version()}/relay/press.py" in names
    assert not [name for name in names if "/tests/" in name or "/bench/" in name]
