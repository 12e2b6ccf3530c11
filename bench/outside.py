"""GitHub and the tenant's key server on loopback, in a process of their own: `bench.outside FOLDER DELAY LIMITED`.

It is as small as an HTTP/1.1 server can be, so that its own time hardly counts. It prints its port as the first line,
and ends when its standard input ends.
"""

import asyncio
import re
import sys
import time
from collections import defaultdict
from pathlib import Path
from typing import Final, cast

from bench import tenant
from bench.github_limits import Window

TAKEN: Final = b"HTTP/1.1 204 No Content\r\nX-GitHub-Request-Id: bench\r\n\r\n"
REFUSED: Final = (
    b"HTTP/1.1 403 Forbidden\r\nContent-Type: application/json\r\nRetry-After: 60\r\nContent-Length: 58\r\n\r\n"
    b'{"message": "You have exceeded a secondary rate limit..."}'
)
_CREDENTIAL: Final = re.compile(rb"(?i)\r\nauthorization: *([^\r]+)")
_LENGTH: Final = re.compile(rb"(?i)\r\ncontent-length: *([0-9]+)")


class Outside(asyncio.Protocol):
    """A kept-alive connection. A POST is a dispatch, answered after `delay` seconds; GET /taken counts them.

    If it is `limited`, each credential has GitHub's limits, and GET /refused counts the calls beyond them.
    """

    taken = 0
    refused = 0
    windows: Final = defaultdict[bytes, Window](Window)

    def __init__(self, keys: bytes, delay: float, *, limited: bool) -> None:
        self._keys = keys
        self._delay = delay
        self._limited = limited
        self._unread = b""
        self._transport: asyncio.Transport | None = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """Keep the transport for the answers."""
        self._transport = cast("asyncio.Transport", transport)

    def data_received(self, data: bytes) -> None:
        """Answer every complete request."""
        self._unread += data
        while True:
            head, end, rest = self._unread.partition(b"\r\n\r\n")
            found = _LENGTH.search(head)
            length = int(found[1]) if found else 0
            if not end or len(rest) < length:
                return
            self._unread = rest[length:]
            self._answer(head)

    def _answer(self, head: bytes) -> None:
        if head.startswith(b"POST ") and self._limited and not self._allows(head):
            Outside.refused += 1
            self._write(REFUSED)
        elif head.startswith(b"POST "):
            Outside.taken += 1
            if self._delay:
                asyncio.get_running_loop().call_later(self._delay, self._write, TAKEN)
            else:
                self._write(TAKEN)
        else:
            counted = {b"/taken": Outside.taken, b"/refused": Outside.refused}.get(head.split(b" ")[1])
            body = self._keys if counted is None else str(counted).encode()
            self._write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(body), body))

    def _allows(self, head: bytes) -> bool:
        found = _CREDENTIAL.search(head)
        return self.windows[found[1] if found else b""].take(time.monotonic())

    def _write(self, answer: bytes) -> None:
        if self._transport and not self._transport.is_closing():
            self._transport.write(answer)


async def serve(keys: bytes, delay: float, *, limited: bool) -> None:
    """Serve on a free port until standard input ends."""
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: Outside(keys, delay, limited=limited), "127.0.0.1", 0, backlog=1024)
    sys.stdout.write(f"{server.sockets[0].getsockname()[1]}\n")
    sys.stdout.flush()
    await loop.run_in_executor(None, sys.stdin.read)


if __name__ == "__main__":
    asyncio.run(serve(tenant.load(Path(sys.argv[1])).jwks(), float(sys.argv[2]), limited=bool(sys.argv[3:])))
