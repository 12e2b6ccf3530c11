"""Words of a page in both languages, side by side."""

import re
from collections.abc import Mapping


def in_both(english: object, korean: object, name: str) -> list[tuple[str, str]]:
    """Return the texts of one name in English and in Korean. Both fill in the same things."""
    texts, others = _texts(english, name), _texts(korean, name)
    assert set(texts) == set(others)
    pairs = [(text, others[key]) for key, text in texts.items()]
    assert pairs
    for text, other in pairs:
        assert sorted(re.findall(r"\{\w+\}", text)) == sorted(re.findall(r"\{\w+\}", other))
    return pairs


def _texts(words: object, name: str) -> dict[str, str]:
    value = getattr(words, name)
    if isinstance(value, str):
        return {"": value}
    assert isinstance(value, Mapping)
    return {key: text if isinstance(text, str) else "\n".join(text) for key, text in value.items()}
