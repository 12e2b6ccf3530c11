"""The recipes of docs/commands.md do what the page says of them, by the command line that the page shows."""

import re
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
import yaml

from tests.cli.running import run
from tests.support.own_process import ROOT

PAGE: Final = (ROOT / "docs" / "commands.md").read_text("utf-8")
HEADINGS: Final = [*re.finditer(r"^## (.+)$", PAGE, re.MULTILINE)]
RECIPES: Final = {
    heading[1]: found[1]
    for heading, following in pairwise(HEADINGS)
    if (found := re.search(r"```toml\n(.+?)```", PAGE[heading.end() : following.start()], re.DOTALL))
}
ONE, TWO, FROZEN = "One line, one person", "With a second pair of eyes", "Freeze"


def test_the_page_has_these_recipes() -> None:
    assert [ONE, TWO, FROZEN] == [*RECIPES]


@pytest.mark.parametrize(
    ("recipe", "person", "text", "code", "lines"),
    [
        (ONE, "ada", "/relay stage api", 0, ["event type: staging-api", "requested by: ada", "approved"]),
        (ONE, "lin", "stage web because it is time", 0, ["title: web to staging", "approved"]),
        (ONE, "lin", "stage other", 3, []),
        (TWO, "lin", "deploy api version 2.4.1", 0, ["event type: deploy-api", "channels: origin, releases"]),
        (TWO, "lin", "roll api back to 2.4.0", 0, ["event type: deploy-api", "title: Roll api back to 2.4.0"]),
        (TWO, "grace", "deploy api", 3, []),
        (FROZEN, "ada", "deploy api in spite of the freeze because it burns", 0, ["requested by: ada"]),
        (FROZEN, "ada", "deploy api", 3, []),
    ],
)
def test_a_recipe_does_what_the_page_says(
    tmp_path: Path, recipe: str, person: str, text: str, code: int, lines: list[str]
) -> None:
    file = tmp_path / "policy.toml"
    file.write_text(RECIPES[recipe], "utf-8")
    ran = run("policy", "explain", str(file), "--say", text, "--as", person)
    assert code == ran.exit_code, ran.output
    assert set(lines) <= {*ran.stdout.splitlines()}
    assert ("approved" in ran.stdout.splitlines()) == (recipe == ONE and code == 0)


def test_the_workflow_of_the_page_deploys_what_verify_outputs_and_nothing_else() -> None:
    (text,) = re.findall(r"```yaml\n(.+?)```", PAGE, re.DOTALL)
    (job,) = yaml.safe_load(text)["jobs"].values()
    verify, deploy = job["steps"]
    assert "OWNER/approval-relay/verify" == verify["uses"].partition("@")[0]
    assert re.findall(r'environment = "(\w+)"', RECIPES[TWO])[:1] == [verify["with"]["environment"]]
    assert {"PAYLOAD": f"${{{{ steps.{verify['id']}.outputs.payload }}}}"} == deploy["env"]
    assert "github.event" not in text


def test_the_freeze_stands_above_the_rules_and_takes_two_others(tmp_path: Path) -> None:
    file = tmp_path / "policy.toml"
    people = RECIPES[TWO].index("[groups]")
    frozen = RECIPES[FROZEN].index("[[rule]]")
    file.write_text(
        RECIPES[TWO][:people] + RECIPES[TWO][people:].replace("[[rule]]", RECIPES[FROZEN][frozen:] + "[[rule]]", 1)
    )
    ran = run(
        "policy", "explain", str(file), "--say", "deploy api in spite of the freeze because it burns", "--as", "ada"
    )
    assert (0, True) == (ran.exit_code, "pending: stage approval needs 2 more of ada, grace, lin" in ran.stdout), (
        ran.output
    )
