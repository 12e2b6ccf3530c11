"""Forms that the relay's own page did not send to this person now: they decide nothing."""

import pytest
from pytest_httpx import HTTPXMock

from relay.pages.form_token import PRESS_LIFETIME, FormToken, fingerprint
from relay.signed import tickets
from tests.pages.browsing import Browser, fields, shown, told
from tests.pages.review.asking import LOGIN, asked
from tests.support import entra_tokens, example_policy
from tests.support.road import MASTER, Road, offline, ticket


@pytest.mark.parametrize(
    "headers",
    [
        {"origin": "https://evil.example", "sec-fetch-site": "cross-site"},
        {"origin": "null", "sec-fetch-site": "cross-site"},
        {"origin": "null"},
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"referer": "https://evil.example/"},
        {},
    ],
)
def test_a_form_from_another_site_decides_nothing(road: Road, headers: dict[str, str]) -> None:
    case_id, ada = asked(road), Browser(road, "ada")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    reply = ada.post(case_id, form, headers | {"content-type": "application/x-www-form-urlencoded"})
    assert 403 == reply.status
    assert "Not taken: this came from another page" in shown(reply)
    assert "Secret plan" not in shown(reply)
    assert () == road.case(case_id).reviews


def test_a_form_without_origin_is_taken_where_the_browser_vouches_for_it(road: Road, github: HTTPXMock) -> None:
    case_id, ada = asked(road), Browser(road, "ada")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    headers = {"sec-fetch-site": "same-origin", "content-type": "application/x-www-form-urlencoded"}
    assert 303 == ada.post(case_id, form, headers).status


def test_a_form_needs_its_own_token(road: Road) -> None:
    case_id, other = asked(road), asked(road, title="Another")
    ada, grace = Browser(road, "ada"), Browser(road, "grace")
    tokens = {
        "none": "",
        "another person's": fields(grace.get(case_id))["token"],
        "another request's": fields(ada.get(other))["token"],
        "another relay's": FormToken(
            [tickets.TicketKey("x", bytes(32))], f"entra:{entra_tokens.TENANT}/{example_policy.PEOPLE['ada']}", case_id
        ).sign_press(fingerprint(road.case(case_id), "release"), road.now()),
        "a ticket": ticket(offline()),
    }
    for name, token in tokens.items():
        reply = ada.post(case_id, {"token": token, "decision": "approve", "comment": "kept"})
        assert (403, name) == (reply.status, name)
        assert "so your press was not taken. Decide again here." in told(reply)
        assert "kept" in shown(reply)
    assert () == road.case(case_id).reviews


def test_a_page_that_stood_open_too_long_decides_nothing(road: Road) -> None:
    case_id, ada = asked(road), Browser(road, "ada")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    road.ahead = PRESS_LIFETIME + 1
    assert 403 == ada.post(case_id, form).status
    assert () == road.case(case_id).reviews


@pytest.mark.parametrize(
    ("body", "status"),
    [(b"", 400), (b"decision=approve", 400), (b'{"decision": "approve"}', 400), (b"x" * 1_100_000, 413)],
)
def test_what_the_page_does_not_send_is_refused_with_a_page(road: Road, body: bytes, status: int) -> None:
    case_id = asked(road)
    reply = Browser(road, "ada").post(case_id, body)
    assert (status, True) == (reply.status, "Nothing was recorded." in shown(reply))
    assert f'href="/api/review/{case_id}"' in reply.body.decode()


def test_who_is_signed_out_meanwhile_is_told_so(road: Road) -> None:
    case_id, ada = asked(road), Browser(road, "ada")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    ada.person = ""
    reply = ada.post(case_id, form)
    assert 401 == reply.status
    assert f'href="{LOGIN}{case_id}"' in reply.body.decode()
    assert () == road.case(case_id).reviews


def test_who_may_not_decide_and_forges_the_form_decides_nothing(road: Road) -> None:
    case_id, lin = asked(road), Browser(road, "lin")
    person = f"entra:{entra_tokens.TENANT}/{example_policy.PEOPLE['lin']}"
    token = FormToken([MASTER], person, case_id).sign_press(fingerprint(road.case(case_id), "release"), road.now())
    reply = lin.post(case_id, {"token": token, "decision": "approve", "comment": ""})
    assert 403 == reply.status
    assert "Nothing was recorded yet You are not an approver of this request" in told(reply)
    assert () == road.case(case_id).reviews
