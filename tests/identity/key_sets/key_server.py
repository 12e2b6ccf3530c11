"""A key server that answers, or fails, once for each line of a test; and the sentence of an outage."""

import json

import httpx
import pytest
from pytest_httpx import HTTPXMock

from relay.errors import Outage
from relay.identity.key_sets import KeySets
from tests.support.entra_tokens import JWKS_URL, KID, jwks

MINUTE = 60
HOUR = 3_600
NEW = "new-key"
UNKNOWN = "unknown-key"
MALFORMED = {"kty": "RSA", "use": "sig", "kid": "broken", "n": "!", "e": "AQAB"}


def answers(httpx_mock: HTTPXMock, *entries: object) -> None:
    httpx_mock.add_response(url=JWKS_URL, content=json.dumps(jwks(*entries)).encode())


def fails(httpx_mock: HTTPXMock) -> None:
    httpx_mock.add_exception(httpx.ConnectTimeout("no route"))


def outage(sets: KeySets, kid: str = KID, url: str = JWKS_URL) -> str:
    with pytest.raises(Outage) as raised:
        sets.keys(url, kid)
    return raised.value.what


def fetches(httpx_mock: HTTPXMock) -> int:
    return len(httpx_mock.get_requests())


NOT_YET = "the key server cannot be asked again yet"
UNREACHABLE = "the key server cannot be reached (ConnectTimeout)"
