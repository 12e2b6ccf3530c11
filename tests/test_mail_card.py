import json
import re
from email import message_from_bytes, policy
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path
from types import ModuleType

import pytest

EXAMPLE = Path(__file__).parent.parent / "docs" / "examples" / "mail_card.py"


@pytest.fixture(scope="module")
def example() -> ModuleType:
    spec = spec_from_file_location("mail_card", EXAMPLE)
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_the_mail_holds_the_card_with_its_originator_and_nothing_ends_it_early(example: ModuleType) -> None:
    card = {"@type": "MessageCard", "title": "배포\nAPI", "text": "</script><b>&amp;"}
    mail = example.make_mail(card, "the-provider", "relay@octo.example", "ada@octo.example")
    read = message_from_bytes(bytes(mail), policy=policy.default)
    body = read.get_body(("html",))
    assert body is not None
    scripts = re.findall(r'<script type="application/ld\+json">(.*?)</script>', body.get_content())
    assert [card | {"originator": "the-provider"}] == [json.loads(script) for script in scripts]
    assert "ada@octo.example" == read["To"]
    assert "배포 API" == read["Subject"]
