"""Settings that are wrong: each is told by its name and never quoted."""

import base64

import pytest

from relay.app import read_all
from relay.net.setting_names import OF_THE_COMMAND, OF_THE_RELAY
from relay.settings import Settings, SettingsError
from relay.signed import tickets
from tests.support.example_policy import POLICY
from tests.support.least_settings import ISSUER, LEAST, MASTER, SECRET, TENANT, problems, read


@pytest.mark.parametrize(
    ("api_url", "listed"),
    [
        ("", "https://ghe.example/_services/token"),
        ("", f"{ISSUER}.evil.example"),
        ("", f"{ISSUER}/octo/x"),
        ("", f"{ISSUER}/.."),
        ("", ISSUER.replace("https", "http")),
        ("", f"{ISSUER},https://evil.example"),
        ("https://ghe.example/api/v3", ISSUER),
        ("https://ghe.example/api/v3", "https://ghe.example/_services/token/octo"),
        ("https://ghe.example/api/v3", "https://other.example/_services/token"),
    ],
)
def test_an_issuer_of_another_host_is_a_problem_of_its_setting(api_url: str, listed: str) -> None:
    said = problems(RELAY_GITHUB_API_URL=api_url, RELAY_GITHUB_OIDC_ISSUER=listed)["RELAY_GITHUB_OIDC_ISSUER"]
    assert said.startswith("is not the issuer of the GitHub at RELAY_GITHUB_API_URL; write https://")


@pytest.mark.parametrize(
    ("name", "text", "said"),
    [
        ("RELAY_PUBLIC_URL", "", "is missing"),
        ("RELAY_PUBLIC_URL", "https://relay.example/api", "is an origin and takes no path"),
        ("RELAY_PUBLIC_URL", "http://relay.example", "must begin with https://"),
        ("RELAY_PUBLIC_URL", f"https://{SECRET}@relay.example", "takes no user"),
        ("RELAY_PUBLIC_URL", "relay.example", "https://"),
        ("RELAY_TICKET_KEYS", " , ", "is missing; `relay keys new` makes one"),
        ("RELAY_TICKET_KEYS", SECRET, "must be kid:base64url"),
        ("RELAY_TICKET_KEYS", f"k1:{SECRET}!", "must be base64url"),
        ("RELAY_TICKET_KEYS", "k1:c2hvcnQ", "needs 32 bytes or more"),
        ("RELAY_TICKET_KEYS", ",".join([tickets.format_key(MASTER)] * 2), "holds one kid twice"),
        ("RELAY_TICKET_KEYS", tickets.format_key(tickets.derive(MASTER, "octo/api")), "the relay needs its own"),
        ("RELAY_RECEIPT_KEYS", "", "is missing; `relay keys new` makes one"),
        ("RELAY_RECEIPT_KEYS", base64.b64encode(SECRET.encode()).decode(), "must be base64 of an Ed25519 key"),
        ("RELAY_STORE", "sqlite:///", "must be tables or sqlite:///PATH"),
        ("RELAY_STORE", f"postgres://{SECRET}", "must be tables or sqlite:///PATH"),
        ("RELAY_TABLE_PREFIX", SECRET, "is 2 to 40 letters and digits"),
        ("RELAY_GITHUB_API_URL", "http://api.github.com", "must begin with https://"),
        ("RELAY_GITHUB_API_VERSION", "latest", "is a date"),
        ("RELAY_GITHUB_API_VERSION", "٢٠٢٢-11-28", "is a date"),
        ("RELAY_GITHUB_TOKEN", "", "is missing: a fine-grained token"),
        ("RELAY_ENTRA_AUTHORITY", "login.microsoftonline.com", "https://"),
        ("RELAY_ENTRA_V1_ISSUER", "sts", "https://"),
        ("RELAY_ENTRA_TENANTS", f"{TENANT},contoso.example", "not a GUID"),
        ("RELAY_ENTRA_TENANTS", f"{TENANT}/", "not a GUID"),
        ("RELAY_CARD_CALLER", "anybody", "not a GUID"),
        ("RELAY_TEAMS_TENANT_ID", "contoso.example", "not a GUID"),
        ("RELAY_TEAMS_WEBHOOK_KEYS", "c2VzYW1l", "not base64 of 32 bytes"),
        ("RELAY_TEAMS_WEBHOOK_KEYS", "sesame!", "not base64 of 32 bytes"),
        ("RELAY_TEAMS_OPENID_URL", "http://login.botframework.com", "must begin with https://"),
        ("RELAY_SIGN_IN", "easy-auth", "must be off, or a list of entra, github and app-service"),
        ("RELAY_SIGN_IN", "not-enabled", "must be off, or a list of entra, github and app-service"),
        ("RELAY_SIGN_IN", "off,app-service", "holds off beside others: leave it out"),
        ("RELAY_ENTRA_SIGN_IN_CLIENT_ID", "relay", "holds something that is not a GUID"),
        ("RELAY_GITHUB_URL", "http://github.com", "must begin with https://"),
        ("RELAY_FUNCTION_KEYS", "short", "holds a key of fewer than 16 characters"),
        ("RELAY_GITHUB_WEBHOOK_SECRET", f"{SECRET},fifteen letters", "holds a secret of fewer than 16 characters"),
        ("RELAY_GITHUB_WEBHOOK_SECRET", f"{SECRET}\n{SECRET}", "with a control character"),
        ("RELAY_API_KEYS", SECRET, "name:key:scope"),
        ("RELAY_API_KEYS", f"ci:{SECRET}", "name:key:scope"),
        ("RELAY_API_KEYS", f"ci:{SECRET}:", "name:key:scope"),
        ("RELAY_API_KEYS", f":{SECRET}:octo/*", "name:key:scope"),
        ("RELAY_API_KEYS", f"ci:{SECRET}:octo", "name:key:scope"),
        ("RELAY_API_KEYS", "ci::octo/*", "cannot stand in a header"),
        ("RELAY_API_KEYS", f"ci:{SECRET}키:octo/*", "cannot stand in a header"),
        ("RELAY_API_KEYS", f"ci:{SECRET}\n:octo/*", "cannot stand in a header"),
        ("RELAY_API_KEYS", f"ci: {SECRET}:octo/*", "holds a key with a blank"),
        ("RELAY_API_KEYS", f"ci:{' ' * 32}:octo/*", "holds a key with a blank"),
        ("RELAY_FUNCTION_KEYS", f"{SECRET} {SECRET}", "or with a blank"),
        ("RELAY_API_KEYS", "noisy:n:octo/noisy", "holds a key under 32 characters"),
        ("RELAY_API_KEYS", f"ci:{SECRET[:31]}:*", "`relay keys new --api NAME SCOPE` makes an entry"),
        ("RELAY_API_KEYS", f"a:{SECRET}:o/a,b:b:operator", "holds a key under 32 characters"),
        ("RELAY_API_KEYS", f"ci:{SECRET}:!octo/api", "holds a scope that matches no repository"),
        ("RELAY_API_KEYS", f"ci:{SECRET}:https://github.com/octo/api", "holds a scope that matches no repository"),
    ],
)
def test_what_is_wrong_is_told_by_name_and_never_quoted(name: str, text: str, said: str) -> None:
    found = problems(**{name: text})
    assert [name] == list(found)
    assert said in found[name]


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.read({})
    missing = {"RELAY_PUBLIC_URL", "RELAY_TICKET_KEYS", "RELAY_RECEIPT_KEYS", "RELAY_GITHUB_TOKEN"}
    assert missing == set(raised.value.problems)
    wrong = {"RELAY_PUBLIC_URL": "x", "RELAY_STORE": "x", "RELAY_API_KEYS": SECRET, "RELAY_ENTRA_TENANTS": "x"}
    assert set(wrong) == set(problems(**wrong))


REFERENCES = (
    "@Microsoft.KeyVault(SecretUri=https://v.vault.azure.net/secrets/x/)",
    " @microsoft.keyvault(VaultName=v;SecretName=x)",
    "@Microsoft.AppConfiguration(Endpoint=https://c.azconfig.io; Key=x)",
)


@pytest.mark.parametrize("reference", REFERENCES)
@pytest.mark.parametrize("name", [*OF_THE_RELAY, "AzureWebJobsStorage", "AzureWebJobsStorage__tableServiceUri"])
def test_a_reference_that_was_not_resolved_is_a_problem_of_its_own_name_in_every_setting(
    name: str, reference: str
) -> None:
    found = problems(**{name: reference})
    assert "reference that was not resolved: give the app's identity" in found[name]
    assert "relay keys new" not in found[name]
    with pytest.raises(SettingsError) as raised:
        read_all({**LEAST, "RELAY_POLICY": POLICY, name: reference})
    assert "reference that was not resolved" in raised.value.problems[name]


def test_a_reference_within_a_list_is_one_too() -> None:
    assert "RELAY_API_KEYS" in problems(RELAY_API_KEYS=f"ci:{REFERENCES[0]}:octo/*")


@pytest.mark.parametrize("around", ['"{}"', "'{}'", '"{}', "\u201c{}\u201d"])
@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("RELAY_PUBLIC_URL", "https://relay.example"),
        ("RELAY_GITHUB_TOKEN", "github_pat_x"),
        ("RELAY_TICKET_KEYS", tickets.format_key(MASTER)),
        ("RELAY_ENTRA_TENANTS", TENANT),
        ("RELAY_CARD_AUDIENCE", "api://relay"),
    ],
)
def test_a_quotation_mark_around_a_value_is_a_problem(name: str, value: str, around: str) -> None:
    assert "begins with a quotation mark" in problems(**{name: around.format(value)})[name]


@pytest.mark.parametrize("value", ["github_pat x", "github_pat\nx", "github_pät"])
@pytest.mark.parametrize("name", ["RELAY_GITHUB_TOKEN", "RELAY_GITHUB_APP_CLIENT_ID"])
def test_a_credential_that_cannot_stand_in_a_header_is_told_before_the_first_approval(name: str, value: str) -> None:
    assert "paste it again" in problems(**{name: value})[name]


@pytest.mark.parametrize(
    ("name", "nearest"),
    [
        ("RELAY_ENTRA_TENANT", "RELAY_ENTRA_TENANTS"),
        ("RELAY_API_KEYS_", "RELAY_API_KEYS"),
        ("Relay-Policy", "RELAY_POLICY"),
        ("RELAY_URLS", "RELAY_URL"),
        ("RELAY_X", ""),
    ],
)
def test_a_name_that_is_no_setting_is_reported_with_the_nearest_one(name: str, nearest: str) -> None:
    assert ((name, nearest),) == read(**{name: "x"}).unknown


def test_names_of_the_command_and_of_others_are_not_reported() -> None:
    assert () == read(**dict.fromkeys(OF_THE_COMMAND, "x"), RELAYED="x", MY_RELAY_STORE="x").unknown
