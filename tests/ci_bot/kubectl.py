"""A `kubectl` that applies to a folder: it reads its manifests as a cluster does, and refuses what a cluster would.

`python -P -m tests.ci_bot.kubectl FOLDER ARGUMENTS...`. The folder's `images` has the images that may run, and its
`fails` the reason for which a rollout fails.

https://kubernetes.io/docs/reference/kubernetes-api/workload-resources/deployment-v1/
https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/
"""

import json
import re
import sys
from pathlib import Path
from typing import Any, Final, NoReturn

import yaml

_NAME: Final = re.compile(r"[a-z0-9]([-a-z0-9]{0,61}[a-z0-9])?")
_HOST: Final = re.compile(r"[a-z0-9]([-a-z0-9.]{0,251}[a-z0-9])?")
_LABEL: Final = re.compile(r"([A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?)?")
_IMAGE: Final = re.compile(r"[a-z0-9][a-z0-9._/:-]*")
_VERSIONS: Final = {"Deployment": "apps/v1", "Service": "v1", "Ingress": "networking.k8s.io/v1"}
# The fields of each kind that our manifests may use; text, number and truth values are checked below.
_FIELDS: Final[dict[str, Any]] = {
    "Deployment": {
        "replicas": int,
        "selector": {"matchLabels": dict},
        "template": {
            "metadata": {"labels": dict},
            "spec": {
                "automountServiceAccountToken": bool,
                "containers": [
                    {
                        "name": str,
                        "image": str,
                        "ports": [{"containerPort": int}],
                        "readinessProbe": {"httpGet": {"path": str, "port": int}},
                        "securityContext": {"allowPrivilegeEscalation": bool, "runAsNonRoot": bool},
                    }
                ],
            },
        },
    },
    "Service": {"selector": dict, "ports": [{"port": int, "targetPort": int}]},
    "Ingress": {
        "rules": [
            {
                "host": str,
                "http": {
                    "paths": [
                        {
                            "path": str,
                            "pathType": str,
                            "backend": {"service": {"name": str, "port": {"number": int}}},
                        }
                    ]
                },
            }
        ]
    },
}


def main(folder: Path, arguments: list[str]) -> None:
    """Apply what comes on the standard input, or wait for a rollout."""
    with (folder / "calls").open("a", encoding="utf-8") as file:
        file.write(json.dumps(arguments) + "\n")
    match arguments:
        case ["apply", "-f", "-"]:
            apply(folder, [each for each in yaml.safe_load_all(sys.stdin.read()) if each])
        case ["rollout", "status", what, "--timeout=120s"]:
            roll_out(folder, what)
        case _:
            fail(f"unknown command {arguments[:1]}")


def apply(folder: Path, manifests: list[dict[str, Any]]) -> None:
    """Keep every manifest, or none of them."""
    for each in manifests:
        check(folder, each)
    for each in manifests:
        kind, name = each["kind"].lower(), each["metadata"]["name"]
        (folder / f"{kind}.{name}.json").write_text(json.dumps(each), "utf-8")
        sys.stdout.write(f"{kind}/{name} configured\n")


def check(folder: Path, manifest: dict[str, Any]) -> None:
    """Refuse a manifest with a field that the cluster does not know, a wrong type, name, label, host or image."""
    kind = manifest["kind"]
    if {"apiVersion", "kind", "metadata", "spec"} != set(manifest) or manifest["apiVersion"] != _VERSIONS.get(kind):
        fail(f"no matches for kind {kind!r}")
    if not _NAME.fullmatch(manifest["metadata"]["name"]):
        fail(f"{kind}: metadata.name: Invalid value: a lowercase RFC 1123 label is expected")
    shape(kind, manifest["spec"], _FIELDS[kind])
    check_values(folder, kind, manifest)


def check_values(folder: Path, kind: str, manifest: dict[str, Any]) -> None:
    """Refuse a label or a host of another form, and an image that may not run."""
    for labels in found(manifest, ("labels", "matchLabels", "selector")):
        for value in (each for each in labels.values() if not isinstance(each, dict)):
            if not isinstance(value, str) or not _LABEL.fullmatch(value):
                fail(f"{kind}: metadata.labels: Invalid value: {value!r}")
    for host in found(manifest, ("host",)):
        if not _HOST.fullmatch(host):
            fail(f"{kind}: spec.rules[0].host: Invalid value: {host!r}")
    for image in found(manifest, ("image",)):
        if not _IMAGE.fullmatch(image):
            fail(f"{kind}: couldn't parse image name {image!r}: invalid reference format")
        if image not in (folder / "images").read_text("utf-8").splitlines():
            fail(f"{kind}: admission denied: {image} is not approved")


def shape(where: str, value: Any, wanted: Any) -> None:
    """Refuse an unknown field, and a value of another type."""
    if isinstance(wanted, type):
        if type(value) is not wanted:
            fail(f"{where}: expected {wanted.__name__}, got {type(value).__name__}")
    elif isinstance(wanted, list):
        for each in value:
            shape(where, each, wanted[0])
    else:
        for name, each in value.items():
            if name not in wanted:
                fail(f'{where}: strict decoding error: unknown field "{name}"')
            shape(f"{where}.{name}", each, wanted[name])


def found(value: Any, names: tuple[str, ...]) -> list[Any]:
    """Return every value of these names, however deep it lies."""
    if isinstance(value, list):
        return [each for item in value for each in found(item, names)]
    if not isinstance(value, dict):
        return []
    own = [each for name, each in value.items() if name in names]
    return own + [each for item in value.values() for each in found(item, names)]


def roll_out(folder: Path, what: str) -> None:
    """Say that a deployment runs, or why it does not."""
    if not (folder / f"{what.replace('/', '.')}.json").exists():
        fail(f'deployments.apps "{what}" not found')
    if (folder / "fails").exists():
        fail((folder / "fails").read_text("utf-8"))
    sys.stdout.write(f"{what} successfully rolled out\n")


def fail(why: str) -> NoReturn:
    """End as kubectl does."""
    sys.stderr.write(f"error: {why}\n")
    sys.exit(1)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2:])
