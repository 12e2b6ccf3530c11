"""The entries `[[notify]]` of the policy: the events that channels hear of."""

from dataclasses import dataclass

from relay.approval.globs import matches
from relay.model.events import EventName, NoticeStyle
from relay.model.request import ApprovalRequest


@dataclass(frozen=True, slots=True)
class Notify:
    """An entry of the policy: the events that channels hear of, and how. `text` is empty for the events' sentences.

    `name` is a digest of the entry: an entry that was changed is another one. `origin` among `to` is the conversation
    where a command was said.
    """

    name: str
    on: tuple[EventName, ...]
    to: tuple[str, ...]
    style: NoticeStyle = "message"
    repository: str = "*"
    environment: str = "*"
    event_types: tuple[str, ...] = ("*",)
    text: str = ""

    def covers(self, request: ApprovalRequest) -> bool:
        """Tell whether the entry is about a request."""
        return (
            matches(self.repository, request.repository)
            and matches(self.environment, request.environment)
            and any(matches(glob, request.event_type) for glob in self.event_types)
        )
