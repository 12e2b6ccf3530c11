"""The limits that Slack sets to messages: to their size and form, and to their number in a time.

https://docs.slack.dev/reference/methods/chat.postMessage
https://docs.slack.dev/apis/web-api/rate-limits
"""

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from typing import Any, Final

from relay.chats.slack.limits import breaches

UPDATES: Final = 50  # of chat.update a minute
BURST: Final = 5  # messages that a channel takes at once; then one a second
MAX_UPDATE: Final = 4_000  # characters of `text` in chat.update
MAX_BLOCK_TEXT: Final = 13_200  # characters over all blocks


def fault_of(message: Mapping[str, Any]) -> dict[str, object]:
    """Return the fields of Slack's answer to a message that breaks a limit, or none."""
    blocks = message.get("blocks")
    if not blocks:
        return {} if message.get("text") else {"error": "no_text"}
    if sum(map(len, _texts(blocks))) > MAX_BLOCK_TEXT:
        return {"error": "msg_blocks_too_long"}
    if found := breaches({"text": "", "blocks": blocks}):
        return {"error": "invalid_blocks", "response_metadata": {"messages": [f"[ERROR] {each}" for each in found]}}
    return {}


class Pace:
    """The messages and changes of the last time, against Slack's rate limits. `clock` returns Unix seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._sent: defaultdict[str, deque[float]] = defaultdict(deque)
        self._updates: deque[float] = deque()

    def post(self, channel: str) -> int:
        """Count a message to a channel. Return 0, or the seconds to wait if it is too many."""
        return self._count(self._sent[channel], most=BURST, seconds=BURST, wait=1)

    def update(self) -> int:
        """Count a change of a message. Return 0, or the seconds to wait if it is too many."""
        return self._count(self._updates, most=UPDATES, seconds=60)

    def _count(self, times: deque[float], *, most: int, seconds: float, wait: int = 0) -> int:
        now = self._clock()
        while times and times[0] <= now - seconds:
            times.popleft()
        if len(times) >= most:
            return wait or int(times[0] + seconds - now) + 1
        times.append(now)
        return 0


def _texts(value: object) -> list[str]:
    if isinstance(value, dict):
        return [
            text
            for name, inner in value.items()
            for text in ([inner] if name == "text" and isinstance(inner, str) else _texts(inner))
        ]
    return [text for inner in value for text in _texts(inner)] if isinstance(value, list) else []
