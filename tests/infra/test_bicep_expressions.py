"""Expressions of the infrastructure that deploy well, and then do not work: each is planted and found."""

import pytest

from relay import settings
from relay.net import client
from tests.infra.bicep.check import check, sources
from tests.infra.bicep.held import LINES

MISTAKES = [
    ("relay.bicep", "Enabled: true", "Enabled: false", "properties.Enabled must be true"),
    ("relay.bicep", "remoteBuild: false", "remoteBuild: true", "lacks properties: { packageUri"),
    ("relay.bicep", "[{ name: 'http', ", "[{ name: 'https', ", "scaleAndConcurrency.alwaysReady must be"),
    ("relay.bicep", "alwaysReadyHttp > 0 ?", "alwaysReadyHttp > 1 ?", "scaleAndConcurrency.alwaysReady must be"),
    ("relay.bicep", "'hidden-link:${insights.id}'", "'hidden-link:${logs.id}'", "tags must be union(tags"),
    ("relay.bicep", "dependsOn: [roles, ", "dependsOn: [", "dependsOn must be [roles"),
    ("relay.bicep", "var concurrency = 64", "var concurrency = 1", "lacks var concurrency = 64"),
    ("relay.bicep", "? 'off' : join", "? 'app-service' : join", "RELAY_SIGN_IN must be"),
    (
        "relay.bicep",
        "used: !empty(teamsAppId)",
        "used: empty(teamsAppId)",
        "RELAY_TEAMS_APP_PASSWORD is used if !empty",
    ),
    (
        "relay.bicep",
        "'RELAY_HOOKS') }",
        "'RELAY_HOOK') }",
        "RELAY_HOOKS is used if contains(secretsGiven, 'RELAY_HOOKS')",
    ),
    ("relay.bicep", "value: githubToken", "value: teamsAppPassword", "relay-github-token must be githubToken"),
    ("relay.bicep", "if (!empty(key.value))", "if (empty(key.value))", "a condition of its own: empty(key.value)"),
    ("relay.bicep", "'Enabled'\n    siteConfig", "'Disabled'\n    siteConfig", "publicNetworkAccess must be 'Enabled'"),
    (
        "relay.bicep",
        "WorkspaceResourceId: logs.id",
        "WorkspaceResourceId: plan.id",
        "WorkspaceResourceId must be logs.id",
    ),
    (
        "relay.bicep",
        "ResourceId: identity.id",
        "ResourceId: plan.id",
        "userAssignedIdentityResourceId must be identity.id",
    ),
    (
        "relay.bicep",
        "Endpoints.blob}${container}'",
        "Endpoints.blob}x${container}'",
        "deployment.storage.value must be",
    ),
    (
        "relay.bicep",
        "identity.properties.principalId\n",
        "identity.properties.clientId\n",
        "must get identityPrincipalId",
    ),
    ("relay.bicep", "serverFarmId: plan.id", "serverFarmId: site.id", "serverFarmId must be plan.id"),
    ("relay.bicep", "RELAY_TEAMS_APP_ID: teamsAppId", "RELAY_TEAMS_APP_ID: policy", "must be teamsAppId"),
    (
        "relay.bicep",
        "'kv-relay-${token}'",
        "'key-vault-of-relay-${token}'",
        "lacks var vaultName = 'kv-relay-${token}'",
    ),
    ("relay.bicep", "'strelay${token}'", "'st-relay-${token}'", "name must be 'strelay${token}'"),
    (
        "roles.bicep",
        "if (!empty(principalId))",
        "if (empty(principalId))",
        "a condition of its own: empty(principalId)",
    ),
    ("main.bicep", "empty(policyBase64) ?", "!empty(policyBase64) ?", "the module relay must get policy from empty("),
    (
        "main.bicep",
        "cardAudience: cardAudience",
        "cardAudience: entraTenants",
        "must get cardAudience from cardAudience",
    ),
    ("main.bicep", "  scope: group\n", "", "lacks module relay"),
    ("main.bicep", "output RELAY_URL ", "output RELAY_URLS ", "lacks output RELAY_URL string"),
    ("main.bicep", "targetScope = 'subscription'", "", "lacks targetScope = 'subscription'"),
]


@pytest.mark.parametrize(("file", "right", "wrong", "finding"), MISTAKES, ids=[each[2] for each in MISTAKES])
def test_a_planted_expression_is_found(file: str, right: str, wrong: str, finding: str) -> None:
    texts = sources()
    assert right in texts[file]
    findings, _ = check(texts | {file: texts[file].replace(right, wrong, 1)})
    assert [] != [each for each in findings if finding in each], findings


def test_a_deployment_has_the_threads_that_its_own_health_asks_for() -> None:
    assert f"var concurrency = {client.CONNECTIONS}" in LINES["relay.bicep"]
    assert settings.FEWEST_THREADS <= client.CONNECTIONS
