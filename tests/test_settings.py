import pytest

from relay.chats.messagecard.chat import ACTIONS_APP
from relay.chats.teams.chat import BOT_FRAMEWORK
from relay.model.request import ApiKey
from relay.settings import is_policy_text, sqlite_path
from relay.signed import receipt_keys, tickets
from tests.support import entra_tokens
from tests.support.least_settings import ISSUER, MASTER, RECEIPT_KEYS, SECRET, TENANT, problems, read

CALLER = "c0ffee00-1111-4222-8333-444455556666"
NEWER = tickets.TicketKey("k2", bytes(range(1, 33)))


@pytest.mark.parametrize("blank", [{}, {"RELAY_POLICY": " ", "RELAY_CARD_CALLER": " , ", "RELAY_API_KEYS": ""}])
def test_the_least_settings_and_the_defaults_of_all_others(blank: dict[str, str]) -> None:
    settings = read(**blank)
    assert ("https://relay.example", (MASTER,)) == (settings.public_url, settings.ticket_keys)
    assert [receipt_keys.parse_key(RECEIPT_KEYS[0]).kid] == [key.kid for key in settings.receipt_keys]
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
    assert () == settings.api_keys


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
            f"ci:{SECRET}:octo/*, ops:a:b={'c' * 28}:operator, all:{'x' * 32}:*, emu:{'y' * 32}:ada_acme/*",
            "api_keys",
            (
                ApiKey("ci", SECRET, "octo/*"),
                ApiKey("ops", f"a:b={'c' * 28}", "operator"),
                ApiKey("all", "x" * 32, "*"),
                ApiKey("emu", "y" * 32, "ada_acme/*"),
            ),
        ),
    ],
)
def test_a_setting_is_read(name: str, text: str, of: str, value: object) -> None:
    assert value == getattr(read(**{name: text}), of)


@pytest.mark.parametrize(
    ("api_url", "listed", "issuers"),
    [
        ("", "", (ISSUER,)),
        ("", f"{ISSUER}/octo-inc", (f"{ISSUER}/octo-inc",)),
        ("https://API.github.com/", f"{ISSUER}/, {ISSUER}/octo-inc/", (ISSUER, f"{ISSUER}/octo-inc")),
        ("https://ghe.example/api/v3", "", ("https://ghe.example/_services/token",)),
        ("https://GHE.example/api/v3", "https://ghe.example/_services/token", ("https://ghe.example/_services/token",)),
        ("https://api.octo.ghe.com", "", ("https://token.actions.octo.ghe.com",)),
        ("http://127.0.0.1:9000/github", "", ("http://127.0.0.1:9000/_services/token",)),
    ],
)
def test_the_issuers_of_workflow_tokens_are_those_of_the_github_that_is_called(
    api_url: str, listed: str, issuers: tuple[str, ...]
) -> None:
    assert issuers == read(RELAY_GITHUB_API_URL=api_url, RELAY_GITHUB_OIDC_ISSUER=listed).github_oidc_issuers


def test_the_tokens_of_message_cards_are_read() -> None:
    cards = read(RELAY_CARD_AUDIENCE="api://one, https://two", RELAY_CARD_CALLER=CALLER.upper()).chats["messagecard"]
    assert (("api://one", "https://two"), (CALLER,)) == (cards.audience, cards.caller)


def test_a_github_app_is_told_whole_and_may_stand_beside_a_token() -> None:
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
    assert read(**client, **key, RELAY_GITHUB_TOKEN="github_pat_x").github_token
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


@pytest.mark.parametrize("around", [" {} ", "{}\n", "\r\n{}\t", "\ufeff{}", "\u200b{}\u00a0"])
@pytest.mark.parametrize(
    ("name", "of"),
    [("RELAY_PUBLIC_URL", "public_url"), ("RELAY_GITHUB_TOKEN", "github_token"), ("RELAY_STORE", "store")],
)
def test_blanks_and_line_breaks_pasted_around_a_value_are_taken_off(name: str, of: str, around: str) -> None:
    value = {"RELAY_PUBLIC_URL": "https://relay.example", "RELAY_STORE": "sqlite:///a.db"}.get(name, "github_pat_x")
    assert value == getattr(read(**{name: around.format(value)}), of)
