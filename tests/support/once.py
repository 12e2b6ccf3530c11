"""Read once for all relays of a test process: the certificates of the authorities, and each policy."""

import os
import ssl
from functools import cache
from typing import Any, Final

import certifi

from relay.app import environment
from relay.approval.policy import Policy
from relay.settings import is_policy_text

_create_context: Final = ssl.create_default_context
_read_policy: Final = environment.read_policy
_AUTHORITIES: Final = {certifi.where(), os.environ.get("SSL_CERT_FILE")}  # of httpx, and of this machine


def read_once() -> None:
    """Share one context between all clients that trust the authorities (27 ms each), and a policy of the same text."""
    ssl.create_default_context = _context
    environment.read_policy = _policy


def _context(*arguments: Any, **options: Any) -> ssl.SSLContext:
    if not arguments and {"cafile"} == set(options) and options["cafile"] in _AUTHORITIES:  # as httpx asks
        return _context_of(options["cafile"])
    return _create_context(*arguments, **options)


@cache
def _context_of(path: str) -> ssl.SSLContext:
    return _create_context(cafile=path)


def _policy(setting: str) -> Policy:
    return _policy_of(setting) if is_policy_text(setting) else _read_policy(setting)  # a file may change


@cache
def _policy_of(text: str) -> Policy:
    return _read_policy(text)
