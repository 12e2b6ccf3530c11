"""The chain of audit lines: whole it is genuine, and each way to change it is found."""

import json
from collections.abc import Callable, Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.errors import Refusal
from relay.signed import receipt_keys
from relay.signed.audit_chain import chain, verify
from tests.signed.receipt_keys import KEY, KEYS, NOW, ORIGIN, OTHER, receipt

LINES = [{"at": "2026-09-21T16:53:20Z", "request": f"r{number}", "by": "에이다"} for number in range(5)]
WHOLE = chain(LINES, KEY, issuer=ORIGIN, since=NOW - 60, until=NOW, now=NOW)


def rows(text: str = WHOLE) -> list[str]:
    return text.removesuffix("\n").split("\n")


def text(*rows: str) -> str:
    return "".join(f"{row}\n" for row in rows)


def refusal(changed: str, keys: Mapping[str, object] = KEYS, issuer: str = ORIGIN) -> str:
    with pytest.raises(Refusal) as refused:
        verify(changed, keys, issuer=issuer)
    assert "not-genuine" == refused.value.code
    return refused.value.message


def test_a_whole_chain_is_genuine_and_tells_its_span() -> None:
    claims = verify(WHOLE, KEYS, issuer=ORIGIN)
    assert (5, ORIGIN, NOW) == (claims["count"], claims["iss"], claims["iat"])
    assert ("2026-09-21T14:12:20Z", "2026-09-21T14:13:20Z") == (claims["since"], claims["until"])
    first, second = (json.loads(row) for row in rows()[:2])
    assert ("", 64) == (first["previous"], len(second["previous"]))
    assert claims == verify(WHOLE.removesuffix("\n"), KEYS, issuer=ORIGIN)


def test_an_empty_chain_is_genuine() -> None:
    claims = verify(chain([], KEY, issuer=ORIGIN, since=0, until=1, now=NOW), KEYS, issuer=ORIGIN)
    assert (0, "") == (claims["count"], claims["last"])


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (lambda all_: [all_[0].replace("r0", "r9"), *all_[1:]], "Line 2 does not follow"),
        (lambda all_: [*all_[:4], all_[4].replace("r4", "r9"), all_[5]], "the last ones were changed"),
        (lambda all_: [*all_[:2], *all_[3:]], "Line 3 does not follow"),
        (lambda all_: all_[1:], "Line 1 does not follow"),
        (lambda all_: [*all_[:4], all_[5]], "that end otherwise than the 5"),
        (lambda all_: [all_[1], all_[0], *all_[2:]], "Line 1 does not follow"),
        (lambda all_: [*all_[:3], all_[4], all_[3], all_[5]], "Line 4 does not follow"),
        (lambda all_: all_[:5], "The last line is no signature"),
        (lambda all_: [*all_, all_[4]], "The last line is no signature"),
        (lambda all_: [*all_[:5], all_[4], all_[5]], "Line 6 does not follow"),
        (lambda all_: [*all_[:3], "", *all_[3:]], "Line 4 does not follow"),
        (lambda all_: [*all_[:3], "[]", *all_[3:]], "Line 4 does not follow"),
        (lambda all_: [f"{each}\r" for each in all_], "not signed by this relay: form"),
        (lambda all_: [*all_, ""], "The last line is no signature"),
        (lambda all_: all_[5:], "that end otherwise than the 5"),
        (lambda _: [], "The last line is no signature"),
        (lambda all_: [*all_[:5], receipt()], "that end otherwise than the None"),
        (lambda all_: [*all_[:5], all_[5][:-2] + "AA"], "not signed by this relay: signature"),
        (lambda all_: [*all_[:5], "a.b.c"], "not signed by this relay: form"),
    ],
)  # fmt: skip
def test_each_change_is_found_with_its_place(change: Callable[[list[str]], list[str]], said: str) -> None:
    assert said in refusal(text(*change(rows())))


def test_a_chain_of_another_relay_or_key_is_not_genuine() -> None:
    assert "made by another relay" in refusal(WHOLE, issuer="https://other.example")
    assert "signed by no key" in refusal(WHOLE, receipt_keys.jwks([OTHER]))
    assert "signed by no key" in refusal(WHOLE, {})


def test_a_retired_key_still_proves_what_it_has_signed() -> None:
    public = receipt_keys.RetiredKey(KEY.kid, KEY.private.public_key())
    keys: dict[str, Any] = receipt_keys.jwks([OTHER, public])
    assert KEYS["keys"][0] in keys["keys"]
    assert 5 == verify(WHOLE, keys, issuer=ORIGIN)["count"]


@given(st.integers(0, len(WHOLE) - 2), st.characters())
def test_any_changed_letter_is_found(at: int, letter: str) -> None:
    changed = WHOLE[:at] + letter + WHOLE[at + 1 :]
    if changed != WHOLE:
        refusal(changed)
