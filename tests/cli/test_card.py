import json
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from pytest_httpx import HTTPXMock

from relay.signed import tickets
from tests.cli.running import API_KEY, ASK, OFFLINE, OPEN, RELAY, TICKET_KEY, run
from tests.support.entra_tokens import NOW


def opened(result: Result) -> tickets.Ticket:
    headers = json.loads(result.stdout)["potentialAction"][0]["actions"][0]["headers"]
    ticket = next(header["value"] for header in headers if header["name"] == "Relay-Ticket")
    return tickets.open_ticket(ticket, [tickets.parse_key(TICKET_KEY)], RELAY, now=NOW, born_at=NOW)


def test_a_card_carries_its_request_and_works_offline() -> None:
    result = run("card", "--format", "messagecard", *ASK, "--environment", "production", env=OFFLINE)
    assert 0 == result.exit_code, result.output
    card: dict[str, Any] = json.loads(result.stdout)
    assert "배포 승인" == card["title"]
    assert "배포 승인" in result.stdout
    approve, reject = card["potentialAction"]
    assert ("Approve", "Reject") == (approve["name"], reject["name"])
    assert f"{RELAY}/api/interactions/messagecard" == approve["actions"][0]["target"]
    request = opened(result).request
    assert request is not None
    assert ("octo/api", "deploy-api", "production") == (request.repository, request.event_type, request.environment)
    assert (NOW, NOW + 86_400) == (request.issued_at, request.expires_at)


def test_github_actions_gives_the_defaults() -> None:
    env = {
        **OFFLINE,
        "GITHUB_REPOSITORY": "octo/api",
        "GITHUB_REF": "refs/heads/main",
        "GITHUB_SHA": "0123456789abcdef0123456789abcdef01234567",
        "GITHUB_ACTOR": "octocat",
        "GITHUB_ACTOR_ID": "583231",
        "GITHUB_SERVER_URL": "https://github.com",
        "GITHUB_RUN_ID": "42",
    }
    result = run("card", "--event-type", "deploy-api", "--title", "Deploy", "--ref", "v2", env=env)
    request = opened(result).request
    assert request is not None
    assert ("octo/api", "v2", "octocat", 583231) == (
        request.repository,
        request.ref,
        request.requested_by,
        request.requested_by_id,
    )
    assert "https://github.com/octo/api/actions/runs/42" == request.run_url
    assert env["GITHUB_SHA"] == request.sha


@pytest.mark.parametrize(
    ("first", "again", "options", "expected"),
    [
        ("octocat", "ada", (), ("octocat", "ada")),
        ("renovate[bot]", "ada", (), ("renovate[bot]", "ada")),
        ("octocat", "OctoCat", (), ("octocat", "")),
        ("octocat", "", (), ("octocat", "")),
        ("octocat", "ada", ("--requested-by", "Ada"), ("Ada", "")),
        ("octocat", "ada", ("--requested-by-also", "lin"), ("octocat", "lin")),
    ],
)
def test_who_runs_a_workflow_again_is_a_requester(
    first: str, again: str, options: tuple[str, ...], expected: tuple[str, str]
) -> None:
    env = {**OFFLINE, "GITHUB_ACTOR": first, "GITHUB_ACTOR_ID": "1", "GITHUB_TRIGGERING_ACTOR": again}
    request = opened(run("card", *ASK, *options, env=env)).request
    assert request is not None
    assert expected == (request.requested_by, request.requested_by_also)


def test_every_field_has_its_option(tmp_path: Path) -> None:
    (tmp_path / "sections").write_text('[{"title": "구역"}]', "utf-8")
    result = run(
        *("card", *ASK, "--payload", '{"version": 2}', "--field", "who=a=b", "--fact", "크기=큼", "--text", "**굵게**"),
        *("--link", "Docs=https://docs.example/?a=b", "--sections", f"@{tmp_path}/sections", "--summary", "Sum"),
        *(
            "--requested-by-also",
            "mary",
            "--actions",
            json.dumps([OPEN]),
            "--theme-color",
            "ff0000",
            "--expires-in",
            "45m",
            "--require-comment",
        ),
        *("--approver", "ada", "--approver", "lin", "--approvers", "mary, group:qa", "--approve-label", "승인"),
        *(
            "--reject-label",
            "반려",
            "--confirm",
            "Sure?",
            "--reject-event-type",
            "undo",
            "--run-url",
            "https://run.example",
        ),
        env=OFFLINE,
    )
    assert 0 == result.exit_code, result.output
    request = opened(result).request
    assert request is not None
    assert {"version": 2, "who": "a=b"} == request.client_payload
    assert ({"name": "크기", "value": "큼"},) == request.facts
    assert ({"name": "Docs", "url": "https://docs.example/?a=b"},) == request.links
    assert ({"title": "구역"},) == request.sections
    assert (OPEN,) == request.actions
    assert "mary" == request.requested_by_also
    assert ("ada", "lin", "mary", "group:qa") == request.approvers
    assert NOW + 2_700 == request.expires_at
    assert request.require_comment
    assert ("승인", "반려", "Sure?", "undo") == (
        request.approve_label,
        request.reject_label,
        request.confirm,
        request.reject_event_type,
    )
    assert ["승인", "반려", "Logs"] == [action["name"] for action in json.loads(result.stdout)["potentialAction"]]


def test_the_payload_comes_from_standard_input() -> None:
    request = opened(run("card", *ASK, "--payload", "-", stdin='{"이름": "값"}'.encode(), env=OFFLINE)).request
    assert request is not None
    assert {"이름": "값"} == request.client_payload


def test_without_an_event_type_it_is_a_notification_that_needs_no_key() -> None:
    result = run("card", "--repository", "octo/api", "--summary", "끝났다", "--actions", json.dumps([OPEN] * 4))
    assert 0 == result.exit_code, result.output
    card = json.loads(result.stdout)
    assert "끝났다" == card["title"]
    assert ["Logs"] * 4 == [action["name"] for action in card["potentialAction"]]


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (("--payload", "[1]"), "--payload: must be a JSON object"),
        (("--payload", "{"), "--payload: not JSON"),
        (("--payload", '{"a": 1, "a": 2}'), "--payload: not JSON that the relay reads: duplicate keys"),
        (("--payload", '{"a": 0.5}'), "--payload: a: floats have no canonical form"),
        (("--payload", '{"approval": 1}'), "--payload: must not have the key approval"),
        (("--payload", "@/nowhere/at/all"), "--payload: the file cannot be read: No such file"),
        (("--payload", "@\0"), "--payload: the file cannot be read: not a path"),
        (("--payload", json.dumps({"a": "x" * 50_000})), "--payload: takes at most 40 KiB"),
        (("--field", "a"), "--field: write NAME=VALUE"),
        (("--field", "=a"), "--field: write NAME=VALUE"),
        (("--field", "a=1", "--field", "a=2"), "--field: a key is given twice"),
        (("--fact", "a"), "--fact: write NAME=VALUE"),
        (("--fact", f"a={'x' * 2_001}"), "--fact: takes 1 to 2000 characters"),
        (("--link", "a=b"), "--link: must be an http or https address"),
        (("--sections", '{"a": 1}'), "--sections: must be a list of objects"),
        (("--sections", '[{"facts": [1]}]'), "--sections: the card breaks a limit: sections[1].facts[0]"),
        (("--sections", json.dumps([{"title": "x"}] * 8)), "--sections: takes at most 7: a card has at most 10"),
        (("--actions", json.dumps([OPEN] * 3)), "--actions: takes at most 2: a card has at most four"),
        (("--actions", '[{"@type": "Submit", "name": "x"}]'), "--actions: the card breaks a limit: potentialAction[2]"),
        (("--expires-in", "soon"), "--expires-in: is a whole number and its unit"),
        (("--expires-in", "31d"), "--expires-in: takes from 1 second to 30 days"),
        (("--approver", "x" * 101), "--approver: takes 1 to 100"),
        (("--reject-event-type", "deploy-api"), "--reject-event-type: must differ"),
        (("--repository", "octo"), "--repository: must be OWNER/NAME"),
        (("--requested-by-id", "ada"), "--requested-by-id"),
        (("--theme-color", "red"), "--theme-color: must be six"),
        (("--text", "".join(map(chr, range(0xAC00, 0xAC00 + 3_000)))), "--register: a self-contained ticket"),
        (("--relay", "https://relay.example/api"), "'--relay': is an origin and takes no path"),
        (("--relay", "http://relay.example"), "'--relay': must begin with https://"),
        (("--relay", "https://me@relay.example"), "'--relay': takes no user, query or fragment"),
        (("--relay", "relay"), "'--relay': is not an address"),
        (("--relay", "https://relay.example:no"), "'--relay': is not an address"),
        (("--relay", "https://릴레이.example"), "'--relay': is not an address"),
        (("--ticket-key", "main"), "--ticket-key: must be kid:base64url"),
        (("--ticket-key", "main.octo/other:" + "A" * 43), "--repository: the ticket key was derived for another"),
        (("--format", "sleck"), "Invalid value for '--format'"),
        (("--mention", "Ada=ada@octo.example"), "--mention: only an Adaptive Card of Teams mentions people"),
        (("--format", "adaptive", "--mention", "Ada"), "--mention: write NAME=ID"),
        (("--format", "adaptive", "--mention", "Ada=ada"), "--mention: write NAME=ID, as in"),
        (("--format", "adaptive", *("--mention", "Ada=a@b") * 21), "--mention: takes at most 20 people"),
        (("--format", "adaptive", "--text", "<at>Ada</at>"), "--text: the card breaks a limit: attachments[0].content"),
        (("--format", "outlook-email", "--originator", "me"), "--originator: must be the provider's id, a GUID"),
        (("--format", "outlook-email", "--outlook-card", "x"), "Invalid value for '--outlook-card'"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_told_by_the_options_name(arguments: tuple[str, ...], told: str) -> None:
    result = run("card", *ASK, *arguments, env=OFFLINE)
    assert (2, "") == (result.exit_code, result.stdout)
    assert told in " ".join(result.stderr.replace(" (env var: 'RELAY_URL')", "").split())


@pytest.mark.parametrize(
    ("missing", "told"), [("RELAY_URL", "--relay: is required"), ("RELAY_TICKET_KEY", "--ticket-key: is required")]
)
def test_a_request_needs_a_relay_and_a_key(missing: str, told: str) -> None:
    result = run("card", *ASK, env={name: value for name, value in OFFLINE.items() if name != missing})
    assert 2 == result.exit_code
    assert told in result.stderr


def test_a_title_is_required_by_its_name() -> None:
    result = run("card", "--repository", "octo/api", env=OFFLINE)
    assert 2 == result.exit_code
    assert "--title: is required" in result.stderr


def test_a_large_text_is_a_limit_of_the_card_and_not_only_of_the_ticket() -> None:
    facts = [part for number in range(50) for part in ("--fact", f"{number}={'가' * 300}")]
    result = run("card", "--repository", "octo/api", "--title", "x", *facts)
    assert 2 == result.exit_code
    assert "--text: the card breaks a limit: the card has" in result.stderr


@pytest.mark.parametrize(
    ("given", "origin"),
    [
        ("https://Relay.Example/", "https://relay.example"),
        ("https://relay.example:443", "https://relay.example"),
        ("https://relay.example:8443", "https://relay.example:8443"),
        ("http://127.0.0.1:7071", "http://127.0.0.1:7071"),
        ("http://localhost:80/", "http://localhost"),
        ("http://[::1]:7071", "http://[::1]:7071"),
    ],
)
def test_the_relay_is_its_origin(given: str, origin: str) -> None:
    result = run("card", *ASK, "--relay", given, env=OFFLINE)
    assert 0 == result.exit_code, result.output
    target = json.loads(result.stdout)["potentialAction"][0]["actions"][0]["target"]
    assert f"{origin}/api/interactions/messagecard" == target


def test_under_github_actions_it_writes_outputs_and_masks_what_is_secret(tmp_path: Path) -> None:
    env = {
        **OFFLINE,
        "GITHUB_ACTIONS": "true",
        "GITHUB_OUTPUT": f"{tmp_path}/o",
        "GITHUB_STEP_SUMMARY": f"{tmp_path}/s",
    }
    result = run("card", *ASK, env=env)
    ticket = opened(result)
    outputs = (tmp_path / "o").read_text("utf-8").splitlines()
    assert [ticket.id, "2026-09-22T14:13:20Z", ""] == outputs[1::3]
    assert ["request-id", "expires-at", "review-url"] == [line.partition("<<")[0] for line in outputs[::3]]
    assert f"::add-mask::{TICKET_KEY}" in result.stderr
    assert 3 == result.stderr.count("::add-mask::")
    assert "### Approval requested: 배포 승인" in (tmp_path / "s").read_text("utf-8")


def test_a_registered_card_has_the_relays_ticket(httpx_mock: HTTPXMock) -> None:
    answer = {
        "id": "a" * 32,
        "status": "pending",
        "expires_at": "2026-09-21T15:00:00Z",
        "review_url": f"{RELAY}/api/review/x",
        "ticket": "t.t.t",
    }
    httpx_mock.add_response(method="POST", url=f"{RELAY}/api/requests", status_code=201, json=answer)
    result = run("card", "--register", *ASK, "--expires-in", "1h", env={"RELAY_URL": RELAY, "RELAY_API_KEY": API_KEY})
    assert 0 == result.exit_code, result.output
    (asked,) = httpx_mock.get_requests()
    assert API_KEY == asked.headers["x-relay-key"]
    form = {"repository": "octo/api", "event_type": "deploy-api", "title": "배포 승인", "expires_in": "1h"}
    assert form == json.loads(asked.content)
    card = json.loads(result.stdout)
    assert {"name": "Relay-Ticket", "value": "t.t.t"} in card["potentialAction"][0]["actions"][0]["headers"]
    assert "2026-09-21T15:00:00Z" in json.dumps(card)


def nested(levels: int) -> str:
    return '{"a":' * (levels - 1) + "{}" + "}" * (levels - 1)


@pytest.mark.parametrize(("levels", "expected"), [(31, 0), (32, 2), (33, 2), (500, 2)])
def test_a_payload_that_no_press_could_open_is_not_sent(levels: int, expected: int) -> None:
    result = run("card", *ASK, "--payload", nested(levels), env=OFFLINE)
    assert expected == result.exit_code
    assert bool(expected) == ("--payload: " in result.stderr)


@pytest.mark.parametrize("form", ["messagecard", "adaptive", "outlook-email"])
def test_a_senders_button_that_leads_to_the_relay_is_refused_with_its_option(form: str) -> None:
    button = {"@type": "HttpPOST", "name": "Show the test report", "target": f"{RELAY}/api/interactions/messagecard"}
    for option, value in (("--actions", [button]), ("--sections", [{"title": "x", "potentialAction": [button]}])):
        for asked in (ASK, ASK[:2] + ASK[4:]):
            result = run("card", "--format", form, *asked, option, json.dumps(value), env=OFFLINE)
            assert 2 == result.exit_code
            assert f"{option}: must not lead to the relay" in result.stderr
