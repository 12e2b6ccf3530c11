"""The app's own checks, asked for from outside with an operator's key."""

from typing import Any, Final

from relay.doctor.checkup import STATUSES, Report
from relay.doctor.outside.subject import Outside
from relay.errors import Outage
from relay.model.findings import Finding, LeftOut
from relay.signed.canonical_json import members

NAME: Final = "app"
OK: Final = 200


def ask_app(outside: Outside, key: str) -> Report:
    """Return the report of POST /api/doctor. If there is none, it has one finding that says why."""
    try:
        answer = outside.web.ask("POST", f"{outside.url}/api/doctor", headers={"x-relay-key": key}, content=b"")
    except Outage as outage:
        return _trouble(outage.what, "Look at the log of the app.")
    said = members(answer.body)
    match said:
        case {"checks": list(checks), "left_out": list(left_out)} if answer.status == OK:
            found = [(str(each["name"]), each) for each in [*checks, *left_out] if isinstance(each, dict)]
            return Report(
                [(name, _finding(each)) for name, each in found if each.get("status") in STATUSES],
                [(name, LeftOut(str(each["because"]))) for name, each in found if "because" in each],
            )
        case _:
            message = str(said.get("message", "")) or f"it answers {answer.status}"
            cure = "Use a key of RELAY_API_KEYS with the scope operator; correct settings that it names, and restart."
            return _trouble(f"the app does not examine itself: {message.removesuffix('.')}", cure)


def _finding(each: dict[str, Any]) -> Finding:
    return Finding(each["status"], str(each.get("detail", "")), str(each.get("cure", "")))


def _trouble(detail: str, cure: str) -> Report:
    return Report([(NAME, Finding("failed", detail, cure))], [])
