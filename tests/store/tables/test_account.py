import pytest

from relay.store.tables.account import Storage, read_prefix, read_storage

KEY = "c2VjcmV0IGtleSBvZiBubyBhY2NvdW50"
SECRET = "c2VjcmV0"
WHOLE = f"DefaultEndpointsProtocol=https;AccountName=relay;AccountKey={KEY};EndpointSuffix=core.windows.net"
CLIENT = "5b2c7f18-90ab-4cde-8f01-23456789abcd"


def read(**environ: str) -> Storage:
    problems: dict[str, str] = {}
    storage = read_storage(environ, problems)
    assert {} == problems
    return storage


def troubles(**environ: str) -> dict[str, str]:
    problems: dict[str, str] = {}
    read_storage(environ, problems)
    assert SECRET not in str(problems)
    return problems


@pytest.mark.parametrize(
    "connection",
    [
        WHOLE,
        f"{WHOLE};",
        f"AccountName=relay;AccountKey={KEY}",
        f" accountname = relay ; ACCOUNTKEY={KEY}; ",
        "UseDevelopmentStorage=true",
        "usedevelopmentstorage=TRUE;",
        f"DefaultEndpointsProtocol=http;AccountName=a;AccountKey={KEY};TableEndpoint=http://127.0.0.1:10002/a;",
        f"AccountName=a;AccountKey={KEY};TableEndpoint=https://a.table.core.usgovcloudapi.net/",
        "TableEndpoint=https://relay.table.core.windows.net/;SharedAccessSignature=sv=2022&sig=c2VjcmV0",
        "AccountName=relay;SharedAccessSignature=sv=2022&sig=c2VjcmV0",
    ],
)
def test_a_connection_string_is_taken_as_it_is(connection: str) -> None:
    storage = read(AzureWebJobsStorage=connection)
    assert (connection.strip(), "", "", False) == (
        storage.connection,
        storage.url,
        storage.client_id,
        storage.managed,
    )
    assert SECRET not in f"{storage}"


@pytest.mark.parametrize(
    ("connection", "said"),
    [
        ("relay", "is no connection string"),
        ("@Microsoft.KeyVault(SecretUri=https://v.example/c2VjcmV0)", "is no connection string"),
        (f"AccountKey={KEY}", "is no connection string"),
        ("AccountName=relay", "is no connection string"),
        ("AccountName=relay;AccountKey=", "is no connection string"),
        ("AccountName=relay;AccountKey=c2VjcmV0!", "is no connection string"),
        ("AccountName=relay;AccountKey=한c2VjcmV0", "is no connection string"),
        ("SharedAccessSignature=sig=c2VjcmV0", "names neither AccountName nor TableEndpoint"),
        (f"DefaultEndpointsProtocol=http;AccountName=relay;AccountKey={KEY}", "tables that must begin with https://"),
        (f"AccountName=a;AccountKey={KEY};TableEndpoint=http://storage.example/a", "must begin with https://"),
        (f"AccountName=a;AccountKey={KEY};TableEndpoint=storage", "is not an address"),
    ],
)
def test_what_is_no_connection_string_is_told_without_quoting_it(connection: str, said: str) -> None:
    found = troubles(AzureWebJobsStorage=connection)
    assert ["AzureWebJobsStorage"] == list(found)
    assert said in found["AzureWebJobsStorage"]


def test_an_identity_is_told_by_the_account_or_by_the_address_of_its_tables() -> None:
    account, url = "AzureWebJobsStorage__accountName", "AzureWebJobsStorage__tableServiceUri"
    named = read(**{account: "relay1"})
    assert ("", "https://relay1.table.core.windows.net", "", False) == (
        named.connection,
        named.url,
        named.client_id,
        named.managed,
    )
    elsewhere = "https://relay.table.core.chinacloudapi.cn"
    assert elsewhere == read(**{url: elsewhere, account: "relay1"}).url
    assert CLIENT == read(**{account: "relay1", "AzureWebJobsStorage__clientId": CLIENT}).client_id
    assert [account] == list(troubles(**{account: "Relay!"}))
    assert [url] == list(troubles(**{url: "http://relay.example"}))
    assert ["AzureWebJobsStorage__clientId"] == list(troubles(**{account: "abc", "AzureWebJobsStorage__clientId": "x"}))


@pytest.mark.parametrize(
    ("environ", "managed"),
    [
        ({}, False),
        ({"WEBSITE_INSTANCE_ID": "abc"}, True),
        ({"AzureWebJobsStorage__credential": "ManagedIdentity"}, True),
        ({"AzureWebJobsStorage__credential": "other"}, False),
    ],
)
def test_the_apps_own_identity_is_used_on_azure_or_where_it_is_asked_for(
    environ: dict[str, str], managed: bool
) -> None:
    assert managed == read(**environ, AzureWebJobsStorage__accountName="relay").managed


def test_one_way_in_is_needed_and_no_more() -> None:
    assert "is missing" in troubles()["AzureWebJobsStorage"]
    for name in ("AzureWebJobsStorage__accountName", "AzureWebJobsStorage__tableServiceUri"):
        found = troubles(**{"AzureWebJobsStorage": WHOLE, name: "https://relay.example"})
        assert {"AzureWebJobsStorage": f"is set beside {name}: unset one of them"} == found


@pytest.mark.parametrize("prefix", ["relay", "R2", "a" * 40])
def test_a_prefix_is_letters_and_digits(prefix: str) -> None:
    problems: dict[str, str] = {}
    assert prefix == read_prefix({"RELAY_TABLE_PREFIX": f" {prefix} "}, problems)
    assert {} == problems


@pytest.mark.parametrize("prefix", ["a", "2relay", "re-lay", "a" * 41, "한글"])
def test_any_other_prefix_is_told(prefix: str) -> None:
    assert "RELAY_TABLE_PREFIX" in troubles(AzureWebJobsStorage=WHOLE, RELAY_TABLE_PREFIX=prefix)


def test_without_a_prefix_it_is_relay() -> None:
    assert "relay" == read_prefix({"RELAY_TABLE_PREFIX": " "}, {})
