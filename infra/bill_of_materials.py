"""The bill of materials of the package: CycloneDX 1.6, the same bytes for the same wheels.

https://cyclonedx.org/docs/1.6/json/
"""

import hashlib
import json
import re
import uuid
import zipfile
from collections.abc import Iterator
from email.message import Message
from email.parser import Parser
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parent.parent
LICENSE: Final = "License :: OSI Approved :: "
SHORT: Final = 80  # characters; a longer License field is the licence's whole text


def bill_of_materials(wheels: Path, archive: Path) -> str:
    """Return the bill of an archive and of the wheels that are in it."""
    digest = _sha256(archive)
    components = [_component(wheel) for wheel in sorted(wheels.glob("*.whl"))]
    relay = {
        "type": "application",
        "bom-ref": "approval-relay",
        "name": "approval-relay",
        "version": version(),
        "purl": f"pkg:pypi/approval-relay@{version()}",
        "hashes": [{"alg": "SHA-256", "content": digest}],
        "licenses": [{"license": {"id": "MIT"}}],
    }
    bill = {
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": f"urn:uuid:{uuid.uuid5(uuid.NAMESPACE_URL, digest)}",  # the archive's own, and no random one
        "version": 1,
        "metadata": {"component": relay},
        "components": components,
        "dependencies": [
            {"ref": "approval-relay", "dependsOn": [each["bom-ref"] for each in components]},
            *({"ref": each["bom-ref"]} for each in components),
        ],
    }
    return json.dumps(bill, indent=2, ensure_ascii=False) + "\n"


def version() -> str:
    """Return the version of the relay, from the one place that holds it."""
    found = re.search(r'^__version__ = "(.+)"$', (ROOT / "relay" / "__init__.py").read_text("utf-8"), re.MULTILINE)
    if not found:
        raise ValueError("relay/__init__.py holds no version")
    return found[1]


def _component(wheel: Path) -> dict[str, object]:
    fields = _metadata(wheel)
    name = re.sub(r"[-_.]+", "-", str(fields["Name"])).lower()
    component: dict[str, object] = {
        "type": "library",
        "bom-ref": f"{name}@{fields['Version']}",
        "name": name,
        "version": str(fields["Version"]),
        "purl": f"pkg:pypi/{name}@{fields['Version']}",
        "hashes": [{"alg": "SHA-256", "content": _sha256(wheel)}],
    }
    licences = [*_licences(fields)]
    return component | ({"licenses": licences} if licences else {})


def _licences(fields: Message) -> Iterator[dict[str, object]]:
    if expression := fields.get("License-Expression"):
        yield {"expression": expression}
        return
    named = [each.removeprefix(LICENSE) for each in fields.get_all("Classifier", ()) if each.startswith(LICENSE)]
    stated = str(fields.get("License", "")).strip()
    for name in named or ([stated] if 0 < len(stated) < SHORT else []):
        yield {"license": {"name": name}}


def _metadata(wheel: Path) -> Message:
    with zipfile.ZipFile(wheel) as packed:
        name = next(name for name in packed.namelist() if re.fullmatch(r"[^/]+\.dist-info/METADATA", name))
        return Parser().parsestr(packed.read(name).decode())


def _sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()
