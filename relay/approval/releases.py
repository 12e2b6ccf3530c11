"""Releases: the dispatches of approvals, and whether the newest of a group counts alone."""

from typing import NamedTuple

from relay.approval.groups import Rank, group_of_released
from relay.approval.policy import Policy, rule_of
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.request import ApprovalRequest


def newest_counts(policy: Policy, request: ApprovalRequest) -> bool:
    """Tell whether a newer request of the same group supersedes this request."""
    rule = rule_of(policy, request)
    return rule is not None and rule.supersede


class Release(NamedTuple):
    """The release of an approval: its group, its rank there, and whether the newest counts alone under its rule."""

    group: str
    rank: Rank
    supersede: bool


def overtakes(newest: Rank | None, rank: Rank) -> bool:
    """Tell whether the newest release of a group, if there is one, overtakes the release of `rank`.

    Of those that were decided in one second it is the one that GitHub took last.
    """
    return newest is not None and newest.id != rank.id and newest.issued_at >= rank.issued_at


def release_of(policy: Policy, case: Case, debt: Debt) -> Release | None:
    """Return the release that a dispatch is, or None for an announcement, a rejection, a plain one or a verdict."""
    is_other = debt.decision or debt.kind != "dispatch" or case.proof == "plain" or case.gate
    if case.status != "approved" or is_other:
        return None
    request = case.request
    group = group_of_released(request.repository, request.environment, debt.event_type)
    # The later decision is the newer one.
    return Release(group, Rank(case.decided_at, request.id), newest_counts(policy, request))
