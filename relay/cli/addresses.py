"""Addresses that a command may call: https, or http to this machine."""

from urllib.parse import urlsplit

import click

from relay.chats.settings_reader import pasted as without_ends
from relay.chats.settings_reader import unquoted
from relay.net.addresses import is_loopback, origin


def read_origin(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str:
    """Return the relay's origin in lower case, without a last slash or a default port; "" for no value."""
    value = pasted(value)
    if not value:
        return ""
    try:
        return origin(value)
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def read_webhook(_ctx: click.Context, _param: click.Parameter, value: str | None) -> str:
    """Return a webhook's address, a secret that is never shown; "" for no value."""
    value = pasted(value)
    if not value:
        return ""
    if is_under(hostname(value), "webhook.office.com"):
        raise click.BadParameter(
            "is an Office 365 connector, and Microsoft switched those off in May 2026. In Teams, open the channel's "
            'Workflows, add "Send webhook alerts to a channel", and use its address'
        )
    return value


def pasted(value: str | None) -> str:
    """Return a value without the blanks and line breaks around it. Raises BadParameter for a quotation mark."""
    try:
        return unquoted(without_ends(value or ""))
    except ValueError as error:
        raise click.BadParameter(str(error)) from None


def hostname(url: str) -> str:
    """Return the host of an address that may be called. Raises BadParameter for any other, without quoting it."""
    try:
        parts = urlsplit(url)
        host, _ = parts.hostname, parts.port
    except ValueError:
        host = None
    if not host or not url.isascii() or not url.isprintable() or set(url) & set(" \\"):
        raise click.BadParameter("is not an address; write https://HOST")
    if parts.username is not None or parts.password is not None:
        raise click.BadParameter("takes no user name or password in the address")
    if parts.scheme != "https" and not (parts.scheme == "http" and is_loopback(host)):
        raise click.BadParameter("must begin with https://; http:// is only for this machine, such as 127.0.0.1")
    return host


def is_under(host: str, *domains: str) -> bool:
    """Tell whether `host` is one of the domains or below one."""
    bare = host.rstrip(".")
    return any(bare == domain or bare.endswith(f".{domain}") for domain in domains)
