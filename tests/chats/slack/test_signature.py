"""Only what one of the app's secrets signed, just now, is read."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.chats.slack.signature import is_ssl_check, prove, sign
from relay.errors import Refusal
from tests.chats.slack.fixtures import ALL, FORGED, GENUINE

SECRET = "8f742231b10e8888abcd99yyyzzz85a5"
PUBLISHED = (  # https://docs.slack.dev/authentication/verifying-requests-from-slack/
    b"token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V"
    b"&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text="
    b"&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN"
    b"&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c"
)


def why(headers: dict[str, str], body: bytes, secrets: list[str], now: float) -> str:
    with pytest.raises(Refusal) as refused:
        prove(headers, body, secrets, now)
    assert "not-genuine" == refused.value.code
    return refused.value.check


def test_the_example_that_slack_publishes_is_genuine() -> None:
    signature = "v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503"
    assert signature == sign(SECRET, "1531420618", PUBLISHED)
    prove({"x-slack-request-timestamp": "1531420618", "x-slack-signature": signature}, PUBLISHED, [SECRET], 1531420618)


@pytest.mark.parametrize("name", GENUINE)
def test_what_slack_signed_is_genuine_with_any_of_the_secrets(name: str) -> None:
    each = ALL[name]
    for secrets in (each.secrets, ["older", *each.secrets], [*each.secrets, "newer"]):
        prove(each.headers, each.body, secrets, each.now)


@pytest.mark.parametrize("name", FORGED)
def test_what_is_forged_is_refused_and_never_raises_anything_else(name: str) -> None:
    each = ALL[name]
    assert why(each.headers, each.body, each.secrets, each.now).startswith("slack: the ")


@pytest.mark.parametrize("name", GENUINE)
def test_every_header_and_every_byte_of_the_body_is_held_by_the_signature(name: str) -> None:
    each = ALL[name]
    signature, timestamp = each.headers["x-slack-signature"], each.headers["x-slack-request-timestamp"]
    for header in ("x-slack-signature", "x-slack-request-timestamp"):
        left = {key: value for key, value in each.headers.items() if key != header}
        assert why(left, each.body, each.secrets, each.now)
    spoilt = [("x-slack-signature", signature[:-1] + ("0" if signature[-1] != "0" else "1"))]
    spoilt += [("x-slack-signature", f"{signature}, {signature}"), ("x-slack-signature", signature.upper())]
    spoilt += [("x-slack-request-timestamp", str(int(timestamp) - 1)), ("x-slack-request-timestamp", timestamp + "\n")]
    for header, value in spoilt:
        assert why(each.headers | {header: value}, each.body, each.secrets, each.now)
    places = range(0, len(each.body), max(1, len(each.body) // 50))
    for place in places:
        body = each.body[:place] + bytes([each.body[place] ^ 1]) + each.body[place + 1 :]
        assert why(each.headers, body, each.secrets, each.now)


def test_without_a_secret_nothing_is_genuine() -> None:
    each = ALL["press-approve"]
    assert "RELAY_SLACK_SIGNING_SECRET" in why(each.headers, each.body, [], each.now)
    empty = sign("", each.headers["x-slack-request-timestamp"], each.body)
    assert why(each.headers | {"x-slack-signature": empty}, each.body, [], each.now)


def test_a_press_is_good_for_300_seconds_either_way() -> None:
    each = ALL["press-approve"]
    for now in (each.now - 300, each.now + 300):
        prove(each.headers, each.body, each.secrets, now)
    for now in (each.now - 300.5, each.now + 300.5):
        assert "clock" in why(each.headers, each.body, each.secrets, now)


@given(st.text(max_size=80), st.text(max_size=80), st.binary(max_size=100))
def test_no_header_makes_it_raise_anything_but_a_refusal(timestamp: str, signature: str, body: bytes) -> None:
    assert why({"x-slack-request-timestamp": timestamp, "x-slack-signature": signature}, body, [SECRET], 1e9)


@pytest.mark.parametrize(
    ("body", "is_one"),
    [
        (b"ssl_check=1&token=x", True),
        (b"token=x&ssl_check=1", True),
        (b"ssl_check=11", False),
        (b"xssl_check=1", False),
        (b"payload=ssl_check%3D1", False),
        (b"ssl_check=1&" + b"x" * 1_000, False),
    ],
)
def test_a_check_of_the_certificate_is_known_by_one_field_of_a_small_body(body: bytes, is_one: bool) -> None:
    assert is_one == is_ssl_check(body)
