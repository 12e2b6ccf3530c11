from http.cookies import SimpleCookie

import pytest

from relay.pages.cookies import MAX_TICKETS, OUTCOME, TICKET, oldest_over_limit, read, set_cookie


def test_cookies_are_read_by_name_the_first_of_each() -> None:
    header = "a=1; __Host-relay-told=x.1.y;b = 2 ; a=3; c; d=e=f"
    assert {"a": "1", "__Host-relay-told": "x.1.y", "b ": " 2", "c": "", "d": "e=f"} == read({"cookie": header})
    assert {"": ""} == read({})


def test_a_cookie_is_kept_for_this_host_alone() -> None:
    expected = "__Host-x=1; Max-Age=60; Path=/; Secure; HttpOnly; SameSite=Lax"
    assert {"Set-Cookie": expected} == set_cookie("__Host-x", "1", 60)


@pytest.mark.parametrize(("value", "seconds"), [("a.b-c_D9", 1_800), ("", 0)])
def test_a_cookie_survives_the_worker_that_takes_it_apart(value: str, seconds: int) -> None:
    """Python's worker hands the host no header but the parts that this parser finds."""
    morsel = SimpleCookie(set_cookie("__Host-x", value, seconds)["Set-Cookie"])["__Host-x"]
    found = [morsel[name] for name in ("max-age", "path", "secure", "httponly", "samesite")]
    assert (value, [str(seconds), "/", True, True, "Lax"]) == (morsel.value, found)


def test_of_too_many_tickets_the_oldest_goes_but_never_the_one_that_is_looked_at() -> None:
    names = [f"{TICKET}{letter * 32}" for letter in "abcdefgh"]
    held = dict.fromkeys([OUTCOME, *names[:MAX_TICKETS], f"{TICKET}x", f"x{TICKET}{'y' * 32}"], "x")
    assert "" == oldest_over_limit(held, names[0])
    assert "" == oldest_over_limit(held, names[7])
    held |= {names[6]: "x"}
    assert names[0] == oldest_over_limit(held, names[6])
    assert names[1] == oldest_over_limit(held, names[0])


@pytest.mark.parametrize("value", ["\u00e9", "배포", "a b;c", "x" * 9_000])
def test_a_cookie_that_is_deleted_sends_nothing_of_its_value_back(value: str) -> None:
    header = set_cookie("name", value, 0)["Set-Cookie"]
    assert "name=; Max-Age=0; Path=/; Secure; HttpOnly; SameSite=Lax" == header
