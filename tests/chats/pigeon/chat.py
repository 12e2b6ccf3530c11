"""A chat of the tests: presses are proven by HMAC of a shared secret, and the relay posts cards and updates them."""

from collections.abc import Mapping
from typing import TYPE_CHECKING, Final

from relay.chats.contract.chat import HasChannels, HasLimits, Setup, TakesPresses
from relay.chats.contract.incoming import Clicks
from relay.chats.contract.outgoing import Posting
from relay.chats.settings_reader import SettingsReader
from relay.model.delivery import Reply

if TYPE_CHECKING:
    from relay.policy_toml.channels import Destination, Named
    from relay.policy_toml.toml_table import Table


class Pigeon(TakesPresses, HasChannels, HasLimits):
    """The chat `pigeon`."""

    name = "pigeon"
    cure = "set RELAY_PIGEON_SECRET and replay"
    platform = "Pigeons"

    def read_settings(self, read: SettingsReader) -> str:
        """Read the secret that the chat signs with."""
        return read.one("RELAY_PIGEON_SECRET", _secret, "")

    def proves(self, own: str) -> tuple[str, ...]:  # noqa: ARG002 - its people are in no policy
        """Return no identity that a person of the policy may have."""
        return ()

    def read_channel(self, table: "Table", people: "Named") -> "Destination":  # noqa: ARG002 - a place alone
        """Read the name of a loft."""
        from relay.policy_toml.channels import Destination  # noqa: PLC0415 - see the contract

        table.only(("kind", "place"))
        place = table.text("place")
        if not place.isalpha():
            table.report("place", "place is the name of a loft", 'as in "north"')
        return Destination(place)

    def refuse(self, code: str) -> Reply:
        """Answer a press where the relay cannot start."""
        from tests.chats.pigeon.clicks import PigeonClicks  # noqa: PLC0415 - see the contract

        return PigeonClicks.refuse(code)

    def clicks(self, setup: Setup) -> Clicks:
        """Return the reader of presses."""
        from tests.chats.pigeon.clicks import PigeonClicks  # noqa: PLC0415 - see the contract

        return PigeonClicks(setup.own)

    def posting(self, setup: Setup) -> Posting | None:
        """Return the lofts, or None without a secret."""
        if not setup.own:
            return None
        from tests.chats.pigeon.post import Lofts, Notes  # noqa: PLC0415 - see the contract

        return Posting(Notes(), Lofts(setup.client, setup.clock))

    def recognizes(self, found: Mapping[str, object]) -> bool:
        """Tell whether a JSON object is a note."""
        return found.get("type") == "note"

    def breaches(self, found: object) -> tuple[str, ...]:
        """Return each limit that a note breaks."""
        return () if isinstance(found, Mapping) and self.recognizes(found) else ('type must be "note"',)


def _secret(text: str) -> str:
    if len(text) < 20:
        raise ValueError("has 20 characters or more")
    return text


CHAT: Final = Pigeon()
