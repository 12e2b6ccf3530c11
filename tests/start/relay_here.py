"""The relay of a walk: the real command of this checkout, whose neighbours are on loopback."""

import json
import os
import socket

from tests.start.walk_folder import KNOWN, ROOT, WALK


def serving() -> list[str]:
    """Return the command that serves on a free port, which the web server in front then knows."""
    # Below 32768, where Linux gives out ports by itself: no other process gets this one before the relay has it.
    port = next(filter(_is_free, range(20_000 + os.getpid() % 10_000, 32_768)))
    (WALK / "port").write_text(str(port), "ascii")
    return [KNOWN["python"], "-m", "relay", "serve", "--port", str(port)]


def _is_free(port: int) -> bool:
    with socket.socket() as tried:
        tried.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            tried.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def environ() -> dict[str, str]:
    settings: dict[str, str] = json.loads((WALK / "neighbours.json").read_text("utf-8"))
    return dict(os.environ) | {"PYTHONPATH": str(ROOT)} | settings
