"""The addresses that the relay calls: https anywhere, plain http on this machine only."""

import re
from ipaddress import ip_address
from typing import Final
from urllib.parse import urlsplit

_VISIBLE: Final = re.compile(r"[!-\[\]-~]+")  # ASCII without blanks and the backslash, which parsers disagree about
_HOST: Final = re.compile(r"(?=.{1,253}$)[a-z0-9_][a-z0-9_-]{0,62}(?:\.[a-z0-9_][a-z0-9_-]{0,62})*\.?")
_DEFAULT_PORTS: Final = {"https": ":443", "http": ":80"}


def check_url(url: str) -> str:
    """Return the base address without its last slash: https, or http to a loopback host.

    Raises ValueError for any other, with the cure and without quoting the address.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError:
        raise ValueError("is not an address; write https://HOST or https://HOST:PORT") from None
    if "@" in parts.netloc or "?" in url or "#" in url:
        raise ValueError("takes no user, query or fragment; write https://HOST")
    bare = f"[{host}]" if ":" in host else host
    whole = parts.netloc.lower() == (bare if port is None else f"{bare}:{port}")  # urlsplit overlooks 0[::1] and +80
    if not _VISIBLE.fullmatch(url) or not _is_host(host) or not whole or port == 0:
        raise ValueError("is not an address; write https://HOST or https://HOST:PORT, in ASCII")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise ValueError("must begin with https://; http:// is only for a loopback host such as 127.0.0.1")
    return url.rstrip("/")


def origin(url: str) -> str:
    """Return an origin in its one spelling: lower case, no default port, no last slash. Raises as `check_url` does."""
    parts = urlsplit(check_url(url).lower())
    if parts.path:
        raise ValueError("is an origin and takes no path; write https://HOST")
    return f"{parts.scheme}://{parts.netloc.removesuffix(_DEFAULT_PORTS[parts.scheme])}"


def _is_host(host: str) -> bool:
    try:
        ip_address(host)
    except ValueError:
        return _HOST.fullmatch(host) is not None
    return "%" not in host  # a zone is of one machine only


def is_loopback(host: str) -> bool:
    """Tell whether a host name or address is of this machine."""
    try:
        return host == "localhost" or ip_address(host).is_loopback
    except ValueError:
        return False
