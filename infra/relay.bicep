param location string
param tags object
param token string
param principalId string
param principalType string
param instanceMemoryMB int
param alwaysReadyHttp int
param maximumInstanceCount int
param availabilityLocation string
param alertEmail string
param storageSku string
param publicUrl string
param policy string
param entraTenants string
param cardAudience string
param githubAppClientId string
param teamsAppId string
param teamsTenantId string
param entraSignInClientId string
param githubSignInClientId string
param slackTeams string
param secretsGiven string
param packageUri string
@secure()
param ticketKeys string
@secure()
param receiptKeys string
@secure()
param apiKeys string
@secure()
param githubToken string
@secure()
param githubAppPrivateKey string
@secure()
param teamsAppPassword string
@secure()
param githubSignInClientSecret string
@secure()
param slackSigningSecret string
@secure()
param slackBotToken string
@secure()
param teamsWebhookKeys string
@secure()
param hooks string
@secure()
param githubWebhookSecret string

// Presses that an instance takes at once, and its threads. By default an instance takes one press and has five threads:
// then each of several people who press at once would wait for an instance of their own to start.
var concurrency = 64
var container = 'app-package'
var vaultName = 'kv-relay-${token}'
var madeKeys = [
  { name: 'relay-ticket-keys', setting: 'RELAY_TICKET_KEYS', value: ticketKeys }
  { name: 'relay-receipt-keys', setting: 'RELAY_RECEIPT_KEYS', value: receiptKeys }
  { name: 'relay-api-keys', setting: 'RELAY_API_KEYS', value: apiKeys }
]
var givenSecrets = [
  { name: 'relay-github-token', setting: 'RELAY_GITHUB_TOKEN', value: githubToken, used: empty(githubAppClientId) }
  { name: 'relay-github-app-private-key', setting: 'RELAY_GITHUB_APP_PRIVATE_KEY', value: githubAppPrivateKey, used: !empty(githubAppClientId) }
  { name: 'relay-teams-app-password', setting: 'RELAY_TEAMS_APP_PASSWORD', value: teamsAppPassword, used: !empty(teamsAppId) }
  { name: 'relay-github-sign-in-client-secret', setting: 'RELAY_GITHUB_SIGN_IN_CLIENT_SECRET', value: githubSignInClientSecret, used: !empty(githubSignInClientId) }
  { name: 'relay-slack-signing-secret', setting: 'RELAY_SLACK_SIGNING_SECRET', value: slackSigningSecret, used: !empty(slackTeams) }
  { name: 'relay-slack-bot-token', setting: 'RELAY_SLACK_BOT_TOKEN', value: slackBotToken, used: !empty(slackTeams) }
  { name: 'relay-teams-webhook-keys', setting: 'RELAY_TEAMS_WEBHOOK_KEYS', value: teamsWebhookKeys, used: contains(secretsGiven, 'RELAY_TEAMS_WEBHOOK_KEYS') }
  { name: 'relay-github-webhook-secret', setting: 'RELAY_GITHUB_WEBHOOK_SECRET', value: githubWebhookSecret, used: contains(secretsGiven, 'RELAY_GITHUB_WEBHOOK_SECRET') }
  { name: 'relay-hooks', setting: 'RELAY_HOOKS', value: hooks, used: contains(secretsGiven, 'RELAY_HOOKS') }
]
var secretSettings = toObject(
  concat(madeKeys, filter(givenSecrets, secret => secret.used)),
  secret => secret.setting,
  secret => '@Microsoft.KeyVault(VaultName=${vaultName};SecretName=${secret.name})'
)
var signInProviders = [
  { name: 'entra', used: !empty(entraSignInClientId) }
  { name: 'github', used: !empty(githubSignInClientId) }
]
var signIn = map(filter(signInProviders, provider => provider.used), provider => provider.name)

resource identity 'Microsoft.ManagedIdentity/userAssignedIdentities@2024-11-30' = {
  name: 'id-relay-${token}'
  location: location
  tags: tags
}

resource logs 'Microsoft.OperationalInsights/workspaces@2025-02-01' = {
  name: 'log-relay-${token}'
  location: location
  tags: tags
  properties: {
    sku: { name: 'PerGB2018' }
    retentionInDays: 90
    workspaceCapping: { dailyQuotaGb: 1 }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-relay-${token}'
  location: location
  tags: tags
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: logs.id
    DisableLocalAuth: true
  }
}

resource storage 'Microsoft.Storage/storageAccounts@2025-01-01' = {
  name: 'strelay${token}'
  location: location
  tags: tags
  kind: 'StorageV2'
  sku: { name: storageSku }
  properties: {
    allowBlobPublicAccess: false
    allowSharedKeyAccess: false
    allowCrossTenantReplication: false
    defaultToOAuthAuthentication: true
    minimumTlsVersion: 'TLS1_2'
    supportsHttpsTrafficOnly: true
    publicNetworkAccess: 'Enabled'
  }

  resource blobs 'blobServices' = {
    name: 'default'
    resource package 'containers' = {
      name: container
      properties: { publicAccess: 'None' }
    }
  }
}

resource vault 'Microsoft.KeyVault/vaults@2024-11-01' = {
  name: vaultName
  location: location
  tags: tags
  properties: {
    tenantId: tenant().tenantId
    sku: { family: 'A', name: 'standard' }
    enableRbacAuthorization: true
    enableSoftDelete: true
    softDeleteRetentionInDays: 90
    enablePurgeProtection: true
  }

  // Once made they stay, through every later provisioning: with other keys every open card would be dead.
  @onlyIfNotExists()
  resource made 'secrets' = [
    for key in madeKeys: if (!empty(key.value)) {
      name: key.name
      properties: { value: key.value }
    }
  ]

  resource given 'secrets' = [
    for secret in givenSecrets: if (!empty(secret.value)) {
      name: secret.name
      properties: { value: secret.value }
    }
  ]
}

module roles 'roles.bicep' = {
  name: 'roles'
  params: {
    storageName: storage.name
    vaultName: vault.name
    insightsName: insights.name
    identityPrincipalId: identity.properties.principalId
    principalId: principalId
    principalType: principalType
  }
}

module signals 'signals.bicep' = {
  name: 'signals'
  params: {
    location: location
    tags: tags
    token: token
    logsName: logs.name
    alertEmail: alertEmail
  }
}

resource plan 'Microsoft.Web/serverfarms@2024-11-01' = {
  name: 'plan-relay-${token}'
  location: location
  tags: tags
  kind: 'functionapp'
  sku: { name: 'FC1', tier: 'FlexConsumption' }
  properties: { reserved: true }
}

resource site 'Microsoft.Web/sites@2024-11-01' = {
  name: 'func-relay-${token}'
  location: location
  tags: union(tags, { 'azd-service-name': 'relay' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: { '${identity.id}': {} }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    clientAffinityEnabled: false
    keyVaultReferenceIdentity: identity.id
    publicNetworkAccess: 'Enabled'
    siteConfig: { minTlsVersion: '1.2' }
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${container}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identity.id
          }
        }
      }
      runtime: { name: 'python', version: '3.13' }
      scaleAndConcurrency: {
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        alwaysReady: alwaysReadyHttp > 0 ? [{ name: 'http', instanceCount: alwaysReadyHttp }] : []
        triggers: { http: { perInstanceConcurrency: concurrency } }
      }
    }
  }
  dependsOn: [roles, storage::blobs::package]

  resource settings 'config' = {
    name: 'appsettings'
    properties: union(secretSettings, {
      AzureWebJobsStorage__accountName: storage.name
      AzureWebJobsStorage__credential: 'managedidentity'
      AzureWebJobsStorage__clientId: identity.properties.clientId
      AzureWebJobsDisableHomepage: 'true'
      APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
      APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identity.properties.clientId};Authorization=AAD'
      PYTHON_THREADPOOL_THREAD_COUNT: string(concurrency)
      RELAY_PUBLIC_URL: empty(publicUrl) ? 'https://${site.properties.defaultHostName}' : publicUrl
      RELAY_POLICY: policy
      RELAY_STORE: 'tables'
      RELAY_ENTRA_TENANTS: entraTenants
      RELAY_CARD_AUDIENCE: cardAudience
      RELAY_GITHUB_APP_CLIENT_ID: githubAppClientId
      RELAY_TEAMS_APP_ID: teamsAppId
      RELAY_TEAMS_TENANT_ID: teamsTenantId
      RELAY_SLACK_TEAMS: slackTeams
      RELAY_SIGN_IN: empty(signIn) ? 'off' : join(signIn, ',')
      RELAY_ENTRA_SIGN_IN_CLIENT_ID: entraSignInClientId // its secret is the federated credential of the identity
      RELAY_GITHUB_SIGN_IN_CLIENT_ID: githubSignInClientId
    })
  }

  resource code 'extensions' = if (!empty(packageUri)) {
    name: 'onedeploy'
    #disable-next-line BCP037 // the published types have no properties for onedeploy
    properties: { packageUri: packageUri, remoteBuild: false }
    dependsOn: [settings]
  }

  resource scm 'basicPublishingCredentialsPolicies' = {
    name: 'scm'
    properties: { allow: false }
  }

  resource ftp 'basicPublishingCredentialsPolicies' = {
    name: 'ftp'
    properties: { allow: false }
  }
}

// Health every five minutes. With round=1 it also pays what is owed where the timer has stopped.
resource availability 'Microsoft.Insights/webtests@2022-06-15' = {
  name: 'health-relay-${token}'
  location: location
  tags: union(tags, { 'hidden-link:${insights.id}': 'Resource' })
  kind: 'standard'
  properties: {
    SyntheticMonitorId: 'health-relay-${token}'
    Name: 'health-relay-${token}'
    Enabled: true
    Kind: 'standard'
    Frequency: 300
    Timeout: 60
    RetryEnabled: true
    Locations: [{ Id: availabilityLocation }]
    Request: {
      RequestUrl: 'https://${site.properties.defaultHostName}/api/health?round=1'
      HttpVerb: 'GET'
      ParseDependentRequests: false
    }
    ValidationRules: {
      ExpectedHttpStatusCode: 200
      SSLCheck: true
      SSLCertRemainingLifetimeCheck: 7
    }
  }
}

output functionName string = site.name
output vaultName string = vault.name
output storageName string = storage.name
output publicUrl string = empty(publicUrl) ? 'https://${site.properties.defaultHostName}' : publicUrl
output identityPrincipalId string = identity.properties.principalId
