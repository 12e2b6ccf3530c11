"""A search for messages. Pure."""

from dataclasses import dataclass

from relay.journal.messages import Message, rank


@dataclass(frozen=True, slots=True)
class Search:
    """The wanted messages: those that equal each field that is not empty, in a time that includes both its ends.

    `people` are the ids of one person. `after` is the key of the last message of the page before.
    """

    request: str = ""
    repository: str = ""
    people: tuple[str, ...] = ()
    outcome: str = ""
    channel: str = ""
    since: float | None = None
    until: float | None = None
    after: str = ""

    @property
    def first_key(self) -> str:
        """Return a text before the keys of all wanted messages, which begin with the newest."""
        return max(self.after, "" if self.until is None else f"{rank(self.until)}-")

    @property
    def last_key(self) -> str:
        """Return a text after the keys of all wanted messages."""
        return "~" if self.since is None else f"{rank(self.since)}-~"

    def has(self, message: Message) -> bool:
        """Tell whether a message is wanted."""
        same = ((self.request, message.request), (self.outcome, message.outcome), (self.channel, message.channel))
        return (
            self.first_key < message.key < self.last_key
            and all(wanted in ("", found) for wanted, found in same)
            and self.repository.lower() in ("", message.repository.lower())
            and (not self.people or message.person in self.people)
        )
