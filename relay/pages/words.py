"""All words of the pages in one language, except the outcomes of a press."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import NamedTuple

from relay.pages.languages import Language


class Note(NamedTuple):
    """The title and the text of a page without a request."""

    title: str
    text: str


@dataclass(frozen=True, slots=True)
class Words:
    """The words of one language. Braces are filled in."""

    language: Language
    product: str
    signed_in: str
    sign_out: str
    skip: str
    statuses: Mapping[str, str]
    notification: str
    notified: str
    decided: str
    ended: str
    newer: str
    called: str
    after: Mapping[str, str]
    before: Mapping[str, str]
    soon: str
    just_now: str
    # the effect of an approval
    releases: str
    released: str
    not_released: str
    comes_from: str
    repository: str
    environment: str
    event: str
    reject_event: str
    ref: str
    commit: str
    run: str
    requested_by: str
    run_again: str
    proven: str
    proven_by_chat: str
    stated: str
    asked: str
    proofs: Mapping[str, str]
    expires: str
    payload: str
    payload_about: str
    no_payload: str
    new_tab: str
    # the text of the sender
    sender: str
    sender_about: str
    links: str
    # stages and deciders
    approvals: str
    counted: str
    passed: str
    waits: str
    comes_later: str
    was_rejected: str
    not_reached: str
    anyone: str
    deciders: str
    more_people: str
    sends: str
    approved_by: str
    rejected_by: str
    you: str
    # the form
    decision: str
    deciding_as: str
    why_not: Mapping[str, str]
    may_reject: Mapping[str, str]
    already_counts: str
    comment: str
    comment_required: str
    comment_about: str
    please_note: str
    operator_asks: str
    approve: str
    reject: str
    trouble: str
    needs_comment: str
    long_comment: str
    not_yours: str
    # dispatches
    github: str
    debts: Mapping[str, str]
    attempts: str
    runs: Mapping[str, str]
    reported: str
    rerun: str
    run_failed: str
    run_again_about: str
    start_over: str
    refreshes: str
    stop: str
    start: str
    # pages that show no request
    refused: Mapping[str, Note]
    back: str
    sign_in: str
    again: str
    # the sign-in
    sign_in_with: str
    sign_in_about: str
    signed_in_about: str
    other_account: str
    start_again: str
