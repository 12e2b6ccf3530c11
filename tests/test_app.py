import sys
from pathlib import Path

import pytest
from pytest_httpx import HTTPXMock

from relay.app import build, read_all, read_policy
from relay.settings import SettingsError
from tests.support import entra_tokens, example_policy, road
from tests.support.own_process import printed


def test_a_policy_is_read_from_its_file(tmp_path: Path) -> None:
    path = tmp_path / "policy.toml"
    path.write_text(example_policy.POLICY, "utf-8")
    assert read_policy(example_policy.POLICY) == read_policy(str(path))


def test_a_relative_path_is_sought_in_the_working_directory_when_it_is_not_beside_the_functions(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "my-policy.toml").write_text(example_policy.POLICY, "utf-8")
    monkeypatch.chdir(tmp_path)
    assert read_policy(example_policy.POLICY) == read_policy("my-policy.toml")


@pytest.mark.parametrize(
    ("content", "told"),
    [(None, "No such file"), (b"\xff\xfe", "policy.toml', not UTF-8"), (b"[[rule]", "is no policy")],
)
def test_a_policy_that_cannot_be_read_is_a_wrong_setting(tmp_path: Path, content: bytes | None, told: str) -> None:
    path = tmp_path / "policy.toml"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(SettingsError) as caught:
        read_policy(str(path))
    assert ({"RELAY_POLICY"}, True) == (set(caught.value.problems), told in caught.value.problems["RELAY_POLICY"])


def test_a_policy_that_nobody_has_named_is_told_as_such(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    with pytest.raises(SettingsError) as caught:
        read_all({})
    expected = "is not set, and there is no policy.toml: `relay init` writes one"
    assert expected == caught.value.problems["RELAY_POLICY"]


def test_a_github_app_pays_where_one_is_configured(tmp_path: Path, httpx_mock: HTTPXMock) -> None:
    app = {
        "RELAY_GITHUB_TOKEN": "",
        "RELAY_GITHUB_APP_CLIENT_ID": "Iv1.made",
        "RELAY_GITHUB_APP_PRIVATE_KEY": entra_tokens.PEM,
    }
    httpx_mock.add_response(url="https://api.github.com/repos/octo/api/installation", json={"id": 7})
    httpx_mock.add_response(
        url="https://api.github.com/app/installations/7/access_tokens",
        method="POST",
        status_code=201,
        json={"token": "ghs_made_up", "expires_at": "2099-01-01T00:00:00Z"},
    )
    httpx_mock.add_response(url=road.DISPATCHES, method="POST", status_code=204)
    with road.made(tmp_path, httpx_mock, **app) as here:
        assert (200, "released") == road.outcome(here.press("ada", "approve", road.ticket(road.offline())))
    (call,) = httpx_mock.get_requests(url=road.DISPATCHES)
    assert "Bearer ghs_made_up" == call.headers["authorization"]


def test_a_world_is_built_without_touching_the_network_or_the_disk(tmp_path: Path) -> None:
    build(*read_all(road.environ(tmp_path)))
    assert [] == list(tmp_path.iterdir())


TABLES = {"RELAY_STORE": "tables", "AzureWebJobsStorage": "UseDevelopmentStorage=true"}


def test_a_world_of_tables_is_built_without_touching_the_network_or_the_disk(tmp_path: Path) -> None:
    world = build(*read_all(road.environ(tmp_path, **TABLES)))
    assert "TableStore" == type(world.store).__name__
    world.store.close()
    assert [] == list(tmp_path.iterdir())


def test_without_the_library_of_the_tables_the_store_is_a_wrong_setting(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "relay.store.tables.store", None)
    with pytest.raises(SettingsError, match=r"pip install '\.\[tables\]'") as caught:
        build(*read_all(road.environ(tmp_path, **TABLES)))
    assert {"RELAY_STORE"} == set(caught.value.problems)


@pytest.mark.parametrize(("store", "loaded"), [({}, []), (TABLES, ["azure.data.tables"])])
def test_only_who_uses_tables_pays_for_their_library(tmp_path: Path, store: dict[str, str], loaded: list[str]) -> None:
    code = (
        "import os, sys; from relay.app import relay; relay(); "
        "print(*[name for name in ('azure.data.tables', 'azure.identity', 'requests') if name in sys.modules])"
    )
    environ = road.environ(tmp_path, **store) | {"PYTHONPATH": str(road.ROOT)}
    assert [*loaded, *(["requests"] if loaded else [])] == printed(code, cwd=tmp_path, environ=environ).split()
