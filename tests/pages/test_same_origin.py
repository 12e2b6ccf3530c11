import pytest

from relay.pages.same_origin import is_ours

ORIGIN = "https://relay.example"
PAGE = f"{ORIGIN}/api/review/x"


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": ORIGIN},
        {"origin": ORIGIN, "sec-fetch-site": "same-origin"},
        {"origin": ORIGIN, "referer": "https://evil.example/"},
        {"referer": PAGE},
        {"referer": PAGE, "sec-fetch-site": "same-origin"},
        {"sec-fetch-site": "same-origin"},
    ],
)
def test_a_page_of_ours_may_send(headers: dict[str, str]) -> None:
    assert is_ours(headers, ORIGIN)


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"origin": "https://evil.example"},
        {"origin": "null"},
        {"origin": "null", "referer": PAGE, "sec-fetch-site": "same-origin"},
        {"origin": ""},
        {"origin": f"{ORIGIN}:8443"},
        {"origin": f"{ORIGIN}.evil.example"},
        {"origin": "http://relay.example"},
        {"origin": f"{ORIGIN}/"},
        {"origin": f"{ORIGIN},{ORIGIN}"},
        {"origin": ORIGIN, "sec-fetch-site": "cross-site"},
        {"referer": f"{ORIGIN}.evil.example/x"},
        {"referer": "https://evil.example/?https://relay.example"},
        {"referer": "https://relay.example@evil.example/"},
        {"referer": "https://[broken"},
        {"referer": ""},
        *({"sec-fetch-site": site} for site in ("cross-site", "same-site", "none", "SAME-ORIGIN", "x")),
        {"referer": PAGE, "sec-fetch-site": "cross-site"},
    ],
)
def test_any_other_may_not(headers: dict[str, str]) -> None:
    assert not is_ours(headers, ORIGIN)
