"""The ways to a first approval: for each chat its proofs of a person, its settings, and its part of the workflow."""

from dataclasses import dataclass
from typing import Final

CHANNEL: Final = "releases"
ENTRA: Final = "entra"
GITHUB: Final = "github"
SLACK: Final = "slack"


@dataclass(frozen=True, slots=True)
class Way:
    """A chat as `relay init` offers it. `inputs` are lines of the asking step, and `secrets` those it reads."""

    name: str
    about: str
    page: str  # of docs/
    proofs: tuple[str, ...]  # the ids that prove an approver there
    register: str
    inputs: tuple[str, ...]
    settings: tuple[str, ...] = ()  # only a person can fill these in
    secrets: tuple[str, ...] = ()
    variables: tuple[str, ...] = ()
    kind: str = ""  # of the policy's channel; none where the workflow posts the card
    takes_people: bool = False  # instead of the channel's place: a direct message to each
    signs_in: bool = False  # people decide on the review page alone


WAYS: Final = (
    Way(
        name="teams-workflow",
        about="Teams, by a workflow's webhook; people decide on a page",
        page="teams-workflows.md",
        proofs=(ENTRA, GITHUB),
        register="In Teams make a workflow from the template Send webhook alerts to a channel, and copy its address",
        inputs=("webhook: ${{ secrets.RELAY_WEBHOOK_URL }}", "format: adaptive"),
        secrets=("RELAY_WEBHOOK_URL",),
        signs_in=True,
    ),
    Way(
        name="teams-bot",
        about="Teams, by the relay's own bot; people press in the card",
        page="teams-bot.md",
        proofs=(ENTRA,),
        register="Register the app in Entra, make an Azure Bot of it, and upload the package of `relay teams-app`",
        inputs=(f"channel: {CHANNEL}",),
        settings=("RELAY_TEAMS_APP_ID", "RELAY_TEAMS_APP_PASSWORD", "RELAY_TEAMS_TENANT_ID"),
        kind="teams",
    ),
    Way(
        name="slack",
        about="Slack; people press in the message",
        page="slack.md",
        proofs=(SLACK,),
        register="Make the app in Slack from the manifest that `relay slack-app` prints, and install it",
        inputs=(f"channel: {CHANNEL}",),
        settings=("RELAY_SLACK_SIGNING_SECRET", "RELAY_SLACK_BOT_TOKEN"),
        kind="slack",
        takes_people=True,
    ),
    Way(
        name="outlook",
        about="Outlook, by mail; people press in the mail",
        page="outlook.md",
        proofs=(ENTRA,),
        register="Register the app in Entra, and the sender at Microsoft's dashboard of actionable messages",
        inputs=(
            "smtp: ${{ vars.RELAY_SMTP }}",
            "smtp-user: ${{ vars.RELAY_SMTP_USER }}",
            "smtp-password: ${{ secrets.RELAY_SMTP_PASSWORD }}",
            "from: ${{ vars.RELAY_MAIL_FROM }}",
            "to: ${{ vars.RELAY_MAIL_TO }}",
            "originator: ${{ vars.RELAY_ORIGINATOR }}",
        ),
        settings=("RELAY_CARD_AUDIENCE",),
        secrets=("RELAY_SMTP_PASSWORD",),
        variables=("RELAY_SMTP", "RELAY_SMTP_USER", "RELAY_MAIL_FROM", "RELAY_MAIL_TO", "RELAY_ORIGINATOR"),
    ),
)
NAMES: Final = tuple(way.name for way in WAYS)
HOSTS: Final = ("machine", "azure")


def way_of(name: str) -> Way:
    """Return the way of a name of NAMES."""
    return next(way for way in WAYS if way.name == name)
