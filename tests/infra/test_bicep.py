"""The infrastructure, held against a grammar, published types and the tables of rules that no type holds."""

import json
import re
from collections.abc import Iterator
from typing import Any

import pytest
import yaml

from infra.hooks.keys import FORGOTTEN
from tests.infra.bicep import rules
from tests.infra.bicep.check import INFRA, check, sources
from tests.infra.bicep.syntax import BicepFile
from tests.infra.bicep.types import TYPES

ROOT = INFRA.parent
MAIN = BicepFile("main.bicep", sources()["main.bicep"])
# Each mistake: the file, a text of it, the text that replaces it, and the finding.
MISTAKES = [
    # names, modules and files
    ("relay.bicep", "resource identity", "resource identity {", "does not parse"),
    ("relay.bicep", "storage::blobs::package]", "storag::blobs::package]", "unknown name storag"),
    ("relay.bicep", "serverFarmId: plan.id", "serverFarmId: plam.id", "unknown name plam"),
    ("relay.bicep", "reserved: true", "reserved: tru", "unknown name tru"),
    ("relay.bicep", "toObject(", "toObjekt(", "unknown function toObjekt"),
    ("relay.bicep", "@onlyIfNotExists()", "@onlyIfNotExist()", "unknown decorator onlyIfNotExist"),
    ("main.bicep", "    token: token\n", "", "relay.bicep needs the parameter token"),
    ("main.bicep", "    cardAudience: cardAudience", "    cardaudience: cardAudience", "has no parameter cardaudience"),
    ("main.bicep", "relay.outputs.vaultName", "relay.outputs.vault", "has no output vault"),
    ("main.bicep", "'relay.bicep'", "'relais.bicep'", "no such file: relais.bicep"),
    ("main.bicep", "param instanceMemoryMB int", "param instanceMemoryMB string", "as int, not string"),
    (
        "main.bicep",
        "param teamsTenantId string = ''",
        "param teamsTenantId string = ''\nparam a string = ''",
        "a is never",
    ),
    ("relay.bicep", "var container =", "var unused = 1\nvar container =", "unused is never used"),
    ("relay.bicep", "output functionName", "output vaultName", "vaultName is declared twice"),
    # properties, enumerations, kinds of values
    ("relay.bicep", "keyVaultReferenceIdentity:", "keyVaultReferenceIdentityId:", "no property keyVaultReferenceId"),
    ("relay.bicep", "'blobContainer'", "'blob'", "is 'blob'"),
    ("relay.bicep", "perInstanceConcurrency: concurrency", "perInstanceConcurrency: '16'", "must be int"),
    ("relay.bicep", "scaleAndConcurrency:", "scaleAndConcurency:", "no property scaleAndConcurency"),
    ("relay.bicep", "'UserAssignedIdentity'", "'UserAssigned'", "is 'UserAssigned'"),
    ("relay.bicep", "allowSharedKeyAccess: false", "allowSharedKeyAccess: 'false'", "must be bool"),
    ("relay.bicep", "minimumTlsVersion: 'TLS1_2'", "minimumTlsVersion: '1.2'", "is '1.2'"),
    ("relay.bicep", "enablePurgeProtection: true", "purgeProtection: true", "no property purgeProtection"),
    ("relay.bicep", "sku: { family: 'A', name: 'standard' }", "sku: { name: 'standard' }", "lacks family"),
    ("relay.bicep", "sites@2024-11-01", "sites@2024-12-01", "no such type: Microsoft.Web/sites@2024-12-01"),
    ("relay.bicep", "name: 'appsettings'", "name: 'appSettings'", "'appSettings' is none of"),
    ("relay.bicep", "retentionInDays: 90", "retentionInDays: '90'", "must be int"),
    ("relay.bicep", "DisableLocalAuth: true", "disableLocalAuth: true", "no property disableLocalAuth"),
    ("relay.bicep", "httpsOnly: true", "httpsOnly: true\n    state: 'Running'", "state is read-only"),
    ("relay.bicep", "kind: 'StorageV2'", "kind: 'StorageV3'", "is 'StorageV3'"),
    ("relay.bicep", "maximumInstanceCount: maximumInstanceCount", "maximumInstanceCount: policy", "must be int"),
    ("relay.bicep", "userAssignedIdentities: { '${identity.id}': {} }", "userAssignedIdentities: []", "be an object"),
    (
        "roles.bicep",
        "    principalId: identityPrincipalId",
        "    principal: identityPrincipalId",
        "no property principal",
    ),
    ("roles.bicep", "'ServicePrincipal'", "'ServicePrinciple'", "is 'ServicePrinciple'"),
    # tiers and versions
    ("relay.bicep", "name: 'FC1'", "name: 'FC2'", "sku.name must be 'FC1'"),
    ("relay.bicep", "tier: 'FlexConsumption'", "tier: 'FlexConsumptoin'", "sku.tier must be 'FlexConsumption'"),
    ("relay.bicep", "name: 'python', version: '3.13'", "name: 'python', version: '3.99'", "must be '3.13'"),
    ("relay.bicep", "name: 'python', version", "name: 'Python', version", "is 'Python'"),
    ("relay.bicep", "kind: 'functionapp,linux'", "kind: 'functionapp'", "kind must be 'functionapp,linux'"),
    ("relay.bicep", "{ name: 'PerGB2018' }", "{ name: 'PerGB2019' }", "is 'PerGB2019'"),
    # names of settings
    (
        "relay.bicep",
        "AzureWebJobsStorage__clientId:",
        "AzureWebJobStorage__clientId:",
        "nothing reads AzureWebJobStorage",
    ),
    ("relay.bicep", "RELAY_CARD_AUDIENCE:", "RELAY_CARD_AUDIENCES:", "nothing reads RELAY_CARD_AUDIENCES"),
    ("relay.bicep", "AzureWebJobsDisableHomepage:", "FUNCTIONS_WORKER_RUNTIME:", "Flex Consumption refuses FUNCTIONS"),
    ("relay.bicep", "AzureWebJobsDisableHomepage:", "AzureWebJobsStorage:", "Flex Consumption refuses AzureWebJobs"),
    ("relay.bicep", "setting: 'RELAY_API_KEYS'", "setting: 'RELAY_API_KEY'", "nothing reads RELAY_API_KEY"),
    # secrets
    (
        "relay.bicep",
        "RELAY_STORE: 'tables'",
        "RELAY_STORE: 'tables'\n RELAY_TEAMS_APP_PASSWORD: policy",
        "no reference to",
    ),
    ("relay.bicep", "RELAY_POLICY: policy", "RELAY_POLICY: githubToken", "githubToken leaves the vault"),
    (
        "relay.bicep",
        "output vaultName string = vault.name",
        "output vaultName string = apiKeys",
        "apiKeys leaves the vault",
    ),
    ("relay.bicep", "@secure()\nparam receiptKeys", "param receiptKeys", "receiptKeys is not secure"),
    ("relay.bicep", "value: teamsAppPassword", "value: teamsAppId", "an entry of the vault is not secure"),
    ("relay.bicep", "VaultName=${vaultName};", "Vault=${vaultName};", "the references are not to the vault"),
    (
        "relay.bicep",
        "name: 'relay-api-keys'",
        "name: 'relay-api-key'",
        "the entry of the vault is called relay-api-keys",
    ),
    ("relay.bicep", "  @onlyIfNotExists()\n", "", "written anew at each provisioning"),
    # roles
    ("roles.bicep", "tableDataContributor = '0a9a7e1f-", "tableDataContributor = '0a9a7e1e-", "must be 0a9a7e1f"),
    (
        "roles.bicep",
        "guid(vault.id, identityPrincipalId, secretsUser)",
        "guid(vault.id, identityPrincipalId, secretsOfficer)",
        "its name is not made of",
    ),
    ("roles.bicep", "Definitions', secretsUser)", "Definitions', secretsOfficer)", "role is not assigned"),
    ("roles.bicep", "  scope: storage\n", "  scope: vault\n", "its name is not made of"),
    # expressions that keep keys and passwords out, and numbers equal
    ("relay.bicep", "allowSharedKeyAccess: false", "allowSharedKeyAccess: true", "allowSharedKeyAccess must be false"),
    ("relay.bicep", "    enablePurgeProtection: true\n", "", "no KeyVault/vaults has properties.enablePurgeProtection"),
    ("relay.bicep", "DisableLocalAuth: true", "DisableLocalAuth: false", "DisableLocalAuth must be true"),
    ("relay.bicep", "perInstanceConcurrency: concurrency", "perInstanceConcurrency: 8", "must be concurrency"),
    ("relay.bicep", "string(concurrency)", "'5'", "PYTHON_THREADPOOL_THREAD_COUNT must be string(concurrency)"),
    ("relay.bicep", "properties: { allow: false }", "properties: { allow: true }", "properties.allow must be false"),
    ("relay.bicep", "name: 'ftp'", "name: 'scm'", "publishing by password is off for ['scm'] alone"),
    (
        "relay.bicep",
        "keyVaultReferenceIdentity: identity.id",
        "keyVaultReferenceIdentity: plan.id",
        "must be identity.id",
    ),
    ("relay.bicep", "health?round=1", "health", "properties.Request.RequestUrl must be"),
    ("relay.bicep", "Frequency: 300", "Frequency: 3600", "properties.Frequency must be 300"),
    ("relay.bicep", "Locations: [{ Id: ", "Locations: [{ id: ", "no property id"),
    ("signals.bicep", "groupShortName:", "groupName:", "no property groupName"),
    ("signals.bicep", "serializedData: string", "serialisedData: string", "no property serialisedData"),
    ("signals.bicep", "scopes: [logs.id]", "scopes: logs.id", "properties.scopes must be an array"),
    ("signals.bicep", "operator: 'GreaterThan'", "operator: 'Greater'", "is 'Greater'"),
    ("signals.bicep", "timeAggregation: 'Count'", "timeAggregation: 'Sum'", "is 'Sum'"),
    ("relay.bicep", "'signals.bicep'", "'signal.bicep'", "no such file: signal.bicep"),
    ("signals.bicep", "severity: alert.severity", "severity: '1'", "must be int"),
    ("relay.bicep", "logsName: logs.name", "logName: logs.name", "has no parameter logName"),
    ("relay.bicep", "value: slackBotToken", "value: slackTeams", "an entry of the vault is not secure"),
    ("relay.bicep", "instanceMemoryMB: instanceMemoryMB", "instanceMemoryMB: 2048", "must be instanceMemoryMB"),
]


def test_the_infrastructure_is_without_a_mistake() -> None:
    findings, compared = check(sources())
    assert [] == findings
    assert compared > 150


@pytest.mark.parametrize(("file", "right", "wrong", "finding"), MISTAKES, ids=[each[3] for each in MISTAKES])
def test_a_planted_mistake_is_found(file: str, right: str, wrong: str, finding: str) -> None:
    texts = sources()
    assert right in texts[file]
    findings, _ = check(texts | {file: texts[file].replace(right, wrong, 1)})
    assert [] != [each for each in findings if finding in each], findings


def test_a_fifth_role_of_the_app_is_found() -> None:
    texts = sources()
    fifth = (
        texts["roles.bicep"]
        .partition("resource appSecrets")[2]
        .partition("\n}\n")[0]
        .replace("secretsUser", "secretsOfficer")
    )
    findings, _ = check(texts | {"roles.bicep": f"{texts['roles.bicep']}\nresource fifth{fifth}\n}}\n"})
    assert ["main.bicep:1: this role is assigned: identityPrincipalId secretsOfficer vault"] == findings


def test_every_published_type_is_used() -> None:
    used = {resource.kind for name, text in sources().items() for resource in BicepFile(name, text).resources.values()}
    assert used == set(TYPES)


def test_what_is_coming_has_not_come() -> None:
    assert set() == rules.COMING & rules.settings_read()


def given() -> dict[str, str]:
    """Return the text that each parameter gets from azd's environment."""
    parameters = json.loads((INFRA / "main.parameters.json").read_text("utf-8"))["parameters"]
    return {name: str(each["value"]) for name, each in parameters.items()}


def test_azd_gives_every_parameter_that_has_no_default_and_none_that_is_not_there() -> None:
    needed = {name for name, parameter in MAIN.parameters.items() if not parameter.has_default}
    assert needed <= set(given()) <= set(MAIN.parameters)


def test_each_value_of_azd_is_one_variable_with_the_default_of_its_parameter() -> None:
    for name, value in given().items():
        found = re.fullmatch(r"\$\{([A-Z0-9_]+)(?:=(\w*))?\}", value)
        assert found, name
        default = MAIN.source.partition(f"param {name} ")[2].partition("\n")[0].partition("= ")[2].strip("'")
        assert default == (found[2] or ""), name


def test_azd_calls_what_is_a_setting_by_its_name() -> None:
    variables = {name: value[2:].partition("=")[0].rstrip("}") for name, value in given().items()}
    others = {"AZURE_ENV_NAME", "AZURE_LOCATION", "AZURE_PRINCIPAL_ID", "AZURE_PRINCIPAL_TYPE"}
    others |= {
        "RELAY_INSTANCE_MEMORY",
        "RELAY_ALWAYS_READY",
        "RELAY_POLICY_BASE64",
        "RELAY_SECRETS_GIVEN",
        "RELAY_ALERT_EMAIL",
    }
    assert set(variables.values()) - others <= rules.settings_read() | rules.COMING


def test_every_secret_is_forgotten_by_azd() -> None:
    secure = {name for name, parameter in MAIN.parameters.items() if parameter.secure}
    variables = {value[2:].partition("=")[0] for name, value in given().items() if name in secure}
    assert variables == set(FORGOTTEN)
    assert secure <= set(given())


def azure_yaml() -> dict[str, Any]:
    found = yaml.safe_load((ROOT / "azure.yaml").read_text("utf-8"))
    assert isinstance(found, dict)
    return found


def commands(hooks: dict[str, dict[str, dict[str, str]]]) -> Iterator[tuple[str, str, str]]:
    for hook, systems in hooks.items():
        for system, each in systems.items():
            yield hook, system, f"{each['shell']}: {each['run']}"


def test_azd_makes_keys_before_it_provisions_and_forgets_them_after() -> None:
    expected = {
        ("preprovision", "posix", "sh: python3 infra/hooks/keys.py make"),
        ("preprovision", "windows", "pwsh: py infra/hooks/keys.py make"),
        ("postprovision", "posix", "sh: python3 infra/hooks/keys.py forget"),
        ("postprovision", "windows", "pwsh: py infra/hooks/keys.py forget"),
    }
    assert expected == set(commands(azure_yaml()["hooks"]))


def test_azd_deploys_the_function_app_and_finds_it_by_its_tag() -> None:
    (name,) = azure_yaml()["services"]
    assert {"project": ".", "language": "python", "host": "function", "remoteBuild": True} == azure_yaml()["services"][
        name
    ]
    assert f"'azd-service-name': '{name}'" in sources()["relay.bicep"]
    assert {"provider": "bicep", "path": "infra", "module": "main"} == azure_yaml()["infra"]
