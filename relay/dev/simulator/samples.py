"""Sample requests of the page, as a workflow would send them."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from relay.dev.simulator.people import Person


@dataclass(frozen=True, slots=True)
class Sample:
    """A request for POST /api/requests, and its name on the page."""

    label: str
    form: Mapping[str, object]


SAMPLES: Final[Mapping[str, Sample]] = MappingProxyType(
    {
        "production": Sample(
            "Production: one owner",
            {
                "repository": "octo/shop",
                "environment": "production",
                "event_type": "deploy-production",
                "title": "Deploy shop 2.4.0 to production",
                "text": (
                    "The build is **green** and waits for a release.\n\n- New *gift cards*\n- Orders come in *pages*"
                ),
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
        ),
    }
)


def sample_forms(requester: Person | None) -> list[dict[str, object]]:
    """Return the samples with their keys and labels, asked for by `requester`."""
    by = {"requested_by": requester.github, "requested_by_id": requester.github_id} if requester else {}
    known = {name: value for name, value in by.items() if value}
    return [
        {"key": key, "label": each.label, "form": {**each.form, **(known if "event_type" in each.form else {})}}
        for key, each in SAMPLES.items()
    ]
