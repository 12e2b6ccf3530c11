"""The usual meaning of a relay's refusal, and its cure, for the author of a workflow."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from relay.cli.failures import plain

_BY_CODE: Final = MappingProxyType(
    {
        "not-genuine": (
            "Usually the key is wrong or was taken out of RELAY_API_KEYS; ask the operator for one. Without a key, "
            "RELAY_URL is usually not the origin that the operator set as RELAY_PUBLIC_URL."
        ),
        "unknown-request": (
            "Usually the id is mistyped, its case was removed, or it belongs to a repository outside the key's scope."
        ),
        "not-dispatched": "Usually the id is of another request, or the report came before the approval.",
        "already-decided": "Look at the request with `relay status ID`.",
        "key-reused": "Look at the request with `relay status ID`.",
    }
)
_AGAIN: Final = "Try again later."
_ASKED: Final = MappingProxyType(
    {
        "repository": "repository",
        "environment": "environment",
        "event_type": "event type",
        "reject_event_type": "reject event type",
    }
)


def cure(status: int, code: str, field: str, form: Mapping[str, object], *, by_key: bool) -> str:
    """Return the cure of a refusal, or "" if its own sentence says all. `form` is the request that was made, if any."""
    match code:
        case "not-allowed" if form and by_key and not field:  # what a token or a ref lacks, the refusal says itself
            scope = "Usually the key's scope in RELAY_API_KEYS is another repository, or operator: it does not cover"
            return f"{scope} {_asked(form)}."
        case "no-rule" if form:
            return (
                "Usually no rule of the policy has this repository, environment and event type for requests by key or "
                "token. "
                f"Asked was: {_asked(form)}. Compare it with the operator's policy: one of these is often misspelt or "
                "left out. `relay policy explain` shows the operator how a request is judged."
            )
        case "malformed" if field == "approvers" and isinstance(form.get("approvers"), list):
            return f"Given were: {', '.join(map(_shown, _list(form['approvers'])))}. A group is written group:NAME."
        case "malformed" if field == "channels" and isinstance(form.get("channels"), list):
            return f"Given were: {', '.join(map(_shown, _list(form['channels'])))}."
        case _:
            return _BY_CODE.get(code, _AGAIN if status == 429 else "")  # noqa: PLR2004 - too many


def _asked(form: Mapping[str, object]) -> str:
    named = [f"{name} {_shown(form.get(field) or '(none)')}" for field, name in _ASKED.items()]
    return ", ".join(named if form.get("reject_event_type") else named[:-1])


def _list(value: object) -> list[object]:
    return value if isinstance(value, list) else []


def _shown(value: object) -> str:
    return plain(str(value))
