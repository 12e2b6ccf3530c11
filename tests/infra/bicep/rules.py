"""Rules that no type holds: tiers, versions, names of settings, roles, and the safety of a deployment."""

import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from tree_sitter import Node

from tests.infra.bicep.held import CONDITIONS, FREE_TEXTS, HELD, LINES, MODULES, SETTINGS, USED
from tests.infra.bicep.syntax import BicepFile, below, children, literal, properties, text

ROOT: Final = Path(__file__).parents[3]
ROLES: Final = {  # https://learn.microsoft.com/azure/role-based-access-control/built-in-roles
    "blobDataOwner": "b7e6dc6d-f1e8-4753-8033-0f276bb0955b",
    "tableDataContributor": "0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3",
    "secretsUser": "4633458b-17de-408a-b874-0445c86b69e6",
    "metricsPublisher": "3913510d-42f4-4e42-8a64-420c390055eb",
    "secretsOfficer": "b86a8fe4-44ce-4948-aee5-eccb2c155cd7",
}
ASSIGNED: Final = {  # principal, role, scope; and no other
    ("identityPrincipalId", "blobDataOwner", "storage"),
    ("identityPrincipalId", "tableDataContributor", "storage"),
    ("identityPrincipalId", "secretsUser", "vault"),
    ("identityPrincipalId", "metricsPublisher", "insights"),
    ("principalId", "tableDataContributor", "storage"),
    ("principalId", "secretsOfficer", "vault"),
}
OF_THE_HOST: Final = {  # https://learn.microsoft.com/azure/azure-functions/functions-app-settings
    *("AzureWebJobsStorage__accountName", "AzureWebJobsStorage__credential", "AzureWebJobsStorage__clientId"),
    *("AzureWebJobsDisableHomepage", "PYTHON_THREADPOOL_THREAD_COUNT"),
    *("APPLICATIONINSIGHTS_CONNECTION_STRING", "APPLICATIONINSIGHTS_AUTHENTICATION_STRING"),
}
# ...#flex-consumption-plan-deprecations. An AzureWebJobsStorage beside an identity would win over it, even empty.
NOT_ON_FLEX: Final = {
    *("FUNCTIONS_WORKER_RUNTIME", "FUNCTIONS_WORKER_RUNTIME_VERSION", "FUNCTIONS_EXTENSION_VERSION"),
    *("WEBSITE_RUN_FROM_PACKAGE", "WEBSITE_CONTENTSHARE", "WEBSITE_CONTENTAZUREFILECONNECTIONSTRING"),
    *("WEBSITE_CONTENTOVERVNET", "SCM_DO_BUILD_DURING_DEPLOYMENT", "ENABLE_ORYX_BUILD", "AzureWebJobsStorage"),
    *("WEBSITE_MAX_DYNAMIC_APPLICATION_SCALE_OUT", "AzureWebJobsDashboard", "WEBSITE_NODE_DEFAULT_VERSION"),
}
# Settings of parts that this version does not read yet. Each leaves this list when the code reads it.
COMING: Final = frozenset[str]()
SECRET: Final = re.compile(r"RELAY_.*(KEYS?|TOKEN|PASSWORD|SECRET|HOOKS)$")
REFERENCE: Final = "'@Microsoft.KeyVault(VaultName=${vaultName};SecretName=${secret.name})'"
GUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")


def settings_read() -> set[str]:
    """Return the names that the relay reads from its environment."""
    files = [*(ROOT / "relay" / "settings").glob("*.py"), ROOT / "relay" / "store" / "tables" / "account.py"]
    files += (ROOT / "relay" / "chats").rglob("*.py")  # each chat reads its own
    return {name for file in files for name in re.findall(r'"(RELAY_[A-Z0-9_]+)"', file.read_text("utf-8"))}


def check_rules(files: Mapping[str, BicepFile]) -> None:
    """Note in each file the differences from these tables."""
    found: set[tuple[str, str]] = set()
    for file in files.values():
        for resource in file.resources.values():
            if resource.existing or resource.body is None:
                continue
            kind = resource.kind.partition("@")[0]
            for path, node in _paths(resource.body):
                found |= _check_value(file, kind, path, node)
            if kind.endswith("vaults/secrets") and "made" in text(resource.node).partition("=")[0]:
                _check_made_once(file, resource.node, resource.decorators)
        _check_roles(file)
        _check_modules(file)
        _check_lines(file)
        _check_secrets(file)
        _check_settings(file)
    main = files.get("main.bicep") or next(iter(files.values()))
    for kind, path in {*HELD, *FREE_TEXTS} - found:
        main.note(main.root, f"no {kind} has {path}")
    assigned = {each for file in files.values() for each in _assigned(file)}
    for each in ASSIGNED ^ assigned:
        main.note(main.root, f"this role is {'not ' * (each in ASSIGNED)}assigned: {' '.join(each)}")
    policies = {name for file in files.values() for name in _publishing(file)}
    if policies != {"ftp", "scm"}:
        main.note(main.root, f"publishing by password is off for {sorted(policies)} alone")


def _paths(node: Node, prefix: str = "") -> Iterator[tuple[str, Node]]:
    objects = [node]
    if node.type == "call_expression" and text(node.named_children[0]) == "union":
        objects = children(node.named_children[1], "object")
    for each in objects:
        for name, value in properties(each).items():
            yield f"{prefix}{name}", value
            yield from _paths(value, f"{prefix}{name}.")


def _check_value(file: BicepFile, kind: str, path: str, node: Node) -> set[tuple[str, str]]:
    found = set()
    for end, where in ((key, where) for key, where in {*HELD, *FREE_TEXTS} if where == path):
        if not kind.endswith(f".{end}") and not kind.endswith(f"/{end}"):
            continue
        found.add((end, where))
        expected = HELD.get((end, where)) or f"'{FREE_TEXTS[end, where]}'"
        if text(node) != expected:
            file.note(node, f"{path} must be {expected}")
    return found


def _check_made_once(file: BicepFile, node: Node, decorators: tuple[str, ...]) -> None:
    if "onlyIfNotExists" not in decorators:
        file.note(node, "keys are written anew at each provisioning")


def _check_roles(file: BicepFile) -> None:
    for name, node in file.variables.items():
        value = literal(node.named_children[-1]) or ""
        if GUID.fullmatch(value) and ROLES.get(name) != value:
            file.note(node, f"{name} is not the id of that role")
        if name in ROLES and ROLES[name] != value:
            file.note(node, f"{name} must be {ROLES[name]}")


def _assigned(file: BicepFile) -> Iterator[tuple[str, str, str]]:
    for resource in file.resources.values():
        if resource.kind.startswith("Microsoft.Authorization/roleAssignments@"):
            top = properties(resource.body)
            inner = properties(top.get("properties"))
            role = re.search(r"'Microsoft\.Authorization/roleDefinitions', (\w+)\)", text(inner["roleDefinitionId"]))
            named = re.fullmatch(r"guid\((\w+)\.id, (\w+), (\w+)\)", text(top["name"]))
            scope, person = text(top["scope"]), text(inner.get("principalId", top["name"]))
            if not role or not named or named.groups() != (scope, person, role[1]):
                file.note(resource.node, "its name is not made of its scope, its principal and its role")
            yield person, role[1] if role else "", scope


def _check_lines(file: BicepFile) -> None:
    """Hold the declarations that others depend on, and the conditions of resources."""
    for line in LINES.get(file.name, ()):
        if line not in file.source:
            file.note(file.root, f"lacks {line}")
    for condition in re.findall(r"\bif \((.+)\) {", file.source):
        if condition not in CONDITIONS:
            file.note(file.root, f"a condition of its own: {condition}")


def _check_modules(file: BicepFile) -> None:
    """Hold what a module is given: the parameter or variable of the same name, or as its table says."""
    for name, module in file.modules.items():
        for parameter, node in module.parameters.items():
            expected = MODULES.get((name, parameter), parameter)
            if text(node) != expected:
                file.note(node, f"the module {name} must get {parameter} from {expected}")


def _publishing(file: BicepFile) -> Iterator[str]:
    for resource in file.resources.values():
        if "/basicPublishingCredentialsPolicies@" in resource.kind:
            yield literal(properties(resource.body).get("name")) or ""


def _check_secrets(file: BicepFile) -> None:
    """Hold secrets to @secure(), and to the tables of the vault's entries."""
    for name, parameter in file.parameters.items():
        if re.search(r"(Keys?|Token|Password|Secret|hooks)$", name) and not parameter.secure:
            file.note(parameter.node, f"{name} is not secure")
    secure = {name for name, parameter in file.parameters.items() if parameter.secure}
    for node in below(file.root):
        if node.type == "object" and "setting" in (entry := properties(node)) and text(entry["value"]) not in secure:
            file.note(entry["value"], "an entry of the vault is not secure")
        if node.type == "identifier" and text(node) in secure and node.parent and not _stays_secret(node, node.parent):
            file.note(node, f"{text(node)} leaves the vault")


def _stays_secret(node: Node, parent: Node) -> bool:
    """Tell whether a secure parameter is only declared, handed on by its own name, or an entry of the vault."""
    key = text(parent.named_children[0]) if parent.type == "object_property" else ""
    return parent.type == "parameter_declaration" or key in {"value", text(node)}


def _check_settings(file: BicepFile) -> None:
    known = (settings_read() | OF_THE_HOST | COMING) - NOT_ON_FLEX
    plain, referred = _settings(file)
    for name, node in {**plain, **referred}.items():
        if name in NOT_ON_FLEX:
            file.note(node, f"Flex Consumption refuses {name}")
        elif name not in known:
            file.note(node, f"nothing reads {name}")
    for name, node in plain.items():
        if name.startswith("RELAY_") and text(node) != SETTINGS.get(name, _parameter(name)):
            file.note(node, f"{name} must be {SETTINGS.get(name, _parameter(name))}")
        if SECRET.fullmatch(name):
            file.note(node, f"{name} is a secret and no reference to the vault")
    if referred and REFERENCE not in file.source:
        file.note(file.root, "the references are not to the vault")


def _settings(file: BicepFile) -> tuple[dict[str, Node], dict[str, Node]]:
    """Return the settings with a value of their own, and those that refer to the vault."""
    plain: dict[str, Node] = {}
    for resource in file.resources.values():
        if resource.kind.startswith("Microsoft.Web/sites/config@"):
            plain |= {path.removeprefix("properties."): node for path, node in _paths(resource.body or file.root)
                      if path.startswith("properties.")}  # fmt: skip
    tables = [properties(node) for node in below(file.root) if node.type == "object"]
    referred = {literal(each["setting"]) or "": each["setting"] for each in tables if "setting" in each}
    for each in tables:
        if "setting" in each:
            expected = (literal(each["setting"]) or "").lower().replace("_", "-")
            if literal(each["name"]) != expected:
                file.note(each["name"], f"the entry of the vault is called {expected}")
            setting = literal(each["setting"]) or ""
            used = USED.get(setting, f"contains(secretsGiven, '{setting}')")
            if "used" in each and text(each["used"]) != used:
                file.note(each["used"], f"{setting} is used if {used}")
            if text(each["value"]) != _parameter(setting):
                file.note(each["value"], f"{expected} must be {_parameter(setting)}")
    return plain, referred


def _parameter(setting: str) -> str:
    """Return the name of the parameter that a setting is called after: githubToken of RELAY_GITHUB_TOKEN."""
    first, *rest = setting.removeprefix("RELAY_").lower().split("_")
    return first + "".join(word.capitalize() for word in rest)
