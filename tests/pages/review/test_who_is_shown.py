"""Who is shown anything: the road up to the page, without and with a genuine sign-in."""

from dataclasses import replace

import pytest

from tests.pages.browsing import Browser, claims, fields, principal, shown
from tests.pages.review.asking import LOGIN, asked
from tests.support import entra_tokens
from tests.support.logged import logged
from tests.support.road import ORIGIN, Road, offline, ticket


def test_without_sign_in_a_link_leads_there_and_shows_nothing(road: Road) -> None:
    case_id = asked(road)
    reply = Browser(road).get(case_id)
    assert (302, LOGIN + case_id, b"") == (reply.status, reply.headers["Location"], reply.body)


def test_with_sign_in_off_nothing_is_shown_and_no_header_is_believed(road: Road) -> None:
    case_id, ada = asked(road), Browser(road, "ada")
    form = fields(ada.get(case_id)) | {"decision": "approve", "comment": ""}
    road.world = replace(road.world, settings=replace(road.world.settings, sign_in=()))
    for reply in (ada.get(case_id), ada.get(case_id, ticket=ticket(offline())), ada.post(case_id, form)):
        assert 403 == reply.status
        assert "RELAY_SIGN_IN" in shown(reply)
        assert "Secret plan" not in reply.body.decode()
        assert "octo" not in reply.body.decode()
        assert "Set-Cookie" not in reply.headers
    assert "pending" == road.case(case_id).status


@pytest.mark.parametrize(
    "headers",
    [
        principal(auth_typ="github"),
        principal(claims=claims("ada", entra_tokens.OTHER_TENANT)),
        principal(claims=[]),
        principal() | {"x-ms-client-principal": "not base64"},
        principal() | {"x-ms-client-principal-idp": "google"},
    ],
    ids=["provider", "tenant", "nobody", "broken", "contradicting"],
)
def test_whoever_signed_in_as_nobody_of_ours_is_told_so_and_shown_nothing(road: Road, headers: dict[str, str]) -> None:
    case_id = asked(road)
    page, press = Browser(road).get(case_id, headers=headers), Browser(road)
    form = fields(Browser(road, "ada").get(case_id)) | {"decision": "approve", "comment": ""}
    posted = press.post(
        case_id, form, headers | {"origin": ORIGIN, "content-type": "application/x-www-form-urlencoded"}
    )
    for reply in (page, posted):
        assert 403 == reply.status
        assert "This account is not accepted here" in shown(reply)
        assert "Secret plan" not in shown(reply)
        assert f"/.auth/logout?post_logout_redirect_uri=/api/review/{case_id}" in reply.body.decode()
    assert () == road.case(case_id).reviews


@pytest.mark.parametrize("case_id", ["", "x", "A" * 32, "a" * 33, "a" * 31 + "/", "a" * 31 + "é", "../../requests"])
def test_an_address_without_an_id_leads_nowhere(road: Road, case_id: str) -> None:
    for reply in (
        Browser(road).get(case_id),
        Browser(road, "ada").get(case_id, ticket="t"),
        Browser(road).post(case_id, b""),
    ):
        assert 404 == reply.status
        assert "Location" not in reply.headers
        assert "Set-Cookie" not in reply.headers


def test_an_unknown_id_is_a_page(road: Road) -> None:
    reply = Browser(road, "ada").get("a" * 32)
    assert (404, True) == (reply.status, "This request is not known" in shown(reply))


def test_the_log_tells_the_check_and_never_what_was_sent(road: Road, caplog: pytest.LogCaptureFixture) -> None:
    case_id = asked(road)
    Browser(road, "ada").post(case_id, {"token": "secret-token", "decision": "approve", "comment": "secret comment"})
    Browser(road, "ada").post(case_id, b"secret=1")
    Browser(road).get(case_id, headers=principal(claims=claims("ada", entra_tokens.OTHER_TENANT)))
    assert [("press", "not-genuine"), ("http", "malformed"), ("http", "foreign")] == [
        (line["event"], line["outcome"]) for line in logged(caplog)
    ]
    assert "the form's token is not genuine" in logged(caplog)[0]["check"]
    assert "tenant that is not in RELAY_ENTRA_TENANTS" in logged(caplog)[2]["check"]
    assert "secret" not in caplog.text
