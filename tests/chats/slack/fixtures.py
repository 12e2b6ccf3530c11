"""The recorded presses of tests/fixtures/slack, each with what is expected of it; its commands are others'."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

FOLDER: Final = Path(__file__).parents[2] / "fixtures" / "slack"
NAMES: Final = sorted(path.name for path in FOLDER.iterdir())


@dataclass(frozen=True)
class Fixture:
    """A press as it arrived: headers in lower case, the raw body, and what expect.json says."""

    headers: dict[str, str]
    body: bytes
    expect: dict[str, Any]

    @property
    def now(self) -> float:
        return float(self.expect["now"])

    @property
    def secrets(self) -> list[str]:
        return str(self.expect["settings"]["RELAY_SLACK_SIGNING_SECRET"]).split(",")

    @property
    def teams(self) -> list[str]:
        return str(self.expect["settings"]["RELAY_SLACK_TEAMS"]).split(",")

    @property
    def api_url(self) -> str:
        return str(self.expect["settings"]["RELAY_SLACK_API_URL"])


def load(name: str) -> Fixture:
    headers = json.loads((FOLDER / name / "headers.json").read_bytes())
    expect = json.loads((FOLDER / name / "expect.json").read_bytes())
    return Fixture(headers, (FOLDER / name / "body").read_bytes(), expect)


PRESS: Final = "POST /api/interactions/slack"
ALL: Final = {name: each for name in NAMES if (each := load(name)).expect["route"] == PRESS}
GENUINE: Final = [name for name, each in ALL.items() if each.expect["genuine"]]
FORGED: Final = [name for name, each in ALL.items() if not each.expect["genuine"]]
