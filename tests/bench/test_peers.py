import json
from collections.abc import Iterator
from pathlib import Path

import httpx
import pytest

from bench import tenant
from bench.contestants import ORDINARY, serving, wait_for
from bench.peers.handling import DeniedError, Ordinary
from bench.processes import outside
from bench.tenant import Tenant
from tests.support.entra_tokens import foreign_key


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("bench")


@pytest.fixture(scope="module")
def signer(folder: Path) -> Tenant:
    return tenant.create(folder)


@pytest.fixture(scope="module")
def address(folder: Path, signer: Tenant) -> Iterator[str]:
    with outside(folder) as started:
        yield started


@pytest.fixture
def ordinary(address: str, tmp_path: Path) -> Iterator[Ordinary]:
    made = Ordinary(tenant.environ(address, tmp_path / "store.db"))
    yield made
    made.close()


def taken(address: str) -> int:
    return int(httpx.get(f"{address}/taken", trust_env=False).text)


def authorization(signer: Tenant, address: str) -> str:
    return f"Bearer {signer.token(address)}"


def test_the_ordinary_handling_proves_the_person(ordinary: Ordinary, signer: Tenant, address: str) -> None:
    assert tenant.ADA == ordinary.person(authorization(signer, address))


def test_the_ordinary_handling_refuses_a_token_of_another_key_issuer_or_none(
    ordinary: Ordinary, signer: Tenant, address: str
) -> None:
    forged = Tenant(foreign_key()).token(address)
    elsewhere = signer.token("https://login.example")
    for header in (f"Bearer {forged}", f"Bearer {elsewhere}", "Bearer x", ""):
        with pytest.raises(DeniedError) as denied:
            ordinary.person(header)
        assert 401 == denied.value.status


def test_the_ordinary_handling_claims_once_on_the_disk(ordinary: Ordinary) -> None:
    body = json.loads(tenant.ordinary_click("token").body)
    assert tenant.EVENT == ordinary.claim(tenant.ADA, body).event["event_type"]
    with pytest.raises(DeniedError) as denied:
        ordinary.claim(tenant.ADA, body)
    assert 409 == denied.value.status
    assert 1 == ordinary.claims()
    assert (2,) == ordinary._connection.execute("PRAGMA synchronous").fetchone()  # FULL


def test_the_ordinary_handling_lets_nobody_else_approve(ordinary: Ordinary) -> None:
    with pytest.raises(DeniedError) as denied:
        ordinary.claim("somebody", json.loads(tenant.ordinary_click("token").body))
    assert 403 == denied.value.status


def test_the_ordinary_service_dispatches_a_click_once(signer: Tenant, address: str, folder: Path) -> None:
    before = taken(address)
    click = tenant.ordinary_click(signer.token(address))
    with serving(ORDINARY, address, folder) as port:
        wait_for(port)
        url = f"http://127.0.0.1:{port}{ORDINARY.path}"
        with httpx.Client(trust_env=False) as client:
            answers = [client.post(url, content=click.body, headers=dict(click.headers)) for _ in range(2)]
            nobody = client.post(url, content=click.body, headers={"content-type": "application/json"})
    assert [200, 409, 401] == [each.status_code for each in (*answers, nobody)]
    assert {"outcome": "released"} == answers[0].json()
    assert before + 1 == taken(address)
