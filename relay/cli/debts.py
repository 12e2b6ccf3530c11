"""Debts on the terminal: as a store has them, or as a relay tells them over HTTP."""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

import click

from relay.approval.debts import shown_kind
from relay.cli import github_actions
from relay.cli.failures import plain
from relay.model.case import Case
from relay.model.values import iso

_PAID: Final = ("delivered", "cancelled")
_UNITS: Final = (("d", 86_400), ("h", 3_600), ("min", 60))


def row(case: Case, index: int) -> dict[str, object]:
    """Return a debt of the store as JSON has it."""
    debt = case.debts[index]
    return {
        "id": case.request.id,
        "title": case.request.title,
        "repository": case.request.repository,
        "kind": debt.kind,
        "event_type": debt.event_type,
        **({"event": debt.notice.event.name} if debt.notice else {}),
        **({"what": shown_kind(case, debt)} if case.gate and debt.kind == "dispatch" else {}),
        "status": debt.status,
        "attempts": debt.attempts,
        "next_attempt": iso(debt.due_at) if debt.status == "owed" else None,
        "last_error": debt.last_error or None,
        "cure": debt.cure or None,
    }


def show_debts(debts: Sequence[Mapping[str, Any]], *, as_json: bool) -> None:
    """Print debts, each with its last error and its cure."""
    if as_json:
        click.echo(github_actions.as_json([*debts]))
        return
    for debt in debts:
        for line in _lines(debt):
            click.echo(plain(line))


def _lines(debt: Mapping[str, Any]) -> Iterator[str]:
    kind, place = debt.get("kind"), debt.get("event_type") or debt.get("channel") or ""
    named = f"notice of {debt['event']}" if kind == "notice" and debt.get("event") else str(kind)
    subject = (debt.get("what") or place or named) if kind == "dispatch" else f"{named} in {place}"
    title = f": {debt['title']}" if debt.get("title") else ""
    yield f"{debt.get('id')}: {debt.get('status')}, {debt.get('repository')} {subject}{title}"
    attempts = debt.get("attempts")
    tried = "not tried yet" if not attempts else "tried once" if attempts == 1 else f"tried {attempts} times"
    following = f", next attempt {debt['next_attempt']}" if debt.get("next_attempt") else ""
    age = _age(debt["age"]) if isinstance(debt.get("age"), int) else ""
    if age:  # of a story, which has all debts of its request
        age = f", made {age} ago" if debt.get("status") in _PAID else f", owed for {age}"
    people = debt.get("approved_by")
    approved = f", approved by {', '.join(map(str, people))}" if isinstance(people, list) and people else ""
    yield f"  {tried}{following}{age}{approved}"
    for label, text in (
        ("last error of GitHub" if kind == "dispatch" else "last error", debt.get("last_error")),
        ("cure", debt.get("cure")),
        ("cause", debt.get("cause")),
    ):
        if text:
            yield f"  {label}: {text}"


def _age(seconds: int) -> str:
    for unit, length in _UNITS:
        if seconds >= length:
            return f"{seconds // length} {unit}"
    return f"{seconds} s"
