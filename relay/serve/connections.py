"""The connections of the web server: deadlines for requests that come slowly, and refusal of ambiguous ones."""

import re
import time
from typing import Final, cast

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer

HEAD_TIME: Final = 10.0  # seconds for the header of a request, from its first byte or from the connection
BODY_TIME: Final = 30.0  # seconds for the whole request
BATCH: Final = 64  # connections that are accepted at a time
_HOST: Final = re.compile(r"(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~-]*)(?::[0-9]*)?")
_AMBIGUOUS: Final = frozenset({b"content-length", b"transfer-encoding"})


class Request(HTTPRequestParser):
    """A request, refused if its length or its host can be read in two ways: a proxy may have believed the other one.

    https://www.rfc-editor.org/rfc/rfc9112#section-6.1
    https://www.rfc-editor.org/rfc/rfc9112#section-3.2
    """

    def parse_header(self, header_plus: bytes) -> None:
        """Read the header. Raises ParsingError, which is answered by 400 and ends the connection."""
        names = {line.partition(b":")[0].strip().lower() for line in header_plus.split(b"\n")[1:]}
        if names >= _AMBIGUOUS:
            raise ParsingError("Content-Length beside Transfer-Encoding")
        super().parse_header(header_plus)
        if b"transfer-encoding" in names and not self.chunked:
            # Chunks are of HTTP/1.1. Without them here, the body that a proxy has sent would be the next request.
            raise ParsingError("Transfer-Encoding without chunks of HTTP/1.1")
        if not _HOST.fullmatch(self.headers.get("HOST", "")):  # two hosts are joined by a comma
            raise ParsingError("Host is no host")


class Connection(HTTPChannel):
    """A connection that the server's loop leaves alone while a thread is sending on it."""

    parser_class = Request
    # Otherwise the loop finds it ready to be written to, is kept out by the thread's lock, and looks again at once.
    # With many clicks at once that takes more time than they do. A thread that could not send all wakes the loop.
    _sends = False
    _waited_since: float | None = 0.0  # None between two requests

    def writable(self) -> bool:
        """Tell the loop whether there is work on this connection."""
        return not self._sends and super().writable()

    def send(self, data: bytes, do_close: bool = True) -> int:
        """Send as much as the socket takes, and return how much that was."""
        self._sends = True
        try:
            return super().send(data, do_close)
        finally:
            self._sends = False

    def received(self, data: bytes) -> bool:
        """Take arrived bytes, and remember since when the request is under way."""
        if self._waited_since is None:
            self._waited_since = time.time()
        taken = super().received(data)
        if self.request is None:
            self._waited_since = None
        return bool(taken)

    def waits_since(self) -> float | None:
        """Return since when a request is waited for that has not arrived whole, or None."""
        return None if self._waited_since is None else self._waited_since or self.creation_time

    def is_late(self, now: float) -> bool:
        """Tell whether a request has taken too long to arrive."""
        since = self.waits_since()
        if since is None:
            return False
        return now - since > (BODY_TIME if self.request is not None and self.request.headers_finished else HEAD_TIME)

    def is_busy(self) -> bool:
        """Tell whether a request is being answered."""
        return bool(self.requests or self.total_outbufs_len)


class Listener(TcpWSGIServer):
    """The listening socket. Half-sent requests never keep others out for long."""

    channel_class = Connection

    def maintenance(self, now: float) -> None:
        """Close connections that are idle or late, and the longest waiting ones while there are too many."""
        super().maintenance(int(now))
        waiting = [each for each in self._open().values() if not each.is_busy()]
        for each in waiting:
            if each.is_late(now):
                each.will_close = True
        spare = len(self._open()) - self.adj.connection_limit * 9 // 10
        if spare > 0:
            for each in sorted(waiting, key=lambda each: each.waits_since() or each.last_activity)[:spare]:
                each.will_close = True

    def handle_accept(self) -> None:
        """Accept the connections that wait, a batch at a time: one for each look at all others takes too long."""
        for _ in range(BATCH):
            known = len(self._open())
            super().handle_accept()
            if len(self._open()) == known:
                return

    def readable(self) -> bool:
        """Tell the loop whether another connection fits. If none does, room is made at once."""
        if len(self._open()) >= self.adj.connection_limit - 10:
            self.next_channel_cleanup = 0
        return bool(super().readable())

    def _open(self) -> dict[int, Connection]:
        """Return the open connections by their file descriptors; the stubs of waitress call them one connection."""
        return cast("dict[int, Connection]", self.active_channels)
