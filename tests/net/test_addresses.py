import re
from contextlib import suppress

import httpx
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from relay.net.addresses import check_url


@pytest.mark.parametrize(
    ("expected", "url"),
    [
        ("https://api.github.com", "https://api.github.com"),
        ("https://api.github.com", "https://api.github.com/"),
        ("https://ghe.example.org:8443/api/v3", "https://ghe.example.org:8443/api/v3/"),
        ("https://[2001:db8::1]/api", "https://[2001:db8::1]/api"),
        ("HTTPS://API.GitHub.com", "HTTPS://API.GitHub.com"),
        ("http://127.0.0.1:7071", "http://127.0.0.1:7071"),
        ("http://127.8.9.10", "http://127.8.9.10"),
        ("http://[::1]:7071", "http://[::1]:7071"),
        ("http://localhost:7071", "http://localhost:7071"),
    ],
)
def test_https_and_loopback_http_are_taken_without_the_last_slash(expected: str, url: str) -> None:
    assert expected == check_url(url)


@pytest.mark.parametrize(
    ("says_why", "url"),
    [
        ("must begin with https", "http://api.github.com"),
        ("must begin with https", "http://128.0.0.1"),
        ("must begin with https", "http://127.0.0.1.example.org"),
        ("must begin with https", "http://localhost.example.org"),
        ("must begin with https", "http://2130706433"),
        ("must begin with https", "ftp://api.github.com"),
        ("must begin with https", "//api.github.com"),
        ("is not an address", "api.github.com"),
        ("is not an address", ""),
        ("is not an address", "https://"),
        ("is not an address", "https:///api"),
        ("is not an address", "https://[::1"),
        ("is not an address", "https://[fe80::1%25eth0]"),
        ("is not an address", "https://api.github.com:port"),
        ("is not an address", "https://api.github.com:0"),
        ("is not an address", "https://api.github.com:"),
        ("is not an address", "https://api.github.com:+80"),
        ("is not an address", "https://0[::1]:1"),
        ("is not an address", "https://api.github.com:70000"),
        ("is not an address", "https://api..github.com"),
        ("is not an address", f"https://{'a' * 64}.example.org"),
        ("is not an address", f"https://{'a.' * 127}org"),
        ("is not an address", "https://깃허브.example.org"),
        ("is not an address", "https://api.github.com/ api"),
        ("is not an address", "https://api.github.com\n"),
        ("is not an address", "https://api.github.com\\.example.org"),
        ("takes no user", "https://user:secret@api.github.com"),
        ("takes no user", "https://@api.github.com"),
        ("takes no user", "https://api.github.com?"),
        ("takes no user", "https://api.github.com/#part"),
    ],
)
def test_any_other_address_is_refused_with_its_cure_and_is_not_quoted(says_why: str, url: str) -> None:
    with pytest.raises(ValueError, match=says_why) as refused:
        check_url(url)
    assert "secret" not in str(refused.value)
    assert re.search(r"https://|loopback", str(refused.value))


@settings(deadline=None, max_examples=200)
@given(st.data(), st.sampled_from(["https://api.github.com/api/v3", "http://127.0.0.1:7071", "https://[::1]:1/x"]))
def test_what_is_taken_after_one_change_means_the_same_to_the_client(data: st.DataObject, url: str) -> None:
    at = data.draw(st.integers(0, len(url)))
    changed = url[:at] + data.draw(st.text("aZ0-._~%/:@?#[]\\ \t\n\x00é한", max_size=3)) + url[at:]
    try:
        taken = check_url(changed)
    except ValueError:
        return
    read = httpx.URL(taken + "/repos")
    assert read.host
    assert not read.userinfo
    assert "https" == read.scheme or "localhost" == read.host or read.host.startswith(("127.", "::1"))


@settings(deadline=None, max_examples=100)
@given(st.text())
@example("http://[")
def test_any_text_is_an_address_or_a_value_error(text: str) -> None:
    with suppress(ValueError):
        check_url(text)
