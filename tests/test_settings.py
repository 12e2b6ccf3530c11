import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from relay.chats.messagecard.chat import ACTIONS_APP
from relay.chats.teams.chat import BOT_FRAMEWORK
from relay.model import ApiKey
from relay.settings import RESERVED, Settings, SettingsError, is_policy_text, sqlite_path
from relay.signed import receipts, tickets
from tests.support import entra_tokens

TENANT = "7d1e9b0a-3c55-4f6e-9a51-0f2b6c8d4e10"
CALLER = "c0ffee00-1111-4222-8333-444455556666"
MASTER = tickets.TicketKey("k1", bytes(range(32)))
NEWER = tickets.TicketKey("k2", bytes(range(1, 33)))
RECEIPT_KEYS = [receipts.format_key(Ed25519PrivateKey.from_private_bytes(bytes([n] * 32))) for n in (1, 2)]
SECRET = "s3cr3t-s3cr3t-s3cr3t-s3cr3t-s3cr3t"
LEAST = {
    "RELAY_PUBLIC_URL": "https://relay.example",
    "RELAY_TICKET_KEYS": tickets.format_key(MASTER),
    "RELAY_RECEIPT_KEYS": RECEIPT_KEYS[0],
    "RELAY_GITHUB_TOKEN": "github_pat_made_up",
}


def read(**changes: str) -> Settings:
    return Settings.read(LEAST | changes)


def problems(**changes: str) -> dict[str, str]:
    with pytest.raises(SettingsError) as raised:
        read(**changes)
    assert SECRET not in str(raised.value)
    for name, problem in raised.value.problems.items():
        assert f"{name} {problem}" in str(raised.value)
    return raised.value.problems


@pytest.mark.parametrize("blank", [{}, {"RELAY_POLICY": " ", "RELAY_CARD_CALLER": " , ", "RELAY_API_KEYS": ""}])
def test_the_least_settings_and_the_defaults_of_all_others(blank: dict[str, str]) -> None:
    settings = read(**blank)
    assert ("https://relay.example", (MASTER,)) == (settings.public_url, settings.ticket_keys)
    assert [receipts.parse_key(RECEIPT_KEYS[0]).kid] == [key.kid for key in settings.receipt_keys]
    assert ("policy.toml", "sqlite:///.relay/relay.db") == (settings.policy, settings.store)
    assert ("https://api.github.com", "2022-11-28") == (settings.github_api_url, settings.github_api_version)
    assert ("github_pat_made_up", "", "") == (
        settings.github_token,
        settings.github_app_client_id,
        settings.github_app_private_key,
    )
    assert ("https://login.microsoftonline.com", "https://sts.windows.net/") == (
        settings.entra_authority,
        settings.entra_v1_issuer,
    )
    assert ((), (), (ACTIONS_APP,)) == (
        settings.entra_tenants,
        settings.chats["messagecard"].audience,
        settings.chats["messagecard"].caller,
    )
    assert ((), ()) == (settings.api_keys, settings.reserved)


@pytest.mark.parametrize(
    ("name", "text", "of", "value"),
    [
        ("RELAY_PUBLIC_URL", " https://relay.example:8443/ ", "public_url", "https://relay.example:8443"),
        ("RELAY_PUBLIC_URL", "http://127.0.0.1:7071", "public_url", "http://127.0.0.1:7071"),
        (
            "RELAY_TICKET_KEYS",
            f"{tickets.format_key(NEWER)}, {tickets.format_key(MASTER)},",
            "ticket_keys",
            (NEWER, MASTER),
        ),
        ("RELAY_POLICY", "/etc/relay/policy.toml", "policy", "/etc/relay/policy.toml"),
        ("RELAY_POLICY", 'operators = ["ada"]', "policy", 'operators = ["ada"]'),
        ("RELAY_STORE", "sqlite:////var/relay.db", "store", "sqlite:////var/relay.db"),
        ("RELAY_GITHUB_API_URL", "https://ghe.example/api/v3/", "github_api_url", "https://ghe.example/api/v3"),
        ("RELAY_GITHUB_API_URL", "http://localhost:9000", "github_api_url", "http://localhost:9000"),
        ("RELAY_GITHUB_API_VERSION", "2026-03-10", "github_api_version", "2026-03-10"),
        (
            "RELAY_ENTRA_AUTHORITY",
            "https://login.microsoftonline.us/",
            "entra_authority",
            "https://login.microsoftonline.us",
        ),
        ("RELAY_ENTRA_V1_ISSUER", "https://sts.chinacloudapi.cn", "entra_v1_issuer", "https://sts.chinacloudapi.cn/"),
        ("RELAY_ENTRA_TENANTS", f"{TENANT.upper()} ,{CALLER}", "entra_tenants", (TENANT, CALLER)),
        (
            "RELAY_API_KEYS",
            "ci:0123:octo/*, ops:a:b=:operator, all:xyz:*",
            "api_keys",
            (ApiKey("ci", "0123", "octo/*"), ApiKey("ops", "a:b=", "operator"), ApiKey("all", "xyz", "*")),
        ),
    ],
)
def test_a_setting_is_read(name: str, text: str, of: str, value: object) -> None:
    assert value == getattr(read(**{name: text}), of)


def test_the_tokens_of_message_cards_are_read() -> None:
    cards = read(RELAY_CARD_AUDIENCE="api://one, https://two", RELAY_CARD_CALLER=CALLER.upper()).chats["messagecard"]
    assert (("api://one", "https://two"), (CALLER,)) == (cards.audience, cards.caller)


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
        ("RELAY_TEAMS_OPENID_URL", "http://login.botframework.com", "must begin with https://"),
        ("RELAY_SIGN_IN", "easy-auth", "must be off, or a list of entra, github and app-service"),
        ("RELAY_SIGN_IN", "not-enabled", "must be off, or a list of entra, github and app-service"),
        ("RELAY_SIGN_IN", "off,app-service", "holds off beside others: leave it out"),
        ("RELAY_ENTRA_SIGN_IN_CLIENT_ID", "relay", "holds something that is not a GUID"),
        ("RELAY_GITHUB_URL", "http://github.com", "must begin with https://"),
        ("RELAY_FUNCTION_KEYS", "short", "holds a key of fewer than 16 characters"),
        ("RELAY_API_KEYS", SECRET, "name:key:scope"),
        ("RELAY_API_KEYS", f"ci:{SECRET}", "name:key:scope"),
        ("RELAY_API_KEYS", f"ci:{SECRET}:", "name:key:scope"),
        ("RELAY_API_KEYS", f":{SECRET}:octo/*", "name:key:scope"),
        ("RELAY_API_KEYS", f"ci:{SECRET}:octo", "name:key:scope"),
        ("RELAY_API_KEYS", "ci::octo/*", "cannot stand in a header"),
        ("RELAY_API_KEYS", f"ci:{SECRET}키:octo/*", "cannot stand in a header"),
        ("RELAY_API_KEYS", f"ci:{SECRET}\n:octo/*", "cannot stand in a header"),
    ],
)
def test_what_is_wrong_is_told_by_name_and_never_quoted(name: str, text: str, said: str) -> None:
    found = problems(**{name: text})
    assert [name] == list(found)
    assert said in found[name]


def test_a_github_app_is_told_whole_and_alone() -> None:
    client = {"RELAY_GITHUB_APP_CLIENT_ID": "Iv1.made-up"}
    key = {"RELAY_GITHUB_APP_PRIVATE_KEY": entra_tokens.PEM}
    settings = read(**client, **key, RELAY_GITHUB_TOKEN="")
    assert ("Iv1.made-up", entra_tokens.PEM.strip(), "") == (
        settings.github_app_client_id,
        settings.github_app_private_key,
        settings.github_token,
    )
    assert ["RELAY_GITHUB_APP_PRIVATE_KEY"] == list(problems(**client, RELAY_GITHUB_TOKEN=""))
    assert ["RELAY_GITHUB_APP_CLIENT_ID"] == list(problems(**key, RELAY_GITHUB_TOKEN=""))
    assert "is set beside a GitHub App" in problems(**client, **key)["RELAY_GITHUB_TOKEN"]
    spoiled = problems(**client, RELAY_GITHUB_APP_PRIVATE_KEY=SECRET, RELAY_GITHUB_TOKEN="")
    assert "is not a private key" in spoiled["RELAY_GITHUB_APP_PRIVATE_KEY"]
    assert SECRET not in str(spoiled)


@pytest.mark.parametrize("mark", ["WEBSITE_INSTANCE_ID", "WEBSITE_POD_NAME"])
def test_on_azure_sqlite_is_refused(mark: str) -> None:
    found = problems(**{mark: "abc"}, RELAY_STORE="sqlite:////home/relay.db")
    assert {"RELAY_STORE": "is SQLite, which the instances of an Azure app do not share"} == found


def test_on_azure_cases_are_kept_in_tables_of_the_apps_account() -> None:
    settings = read(WEBSITE_INSTANCE_ID="abc", AzureWebJobsStorage__accountName="relay", RELAY_TABLE_PREFIX="blue")
    storage = settings.storage
    assert storage is not None
    assert ("tables", "https://relay.table.core.windows.net", "blue", True) == (
        settings.store,
        storage.url,
        storage.prefix,
        storage.managed,
    )
    assert {"AzureWebJobsStorage"} == set(problems(WEBSITE_INSTANCE_ID="abc"))


def test_tables_may_be_used_anywhere_and_their_account_is_asked_for_then_only() -> None:
    settings = read(RELAY_STORE="tables", AzureWebJobsStorage="UseDevelopmentStorage=true")
    assert settings.storage is not None
    assert ("relay", "UseDevelopmentStorage=true") == (settings.storage.prefix, settings.storage.connection)
    assert {"AzureWebJobsStorage"} == set(problems(RELAY_STORE="tables", AzureWebJobsStorage=SECRET))
    assert read(AzureWebJobsStorage=SECRET).storage is None


def test_all_that_is_wrong_is_told_at_once() -> None:
    with pytest.raises(SettingsError) as raised:
        Settings.read({})
    missing = {"RELAY_PUBLIC_URL", "RELAY_TICKET_KEYS", "RELAY_RECEIPT_KEYS", "RELAY_GITHUB_TOKEN"}
    assert missing == set(raised.value.problems)
    wrong = {"RELAY_PUBLIC_URL": "x", "RELAY_STORE": "x", "RELAY_API_KEYS": SECRET, "RELAY_ENTRA_TENANTS": "x"}
    assert set(wrong) == set(problems(**wrong))


@pytest.mark.parametrize("mark", ["WEBSITE_INSTANCE_ID", "WEBSITE_POD_NAME"])
def test_app_service_is_believed_on_azure_only_where_the_platform_says_that_it_stands_there(mark: str) -> None:
    on_azure = {mark: "x", "AzureWebJobsStorage": "UseDevelopmentStorage=true"}
    assert () == read().sign_in
    assert () == read(RELAY_SIGN_IN="off").sign_in
    assert ("app-service",) == read(RELAY_SIGN_IN="app-service").sign_in
    assert ("not-enabled",) == read(RELAY_SIGN_IN="app-service", **on_azure).sign_in
    assert ("not-enabled",) == read(RELAY_SIGN_IN="app-service", WEBSITE_AUTH_ENABLED="False", **on_azure).sign_in
    assert ("app-service",) == read(RELAY_SIGN_IN="app-service", WEBSITE_AUTH_ENABLED="True", **on_azure).sign_in


def test_a_bot_needs_both_its_id_and_its_password() -> None:
    bot = {"RELAY_TEAMS_APP_ID": "AAAAAAAA-0000-4000-8000-000000000001", "RELAY_TEAMS_APP_PASSWORD": SECRET}
    settings = read(**bot)
    assert ("aaaaaaaa-0000-4000-8000-000000000001", SECRET) == (
        settings.chats["teams"].app_id,
        settings.chats["teams"].app_password,
    )
    assert BOT_FRAMEWORK == settings.chats["teams"].openid_url
    for name in bot:
        assert {name} == set(problems(**(bot | {name: ""})))


@pytest.mark.parametrize("name", RESERVED)
def test_a_name_kept_for_later_is_reported_and_no_error(name: str) -> None:
    assert (name,) == read(**{name: SECRET}).reserved
    assert () == read(**{name: " "}).reserved
    assert () == read(**{name: RESERVED[name]}).reserved


def test_settings_show_no_secret() -> None:
    settings = read(RELAY_API_KEYS=f"ci:{SECRET}:octo/*", RELAY_GITHUB_TOKEN=SECRET)
    shown = f"{settings} {settings.api_keys} {settings.ticket_keys} {settings.receipt_keys}"
    assert SECRET not in shown
    assert str(MASTER.secret) not in shown
    assert RECEIPT_KEYS[0] not in shown


@pytest.mark.parametrize(
    ("policy", "text"),
    [("policy.toml", False), ("/etc/relay/policy.toml", False), ('operators = ["ada"]', True), ("[[rule]]\n", True)],
)
def test_a_policy_is_a_path_or_the_text_itself(policy: str, text: bool) -> None:
    assert text == is_policy_text(policy)


@pytest.mark.parametrize(
    ("store", "path"), [("sqlite:///.relay/relay.db", ".relay/relay.db"), ("sqlite:////var/relay.db", "/var/relay.db")]
)
def test_a_fourth_slash_makes_the_path_absolute(store: str, path: str) -> None:
    assert path == sqlite_path(store)


def test_each_way_to_sign_in_needs_its_client() -> None:
    ours = {"RELAY_ENTRA_SIGN_IN_CLIENT_ID": "AAAAAAAA-0000-4000-8000-000000000001"}
    secret = {"RELAY_ENTRA_SIGN_IN_CLIENT_SECRET": SECRET}
    github = {"RELAY_GITHUB_SIGN_IN_CLIENT_ID": "Iv1.x", "RELAY_GITHUB_SIGN_IN_CLIENT_SECRET": SECRET}
    on_azure = {"WEBSITE_POD_NAME": "x", "AzureWebJobsStorage": "UseDevelopmentStorage=true"}
    whole = read(RELAY_SIGN_IN="entra, github,entra", **ours, **secret, **github)
    assert ("entra", "github") == whole.sign_in
    assert "aaaaaaaa-0000-4000-8000-000000000001" == whole.entra_sign_in_client_id
    assert {*ours, *secret} == set(problems(RELAY_SIGN_IN="entra"))
    assert {*secret} == set(problems(RELAY_SIGN_IN="entra", **ours))
    assert ("entra",) == read(RELAY_SIGN_IN="entra", **ours, **on_azure).sign_in
    assert {*github} == set(problems(RELAY_SIGN_IN="github"))
    assert SECRET not in str(problems(RELAY_SIGN_IN="github", RELAY_GITHUB_SIGN_IN_CLIENT_SECRET=SECRET))
