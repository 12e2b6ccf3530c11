"""GET /api/health, on the people who can press: whether any of them can, and by which sign-in."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay import app, health
from tests.support.health import changed, detail, set_up, told


def test_sign_in_that_the_platform_does_not_vouch_for_is_degraded_with_the_cure(environ: pytest.MonkeyPatch) -> None:
    environ.setenv("RELAY_GITHUB_TOKENS", "x")
    here = app.relay()
    environ.setattr(app, "relay", lambda: replace(here, settings=replace(here.settings, sign_in=("not-enabled",))))
    reply = health.health()
    assert (200, "degraded") == told(reply)[:2]
    unknown, sign_in = detail(reply, "settings").split("; ")
    assert "RELAY_GITHUB_TOKENS is no setting: did you mean RELAY_GITHUB_TOKEN?" == unknown
    assert sign_in.startswith("RELAY_SIGN_IN has no effect: ")
    assert "Switch it on under Authentication of the app, or set RELAY_SIGN_IN to off" in sign_in


@pytest.fixture
def environ(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, httpx_mock: HTTPXMock) -> Iterator[pytest.MonkeyPatch]:
    with set_up(tmp_path, monkeypatch, httpx_mock) as changed_by_tests:
        yield changed_by_tests


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"RELAY_ENTRA_TENANTS": ""}, "RELAY_ENTRA_TENANTS is empty"),
        ({"RELAY_CARD_AUDIENCE": ""}, "no chat that takes presses is set up and RELAY_SIGN_IN is off"),
        ({"RELAY_ENTRA_TENANTS": "11111111-2222-4333-8444-555555555555"}, "needs 1 and has 0 of the tenants"),
    ],
)
def test_a_relay_where_nobody_can_press_is_degraded(
    environ: pytest.MonkeyPatch, settings: dict[str, str], reason: str
) -> None:
    reply = changed(environ, **settings)
    assert (200, "degraded", "degraded") == (*told(reply)[:2], told(reply)[2]["people"])
    assert reason in detail(reply, "people")


@pytest.mark.parametrize(("github_id", "status"), [("github_id = 1001", "ok"), ("", "degraded")])
def test_people_who_sign_in_at_github_need_no_tenant_and_anyone_is_none_of_them(
    environ: pytest.MonkeyPatch, github_id: str, status: str
) -> None:
    approvers = "ada" if github_id else "anyone"
    policy = (
        f'[people.ada]\nname = "Ada"\n{github_id}\n[[rule]]\nrepository = "octo/api"\n'
        'event_types = ["deploy"]\nself_approval = true\n'
        f'[[rule.stage]]\napprovers = ["{approvers}"]\n'
    )
    github = {"RELAY_GITHUB_SIGN_IN_CLIENT_ID": "Iv1.x", "RELAY_GITHUB_SIGN_IN_CLIENT_SECRET": "s"}
    reply = changed(environ, RELAY_POLICY=policy, RELAY_ENTRA_TENANTS="", RELAY_SIGN_IN="github", **github)
    assert status == told(reply)[2]["people"]
    expected = "needs 1 and has 0 of the tenants in RELAY_ENTRA_TENANTS or with a github_id"
    assert (status == "degraded") == (expected in detail(reply, "people"))


SLACK = {"RELAY_SLACK_SIGNING_SECRET": "8f74" * 8, "RELAY_CARD_AUDIENCE": "", "RELAY_ENTRA_TENANTS": ""}


def test_slack_alone_lets_people_press_by_the_teams_of_its_setting(environ: pytest.MonkeyPatch) -> None:
    assert "ok" == told(changed(environ, **SLACK, RELAY_SLACK_TEAMS="T111"))[2]["people"]


@pytest.mark.parametrize(
    ("settings", "reason"),
    [
        ({"RELAY_SLACK_TEAMS": "T999"}, "needs 1 and has 0 of the tenants in RELAY_ENTRA_TENANTS and the teams in"),
        (
            {"RELAY_SLACK_TEAMS": "T111", "RELAY_SLACK_SIGNING_SECRET": ""},
            "RELAY_ENTRA_TENANTS is empty, and RELAY_SLACK_TEAMS or RELAY_SLACK_SIGNING_SECRET is too",
        ),
    ],
)
def test_slack_without_a_secret_or_with_another_team_lets_nobody_press(
    environ: pytest.MonkeyPatch, settings: dict[str, str], reason: str
) -> None:
    assert reason in detail(changed(environ, **(SLACK | settings)), "people")


def test_a_policy_of_plain_rules_needs_nobody(environ: pytest.MonkeyPatch) -> None:
    plain = '[[rule]]\nrepository = "octo/site"\nevent_types = ["publish"]\nplain = true\n'
    assert "ok" == told(changed(environ, RELAY_POLICY=plain, RELAY_ENTRA_TENANTS=""))[2]["people"]
