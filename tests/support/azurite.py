"""Storage emulator on loopback, in memory: started once for all tests that use it, and ended with them."""

import atexit
import socket
import subprocess
import tempfile
import time
from functools import cache
from pathlib import Path
from typing import Final

from tests.node.install import find_node

NODE: Final = Path(__file__).parents[1] / "node"
ACCOUNT: Final = "devstoreaccount1"
# The emulator's own key, which everybody knows:
# https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key
KEY: Final = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
MISSING: Final = "Azurite is not installed (`make azurite`): the Tables store was not tried"


def is_here() -> bool:
    """Tell whether the emulator can be started."""
    return (NODE / "node_modules" / "azurite").exists() and find_node() is not None


@cache
def port() -> int:
    """Start the emulator, and return its port once it serves tables."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        chosen = int(free.getsockname()[1])
    command = [str(find_node()), str(NODE / "tables.js"), "--tableHost", "127.0.0.1", "--tablePort", str(chosen)]
    options = ["--silent", "--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck"]
    folder = tempfile.TemporaryDirectory()
    started = subprocess.Popen([*command, *options], cwd=folder.name, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL)

    def end() -> None:
        started.communicate(timeout=10)
        folder.cleanup()

    atexit.register(end)
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline and started.poll() is None:
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", chosen)) == 0:
                return chosen
        time.sleep(0.02)
    raise AssertionError("Azurite did not start")


def connection(port: int, *, key: str = KEY) -> str:
    """Return the connection string of the emulator at a port."""
    endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={key};TableEndpoint={endpoint};"
