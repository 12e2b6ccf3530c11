"""The Teams bot: presses by the Bot Framework, and cards that the relay posts and updates."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from relay.chats.contract.chat import ChatCheck, HasChannels, HasLimits, Setup, TakesCommands, TakesPresses
from relay.chats.contract.incoming import Clicks, Typed
from relay.chats.settings_reader import SettingsReader, guid, one_line
from relay.model.delivery import Reply
from relay.net.addresses import check_url

if TYPE_CHECKING:
    from relay.chats.contract.outgoing import Posting, Telling
    from relay.policy_toml.channels import Destination, Named
    from relay.policy_toml.toml_table import Table

BOT_FRAMEWORK: Final = "https://login.botframework.com/v1/.well-known/openidconfiguration"
WEBHOOK_KEY_SIZE: Final = 32  # bytes
MAX_PLACE: Final = 300  # characters
_CARDS: Final = ("adaptive", "messagecard")


@dataclass(frozen=True, slots=True, repr=False)
class BotSettings:
    """The bot's registration. Without an `app_id` there is no bot. It has no repr, since it holds a secret."""

    app_id: str
    app_password: str
    tenant_id: str
    openid_url: str
    webhook_keys: tuple[bytes, ...] = ()


class Teams(TakesPresses, TakesCommands, HasChannels, HasLimits):
    """The chat `teams`. Commands come by outgoing webhooks; those to the bot come as its presses do."""

    name = "teams"
    cure = "set RELAY_TEAMS_APP_ID and RELAY_TEAMS_APP_PASSWORD and replay"
    platform = "Teams by a bot"

    def read_settings(self, read: SettingsReader) -> BotSettings:
        """Read the RELAY_TEAMS_ settings of the bot."""
        bot = BotSettings(
            app_id=read.one("RELAY_TEAMS_APP_ID", guid, ""),
            app_password=read.one("RELAY_TEAMS_APP_PASSWORD", one_line, ""),
            tenant_id=read.one("RELAY_TEAMS_TENANT_ID", guid, ""),
            openid_url=read.one("RELAY_TEAMS_OPENID_URL", check_url, BOT_FRAMEWORK),
            webhook_keys=read.many("RELAY_TEAMS_WEBHOOK_KEYS", _webhook_key),
        )
        if bool(bot.app_id) != bool(bot.app_password):
            name = "RELAY_TEAMS_APP_PASSWORD" if bot.app_id else "RELAY_TEAMS_APP_ID"
            read.problems.setdefault(name, "is missing: the Teams bot needs both its app id and its password")
        return bot

    def proves(self, own: BotSettings) -> tuple[str, ...]:
        """Return the identities that presses prove."""
        return ("entra",) if own.app_id else ()

    def read_channel(self, table: "Table", people: "Named") -> "Destination":  # noqa: ARG002 - a place alone
        """Read the id of a conversation, and the form of the cards in it."""
        from relay.policy_toml.channels import Destination, one_of  # noqa: PLC0415 - see the contract

        table.only(("kind", "place", "card"))
        place, card = table.text("place"), one_of(table, "card", _CARDS, "adaptive")
        if "place" not in table.values or len(place) > MAX_PLACE or " " in place.strip():
            table.report(
                "place",
                "place is the id of a conversation in the chat",
                'as in "19:...@thread.tacv2"; ask the bot for help in that conversation, and it tells',
            )
        return Destination(place.strip(), card)

    def refuse(self, code: str) -> Reply:
        """Answer a press where the relay cannot start."""
        from relay.chats.teams.clicks import TeamsClicks  # noqa: PLC0415 - see the contract

        return TeamsClicks.refuse(code)

    def clicks(self, setup: Setup) -> Clicks:
        """Return the reader of presses; without a bot it proves nothing."""
        from relay.chats.teams.card import TeamsCards  # noqa: PLC0415 - see the contract
        from relay.chats.teams.clicks import TeamsClicks  # noqa: PLC0415 - as above

        return TeamsClicks(
            app_id=setup.own.app_id,
            openid_url=setup.own.openid_url,
            tenants=frozenset(setup.entra.tenants),
            cards=TeamsCards(setup.policy, setup.public_url),
        )

    def typed(self, setup: Setup) -> Typed:
        """Return the reader of messages to outgoing webhooks; without a key it proves nothing."""
        from relay.chats.teams.commands import TeamsCommands  # noqa: PLC0415 - see the contract

        return TeamsCommands(setup.own.webhook_keys, frozenset(setup.entra.tenants))

    def posting(self, setup: Setup) -> "Posting | None":
        """Return the bot, or None if there is none."""
        if not setup.own.app_id:
            return None
        from relay.chats.contract.outgoing import Posting  # noqa: PLC0415 - see the contract
        from relay.chats.teams.card import TeamsCards  # noqa: PLC0415 - as above
        from relay.chats.teams.clouds import cloud_of  # noqa: PLC0415 - as above
        from relay.chats.teams.post import TeamsConnector  # noqa: PLC0415 - as above
        from relay.chats.teams.token import bot_token  # noqa: PLC0415 - as above

        bot: BotSettings = setup.own
        cloud = cloud_of(bot.openid_url)
        token = bot_token(setup)
        connector = TeamsConnector(
            setup.client, setup.clock, cloud=cloud, token=token, conversations=setup.conversations
        )
        return Posting(TeamsCards(setup.policy, setup.public_url), connector)

    def checks(self) -> tuple[ChatCheck, ...]:
        """Return the checks of the doctor."""
        from relay.chats.teams.doctor import CHECKS  # noqa: PLC0415 - see the contract

        return CHECKS

    def telling(self, setup: Setup, posting: "Posting | None") -> "Telling | None":  # noqa: ARG002 - the poster is set up
        """Return the teller of notices, or None without a bot."""
        if posting is None:
            return None
        from relay.chats.teams.notices import TeamsNotices  # noqa: PLC0415 - see the contract

        return TeamsNotices(posting.api)

    def recognizes(self, found: Mapping[str, object]) -> bool:
        """Tell whether a JSON object is a bot's message, an answer to a press, or an Adaptive Card."""
        from relay.chats.shared.messages import is_by_bot, is_message  # noqa: PLC0415 - see the contract

        if is_message(found):
            return is_by_bot(found)
        return "statusCode" in found or found.get("type") == "AdaptiveCard"

    def breaches(self, found: object) -> tuple[str, ...]:
        """Return each limit that a bot's message, or a bare card in one, breaks."""
        from relay.chats.teams.limits import breaches  # noqa: PLC0415 - see the contract

        return breaches(found)


def _webhook_key(text: str) -> bytes:
    """Return the key of an outgoing webhook. Raises ValueError."""
    try:
        key = b64decode(text, validate=True)
    except ValueError:
        key = b""
    if len(key) != WEBHOOK_KEY_SIZE:
        raise ValueError("holds something that is not base64 of 32 bytes: copy the token that Teams shows once")
    return key


CHAT: Final = Teams()
