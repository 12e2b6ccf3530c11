"""The public keys of token issuers (RFC 7517), fetched over https and cached.

Keys roll over at any time: https://learn.microsoft.com/entra/identity-platform/signing-key-rollover
An address with a fragment is the address of OpenID metadata. The fragment is the endorsement that each key must carry:
https://learn.microsoft.com/azure/bot-service/rest-api/bot-framework-rest-connector-authentication#openid-metadata-document
"""

import math
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Final, NamedTuple
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey, RSAPublicNumbers

from relay.errors import Outage
from relay.net import client as http_client
from relay.net.addresses import check_url
from relay.net.call import CallError
from relay.signed import canonical_json

TIMEOUT: Final = 2.0
MAX_BODY: Final = 512 * 1024
MIN_BITS: Final = 2048
REFRESH_AGE: Final = 6 * 3600  # an older set is fetched again when it is used
MAX_AGE: Final = 24 * 3600  # an older set is used no more
REFRESH_EVERY: Final = 300  # for unknown key ids, which anyone can send; and after a failure with the key in the cache
RETRY_EVERY: Final = 5  # after a failure without the key in the cache
OK: Final = 200


class KeySets:
    """Key sets by their address. Fifty clicks on a cold cache fetch once. A click whose key is cached never waits.

    `client` returns the shared client, and is called at the first fetch. `clock` returns seconds.
    """

    def __init__(self, client: Callable[[], http_client.Client], clock: Callable[[], float]) -> None:
        self._client = client
        self._clock = clock
        self._sources: dict[str, _Source] = {}

    def keys(self, url: str, kid: str, *, timeout: float = TIMEOUT) -> Mapping[str, RSAPublicKey]:
        """Return the keys at `url` by key id. If `kid` is not among them, there is no such key.

        `timeout` in seconds, above 0, bounds the fetch, and the wait for a fetch that another click began. Raises
        Outage if the key server cannot tell whether the key exists, and a permanent one if `url` may not be fetched.
        """
        source = self._sources.get(url)
        if source is None:
            address, _, endorsement = url.partition("#")
            _check_address(address)
            fetch = self._fetch_by_metadata if endorsement else self._fetch
            made = _Source(lambda seconds: fetch(address, self._clock() + seconds), endorsement, self._clock)
            source = self._sources.setdefault(url, made)
        return source.keys(kid, timeout)

    def _fetch_by_metadata(self, url: str, deadline: float) -> bytes:
        return self._fetch(_keys_address(self._fetch(url, deadline), url), deadline)

    def _fetch(self, url: str, deadline: float) -> bytes:
        headers = {"Accept": "application/json"}
        try:
            answer = http_client.ask(
                self._client(),
                "GET",
                url,
                headers=headers,
                content=None,
                deadline=deadline,
                clock=self._clock,
                max_body=MAX_BODY + 1,
            )
        except CallError as error:
            raise Outage(f"the key server cannot be reached ({error})") from None
        if answer.status != OK:
            raise Outage(f"the key server answered {answer.status}")
        if len(answer.body) > MAX_BODY:
            raise Outage("the key server's answer is larger than 512 KiB")
        return answer.body


class _KeySet(NamedTuple):
    """A key set as read. `complete` is false if one of its signature keys could not be read."""

    keys: Mapping[str, RSAPublicKey]
    complete: bool
    fetched_at: float


class _Source:
    """One key server: its last key set, and when to fetch again. Only the holder of the lock fetches and writes."""

    def __init__(self, fetch: Callable[[float], bytes], endorsement: str, clock: Callable[[], float]) -> None:
        self._fetch = fetch
        self._endorsement = endorsement
        self._clock = clock
        self._lock = Lock()
        self._known = _KeySet({}, complete=False, fetched_at=-math.inf)
        self._failed_at = -math.inf
        self._asked_at = -math.inf  # the last fetch for an unknown key id, successful or not

    def keys(self, kid: str, timeout: float) -> Mapping[str, RSAPublicKey]:
        seen = self._known
        age = self._clock() - seen.fetched_at
        if kid in seen.keys and age < REFRESH_AGE:
            return seen.keys
        is_usable = kid in seen.keys and age < MAX_AGE
        if not self._lock.acquire(timeout=0 if is_usable else timeout):
            if is_usable:
                return seen.keys
            raise Outage("the key server did not answer an earlier click in time")
        try:
            return self._current(kid, timeout, seen)
        finally:
            self._lock.release()

    def _current(self, kid: str, timeout: float, seen: _KeySet) -> Mapping[str, RSAPublicKey]:
        now = self._clock()
        if self._is_due(kid, now, seen):
            try:
                self._known = _read(self._fetch(timeout), self._endorsement, now)
            except Outage:
                self._failed_at = self._clock()
                if kid not in self._known.keys or now - self._known.fetched_at >= MAX_AGE:
                    raise
        known, age = self._known, now - self._known.fetched_at
        if (kid in known.keys and age < MAX_AGE) or (known.complete and age < REFRESH_EVERY):
            return known.keys
        raise Outage("the key server cannot be asked again yet")

    def _is_due(self, kid: str, now: float, seen: _KeySet) -> bool:
        """Tell whether to fetch now, and note the time if an unknown key id is the reason."""
        known, since_failure = self._known, now - self._failed_at
        age = now - known.fetched_at
        if age >= MAX_AGE:
            return since_failure >= RETRY_EVERY
        if age >= REFRESH_AGE and since_failure >= REFRESH_EVERY:
            return True
        fetched_while_waiting = known is not seen
        if kid in known.keys or fetched_while_waiting or since_failure < RETRY_EVERY:
            return False
        if now - self._asked_at < REFRESH_EVERY:
            return False
        self._asked_at = now
        return True


def _check_address(url: str) -> None:
    try:
        check_url(url)
    except ValueError:
        raise Outage(
            "the key server's address is neither https nor loopback; "
            "correct RELAY_ENTRA_AUTHORITY or RELAY_TEAMS_OPENID_URL",
            permanent=True,
        ) from None


def _keys_address(body: bytes, metadata: str) -> str:
    """Return the address of the keys that the metadata names. Raises Outage unless it is on the same host."""
    document = _parse(body)
    url = document.get("jwks_uri") if isinstance(document, dict) else None
    try:
        address = check_url(url) if isinstance(url, str) else ""
    except ValueError:
        address = ""
    if urlsplit(address)[:2] != urlsplit(metadata)[:2]:
        raise Outage("the key server's metadata names no keys on the same host")
    return address


def _parse(body: bytes) -> object:
    try:
        return canonical_json.parse(body)
    except ValueError:
        raise Outage("the key server's answer is not JSON") from None


def _read(body: bytes, endorsement: str, now: float) -> _KeySet:
    document = _parse(body)
    entries = document.get("keys") if isinstance(document, dict) else None
    if not isinstance(entries, list):
        raise Outage("the key server's answer is not a key set")
    keys: dict[str, RSAPublicKey] = {}
    complete = True
    for entry in entries:
        try:
            for kid, key in _signature_key(entry, endorsement).items():
                complete = complete and keys.setdefault(kid, key) == key
        except ValueError:
            complete = False
    if not keys:
        raise Outage("the key server's answer has no key to use")
    return _KeySet(keys, complete, now)


def _signature_key(entry: object, endorsement: str) -> dict[str, RSAPublicKey]:
    """Return the key of one entry by its id, or an empty dict if it is not for RS256, too weak, or without an id.

    A key without the endorsement, if one is required, is left out too: it signs for other chats. Raises ValueError if
    the entry cannot be read.
    """
    if not isinstance(entry, dict):
        raise ValueError("not an object")
    kid, endorsements = entry.get("kid"), entry.get("endorsements")
    if endorsement and not (isinstance(endorsements, list) and endorsement in endorsements):
        return {}
    if entry.get("kty") != "RSA" or entry.get("use", "sig") != "sig" or entry.get("alg", "RS256") != "RS256":
        return {}
    if not _may_verify(entry.get("key_ops")):
        return {}
    modulus, exponent = _integer(entry.get("n")), _integer(entry.get("e"))
    if not isinstance(kid, str) or modulus.bit_length() < MIN_BITS:
        return {}
    return {kid: RSAPublicNumbers(exponent, modulus).public_key()}


def _may_verify(operations: object) -> bool:
    """Tell whether the key_ops of a key, which it need not have, let it verify.

    https://www.rfc-editor.org/rfc/rfc7517#section-4.3
    """
    return operations is None or (isinstance(operations, list) and "verify" in operations)


def _integer(text: object) -> int:
    if not isinstance(text, str) or not text:
        raise ValueError("not base64url")
    return int.from_bytes(canonical_json.from_base64url(text))
