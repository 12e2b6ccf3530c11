"""The result of `relay policy check` for a policy in the editor, from the relay's own parser."""

from relay.chats.table import kinds
from relay.dev.simulator.answers import NotTaken
from relay.policy_toml.parse import PolicyError, parse
from relay.policy_toml.warnings import impossible, warnings

MAX_TEXT = 256 * 1024  # characters


def check(text: object) -> dict[str, object]:
    """Return `ok`, `problems`, `warnings` and a `summary` of a policy. Raises NotTaken if `text` is not a text."""
    if not isinstance(text, str) or len(text) > MAX_TEXT:
        raise NotTaken(400, "text must be a text of at most 256 KiB", "text")
    try:
        policy = parse(text, kinds())
        faults = impossible(policy, text)
    except PolicyError as error:
        faults = error.problems
    if faults:
        problems = [
            {"line": each.line, "column": each.column, "message": each.message, "hint": each.hint} for each in faults
        ]
        return {"ok": False, "problems": problems, "warnings": [], "summary": _count(len(problems), "problem")}
    doubts = [str(each) for each in warnings(policy, text)]
    summary = f"{_count(len(policy.rules), 'rule')}, no errors" + (
        f", {_count(len(doubts), 'warning')}" if doubts else ""
    )
    return {"ok": True, "problems": [], "warnings": doubts, "summary": summary}


def _count(number: int, noun: str) -> str:
    return f"one {noun}" if number == 1 else f"{number} {noun}s"
