"""All checks of a folder of Bicep files."""

from collections.abc import Mapping
from pathlib import Path
from typing import Final

from tests.infra.bicep.modules import check_modules
from tests.infra.bicep.rules import check_rules
from tests.infra.bicep.syntax import BicepFile
from tests.infra.bicep.types import Checker

INFRA: Final = Path(__file__).parents[3] / "infra"


def sources() -> dict[str, str]:
    return {path.name: path.read_text("utf-8") for path in sorted(INFRA.glob("*.bicep"))}


def check(texts: Mapping[str, str]) -> tuple[list[str], int]:
    """Return the findings of these files, and the number of compared values."""
    files = {name: BicepFile(name, text) for name, text in texts.items()}
    checkers = [Checker(file) for file in files.values()]
    for checker in checkers:
        checker.check()
    check_modules(files)
    check_rules(files)
    return [finding for file in files.values() for finding in file.findings], sum(each.compared for each in checkers)
