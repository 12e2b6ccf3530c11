"""The lists of the docs: every outcome, key of the policy and check of the doctor is in them, and nothing else is."""

import re
from typing import Final, get_args

import pytest

from relay.api.json_replies import STATUSES
from relay.approval.wording import OutcomeCode
from relay.doctor.table import inside_checks, outside_checks
from relay.errors import Code
from relay.policy_toml import commands, notify, parse, people, rules, stages
from tests.support.road import ROOT

DOCS: Final = ROOT / "docs"
COMMANDS_ALONE: Final = {"webhook", "app"}  # checks that the command adds
OF_A_LOOK: Final = "pending"
OF_CHANNELS: Final = ("kind", "place", "people")


def page(name: str) -> str:
    return (DOCS / name).read_text("utf-8")


def section(name: str, heading: str) -> str:
    return page(name).partition(f"\n## {heading}\n")[2].partition("\n## ")[0]


def codes_of(text: str) -> set[str]:
    """Return the codes in the first column of the tables of a text."""
    rows = re.findall(r"^\| (`[a-z].*?`) \|", text, re.MULTILINE)
    return {code for row in rows for code in re.findall(r"`([a-z-]+)`", row)}


def test_the_outcomes_of_a_press_are_all_in_their_table() -> None:
    told = codes_of(section("cards.md", "What a press is answered"))
    assert set(get_args(OutcomeCode)) <= told
    assert told <= {*get_args(OutcomeCode), *get_args(Code), "busy", OF_A_LOOK}


@pytest.mark.parametrize("code", [*get_args(Code), *get_args(OutcomeCode)])
def test_every_code_is_in_the_docs(code: str) -> None:
    assert any(f"`{code}`" in path.read_text("utf-8") for path in DOCS.glob("*.md")), code


def test_the_errors_of_programs_are_all_in_their_table() -> None:
    own = {"already-redeemed", "busy"}
    assert {*STATUSES} | own == codes_of(section("operations.md", "Routes"))


def test_every_key_of_the_policy_is_in_the_docs_and_the_table_of_a_rule_has_no_other() -> None:
    of_rules = {*rules.KEYS, *rules.PLAIN_KEYS}
    known = {*of_rules, *stages.STAGE_KEYS, *commands.KEYS, *notify.KEYS, *people.KEYS, *parse.KEYS, *OF_CHANNELS}
    text = "".join(path.read_text("utf-8") for path in DOCS.glob("*.md"))
    assert [] == [key for key in sorted(known) if not re.search(rf"[`\[.\n]{key}(?:`|\]| = )", text)]
    tables = re.findall(r"^\| key \|.*?\n\n", page("policy.md"), re.MULTILINE | re.DOTALL)
    told = {key for table in tables for key in re.findall(r"^\| `([a-z_]+)` \|", table, re.MULTILINE)}
    assert told <= known | {"stage"}


def test_every_check_of_the_doctor_is_a_heading_of_its_page() -> None:
    names = {check.name for checks in (inside_checks(), outside_checks()) for check in checks}
    assert names | COMMANDS_ALONE == set(re.findall(r"^### (\S+)$", page("doctor.md"), re.MULTILINE))
