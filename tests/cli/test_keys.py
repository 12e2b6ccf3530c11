import pytest

from relay.settings import read_api_key
from relay.signed import receipt_keys, tickets
from tests.cli.running import TICKET_KEY, run

DERIVED = tickets.format_key(tickets.derive(tickets.parse_key(TICKET_KEY), "octo/api"))


def test_new_keys_are_settings_that_the_relay_reads() -> None:
    result = run("keys", "new")
    assert 0 == result.exit_code
    lines = dict(line.split("=", 1) for line in result.stdout.splitlines())
    assert ["RELAY_TICKET_KEYS", "RELAY_RECEIPT_KEYS", "RELAY_API_KEYS"] == list(lines)
    assert 32 == len(tickets.parse_key(lines["RELAY_TICKET_KEYS"]).secret)
    assert receipt_keys.parse_key(lines["RELAY_RECEIPT_KEYS"]).kid
    name, key, scope = lines["RELAY_API_KEYS"].split(":")
    assert ("operator", 43, "operator") == (name, len(key), scope)
    assert "ci:KEY:OWNER/REPO" in result.stderr


def test_under_github_actions_new_keys_are_masked() -> None:
    assert 3 == run("keys", "new", env={"GITHUB_ACTIONS": "true"}).stderr.count("::add-mask::")


@pytest.mark.parametrize(
    ("arguments", "env"),
    [
        ((), {"RELAY_TICKET_KEY": TICKET_KEY}),
        ((), {"RELAY_TICKET_KEYS": f"{TICKET_KEY},old:{'B' * 43}"}),
        (("--key", TICKET_KEY), {}),
    ],
)
def test_a_derived_key_stands_alone_on_standard_output(arguments: tuple[str, ...], env: dict[str, str]) -> None:
    result = run("keys", "derive", "octo/api", *arguments, env=env)
    assert (0, f"{DERIVED}\n") == (result.exit_code, result.stdout)


@pytest.mark.parametrize(
    ("repository", "env", "told"),
    [
        ("octo/api", {}, "--key: is required"),
        ("octo", {"RELAY_TICKET_KEY": TICKET_KEY}, "OWNER/REPO: must be OWNER/NAME"),
        ("octo/api", {"RELAY_TICKET_KEY": "nonsense"}, "--key: must be kid:base64url"),
        ("octo/api", {"RELAY_TICKET_KEY": DERIVED}, "--key: a derived key derives no others"),
    ],
)
def test_what_cannot_be_derived_is_told(repository: str, env: dict[str, str], told: str) -> None:
    result = run("keys", "derive", repository, env=env)
    assert (2, "") == (result.exit_code, result.stdout)
    assert told in result.stderr


@pytest.mark.parametrize("scope", ["octo/*", "ada_acme/sandbox", "operator"])
def test_an_entry_of_an_api_key_is_made_by_itself(scope: str) -> None:
    result = run("keys", "new", "--api", "ci", scope)
    assert 0 == result.exit_code
    entry = read_api_key(result.stdout.removesuffix("\n"))
    assert ("ci", 43, scope) == (entry.name, len(entry.key), entry.scope)
    assert 1 == run("keys", "new", "--api", "ci", scope, env={"GITHUB_ACTIONS": "true"}).stderr.count("::add-mask::")


@pytest.mark.parametrize(
    ("name", "scope", "told"),
    [
        ("ci", "octo", "name:key:scope"),
        ("ci", "https://github.com/octo/api", "without commas and colons"),
        ("a,b", "octo/*", "without commas and colons"),
        ("ci", "!octo/api", "matches no repository"),
        ("", "octo/*", "--api: is empty"),
    ],
)
def test_an_entry_that_the_relay_would_not_read_is_not_made(name: str, scope: str, told: str) -> None:
    result = run("keys", "new", "--api", name, scope)
    assert (2, "") == (result.exit_code, result.stdout)
    assert told in result.stderr
