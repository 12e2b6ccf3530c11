"""Options for mailing a card, and the addresses in them."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.headerregistry import Address
from typing import Any, Final

import click

from relay.cli.mail.message import inert
from relay.net.addresses import is_loopback

SUBMISSION_PORT: Final = 587  # https://www.rfc-editor.org/rfc/rfc6409
IMPLICIT_TLS_PORT: Final = 465  # https://www.rfc-editor.org/rfc/rfc8314
_MAX_RECIPIENTS: Final = 50
_SERVER: Final = re.compile(r"(?:\[(?P<ipv6>[0-9A-Fa-f:.]+)\]|(?P<host>[A-Za-z0-9_.-]{1,253}))(?::(?P<port>\d{1,5}))?")
_NAMED: Final = re.compile(r"(?P<name>.*?)\s*<(?P<address>[^<>]*)>")
_ATOM: Final = r"[A-Za-z0-9!#$%&'*+/=?^_`{|}~-]+"
_LABEL: Final = r"[A-Za-z0-9](?:[A-Za-z0-9-]{0,61}[A-Za-z0-9])?"
_ADDRESS: Final = re.compile(
    rf"(?=.{{1,64}}@){_ATOM}(?:\.{_ATOM})*@(?=.{{1,253}}$){_LABEL}(?:\.{_LABEL})*"  # lengths: RFC 5321 section 4.5.3
)
_OPTIONS: Final = (
    click.option(
        "--smtp",
        envvar="RELAY_SMTP",
        show_envvar=True,
        metavar="HOST[:PORT]",
        help="Mail the card through this server: port 587 with STARTTLS unless it is said otherwise, 465 with TLS.",
    ),
    click.option(
        "--smtp-user",
        envvar="RELAY_SMTP_USER",
        show_envvar=True,
        metavar="NAME",
        help="The name to sign in to the mail server with, if it asks for one.",
    ),
    click.option(
        "--smtp-password",
        envvar="RELAY_SMTP_PASSWORD",
        show_envvar=True,
        metavar="PASSWORD",
        help="The password; better in the environment.",
    ),
    click.option("--from", "mail_from", metavar="ADDRESS", help="The sender, as registered with the provider."),
    click.option(
        "--to",
        "mail_to",
        multiple=True,
        metavar="ADDRESS",
        help="A person's own address; each gets a mail of their own. Repeatable.",
    ),
)


@dataclass(frozen=True, slots=True)
class Mailing:
    """The server, the sender and the recipients of a mail. `port` 465 speaks TLS from the start."""

    host: str
    port: int
    user: str
    password: str = field(repr=False)
    sender: Address
    recipients: tuple[Address, ...]

    @property
    def is_local(self) -> bool:
        """Tell whether the server is this machine, which needs no TLS."""
        return is_loopback(self.host)


def smtp_options(command: Callable[..., None]) -> Callable[..., None]:
    """Add the options of mailing to a command."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def read_mailing(values: Mapping[str, Any]) -> Mailing | None:
    """Return the values of `smtp_options`, or None without a server. Raises UsageError naming the option."""
    server, sender, recipients = values["smtp"], values["mail_from"], values["mail_to"]
    if not server:
        for option, value in (("--from", sender), ("--to", recipients)):
            if value:
                raise click.UsageError(f"{option}: needs the mail server: --smtp HOST, or set RELAY_SMTP")
        return None
    host, port = _server(server)
    if not sender:
        raise click.UsageError("--from: is required to mail the card: the address that the provider registered")
    if not recipients:
        raise click.UsageError("--to: is required to mail the card: the address of the recipient")
    if len(recipients) > _MAX_RECIPIENTS:
        raise click.UsageError(f"--to: takes at most {_MAX_RECIPIENTS} people")
    user, password = values["smtp_user"] or "", values["smtp_password"] or ""
    if bool(user) != bool(password):
        missing = "--smtp-password" if user else "--smtp-user"
        raise click.UsageError(f"{missing}: is missing: a mail server asks for both, or for neither")
    by_address: dict[str, Address] = {}
    for recipient in recipients:
        address = _address(recipient, "--to")
        by_address.setdefault(address.addr_spec.lower(), address)
    return Mailing(host, port, user, password, _address(sender, "--from"), tuple(by_address.values()))


def _server(value: str) -> tuple[str, int]:
    found = _SERVER.fullmatch(value)
    port = int(found["port"] or SUBMISSION_PORT) if found else 0
    if found is None or not 0 < port < 2**16:
        raise click.UsageError("--smtp: is no mail server; write HOST or HOST:PORT, as in smtp.example.com:587")
    return found["ipv6"] or found["host"], port


def _address(value: str, option: str) -> Address:
    """Read `ada@octo.example` or `Ada <ada@octo.example>`. Raises UsageError naming the option."""
    named = _NAMED.fullmatch(value.strip())
    name, address = (named["name"].strip(' "'), named["address"]) if named else ("", value.strip())
    # a line break or an encoded word could write a header of its own
    if not name.isprintable() or not _ADDRESS.fullmatch(address) or "=?" in address:
        raise click.UsageError(
            f"{option}: is no e-mail address; write ada@example.com, or Ada <ada@example.com>, one in each {option}"
        )
    local, _, domain = address.rpartition("@")
    return Address(inert(name), local, domain)
