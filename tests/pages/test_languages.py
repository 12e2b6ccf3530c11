import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.pages.languages import choose


@pytest.mark.parametrize(
    "accepted",
    [
        "ko",
        "KO",
        "ko-KR",
        "ko-KR,ko;q=0.9,en-US;q=0.8,en;q=0.7",
        "en;q=0.5, ko;q=0.6",
        "ko, en",
        "ko-KR;q=0.8,en;q=0.7",
        "fr, ko;q=0.1",
        "en;q=0, *",
        "ko ; q=1.000 , en;Q=0.999",
        "en;q=0.2,ko;q=0.1,ko-KR",
    ],
)
def test_korean_for_who_wants_it_most(accepted: str) -> None:
    assert "ko" == choose(accepted)


@pytest.mark.parametrize(
    "accepted",
    [
        "",
        "*",
        "en",
        "en-GB,en;q=0.9,ko;q=0.8",
        "en, ko",
        "ko;q=0",
        "ko;q=0, *",
        "ko;q=0,en;q=0",
        "fr",
        "kok",
        "ko;q=2",
        "ko;q=1.5",
        "ko;level=1",
        "ko;q=",
        "korean",
        ";;;,,,",
        "x" * 100_000 + ",ko",
    ],
)
def test_english_for_everybody_else(accepted: str) -> None:
    assert "en" == choose(accepted)


@given(st.text())
def test_any_text_is_answered(accepted: str) -> None:
    assert choose(accepted) in ("en", "ko")
