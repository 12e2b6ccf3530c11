"""Slack: signed presses, and cards that the relay posts and changes in channels and direct messages."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from relay.chats.contract.chat import ChatCheck, DrawsForAskers, HasChannels, Setup, TakesCommands, TakesPresses
from relay.chats.contract.incoming import Clicks, Typed
from relay.chats.settings_reader import NOT_SET, SettingsReader
from relay.model.debts import Outcome
from relay.model.delivery import Reply
from relay.model.request import ApprovalRequest
from relay.net.addresses import check_url

if TYPE_CHECKING:
    from relay.chats.contract.outgoing import Posting, Telling
    from relay.chats.drawn import CardFormat, DrawnCard, Links
    from relay.policy_toml.channels import Destination, Named
    from relay.policy_toml.toml_table import Table

API_URL: Final = "https://slack.com/api"
_TEAM: Final = re.compile(r"[TE][A-Z0-9]{1,20}")
_TOKEN: Final = re.compile(r"(?:xoxe\.)?xoxb-[A-Za-z0-9-]{1,500}")
_WEBHOOK: Final = re.compile(r"/services/[TE][A-Z0-9]+/B[A-Z0-9]+/[A-Za-z0-9]+")
_PLACE: Final = re.compile(r"[CGD][A-Z0-9]{1,20}")
_WHERE: Final = 'the id at the end of the channel\'s details in Slack, as in "C0123456789"; not a name'


@dataclass(frozen=True, slots=True, repr=False)
class AppSettings:
    """The Slack app. Without a bot token the relay posts nothing. It has no repr, since it holds secrets."""

    signing_secrets: tuple[str, ...]
    bot_token: str
    teams: tuple[str, ...]
    api_url: str


class Slack(TakesPresses, TakesCommands, HasChannels, DrawsForAskers):
    """The chat `slack`."""

    name = "slack"
    cure = "set RELAY_SLACK_SIGNING_SECRET, RELAY_SLACK_BOT_TOKEN and RELAY_SLACK_TEAMS, and replay"
    platform = "Slack"
    card_format = "slack"
    webhook_hosts = ("hooks.slack.com", "hooks.slack-gov.com")

    def read_settings(self, read: SettingsReader) -> AppSettings:
        """Read the RELAY_SLACK_ settings."""
        return AppSettings(
            signing_secrets=read.many("RELAY_SLACK_SIGNING_SECRET", str),
            bot_token=read.one("RELAY_SLACK_BOT_TOKEN", _bot_token, ""),
            teams=read.many("RELAY_SLACK_TEAMS", _team),
            api_url=read.one("RELAY_SLACK_API_URL", check_url, API_URL),
        )

    def read_channel(self, table: "Table", people: "Named") -> "Destination":
        """Read the id of a conversation, or the people who each get a direct message."""
        from relay.policy_toml.channels import Destination  # noqa: PLC0415 - see the contract
        from relay.policy_toml.toml_table import quoted  # noqa: PLC0415 - as above

        table.only(("kind", "place", "people"))
        if "people" not in table.values:
            place = table.text("place").strip()
            if not _PLACE.fullmatch(place) and (place or "place" not in table.values):  # else it is reported already
                cure = f"write {_WHERE}; or people = [...]"
                table.report("place", "place is the id of a conversation in Slack", cure)
            return Destination(place)
        if "place" in table.values:
            table.report("people", "a channel has a place or people, not both", "take one of them away")
        members = people.read(table, "people")
        for person in members:
            if not person.slack:
                problem = f"{quoted(person.key)} has no slack id, and cannot be written to"
                table.report("people", problem, f"add slack to [people.{person.key}], or take them out")
        return Destination("", people=members)

    def refuse(self, code: str) -> Reply:
        """Answer a press where the relay cannot start."""
        from relay.chats.slack.clicks import unread  # noqa: PLC0415 - see the contract

        return unread(code)

    def proves(self, own: AppSettings) -> tuple[str, ...]:
        """Return the identities that presses prove."""
        return ("slack",) if self.own_teams(own) else ()

    def own_teams(self, own: AppSettings) -> tuple[str, ...]:
        """Return the teams of the settings, none without a signing secret."""
        return own.teams if own.signing_secrets else ()

    def clicks(self, setup: Setup) -> Clicks:
        """Return the reader of presses; without a signing secret it proves nothing."""
        from relay.chats.slack.cards import SlackCards  # noqa: PLC0415 - see the contract
        from relay.chats.slack.clicks import SlackClicks  # noqa: PLC0415 - as above

        app: AppSettings = setup.own
        cards = SlackCards(setup.policy, app.teams)
        return SlackClicks(app.signing_secrets, frozenset(app.teams), app.api_url, cards, setup.public_url)

    def typed(self, setup: Setup) -> Typed:
        """Return the reader of slash commands; without a signing secret it proves nothing."""
        from relay.chats.slack.commands import SlackCommands  # noqa: PLC0415 - see the contract

        return SlackCommands(setup.own.signing_secrets, frozenset(setup.own.teams))

    def posting(self, setup: Setup) -> "Posting | None":
        """Return the app, or None if there is none. Words to a person who pressed need no bot token."""
        app: AppSettings = setup.own
        if not (app.bot_token or app.signing_secrets):
            return None
        from relay.chats.contract.outgoing import Posting  # noqa: PLC0415 - see the contract
        from relay.chats.slack.cards import SlackCards  # noqa: PLC0415 - as above
        from relay.chats.slack.post import SlackApi  # noqa: PLC0415 - as above

        cards = SlackCards(setup.policy, app.teams)
        api = SlackApi(setup.client, setup.clock, api_url=app.api_url, token=app.bot_token)
        return Posting(cards, api, cards.places)

    def unset(self, own: AppSettings, channels: Sequence[str]) -> Iterator[str]:
        """Yield the signing secret where people may act, and the bot token where the policy has channels."""
        if own.teams and not own.signing_secrets:
            yield f"RELAY_SLACK_SIGNING_SECRET {NOT_SET}, so no press and no command in Slack counts"
        if channels and not own.bot_token:
            yield f"RELAY_SLACK_BOT_TOKEN {NOT_SET}, so nothing is posted to {' and '.join(channels)} in Slack"

    def checks(self) -> tuple[ChatCheck, ...]:
        """Return the checks of the doctor."""
        from relay.chats.slack.doctor import CHECKS  # noqa: PLC0415 - see the contract

        return CHECKS

    def telling(self, setup: Setup, posting: "Posting | None") -> "Telling | None":
        """Return the teller of notices, or None without a bot token."""
        if posting is None or not setup.own.bot_token:
            return None
        from relay.chats.slack.notices import SlackNotices  # noqa: PLC0415 - see the contract

        return SlackNotices(posting.api)

    def recognizes(self, found: Mapping[str, object]) -> bool:
        """Tell whether a JSON object has blocks, as a message in Slack has."""
        return "blocks" in found

    def breaches(self, found: object) -> tuple[str, ...]:
        """Return each limit that a message breaks."""
        from relay.chats.slack.limits import breaches  # noqa: PLC0415 - see the contract

        return breaches(found)

    def webhook_outcome(self, status: int, body: bytes) -> Outcome:
        """Return the meaning of an incoming webhook's answer: `ok`, or a code with its cure."""
        from relay.chats.slack.answers import said_outcome  # noqa: PLC0415 - see the contract
        from relay.net.call import HttpResponse  # noqa: PLC0415 - as above

        return said_outcome(HttpResponse(status, {}, body), 0.0)

    def webhook_fault(self, path: str, query: Mapping[str, object]) -> str:  # noqa: ARG002 - the path says it
        """Return why an address is no incoming webhook, or an empty text."""
        if path.startswith(("/workflows/", "/triggers/")):
            return "it starts a workflow of Slack, which takes values and no blocks; make an incoming webhook"
        return (
            "" if _WEBHOOK.fullmatch(path) else "an incoming webhook is /services/T.../B.../..., and it was cut short"
        )

    def draw_for_asker(self, request: ApprovalRequest, links: "Links", wanted: "CardFormat") -> "DrawnCard":
        """Draw the message for an incoming webhook; a press on it is answered through its response_url."""
        from relay.chats.drawn import DrawnCard  # noqa: PLC0415 - see the contract
        from relay.chats.slack.card import first  # noqa: PLC0415 - as above

        del wanted
        return DrawnCard(first(request, links.proven, links.ticket))


def _team(text: str) -> str:
    if not _TEAM.fullmatch(text):
        raise ValueError("holds something that is not a team's id: T... of a workspace, or E... of an organization")
    return text


def _bot_token(text: str) -> str:
    if not _TOKEN.fullmatch(text):
        raise ValueError("is not a bot token, which begins with xoxb-; it is under OAuth & Permissions of the app")
    return text


CHAT: Final = Slack()
