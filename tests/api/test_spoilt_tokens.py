"""Workflow tokens with one thing spoilt, thousands of them: each is refused, and nothing is recorded."""

from collections import Counter
from random import Random
from typing import Any

import pytest

from relay.identity.github_oidc import GITHUB
from tests.api.asking import FORM
from tests.support import github_tokens, road
from tests.support.entra_tokens import foreign_key, header, sign, sign_hs256

ODD: tuple[Any, ...] = ("", "x" * 2_000, " ", "\n", 0, -1, 1.5, 10**30, True, [], {}, ["x"], {"a": 1}, "\ud800", "배포")
# A ref may have any name that can be printed, and these times have begun or have not ended.
AS_GOOD = [("exp", 10**30), ("iat", 0), ("iat", -1)] + [
    (name, text) for name in ("ref", "job_workflow_ref") for text in (" ", "배포")
]
BODY = road.encoded(FORM)


def spoilt(thrown: Random) -> str:
    """Return a token that was genuine before one thing was spoilt."""
    claims, head = github_tokens.fresh(), header(kid=github_tokens.KID)
    way = thrown.randrange(6)
    if way == 0:
        text = github_tokens.token(claims)
        place = thrown.randrange(len(text) - 1)  # of the last character some bits count for nothing
        return text[:place] + chr((ord(text[place]) + thrown.randrange(1, 90)) % 128) + text[place + 1 :]
    if way == 1:
        name, value = thrown.choice([*GITHUB.required]), thrown.choice(ODD)
        if (name, value) in AS_GOOD:
            value = ""
        return sign(head, {**claims, name: value})
    if way == 2:
        del claims[thrown.choice([*GITHUB.required])]
        return sign(head, claims)
    if way == 3:
        return sign({**head, thrown.choice(["alg", "kid"]): thrown.choice(ODD)}, claims)
    if way == 4:
        return sign_hs256({**head, "alg": thrown.choice(["HS256", "none", "RS256"])}, claims, b"secret")
    return sign(head, claims, foreign_key())


def refuse(here: road.Road, count: int) -> None:
    """Ask with spoilt tokens, and hold every answer against the contract."""
    thrown = Random(13)  # noqa: S311 - the same tokens each time
    codes: Counter[tuple[int, str]] = Counter()
    for _ in range(count):
        reply = here.post(BODY, x_relay_key="", authorization=f"Bearer {spoilt(thrown)}")
        codes[reply.status, road.said(reply)["error"]] += 1
    assert {(401, "not-genuine")} == set(codes)
    assert road.NOTHING == here.recorded()


def test_a_spoilt_token_is_refused_and_nothing_is_recorded(here: road.Road) -> None:
    refuse(here, 1_000)


@pytest.mark.full
def test_twenty_thousand_spoilt_tokens_are_refused_and_none_is_an_error_of_the_relay(here: road.Road) -> None:
    refuse(here, 20_000)
