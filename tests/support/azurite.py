"""Storage emulator on loopback, in memory: started once for all tests that use it, and ended with them."""

import atexit
import subprocess
import tempfile
from functools import cache
from pathlib import Path
from typing import Final

from tests.node.install import find_node
from tests.support.left_out import leave_out

NODE: Final = Path(__file__).parents[1] / "node"
ACCOUNT: Final = "devstoreaccount1"
# The emulator's own key, which everybody knows:
# https://learn.microsoft.com/azure/storage/common/storage-use-azurite#well-known-storage-account-and-key
KEY: Final = "Eby8vdM02xNOcqFlqUwJPLlmEtlCDXJ1OUzFT50uSRZ6IFsuFq2UVErCz4I6tq/K1SZFPTOtr/KBHBeksoGMGw=="
MISSING: Final = "Azurite is not installed (`make azurite`): the Tables store was not tried"


def is_here() -> bool:
    """Tell whether the emulator can be started."""
    return (NODE / "node_modules" / "azurite").exists() and find_node() is not None


def need() -> None:
    """Leave out the test or the module without the emulator; where nothing may be left out, it fails."""
    if not is_here():
        leave_out(MISSING)


@cache
def port() -> int:
    """Start the emulator, and return its port once it serves tables."""
    command = [str(find_node()), str(NODE / "tables.js"), "--tableHost", "127.0.0.1", "--tablePort", "0"]
    options = ["--silent", "--inMemoryPersistence", "--disableTelemetry", "--skipApiVersionCheck"]
    folder = tempfile.TemporaryDirectory()
    started = subprocess.Popen([*command, *options], cwd=folder.name, stdin=subprocess.PIPE, stdout=subprocess.PIPE)

    def end() -> None:
        started.communicate(timeout=60)
        folder.cleanup()

    atexit.register(end)
    assert started.stdout is not None
    printed = started.stdout.readline()
    assert printed, "Azurite did not start"
    return int(printed)


def connection(port: int, *, key: str = KEY) -> str:
    """Return the connection string of the emulator at a port."""
    endpoint = f"http://127.0.0.1:{port}/{ACCOUNT}"
    return f"DefaultEndpointsProtocol=http;AccountName={ACCOUNT};AccountKey={key};TableEndpoint={endpoint};"
