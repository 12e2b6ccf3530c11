"""The header that carries a platform token."""

import pytest

from relay.errors import Refusal
from relay.identity.bearer_tokens import bearer


@pytest.mark.parametrize(
    "headers",
    [
        {"authorization": "Bearer a.b.c"},
        {"authorization": "bearer a.b.c"},
        {"authorization": "  BEARER a.b.c\t"},
        {"action-authorization": "Bearer a.b.c"},
        {"authorization": "", "action-authorization": "Bearer a.b.c"},
        {"authorization": " ", "action-authorization": "Bearer a.b.c"},
        {"authorization": "Bearer a.b.c", "action-authorization": ""},
        {"authorization": "Bearer a.b.c", "action-authorization": "Bearer a.b.c"},
    ],
)
def test_the_bearer_token_is_found_in_either_header(headers: dict[str, str]) -> None:
    assert "a.b.c" == bearer(headers)


@pytest.mark.parametrize(
    ("headers", "check"),
    [
        ({}, "no Authorization or Action-Authorization header"),
        ({"authorization": "", "action-authorization": " "}, "no Authorization or Action-Authorization header"),
        (
            {"authorization": "Bearer a", "action-authorization": "Bearer b"},
            "Authorization and Action-Authorization differ",
        ),
        ({"authorization": "Bearer"}, "Authorization is not one bearer token"),
        ({"authorization": "Bearer "}, "Authorization is not one bearer token"),
        ({"authorization": "a.b.c"}, "Authorization is not one bearer token"),
        ({"authorization": "Basic YTpi"}, "Authorization is not one bearer token"),
        ({"authorization": "Bearer  a"}, "Authorization is not one bearer token"),
        ({"authorization": "Bearer a b"}, "Authorization is not one bearer token"),
        ({"authorization": "Bearer\ta"}, "Authorization is not one bearer token"),
        ({"authorization": "Bearer a,Bearer a"}, "Authorization is not one bearer token"),
        ({"authorization": "Bearer a,"}, "Authorization is not one bearer token"),
        ({"action-authorization": "Béarer \ud800"}, "Authorization is not one bearer token"),
    ],
)
def test_headers_without_one_bearer_token_are_refused(headers: dict[str, str], check: str) -> None:
    with pytest.raises(Refusal) as refused:
        bearer(headers)
    assert ("not-genuine", f"token: {check}") == (refused.value.code, refused.value.check)


def test_a_scheme_of_the_cards_own_does_not_hide_the_bearer() -> None:
    for own, other in (("authorization", "action-authorization"), ("action-authorization", "authorization")):
        assert "t.o.k" == bearer({own: "Basic YTpi", other: "Bearer t.o.k"})
        with pytest.raises(Refusal, match="not one bearer"):
            bearer({own: "Basic YTpi", other: "Digest x"})
