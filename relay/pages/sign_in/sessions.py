"""Sessions: a cookie with a proven id and a display name, valid for a working day."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from relay.model.people import Actor
from relay.pages.cookies import Scope, read
from relay.pages.sealing import seal, unseal
from relay.signed.tickets import TicketKey

LIFETIME: Final = 8 * 3_600  # seconds
_NAME: Final = "relay-session"


@dataclass(frozen=True, slots=True)
class Sessions:
    """The sessions at one public address. The first of the relay's keys signs, and all verify."""

    keys: Sequence[TicketKey]
    public_url: str

    def open(self, person: Actor, now: float) -> str:
        """Return the Set-Cookie value that signs a person in."""
        fields = {"id": person.id, "name": person.name, "exp": int(now) + LIFETIME}
        return self._cookie(seal(self.keys, self._purpose, fields), LIFETIME)

    def close(self) -> str:
        """Return the Set-Cookie value that signs out."""
        return self._cookie("", 0)

    def person(self, headers: Mapping[str, str], now: float) -> Actor | None:
        """Return the signed-in person, or None without a genuine session that still lasts."""
        value = read(headers).get(self._scope.name(_NAME), "")
        fields = unseal(self.keys, self._purpose, value) if value else None
        if fields is None or now >= fields["exp"]:
            return None
        return Actor(fields["id"], fields["name"])

    @property
    def _scope(self) -> Scope:
        return Scope.of(self.public_url)

    @property
    def _purpose(self) -> str:
        return f"session at {self.public_url}"

    def _cookie(self, value: str, seconds: int) -> str:
        return self._scope.cookie(_NAME, value, seconds)
