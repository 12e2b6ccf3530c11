"""The repositories of the policy: those named, and of globs those that the credential sees."""

from pathlib import Path
from typing import Any

import pytest
from pytest_httpx import HTTPXMock

from relay.approval.policy import Policy, Rule
from relay.doctor.github.listening import Listening, nearest, read_workflow
from relay.doctor.github.repositories import Repository, repositories
from tests.doctor.examining import (
    API,
    APP,
    POLICY,
    REPOSITORY,
    WORKFLOWS,
    Answers,
    answering,
    content,
    examined,
    found,
    subject,
)
from tests.support import example_policy

GLOB = {"RELAY_POLICY": POLICY.replace('"octo/api"', '"octo/*"')}
MINE = ("GET", f"{API}/user/repos?per_page=100")
INSTALLATIONS = ("GET", f"{API}/app/installations?per_page=100")
OF_APP = ("GET", f"{API}/installation/repositories?per_page=100")
GRANT = ("POST", f"{API}/app/installations/42/access_tokens")


def seen(*names: str) -> list[dict[str, str]]:
    return [{"full_name": name} for name in names]


def policy(*globs: str, plain: str = "") -> Policy:
    return Policy(tuple(Rule(glob, ("deploy",)) for glob in globs), plain_repository=plain)


def test_named_repositories_come_first_and_nobody_is_asked_for_them() -> None:
    assert [Repository("octo/api", is_named=True), Repository("octo/site", is_named=True)] == repositories(
        policy("octo/api", "octo/api", plain="octo/site"), lambda: pytest.fail("nobody is asked")
    )


def test_of_a_glob_those_that_are_seen_are_looked_at_and_twenty_at_most() -> None:
    names = [f"octo/r{number}" for number in range(30)]
    found = repositories(policy("octo/r0", "octo/r*"), lambda: [*names, "hexa/other"])
    assert names[:21] == [each.name for each in found]
    assert [True] + [False] * 20 == [each.is_named for each in found]


def test_a_glob_of_a_token_is_filled_by_what_the_token_sees(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock, {MINE: {"json": [*seen("octo/api", "hexa/other"), "odd"]}})
    told = found(examined(subject(tmp_path, **GLOB)), "github-permission")
    assert [("ok", "dispatches may be sent to octo/api", "")] == told


def test_a_glob_of_an_app_is_filled_by_its_installations(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    installations = [{"id": 42, "suspended_at": None}, {"id": 43, "suspended_at": "2026-01-01T00:00:00Z"}, "odd"]
    answering(
        httpx_mock,
        {INSTALLATIONS: {"json": installations}, OF_APP: {"json": {"repositories": seen("octo/api", "hexa/other")}}},
    )
    told = found(examined(subject(tmp_path, **GLOB, **APP)), "github-permission")
    assert [("ok", "dispatches may be sent to octo/api", "")] == told


@pytest.mark.parametrize(
    "spoilt",
    [{GRANT: {"status_code": 403, "json": {}}}, {OF_APP: {"status_code": 404, "json": {}}}],
    ids=["no token", "no list"],
)
def test_an_installation_that_tells_nothing_leaves_the_checks_out(
    spoilt: Answers, tmp_path: Path, httpx_mock: HTTPXMock
) -> None:
    answering(httpx_mock, {INSTALLATIONS: {"json": [{"id": 42}]}, OF_APP: {"json": {}}}, spoilt)
    report = examined(subject(tmp_path, **GLOB, **APP))
    for name in ("github-app", "github-permission", "github-workflow", "github-limit"):
        assert ["left out"] == [status for status, _, _ in found(report, name)], name


def test_a_glob_that_nothing_fills_leaves_the_checks_out(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock, {MINE: {"json": {"message": "odd"}}})
    report = examined(subject(tmp_path, **GLOB))
    for name in ("github-permission", "github-workflow"):
        assert [("left out", "the policy names no repository, and the credential sees none of its globs", "")] == found(
            report, name
        )


def test_a_repository_of_a_glob_may_release_nothing(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock, {MINE: {"json": seen("octo/api")}, ("GET", f"{WORKFLOWS}/release.yml"): content("on: push")})
    assert ["warning"] == [status for status, _, _ in found(examined(subject(tmp_path, **GLOB)), "github-workflow")]


def test_a_repository_of_a_glob_may_lack_the_workflow_that_a_rule_starts(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    starts = ("POST", f"{REPOSITORY}/actions/workflows/deploy.yml/dispatches")
    answering(httpx_mock, {MINE: {"json": seen("octo/api")}, starts: {"status_code": 404, "json": {}}})
    rule = '[[rule]]\ntarget = "workflow_dispatch"\nworkflow = "deploy.yml"'
    for repository, status in (("octo/*", "warning"), ("octo/api", "failed")):
        text = POLICY.replace("[[rule]]", rule).replace('"octo/api"', f'"{repository}"')
        report = examined(subject(tmp_path, RELAY_POLICY=text))
        for check in ("github-permission", "github-workflow"):
            assert [status] == [each for each, _, _ in found(report, check)], (check, repository)


OTHERS = """
[[rule]]
repository = "octo/*"
environment = "staging"
event_types = ["deploy-apis"]
"""


def test_a_repository_that_one_rule_names_may_release_nothing_of_the_glob_of_another(
    tmp_path: Path, httpx_mock: HTTPXMock
) -> None:
    answering(httpx_mock, {MINE: {"json": seen("octo/api")}})
    text = POLICY + OTHERS + example_policy.stage("", "group:owners")
    told = found(examined(subject(tmp_path, RELAY_POLICY=text)), "github-workflow")
    # it listens to deploy-api, which a rule sends: that is no misspelt deploy-apis
    assert [("warning", True), ("ok", False)] == [
        (status, "listens to deploy-apis" in each) for status, each, _ in told
    ]
    assert "one listens to" not in told[0][1]


def test_the_repository_of_plain_cards_is_named_by_the_plain_rule_alone(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    plain = '[[rule]]\nrepository = "octo/a*"\nevent_types = ["publish"]\nplain = true\n'
    text = f'plain_repository = "octo/api"\n{POLICY}{plain}'.replace(
        'repository = "octo/api"\nevent', 'repository = "octo/*"\nevent'
    )
    answering(httpx_mock, {MINE: {"json": []}, ("GET", f"{WORKFLOWS}/release.yml"): content("on: push")})
    told = found(examined(subject(tmp_path, RELAY_POLICY=text)), "github-workflow")
    assert [("warning", "deploy-api"), ("failed", "publish")] == [
        (each, detail.rpartition(" ")[2]) for each, detail, _ in told
    ]


@pytest.mark.parametrize(
    ("types", "status"),
    [("[deploy-web]", "ok"), ("[build]", "failed"), ("", "ok")],
    ids=["one matches", "none matches", "all are heard"],
)
def test_a_glob_of_event_types_holds_if_any_listened_type_matches(
    types: str, status: str, tmp_path: Path, httpx_mock: HTTPXMock
) -> None:
    text = f"on: {{repository_dispatch: {{types: {types}}}}}" if types else "on: repository_dispatch"
    answering(httpx_mock, {("GET", f"{WORKFLOWS}/release.yml"): content(text)})
    given = {"RELAY_POLICY": POLICY.replace('"deploy-api"', '"deploy-*"')}
    assert [status] == [each for each, _, _ in found(examined(subject(tmp_path, **given)), "github-workflow")]


def test_an_announcement_that_no_workflow_hears_is_a_warning(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    answering(httpx_mock)
    given = {"RELAY_POLICY": POLICY.replace("[[rule]]", '[[rule]]\non_request = "preview"')}
    told = found(examined(subject(tmp_path, **given)), "github-workflow")
    assert [("warning", True), ("ok", False)] == [(status, "preview" in detail) for status, detail, _ in told]


def test_a_repository_that_cannot_be_read_is_told_once(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    gone = {"status_code": 404, "json": {"message": "Not Found"}}
    answering(httpx_mock, {("GET", REPOSITORY): gone, ("POST", f"{REPOSITORY}/dispatches"): gone})
    report = examined(subject(tmp_path))
    assert "failed" == found(report, "github-permission")[0][0]
    assert [("left out", "octo/api cannot be read, which github-permission tells", "")] == found(
        report, "github-workflow"
    )


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("on: repository_dispatch", Listening("x", (), hears_dispatches=True)),
        ("on: [push, repository_dispatch]", Listening("x", (), hears_dispatches=True)),
        ("on: {repository_dispatch: }", Listening("x", (), hears_dispatches=True)),
        ("on: {repository_dispatch: {types: a}}", Listening("x", ("a",), hears_dispatches=True)),
        ("'on': {repository_dispatch: {types: [a, b]}}", Listening("x", ("a", "b"), hears_dispatches=True)),
        (
            "on: {repository_dispatch: {type: [a]}}",
            Listening("x", (), hears_dispatches=True, misspelt="type"),
        ),
        ("true: {repository_dispatch: {types: [a]}}", Listening("x")),
        ("on: workflow_dispatch", Listening("x", can_be_started=True)),
        ("on: push", Listening("x")),
        ("on: [repository_dispatch, {push: }, [push]]", Listening("x", (), hears_dispatches=True)),
        ("[]", Listening("x")),
        ("", Listening("x")),
    ],
)
def test_the_events_of_a_workflow_are_read(text: str, expected: Listening) -> None:
    assert expected == read_workflow("x", text)


@pytest.mark.parametrize(("types", "is_heard"), [((), True), (("deploy-api",), True), (("Deploy-API",), False)])
def test_a_type_is_heard_letter_by_letter(types: tuple[str, ...], is_heard: bool) -> None:
    assert is_heard == Listening("x", types, hears_dispatches=True).hears("deploy-api")
    assert not Listening("x", types).hears("deploy-api")


@pytest.mark.parametrize("text", ["on: [", "a: b: c", "[" * 3_000])
def test_a_text_that_is_no_yaml_is_told(text: str) -> None:
    with pytest.raises(ValueError, match=r"x\.yml is no YAML"):
        read_workflow("x.yml", text)


@pytest.mark.parametrize(
    ("event_type", "near"),
    [("deploy-api", "Deploy-API"), ("deploy_web", "deploy-web"), ("zzz", "")],
)
def test_the_nearest_spelling_is_found(event_type: str, near: str) -> None:
    known: list[Any] = [Listening("x", ("Deploy-API",), hears_dispatches=True), Listening("y", ("deploy-web",))]
    assert near == nearest(event_type, known)
