"""`relay card`: each field has its option, and a wrong value is told by the name of its option."""

import json
from pathlib import Path

import pytest

from tests.cli.running import ASK, OFFLINE, OPEN, opened, run
from tests.support.entra_tokens import NOW


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
        (("--link", "https://x.example"), "--link: write NAME=URL"),
        (("--link", "a=b"), "--link: must be an http or https address"),
        (("--sections", '{"a": 1}'), "--sections: must be a list of objects"),
        (("--sections", "{}"), "--sections: must be a list of objects"),
        (("--actions", "null"), "--actions: must be a list of objects"),
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


def nested(levels: int) -> str:
    return '{"a":' * (levels - 1) + "{}" + "}" * (levels - 1)


@pytest.mark.parametrize(("levels", "expected"), [(31, 0), (32, 2), (33, 2), (500, 2)])
def test_a_payload_that_no_press_could_open_is_not_sent(levels: int, expected: int) -> None:
    result = run("card", *ASK, "--payload", nested(levels), env=OFFLINE)
    assert expected == result.exit_code
    assert bool(expected) == ("--payload: " in result.stderr)
