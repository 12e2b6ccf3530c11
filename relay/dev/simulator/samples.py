"""Sample requests of the page, as a workflow would send them."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from relay.approval.policy import Policy, Rule, rule_for
from relay.dev.simulator.people import Person, requester_of

_ASKERS: Final = frozenset({"oidc", "key"})  # proofs of the form
_MAIN: Final = "refs/heads/main"


@dataclass(frozen=True, slots=True)
class Sample:
    """A request for POST /api/requests, and its name on the page. Without `by_person` a job of CI asks."""

    label: str
    form: Mapping[str, object]
    by_person: bool = True


SAMPLES: Final[Mapping[str, Sample]] = MappingProxyType(
    {
        "production": Sample(
            "Production: one owner",
            {
                "repository": "octo/shop",
                "environment": "production",
                "event_type": "deploy-production",
                "title": "Deploy shop 2.4.0 to production",
                "text": ("The build is **green**: new *gift cards*, and orders in *pages*."),
                "theme_color": "0969DA",
                "ref": "refs/tags/v2.4.0",
                "sha": "9f3c1d7a5e2b4c6d8f0a1b2c3d4e5f6071829304",
                "run_url": "https://github.com/octo/shop/actions/runs/4711",
                "facts": [{"name": "Tests", "value": "1,204 passed"}],
                "client_payload": {"version": "2.4.0", "image": "shop:2.4.0"},
                "expires_in": "24h",
            },
        ),
        "payments": Sample(
            "Payments: QA, then two owners",
            {
                "repository": "octo/shop",
                "environment": "payments",
                "event_type": "deploy-payments",
                "reject_event_type": "payments-rejected",
                "title": "Deploy payments 1.9.2",
                "text": "Moves refunds to the new ledger. **Read the plan first.**",
                "theme_color": "8250DF",
                "ref": "refs/heads/main",
                "sha": "41d0c2b9a7e65f3801b2c4d6e8f0a1b3c5d7e9f0",
                "links": [{"name": "The plan", "url": "https://github.com/octo/shop/wiki/refunds"}],
                "client_payload": {"version": "1.9.2"},
                "expires_in": "4h",
            },
        ),
        "staging": Sample(
            "Staging: an owner, even who asked",
            {
                "repository": "octo/shop",
                "environment": "staging",
                "event_type": "deploy-staging",
                "title": "Deploy shop 2.5.0-rc.1 to staging",
                "text": "The data of staging is *reset* by this.",
                "theme_color": "BF8700",
                "ref": "refs/heads/release-2.5",
                "sha": "7be1f0c2d3a4958677e8f9a0b1c2d3e4f5061728",
                "client_payload": {"version": "2.5.0-rc.1", "reset": True},
                "confirm": "Whoever works on staging loses their orders.",
                "approve_label": "Deploy",
                "reject_label": "Leave as it is",
                "require_comment": True,
                "expires_in": "45m",
            },
        ),
        "manual": Sample(
            "Manual: a workflow by its name",
            {
                "repository": "octo/shop",
                "environment": "manual",
                "event_type": "publish-manual",
                "title": "Publish the manual of shop 2.4.0",
                "text": "Starts *publish.yml*, with the payload as its inputs.",
                "theme_color": "1B7C83",
                "ref": "refs/heads/main",
                "sha": "c0ffee1d7a5e2b4c6d8f0a1b2c3d4e5f60718293",
                "client_payload": {"version": "2.4.0", "languages": "en,ko"},
                "expires_in": "24h",
            },
        ),
        "ci-bot": Sample(  # of docs/examples/ci-bot
            "CI bot: a preview, QA, then an owner",
            {
                "repository": "octo/shop",
                "environment": "production",
                "event_type": "deploy-shop",
                "title": "Release shop",
                "ref": _MAIN,
                "sha": "5f0c1d9e8b7a6543210fedcba9876543210fedcb",
                "links": [{"name": "Preview", "url": "https://shop-preview.example"}],
                "client_payload": {
                    "project": "shop",
                    "image": "registry.example/octo/shop:5f0c1d9e8b7a6543210fedcba9876543210fedcb",
                    "kind": "web",
                    "target": "shop.example",
                },
            },
            by_person=False,
        ),
        "notice": Sample(
            "A notification: nothing to approve",
            {
                "title": "Shop 2.4.0 is in production",
                "text": "All checks are **green**.",
                "theme_color": "1A7F37",
                "facts": [{"name": "Took", "value": "3 minutes"}],
                "actions": [
                    {
                        "@type": "OpenUri",
                        "name": "Open the run",
                        "targets": [{"os": "default", "uri": "https://github.com/octo/shop/actions/runs/4711"}],
                    }
                ],
            },
            by_person=False,
        ),
    }
)


def samples_of(policy: Policy) -> Mapping[str, Sample]:
    """Return the samples that the policy takes, or one for each of its rules if it takes none, and the notification."""
    taken = {key: each for key, each in SAMPLES.items() if _rule_of(policy, each) is not None}
    return {**(taken or dict(_of_rules(policy))), "notice": SAMPLES["notice"]}


def sample_forms(people: Sequence[Person], samples: Mapping[str, Sample]) -> list[dict[str, object]]:
    """Return the samples with their keys and labels, asked for by one of the people unless CI asks."""
    asker = requester_of(people)
    by = {"requested_by": asker.github, "requested_by_id": asker.github_id} if asker else {}
    known = {name: value for name, value in by.items() if value}
    return [
        {"key": key, "label": each.label, "form": {**each.form, **(known if each.by_person else {})}}
        for key, each in samples.items()
    ]


def shown_people(people: Sequence[Person], samples: Mapping[str, Sample]) -> list[dict[str, str]]:
    """Return the people for the page. The one who asks in the samples is marked as such."""
    asker = requester_of(people) if any(each.by_person for each in samples.values()) else None
    return [
        {
            "key": each.key,
            "name": each.name,
            "part": f"{each.part}; asks in the samples" if each is asker else each.part,
            "slack": each.slack_user,
        }
        for each in people
    ]


def _rule_of(policy: Policy, sample: Sample) -> Rule | None:
    """Return the rule that takes a sample, or None."""
    named = (str(sample.form.get(name, "")) for name in ("repository", "environment", "event_type"))
    rule = rule_for(policy, *named)
    return rule if rule and _ASKERS & {*rule.requests} else None


def _of_rules(policy: Policy) -> Iterator[tuple[str, Sample]]:
    """Yield a sample for each rule that takes one. Its patterns are filled in, and CI asks."""
    for number, rule in enumerate(policy.rules, 1):
        repository = filled(rule.repository if "/" in rule.repository else "octo/app")
        environment, event_type = filled(rule.environment, "production"), filled((*rule.event_types, "*")[0])
        form = {
            "repository": repository,
            "environment": environment,
            "event_type": event_type,
            "title": f"Deploy {repository} to {environment}",
            "ref": next((filled(ref, "main") for ref in rule.tokens.refs), _MAIN),
        }
        sample = Sample(f"{repository}, {environment}: {event_type}", form, by_person=False)
        if _rule_of(policy, sample) is rule:  # no earlier rule takes it
            yield f"rule-{number}", sample


def filled(glob: str, word: str = "app") -> str:
    """Return a name that a pattern of `*` and `?` matches."""
    return glob.replace("*", word).replace("?", "x")
