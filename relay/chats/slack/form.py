"""The form that Slack sends as a body: each field once, in UTF-8."""

import re
from binascii import a2b_qp
from collections.abc import Mapping
from typing import Final

from relay.errors import Refusal

_MAX_FIELDS: Final = 50
_BARE: Final = re.compile(rb"%(?![0-9A-Fa-f]{2})")


def read_fields(body: bytes) -> Mapping[str, str]:
    """Return the fields of a form. Raises Refusal malformed."""
    if body.count(b"&") >= _MAX_FIELDS:
        raise malformed("the form has too many fields")
    pairs = [pair.partition(b"=") for pair in body.split(b"&") if pair]
    try:
        form = {_decoded(name): _decoded(value) for name, _, value in pairs}
    except UnicodeDecodeError:
        raise malformed("the body is no form") from None
    if len(form) != len(pairs):
        raise malformed("a field stands twice in the form")
    return form


def malformed(check: str) -> Refusal:
    """Return the refusal of a body; `check` is for the log."""
    return Refusal("malformed", f"slack: {check}")


def _decoded(text: bytes) -> str:
    """Return a name or a value without its encoding. A percent sign that encodes nothing stays.

    A press holds its whole message, with thousands of encoded bytes. Python reads quoted-printable in C, which is the
    same encoding with an equals sign; urllib reads them one by one.
    """
    whole = _BARE.sub(b"%25", text).replace(b"=", b"%3D").replace(b"+", b" ")
    return a2b_qp(whole.replace(b"%", b"=")).decode()
