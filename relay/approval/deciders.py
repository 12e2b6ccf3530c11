"""Deciders: whether the people and identities of a relay suffice to decide a request."""

from collections.abc import Collection, Iterator
from dataclasses import dataclass

from relay.approval.policy import ANYONE, Person, Policy, Rule, Stage


@dataclass(frozen=True, slots=True)
class Ways:
    """The identities that some chat or page proves (`entra`, `github`, `slack`), and the listed tenants and teams."""

    proofs: Collection[str]
    tenants: Collection[str]
    teams: Collection[str] = ()

    @property
    def anyone(self) -> bool:
        """Tell whether a person without an entry in the policy can be proven."""
        return ("entra" in self.proofs and bool(self.tenants)) or ("slack" in self.proofs and bool(self.teams))

    def without_github(self) -> "Ways":
        """Return the ways by which `anyone` is proven."""
        return Ways(tuple(proof for proof in self.proofs if proof != "github"), self.tenants, self.teams)

    def can_act(self, person: Person) -> bool:
        """Tell whether a person of the policy can be proven."""
        tenant = person.entra.partition("/")[0]
        return (
            ("entra" in self.proofs and bool(tenant) and tenant in self.tenants)
            or ("github" in self.proofs and bool(person.github_id))
            or ("slack" in self.proofs and any(each.partition("/")[0] in self.teams for each in person.slack))
        )


def able_in(policy: Policy, stage: Stage, ways: Ways) -> set[str]:
    """Return the keys of the people of the policy who can be proven, and approve in the stage."""
    able = {key for key in policy.names(stage.approvers) if ways.can_act(policy.people[key])}
    if ANYONE in stage.approvers:  # not by GitHub: there only a named person approves
        able.update(key for key, person in policy.people.items() if ways.without_github().can_act(person))
    return able


def blocked_stage(policy: Policy, rule: Rule, ways: Ways, approvers: Collection[str] = ()) -> Stage | None:
    """Return the first stage without enough possible approvers, or None. `approvers` of a request narrow each stage."""
    wanted = None if not approvers or ANYONE in approvers else policy.names(approvers)
    for stage in rule.stages:
        if ANYONE in stage.approvers and wanted is None and ways.anyone:
            continue
        able = able_in(policy, stage, ways)
        if len(able if wanted is None else able & wanted) < stage.required:
            return stage
    return None


def blocked_rules(policy: Policy, ways: Ways) -> Iterator[tuple[Rule, Stage]]:
    """Yield each blocked rule with its first blocked stage."""
    for rule in policy.rules:
        stage = None if rule.plain else blocked_stage(policy, rule, ways)
        if stage:
            yield rule, stage
