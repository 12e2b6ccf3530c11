import hashlib
import json
import re
from pathlib import Path
from typing import Any

import pytest

import relay
from infra.package import SITE_PACKAGES, WHEELS

ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def bill(archive: Path) -> dict[str, Any]:
    found = json.loads(archive.with_suffix(".cdx.json").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def pinned() -> set[str]:
    """Return each name and version that requirements.txt pins for Python 3.13."""
    lines = (ROOT / "requirements.txt").read_text("utf-8").splitlines()
    here = [line for line in lines if "==" in line and "python_full_version < '3.13'" not in line]
    return {
        f"{name.lower()}@{version}" for name, version in re.findall(r"^(\S+)==(\S+)", "\n".join(here), re.MULTILINE)
    }


def test_the_bill_is_of_this_version_and_this_archive(bill: dict[str, Any], archive: Path) -> None:
    component = bill["metadata"]["component"]
    assert ("approval-relay", relay.__version__) == (component["name"], component["version"])
    digest = hashlib.sha256(archive.read_bytes()).hexdigest()
    assert [{"alg": "SHA-256", "content": digest}] == component["hashes"]


def test_the_bill_holds_what_is_pinned_and_nothing_else(bill: dict[str, Any]) -> None:
    assert pinned() == {each["bom-ref"] for each in bill["components"]}


def test_the_archive_holds_what_the_bill_holds(bill: dict[str, Any], packed: dict[str, bytes]) -> None:
    folders = {name.split("/")[3] for name in packed if name.startswith(SITE_PACKAGES) and "dist-info" in name}
    held = {folder.removesuffix(".dist-info").replace("_", "-").lower() for folder in folders}
    assert {each["bom-ref"].replace("@", "-") for each in bill["components"]} == held


def test_each_component_has_its_digest_its_address_and_its_licence(bill: dict[str, Any]) -> None:
    digests = {hashlib.sha256(wheel.read_bytes()).hexdigest() for wheel in WHEELS.glob("*.whl")}
    for each in bill["components"]:
        assert f"pkg:pypi/{each['name']}@{each['version']}" == each["purl"]
        assert each["hashes"][0]["content"] in digests
        assert each["licenses"], each["name"]


def test_the_bill_is_cyclonedx(bill: dict[str, Any]) -> None:
    assert ("CycloneDX", "1.6", 1) == (bill["bomFormat"], bill["specVersion"], bill["version"])
    assert re.fullmatch(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}", bill["serialNumber"])
    references = [bill["metadata"]["component"]["bom-ref"], *(each["bom-ref"] for each in bill["components"])]
    assert len(references) == len(set(references))
    assert references == [each["ref"] for each in bill["dependencies"]]
