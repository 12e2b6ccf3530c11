"""Meaning of the errors by which Microsoft Entra refuses an app's credential. Pure.

https://learn.microsoft.com/entra/identity-platform/reference-error-codes
"""

import json
import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final, Literal

Fault = Literal["secret", "expired", "app", "tenant", "redirect"]
_CODE: Final = re.compile(r"AADSTS[0-9]{4,8}")
FAULTS: Final[Mapping[str, Fault]] = MappingProxyType(
    {
        "AADSTS7000215": "secret",  # wrong, often its id in place of its value
        "AADSTS7000222": "expired",
        "AADSTS700016": "app",  # there is no such app in the tenant
        "AADSTS90002": "tenant",  # there is no such tenant
        "AADSTS900023": "tenant",
        "AADSTS50011": "redirect",  # the redirect address is not registered
    }
)


def code_of(found: Mapping[str, Any] | str) -> str:
    """Return the first code in an answer, or ""."""
    said = _CODE.search(found if isinstance(found, str) else json.dumps(found.get("error_description")))
    return said[0] if said else ""
