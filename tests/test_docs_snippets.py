"""The snippets of the docs: each is of a language that is known here, and parses as one of it."""

import configparser
import json
import re
import subprocess
import textwrap
import tomllib
from collections.abc import Callable
from typing import Final

import pytest
import yaml

from tests.support.road import ROOT

PAGES: Final = [ROOT / "README.md", *sorted((ROOT / "docs").glob("*.md"))]
FENCE: Final = re.compile(r"^( *)```(\w+)\n(.*?)^\1```$", re.DOTALL | re.MULTILINE)


def shell(text: str) -> object:
    return subprocess.run(["bash", "-n"], input=text, text=True, check=True, capture_output=True)


def http(text: str) -> object:
    first, *headers = text.splitlines()
    assert re.fullmatch(r"(?:GET|POST) /\S*", first)
    assert all(re.fullmatch(r"[\w-]+: \S.*", header) for header in headers)
    return headers


def diagram(text: str) -> object:
    assert text.startswith("flowchart ")
    return text


PARSE: Final[dict[str, Callable[[str], object]]] = {
    "sh": shell,
    "toml": tomllib.loads,
    "yaml": yaml.safe_load,
    "json": json.loads,
    "python": lambda text: compile(text, "docs", "exec"),
    "ini": lambda text: configparser.ConfigParser(interpolation=None, strict=False).read_string(text),
    "http": http,
    "mermaid": diagram,
    "kusto": str,  # tests/infra/test_queries.py reads them
    "text": str,  # what a command prints
}
SNIPPETS: Final = [
    pytest.param(language, textwrap.dedent(text), id=f"{page.name}:{language}:{number}")
    for page in PAGES
    for number, (_, language, text) in enumerate(FENCE.findall(page.read_text("utf-8")))
]


@pytest.mark.parametrize(("language", "text"), SNIPPETS)
def test_a_snippet_parses(language: str, text: str) -> None:
    PARSE[language](text)


def test_no_snippet_is_without_a_language() -> None:
    fences = sum(page.read_text("utf-8").count("```") for page in PAGES)
    assert 2 * len(SNIPPETS) == fences
