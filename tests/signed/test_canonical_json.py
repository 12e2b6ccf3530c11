import json
from types import MappingProxyType

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relay.signed import canonical_json

TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-canonical_json.MAX_INTEGER, canonical_json.MAX_INTEGER) | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=12,
)


@settings(deadline=None, max_examples=100)
@given(JSON)
@example({"한글": ["배포", None, True, -1], "": {}})
def test_what_is_encoded_is_parsed_as_the_same_value(value: object) -> None:
    assert value == canonical_json.parse(canonical_json.encode(value))


@settings(deadline=None, max_examples=100)
@given(st.dictionaries(TEXT, JSON, max_size=6), st.randoms(use_true_random=False))
def test_the_order_of_keys_and_the_white_space_change_nothing(value: dict[str, object], random: object) -> None:
    shuffled = dict(reversed(value.items()))
    spaced = json.dumps(shuffled, indent=2)
    assert canonical_json.encode(value) == canonical_json.encode(canonical_json.parse(spaced))


def test_keys_are_sorted_by_code_point_and_text_stays_text() -> None:
    expected = '{"B":1,"a":[true,null],"é":"배포","\uffff":2,"😀":3}'
    value = {"😀": 3, "\uffff": 2, "é": "배포", "a": (True, None), "B": 1}
    assert expected == canonical_json.encode(value).decode()


@pytest.mark.parametrize(
    "text",
    [
        b"",
        b"\xff{}",
        b"\xef\xbb\xbf{}",
        b"{'a': 1}",
        b"{} {}",
        b'{"a": 1, "a": 1}',
        b'{"b": {"a": 1, "a": 2}}',
        b"NaN",
        b"[Infinity]",
        b"[-Infinity]",
        b'"line\nbreak"',
        b"1" * 5_000,
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"[" * 33 + b"]" * 33,
        b'{"a":' * 33 + b"1" + b"}" * 33,
        "[",
    ],
)
def test_what_is_not_strict_json_is_a_value_error(text: bytes | str) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical_json.parse(text)


@pytest.mark.parametrize("opening", ["[", '{"a":'])
def test_json_may_be_32_deep(opening: str) -> None:
    closing = "]" if opening == "[" else "}"
    middle = "" if opening == "[" else "1"
    assert canonical_json.parse(opening * 32 + middle + closing * 32)


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=60))
def test_any_bytes_are_a_value_or_a_value_error(text: bytes) -> None:
    try:
        canonical_json.parse(text)
    except ValueError:
        return


@pytest.mark.parametrize(
    ("value", "said"),
    [
        (1.5, "value: floats have no canonical form; send it as a string"),
        ({"a": [1, 2.0]}, "a[1]: floats have no canonical form; send it as a string"),
        ({"a": {"b": 2**53}}, "a.b: integers end at 2^53-1; send it as a string"),
        ([-(2**53)], "[0]: integers end at 2^53-1; send it as a string"),
        ("\ud800", "value: a lone surrogate is not text; send whole characters"),
        ({"a": "x\udfff"}, "a: a lone surrogate is not text; send whole characters"),
        ({"\ud800": 1}, "key: a lone surrogate is not text; send whole characters"),
        ({"a": {"\ud800": 1}}, "a.key: a lone surrogate is not text; send whole characters"),
        ({1: 2}, "value: keys are strings"),
        ({"a": {1: 2}}, "a: keys are strings"),
        ({"a": b"bytes"}, "a: not JSON"),
        (MappingProxyType({}), "value: not JSON"),
        ({1, 2}, "value: not JSON"),
    ],
)
def test_what_has_no_canonical_form_is_told_with_its_place_and_the_cure(value: object, said: str) -> None:
    with pytest.raises(ValueError, match=r".") as raised:
        canonical_json.encode(value)
    assert said == str(raised.value)


def test_a_digest_is_160_bits_safe_in_addresses_and_paths() -> None:
    digest = canonical_json.digest({"title": "배포"})
    assert digest == canonical_json.digest({"title": "배포"})
    assert digest != canonical_json.digest({"title": "배포 "})
    assert len(digest) == 32
    assert set(digest) <= set("abcdefghijklmnopqrstuvwxyz234567")


def test_sha256_is_hexadecimal() -> None:
    assert canonical_json.sha256(b"abc") == "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"


@settings(deadline=None, max_examples=100)
@given(st.binary(max_size=50))
def test_base64url_goes_round(raw: bytes) -> None:
    assert raw == canonical_json.from_base64url(canonical_json.base64url(raw))


@pytest.mark.parametrize("text", ["A", "AB", "AA==", "A A", "A+", "A/", "AAA\n", "가", "\ud800"])
def test_only_one_spelling_of_base64url_is_taken(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        canonical_json.from_base64url(text)


@pytest.mark.parametrize("data", [b"", b"[]", b"null", b'"a"', b'{"a": 1, "a": 2}', b'{"a": NaN}', b"\xff", b"[" * 40])
def test_members_are_those_of_a_strict_object_alone(data: bytes) -> None:
    assert {} == canonical_json.members(data)
    assert {"a": [1]} == canonical_json.members(b' {"a": [1]} ')
