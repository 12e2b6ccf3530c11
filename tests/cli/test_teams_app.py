import json
import struct
import zipfile
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.cli.running import run

APP = "b07b07b0-0000-4000-8000-00000000b07b"
RELAY = "https://relay.example"
ASKED = ("--app-id", APP, "--relay", RELAY)


def written(path: Path, *more: str) -> dict[str, bytes]:
    result = run("teams-app", *ASKED, "--output", str(path), *more)
    assert 0 == result.exit_code, result.stderr
    with zipfile.ZipFile(path) as package:
        assert package.testzip() is None
        return {name: package.read(name) for name in package.namelist()}


def manifest(path: Path, *more: str) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(written(path, *more)["manifest.json"])
    return found


def test_the_package_holds_a_manifest_and_two_icons(tmp_path: Path) -> None:
    assert ["manifest.json", "color.png", "outline.png"] == list(written(tmp_path / "app.zip"))


def test_the_manifest_makes_the_bot_an_app(tmp_path: Path) -> None:
    made = manifest(tmp_path / "app.zip", "--name", "배포 승인", "--app-version", "1.2.3")
    assert (APP, "1.2.3", "배포 승인") == (made["id"], made["version"], made["name"]["short"])
    assert f"/teams/v{made['manifestVersion']}/MicrosoftTeams.schema.json" in made["$schema"]
    (bot,) = made["bots"]
    assert (APP, ["team", "groupChat", "personal"], False) == (bot["botId"], bot["scopes"], bot["supportsFiles"])
    assert ["relay.example"] == made["validDomains"]


def test_the_manifest_keeps_to_the_lengths_of_its_schema(tmp_path: Path) -> None:
    made = manifest(tmp_path / "app.zip", "--name", "x" * 30)
    developer, description = made["developer"], made["description"]
    required = {"manifestVersion", "version", "id", "developer", "name", "description", "icons", "accentColor"}
    assert required <= set(made)
    assert {"name", "websiteUrl", "privacyUrl", "termsOfUseUrl"} == set(developer)
    assert {RELAY} == {developer[name] for name in ("websiteUrl", "privacyUrl", "termsOfUseUrl")}
    for text, most in ((developer["name"], 32), (made["name"]["short"], 30), (description["short"], 80)):
        assert 0 < len(text) <= most
    assert len(description["full"]) <= 4_000
    assert {"color": "color.png", "outline": "outline.png"} == made["icons"]


def test_the_same_options_make_the_same_file(tmp_path: Path) -> None:
    written(tmp_path / "one.zip")
    written(tmp_path / "two.zip")
    assert (tmp_path / "one.zip").read_bytes() == (tmp_path / "two.zip").read_bytes()


def test_it_says_where_to_upload_and_where_the_bot_is_called(tmp_path: Path) -> None:
    result = run(
        "teams-app",
        "--output",
        str(tmp_path / "app.zip"),
        env={"RELAY_TEAMS_APP_ID": APP.upper(), "RELAY_URL": f"{RELAY}/"},
    )
    assert 0 == result.exit_code
    assert "Manage apps" in result.stdout
    assert f"{RELAY}/api/interactions/teams" in result.stderr


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--relay", RELAY), "'--app-id'"),
        (("--app-id", APP), "'--relay'"),
        (("--app-id", "x", "--relay", RELAY), "'--app-id' (env var: 'RELAY_TEAMS_APP_ID'): is not a GUID"),
        (("--app-id", f"{APP}\n", "--relay", RELAY), "is not a GUID"),
        (("--app-id", APP, "--relay", "http://127.0.0.1:7071"), "must begin with https://: Teams"),
        (("--app-id", APP, "--relay", "https://relay.example/x"), "takes no path"),
        ((*ASKED, "--name", ""), "--name: is empty; usually a variable that is not set here"),
        ((*ASKED, "--name", " x"), "'--name': has 1 to 30 characters"),
        ((*ASKED, "--name", "x" * 31), "'--name': has 1 to 30 characters"),
        ((*ASKED, "--name", "a\nb"), "'--name': has 1 to 30 characters"),
        ((*ASKED, "--app-version", "1.0"), "'--app-version': is three numbers"),
        ((*ASKED, "--app-version", "1.0.01"), "'--app-version': is three numbers"),
        ((*ASKED, "--output", "/nowhere/at/all.zip"), "--output: cannot be written (FileNotFoundError)"),
        ((*ASKED, "--output", "/"), "'--output'"),
    ],
)
def test_what_is_wrong_is_told_by_its_option(arguments: tuple[str, ...], told: str) -> None:
    result = run("teams-app", *arguments)
    assert (2, "") == (result.exit_code, result.stdout)
    assert told in result.stderr


def pixels(png: bytes) -> tuple[int, list[bytes]]:
    """Return the width and the RGBA pixels of a square PNG without filters; its checksums must hold."""
    assert png.startswith(b"\x89PNG\r\n\x1a\n")
    chunks, at = {}, 8
    while at < len(png):
        (length,) = struct.unpack_from(">I", png, at)
        kind, content = png[at + 4 : at + 8], png[at + 8 : at + 8 + length]
        assert struct.unpack_from(">I", png, at + 8 + length)[0] == zlib.crc32(kind + content)
        chunks[kind], at = content, at + 12 + length
    width, height, depth, form = struct.unpack_from(">IIBB", chunks[b"IHDR"])
    assert (width, 8, 6, b"") == (height, depth, form, chunks[b"IEND"])
    rows = zlib.decompress(chunks[b"IDAT"])
    assert width * (4 * width + 1) == len(rows)
    assert {0} == {rows[row * (4 * width + 1)] for row in range(width)}
    lines = [rows[row * (4 * width + 1) + 1 : (row + 1) * (4 * width + 1)] for row in range(width)]
    return width, [line[4 * n : 4 * n + 4] for line in lines for n in range(width)]


def test_the_icon_in_color_is_a_white_mark_on_a_blue_square(tmp_path: Path) -> None:
    size, found = pixels(written(tmp_path / "app.zip")["color.png"])
    assert 192 == size
    assert {255} == {pixel[3] for pixel in found}
    assert {b"\x09\x69\xda\xff", b"\xff\xff\xff\xff"} <= set(found)
    assert b"\x09\x69\xda\xff" == found[0]


def test_the_outline_is_white_on_nothing(tmp_path: Path) -> None:
    size, found = pixels(written(tmp_path / "app.zip")["outline.png"])
    assert 32 == size
    assert {b"\xff\xff\xff"} == {pixel[:3] for pixel in found}
    assert {0, 255} <= {pixel[3] for pixel in found}
    assert 0 == found[0][3]
