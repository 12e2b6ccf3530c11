"""The image, as far as its recipe says it: nothing here builds one."""

import re
from fnmatch import fnmatchcase
from pathlib import Path

ROOT = Path(__file__).parents[2]
LINES = re.sub(r"\\\n\s*", "", (ROOT / "Dockerfile").read_text("utf-8")).splitlines()
INSTRUCTIONS = [(name, rest) for name, _, rest in (line.partition(" ") for line in LINES) if name.isupper()]
FINAL = max(number for number, (name, _) in enumerate(INSTRUCTIONS) if name == "FROM")
BUILD, IMAGE = INSTRUCTIONS[:FINAL], INSTRUCTIONS[FINAL:]


def of(name: str, stage: list[tuple[str, str]]) -> list[str]:
    return [rest for each, rest in stage if each == name]


def test_the_image_is_built_in_two_stages_on_the_python_of_the_package() -> None:
    assert ["python:3.13-slim-trixie AS build"] == of("FROM", BUILD)
    assert ["python:3.13-slim-trixie"] == of("FROM", IMAGE)
    assert ["--from=build /opt/relay /opt/relay", "--from=build /app /app"] == of("COPY", IMAGE)


def test_everything_that_is_installed_is_locked() -> None:
    (install,) = [rest for rest in of("RUN", INSTRUCTIONS) if " install " in rest and "pip" in rest]
    assert {"--require-hashes", "--only-binary"} < set(install.split())
    assert "--requirement relay/cli/requirements.txt" in install
    assert not [rest for rest in of("RUN", INSTRUCTIONS) if "apt" in rest or "curl" in rest]


def test_it_runs_without_root_and_writes_to_one_volume() -> None:
    (user,) = of("USER", IMAGE)
    assert re.fullmatch(r"[1-9]\d{3,}:[1-9]\d{3,}", user)
    assert ["/data"] == of("VOLUME", IMAGE)
    (settings,) = of("ENV", IMAGE)
    assert {"RELAY_STORE=sqlite:////data/relay.db", "PYTHONDONTWRITEBYTECODE=1"} < set(settings.split())


def test_nothing_runs_after_the_last_user() -> None:
    names = [name for name, _ in IMAGE]
    assert not {"RUN", "COPY", "ADD"} & set(names[names.index("USER") :])


def test_it_serves_and_its_health_is_asked() -> None:
    assert ['["python", "-m", "relay"]'] == of("ENTRYPOINT", IMAGE)
    assert ['["serve", "--host", "0.0.0.0", "--port", "8080"]'] == of("CMD", IMAGE)
    (health,) = of("HEALTHCHECK", IMAGE)
    assert "http://127.0.0.1:8080/api/health" in health
    assert ["8080"] == of("EXPOSE", IMAGE)


def test_the_simulator_is_not_in_it() -> None:
    assert [rest for rest in of("RUN", BUILD) if rest.startswith("rm -r relay/dev")]


def sent(path: str) -> bool:
    """Tell whether the build sees a file: of the lines that match it or a folder of it, the last one decides."""
    parts = path.split("/")
    folders = ["/".join(parts[: number + 1]) for number in range(len(parts))]
    found = False
    for line in (ROOT / ".dockerignore").read_text("utf-8").splitlines():
        pattern = line.removeprefix("!").removeprefix("**/")
        places = [*folders, *parts] if "**/" in line else folders
        if line and line[0] != "#" and any(fnmatchcase(place, pattern) for place in places if "/" not in pattern):
            found = line.startswith("!")
    return found


def test_the_build_sees_what_it_copies() -> None:
    copied = [name for rest in of("COPY", BUILD) for name in rest.split()[:-1]]
    assert ["relay/cli/requirements.txt", "function_app.py", "host.json", "relay"] == copied
    assert all(sent(name) and (ROOT / name).exists() for name in copied)


def test_the_build_sees_no_secret_and_no_state() -> None:
    for name in (".env", ".azure/production/.env", "local.settings.json", ".relay/relay.db", "key.pem", "relay/.env"):
        assert not sent(name), name
    for name in (".git/config", "relay/key.pem", "relay/relay.db", "relay/__pycache__/app.pyc", "tests/conftest.py"):
        assert not sent(name), name
