"""The words of the operator's pages in one language. Braces are filled in."""

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DeskWords:
    """The words of one language. Codes are not translated: filters and programs know them by these names."""

    pages: str
    messages: str
    about_messages: str
    outbox: str
    about_outbox: str
    # filters
    filter: str
    fields: Mapping[str, str]
    hints: Mapping[str, str]
    any: str
    show: str
    all: str
    without: str
    wrong: str
    older: str
    newest: str
    none: str
    # one message
    came_in: str
    went_out: str
    whats: Mapping[str, str]
    attempt: str
    took: str
    trace: str
    # the story
    story: str
    gone: str
    proof: str
    asked_at: str
    expires_at: str
    decided_at: str
    review: str
    judged: str
    about_judged: str
    rule: str
    decides: str
    passes_by: str
    no_proof: str
    matched: str
    differs: str
    facts: Mapping[str, str]
    run: str
    stages: str
    reviews_none: str
    counts: str
    counts_not: Mapping[str, str]
    happened: str
    # debts
    debts: str
    no_debts: str
    nothing_owed: str
    kinds: Mapping[str, str]
    statuses: Mapping[str, str]
    age: str
    approved_by: str
    tries: Mapping[str, str]
    last_error: str
    cure: str
    replay: str
    replay_all: str
    drop: str
    drop_sure: str
    drop_yes: str
    same_cause: str
    still_tried: str
    # answers that are no page
    trouble: Mapping[str, tuple[str, str]]
    back: str
