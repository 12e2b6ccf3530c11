"""The policies of the docs: the relay takes each, and `relay policy check` has nothing to say against it."""

import textwrap
import tomllib
from typing import Final

import pytest

from relay.chats.table import kinds
from relay.policy_toml.parse import parse
from relay.policy_toml.warnings import impossible, warnings
from tests.support.road import ROOT
from tests.test_docs_snippets import FENCE, PAGES

CI_BOT: Final = "docs/examples/ci-bot/policy.toml"
MEANT: Final = {CI_BOT: ["owner_id judges tokens only, and the rule takes key besides"]}  # and docs/ci-bot.md says so
POLICIES: Final = [
    *(
        (f"{page.name}:{number}", textwrap.dedent(text))
        for page in PAGES
        for number, (_, language, text) in enumerate(FENCE.findall(page.read_text("utf-8")))
        if language == "toml"
    ),
    *((str(path.relative_to(ROOT)), path.read_text("utf-8")) for path in sorted((ROOT / "docs").glob("**/*.toml"))),
]


@pytest.mark.parametrize(("name", "text"), [each for each in POLICIES if "case" not in tomllib.loads(each[1])])
def test_a_policy_of_the_docs_checks_clean(name: str, text: str) -> None:
    found = parse(text, kinds())
    assert [] == [*impossible(found, text)]
    assert MEANT.get(name, []) == [problem.message for problem in warnings(found, text)]
