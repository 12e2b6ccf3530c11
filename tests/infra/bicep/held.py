"""The texts and expressions that no type holds, and that a deployment depends on."""

from typing import Final

FREE_TEXTS: Final = {  # the texts that a type leaves free, by the end of the type and the path of the property
    ("Web/serverfarms", "sku.name"): "FC1",
    ("Web/serverfarms", "sku.tier"): "FlexConsumption",
    ("Web/serverfarms", "kind"): "functionapp",
    ("Web/sites", "kind"): "functionapp,linux",
    ("Web/sites", "properties.functionAppConfig.runtime.version"): "3.13",
    ("Web/sites", "properties.functionAppConfig.runtime.name"): "python",
    ("Insights/components", "kind"): "web",
    ("Insights/webtests", "properties.Request.HttpVerb"): "GET",
    ("OperationalInsights/workspaces", "properties.sku.name"): "PerGB2018",
}
HELD: Final = {  # expressions that keep keys and passwords out, and numbers equal
    ("OperationalInsights/workspaces", "properties.workspaceCapping.dailyQuotaGb"): "1",
    ("Storage/storageAccounts", "name"): "'strelay${token}'",  # 24 letters and digits at most
    ("Storage/storageAccounts", "properties.allowSharedKeyAccess"): "false",
    ("Storage/storageAccounts", "properties.allowBlobPublicAccess"): "false",
    ("Storage/storageAccounts", "properties.allowCrossTenantReplication"): "false",
    ("Storage/storageAccounts", "properties.minimumTlsVersion"): "'TLS1_2'",
    ("Storage/storageAccounts", "properties.supportsHttpsTrafficOnly"): "true",
    ("storageAccounts/blobServices/containers", "properties.publicAccess"): "'None'",
    ("KeyVault/vaults", "name"): "vaultName",
    ("KeyVault/vaults", "properties.enablePurgeProtection"): "true",
    ("KeyVault/vaults", "properties.enableSoftDelete"): "true",
    ("KeyVault/vaults", "properties.softDeleteRetentionInDays"): "90",
    ("KeyVault/vaults", "properties.tenantId"): "tenant().tenantId",
    ("KeyVault/vaults", "properties.enableRbacAuthorization"): "true",
    ("Insights/components", "properties.DisableLocalAuth"): "true",
    ("Insights/components", "properties.WorkspaceResourceId"): "logs.id",
    ("Insights/webtests", "tags"): "union(tags, { 'hidden-link:${insights.id}': 'Resource' })",
    ("Insights/webtests", "kind"): "'standard'",
    ("Insights/webtests", "properties.Enabled"): "true",
    ("Insights/webtests", "properties.Kind"): "'standard'",
    ("Insights/webtests", "properties.Frequency"): "300",
    ("Insights/webtests", "properties.Request.RequestUrl"): (
        "'https://${site.properties.defaultHostName}/api/health?round=1'"
    ),
    ("Insights/webtests", "properties.ValidationRules.ExpectedHttpStatusCode"): "200",
    ("Insights/webtests", "properties.ValidationRules.SSLCheck"): "true",
    ("Web/serverfarms", "properties.reserved"): "true",
    ("Web/sites", "identity.type"): "'UserAssigned'",
    ("Web/sites", "dependsOn"): "[roles, storage::blobs::package]",
    ("Web/sites", "properties.serverFarmId"): "plan.id",
    ("Web/sites", "properties.publicNetworkAccess"): "'Enabled'",
    ("Web/sites", "properties.httpsOnly"): "true",
    ("Web/sites", "properties.keyVaultReferenceIdentity"): "identity.id",
    ("Web/sites", "properties.siteConfig.minTlsVersion"): "'1.2'",
    ("Web/sites", "properties.functionAppConfig.deployment.storage.authentication.type"): "'UserAssignedIdentity'",
    ("Web/sites", "properties.functionAppConfig.deployment.storage.value"): (
        "'${storage.properties.primaryEndpoints.blob}${container}'"
    ),
    ("Web/sites", "properties.functionAppConfig.deployment.storage.authentication.userAssignedIdentityResourceId"): (
        "identity.id"
    ),
    ("Web/sites", "properties.functionAppConfig.scaleAndConcurrency.alwaysReady"): (
        "alwaysReadyHttp > 0 ? [{ name: 'http', instanceCount: alwaysReadyHttp }] : []"
    ),
    ("Web/sites", "properties.functionAppConfig.scaleAndConcurrency.maximumInstanceCount"): "maximumInstanceCount",
    ("Web/sites", "properties.functionAppConfig.scaleAndConcurrency.instanceMemoryMB"): "instanceMemoryMB",
    ("Web/sites", "properties.functionAppConfig.scaleAndConcurrency.triggers.http.perInstanceConcurrency"): (
        "concurrency"
    ),
    ("sites/config", "properties.PYTHON_THREADPOOL_THREAD_COUNT"): "string(concurrency)",
    ("sites/config", "properties.AzureWebJobsStorage__credential"): "'managedidentity'",
    ("sites/config", "properties.AzureWebJobsStorage__clientId"): "identity.properties.clientId",
    ("sites/config", "properties.AzureWebJobsStorage__accountName"): "storage.name",
    ("sites/config", "properties.APPLICATIONINSIGHTS_AUTHENTICATION_STRING"): (
        "'ClientId=${identity.properties.clientId};Authorization=AAD'"
    ),
    ("sites/basicPublishingCredentialsPolicies", "properties.allow"): "false",
}
SETTINGS: Final = {  # each other setting is the parameter that is called after it
    "RELAY_PUBLIC_URL": "empty(publicUrl) ? 'https://${site.properties.defaultHostName}' : publicUrl",
    "RELAY_SIGN_IN": "empty(signIn) ? 'off' : join(signIn, ',')",
    "RELAY_STORE": "'tables'",
}
MODULES: Final = {  # each other parameter of a module gets what has its name
    ("relay", "policy"): "empty(policyBase64) ? policy : base64ToString(policyBase64)",
    ("roles", "storageName"): "storage.name",
    ("roles", "vaultName"): "vault.name",
    ("roles", "insightsName"): "insights.name",
    ("roles", "identityPrincipalId"): "identity.properties.principalId",
    ("signals", "logsName"): "logs.name",
}
CONDITIONS: Final = {
    "!empty(key.value)",
    "!empty(secret.value)",
    "!empty(principalId)",
    "!empty(packageUri)",
    "!empty(alertEmail)",
}
USED: Final = {  # when the app has a reference to a secret that the vault need not hold
    "RELAY_GITHUB_TOKEN": "empty(githubAppClientId)",
    "RELAY_GITHUB_APP_PRIVATE_KEY": "!empty(githubAppClientId)",
    "RELAY_TEAMS_APP_PASSWORD": "!empty(teamsAppId)",
    "RELAY_GITHUB_SIGN_IN_CLIENT_SECRET": "!empty(githubSignInClientId)",
    "RELAY_SLACK_SIGNING_SECRET": "!empty(slackTeams)",
    "RELAY_SLACK_BOT_TOKEN": "!empty(slackTeams)",
}  # of each other: whether secretsGiven has its name
LINES: Final = {
    "main.bicep": (
        "targetScope = 'subscription'",
        "module relay 'relay.bicep' = {\n  name: 'relay'\n  scope: group\n",
        "var token = toLower(uniqueString(subscription().id, environmentName, location))",
        "output AZURE_LOCATION string = location",
        "output AZURE_TENANT_ID string = tenant().tenantId",
        "output AZURE_RESOURCE_GROUP string = group.name",
        "output AZURE_FUNCTION_NAME string = relay.outputs.functionName",
        "output AZURE_KEY_VAULT_NAME string = relay.outputs.vaultName",
        "output AzureWebJobsStorage__accountName string = relay.outputs.storageName",
        "output RELAY_URL string = relay.outputs.publicUrl",
        "output SIGN_IN_SUBJECT string = relay.outputs.identityPrincipalId",
        "output RELAY_KEYS_KEPT string = 'in the vault'",
    ),
    "relay.bicep": (
        "var concurrency = 64",
        "var vaultName = 'kv-relay-${token}'",  # 24 characters at most
        "output publicUrl string = empty(publicUrl) ? 'https://${site.properties.defaultHostName}' : publicUrl",
        "output identityPrincipalId string = identity.properties.principalId",
        "properties: { packageUri: packageUri, remoteBuild: false }",
    ),
}
