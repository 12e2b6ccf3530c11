"""Ids and names in the form that a directory such as Entra gives them."""

import re
from typing import Final

MAX_NAME: Final = 200
_GUID: Final = re.compile("[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")


def is_guid(text: str) -> bool:
    """Tell whether a text is a GUID, in upper or lower case."""
    return _GUID.fullmatch(text) is not None


def printable_name(name: str) -> str:
    """Return a name on one line, without unprintable characters. A directory may hold any."""
    return " ".join("".join(each if each.isprintable() else " " for each in name).split())[:MAX_NAME]
