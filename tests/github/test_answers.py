import json
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import format_datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.github.answers import classify
from relay.model.debts import Delivered, Outcome, Refused, RetryAfter
from relay.net.call import HttpResponse

NOW = 1_780_000_000.0
LIMITED = "it limits how often the relay may call"
LOCKED_OUT = "it locks the relay out for a while, since its credential was wrong several times"
DOCS = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"


def body(message: str, **more: object) -> bytes:
    return json.dumps({"message": message, "status": "403", **more}, ensure_ascii=False).encode()


def outcome(status: int, headers: Mapping[str, str] | None = None, said: bytes = b"") -> Outcome:
    return classify(HttpResponse(status, headers or {}, said), NOW)


def at(seconds: float) -> str:
    return format_datetime(datetime.fromtimestamp(NOW + seconds, UTC), usegmt=True)


def test_204_is_delivered() -> None:
    assert Delivered() == outcome(204)


LIMITS: list[tuple[str, float, int, Mapping[str, str], bytes]] = [
    (LIMITED, 30, 403, {"retry-after": "30"}, body("You have exceeded a secondary rate limit.")),
    (LIMITED, 30, 429, {"retry-after": "30"}, b""),
    (LIMITED, 30, 429, {"retry-after": at(30)}, b""),
    (LIMITED, 30, 403, {"retry-after": "30", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "9999999999"}, b""),
    (LIMITED, 60, 403, {"retry-after": ""}, b""),
    (LIMITED, 60, 403, {"retry-after": "soon"}, b""),
    (LIMITED, 60, 429, {"retry-after": "-5"}, b""),
    (LIMITED, 60, 429, {"retry-after": "0"}, b""),
    (LIMITED, 60, 429, {"retry-after": "86401"}, b""),
    (LIMITED, 60, 429, {}, b""),
    (LIMITED, 60, 429, {}, b"<html>Too many requests</html>"),
    (LIMITED, 900, 403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1780000900"}, body("API rate limit")),
    (LIMITED, 900, 429, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1780000900"}, b""),
    (LIMITED, 900, 403, {"retry-after": "", "x-ratelimit-remaining": "0", "x-ratelimit-reset": "1780000900"}, b""),
    (LIMITED, 60, 403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1779999000"}, b""),
    (LIMITED, 60, 403, {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "tomorrow"}, b""),
    (LIMITED, 60, 403, {"x-ratelimit-remaining": "0"}, b""),
    (LIMITED, 60, 403, {}, body("API rate limit exceeded for installation ID 1.")),
    (LIMITED, 60, 403, {"x-ratelimit-remaining": "4999"}, body("You have exceeded a secondary rate limit.")),
    (LIMITED, 60, 403, {}, body("You have triggered an abuse detection mechanism.")),
    (LIMITED, 60, 403, {}, body("Slow down. Please retry your request again later.")),
    (LIMITED, 60, 403, {}, body("Slow down. Please wait a few minutes before you try again.")),
    (LIMITED, 60, 403, {}, body("Slow down", documentation_url=f"{DOCS}#about-secondary-rate-limits")),
    (LIMITED, 60, 403, {}, body("Slow down", documentation_url="https://docs.github.com/rest#abuse-rate-limits")),
    (LOCKED_OUT, 60, 403, {}, body("Maximum number of login attempts exceeded. Please try again later.")),
]


@pytest.mark.parametrize(("phrase", "seconds", "status", "headers", "said"), LIMITS)
def test_a_limit_is_waited_for_as_long_as_github_asks(
    phrase: str, seconds: float, status: int, headers: Mapping[str, str], said: bytes
) -> None:
    assert RetryAfter(phrase, seconds, limited=True) == outcome(status, headers, said)


@pytest.mark.parametrize("status", [408, 500, 502, 503, 504, 599])
@pytest.mark.parametrize(("seconds", "header"), [(0, {}), (120, {"retry-after": "120"}), (0, {"retry-after": " "})])
def test_a_failing_server_may_have_taken_it(seconds: float, header: Mapping[str, str], status: int) -> None:
    expected = RetryAfter(f"it answers with error {status}", seconds, ambiguous=True)
    assert expected == outcome(status, header, b"<html>Unicorn!</html>")


REFUSALS: list[tuple[str, str, int, Mapping[str, str], bytes]] = [
    ("answer is not one that GitHub gives", "RELAY_GITHUB_API_URL", 200, {}, b"<html>Welcome</html>"),
    ("answer is not one that GitHub gives", "RELAY_GITHUB_API_URL", 202, {}, b"{}"),
    ("renamed or moved", "new name", 301, {"location": "/repositories/1/dispatches"}, b""),
    ("renamed or moved", "new name", 302, {}, b""),
    ("renamed or moved", "new name", 303, {}, b""),
    ("renamed or moved", "RELAY_GITHUB_API_URL", 307, {"location": "https://example.org"}, b""),
    ("renamed or moved", "new name", 308, {}, b""),
    ("does not understand", "RELAY_GITHUB_API_VERSION", 400, {}, body("Problems parsing JSON")),
    ("does not accept the relay's credential", "renew RELAY_GITHUB_TOKEN", 401, {}, body("Bad credentials")),
    ("single sign-on", "Configure SSO", 403, {"x-github-sso": "required; url=https://github.com/x?a=SECRET"}, b""),
    (
        "lacks a permission",
        "Contents: write",
        403,
        {"x-accepted-github-permissions": "contents=write", "x-ratelimit-remaining": "4999"},
        body("Resource not accessible by integration"),
    ),
    ("lacks a permission", "contents=write", 403, {}, body("Resource not accessible by personal access token")),
    ("repository is archived", "Repository was archived", 403, {}, body("Repository was archived so is read-only.")),
    (
        "list of allowed addresses",
        "IP allow list",
        403,
        {},
        body("The `octo` organization has an IP allow list enabled"),
    ),
    ("is suspended there", "suspended", 403, {}, body("This installation has been suspended")),
    ("forbids this", "nothing readable", 403, {}, b"<html>blocked by the firewall</html>"),
    ("forbids this", "nothing readable", 403, {}, b""),
    ("forbids this", "nothing readable", 403, {}, b"[]"),
    ("forbids this", "nothing readable", 403, {}, b"\xff\xfe"),
    ("forbids this", "nothing readable", 403, {}, b'{"message": 7}'),
    ("forbids this", "nothing readable", 403, {}, b'{"message": null, "documentation_url": null}'),
    ("does not exist, or the relay may not see it", "name", 404, {}, body("Not Found")),
    ("no longer supports the API version", "RELAY_GITHUB_API_VERSION", 410, {}, b""),
    ("event type or the payload invalid", "Invalid request.", 422, {}, body("Invalid request.")),
    (
        "event type or the payload invalid",
        "Validation Failed; client_payload: too_large; it is long; no way",
        422,
        {},
        body(
            "Validation Failed",
            errors=[{"field": "client_payload", "code": "too_large", "value": 1}, {"message": "it is long"}, "no way"],
        ),
    ),
    ("event type or the payload invalid", "No; a field: invalid.", 422, {}, body("No", errors=[{}])),
    ("event type or the payload invalid", "No; it is a sentence.", 422, {}, body("No", errors="it is a sentence")),
    ("event type or the payload invalid", "No.", 422, {}, body("No", errors={"of": ["another", "form"]})),
    ("not one that GitHub gives", "RELAY_GITHUB_API_URL", 422, {}, b"<html>"),
    ("not one that GitHub gives", "RELAY_GITHUB_API_URL", 404, {}, b"<html>Not Found</html>"),
    ("not one that GitHub gives", "RELAY_GITHUB_API_URL", 401, {}, b"Sign in"),
    ("does not exist, or the relay may not see it", "name", 404, {}, b""),
    ("a proxy between the relay and it", "HTTPS_PROXY", 407, {}, b"<html>"),
    ("answers with error 402", "RELAY_GITHUB_API_URL", 402, {}, b""),
    ("answers with error 413", "RELAY_GITHUB_API_URL", 413, {}, b""),
    ("blocked for legal reasons", "has taken the repository down", 451, {}, body("Repository access blocked")),
]


@pytest.mark.parametrize(("phrase", "cure", "status", "headers", "said"), REFUSALS)
def test_what_does_not_end_by_itself_is_refused_with_its_cure(
    phrase: str, cure: str, status: int, headers: Mapping[str, str], said: bytes
) -> None:
    refused = outcome(status, headers, said)
    assert isinstance(refused, Refused)
    assert phrase in refused.phrase
    assert cure in refused.cure
    assert "SECRET" not in refused.cure


def test_what_github_says_reaches_the_operator_on_one_printable_line_of_300_characters() -> None:
    refused = outcome(422, {}, body("한국어\x1b[31m\u202e\nred " + "x" * 500, errors=[{"value": "theirs"}]))
    assert isinstance(refused, Refused)
    assert f"GitHub says: 한국어 [31m red {'x' * 287}. An event" in refused.cure
    assert refused.cure.isprintable()


@settings(deadline=None, max_examples=300)
@given(
    st.integers(100, 999),
    st.dictionaries(
        st.sampled_from(["retry-after", "x-ratelimit-remaining", "x-ratelimit-reset", "x-github-sso"]),
        st.text() | st.sampled_from(["0", "60", "1780000900", at(9)]),
    ),
    st.binary() | st.sampled_from([body("API rate limit exceeded"), b'{"message": "\\ud800"}', b"[" * 9999]),
)
def test_any_answer_has_an_outcome_whose_phrase_fits_into_a_header(
    status: int, headers: Mapping[str, str], said: bytes
) -> None:
    got = outcome(status, headers, said)
    assert (204 == status) == isinstance(got, Delivered)
    if not isinstance(got, Delivered):
        assert got.phrase.isascii()
        assert got.phrase.isprintable()
        assert 0 < len(got.phrase) <= 100
        assert not got.phrase.endswith(".")
    if isinstance(got, RetryAfter):
        assert 0 <= got.seconds <= 86_400
