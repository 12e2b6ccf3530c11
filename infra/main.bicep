targetScope = 'subscription'

@minLength(1)
@maxLength(32)
@description('Name of the environment; part of every name.')
param environmentName string

@minLength(1)
@metadata({ azd: { type: 'location' } })
@description('A region that offers Flex Consumption: az functionapp list-flexconsumption-locations.')
param location string

@description('The person or service that deploys: may then use `relay outbox` and write secrets. Empty: none.')
param principalId string = ''
@allowed(['User', 'ServicePrincipal'])
param principalType string = 'User'

@allowed([512, 2048, 4096])
@description('Memory of an instance.')
param instanceMemoryMB int = 2048
@minValue(0)
@maxValue(20)
@description('Instances kept warm for presses; 0 costs nothing, and the first press of a quiet hour starts cold.')
param alwaysReadyHttp int = 0
@minValue(40)
@maxValue(1000)
param maximumInstanceCount int = 40
@description('From where health is asked: https://learn.microsoft.com/azure/azure-monitor/app/availability.')
param availabilityLocation string = 'emea-nl-ams-azr'
@description('Where alerts go; empty: no alerts.')
param alertEmail string = ''
@allowed(['Standard_LRS', 'Standard_ZRS'])
@description('Standard_ZRS keeps three zones; some regions have Standard_LRS alone.')
param storageSku string = 'Standard_ZRS'

@description('Origin under which chats and people reach the relay; empty: the default host name.')
param publicUrl string = ''
@description('The TOML of the policy; empty: policy.toml of the deployed code.')
param policy string = ''
@description('The same as base64, for azd: it puts values into JSON, and quotes within could break that.')
param policyBase64 string = ''
@description('Tenants whose people may act.')
param entraTenants string = tenant().tenantId
@description('Accepted audiences of presses in Outlook; empty: none.')
param cardAudience string = ''
@description('Client id of a GitHub App; empty: a token.')
param githubAppClientId string = ''
@description('App id of the Teams bot; empty: no bot.')
param teamsAppId string = ''
param teamsTenantId string = ''
@description('Client id of the app registration that signs people in; it needs no secret. Empty: no sign-in by Entra.')
param entraSignInClientId string = ''
@description('Client id of the GitHub App that signs people in; empty: no sign-in by GitHub.')
param githubSignInClientId string = ''
@description('Slack teams whose people may act; empty: no Slack.')
param slackTeams string = ''
@description('Secrets that the vault was given and that no other value tells of; the hook of azd keeps their names.')
param secretsGiven string = ''
@description('A released function package (https) to run at once; empty: azd or a workflow brings the code.')
param packageUri string = ''

@secure()
@description('As `relay keys new` prints it. Written once: a key that the vault has is never replaced.')
param ticketKeys string = ''
@secure()
@description('As `relay keys new` prints it. Written once.')
param receiptKeys string = ''
@secure()
@description('List of name:key:scope. Written once.')
param apiKeys string = ''
@secure()
@description('Of this and the next ones an empty value leaves the vault as it is.')
param githubToken string = ''
@secure()
param githubAppPrivateKey string = ''
@secure()
param teamsAppPassword string = ''
@secure()
param githubSignInClientSecret string = ''
@secure()
param slackSigningSecret string = ''
@secure()
param slackBotToken string = ''
@secure()
param teamsWebhookKeys string = ''
@secure()
@description('List of NAME:KEY:URL, the channels of the kind webhook.')
param hooks string = ''
@secure()
param githubWebhookSecret string = ''

var token = toLower(uniqueString(subscription().id, environmentName, location))
var tags = { 'azd-env-name': environmentName }

resource group 'Microsoft.Resources/resourceGroups@2024-11-01' = {
  name: 'rg-${environmentName}'
  location: location
  tags: tags
}

module relay 'relay.bicep' = {
  name: 'relay'
  scope: group
  params: {
    location: location
    tags: tags
    token: token
    principalId: principalId
    principalType: principalType
    instanceMemoryMB: instanceMemoryMB
    alwaysReadyHttp: alwaysReadyHttp
    maximumInstanceCount: maximumInstanceCount
    availabilityLocation: availabilityLocation
    alertEmail: alertEmail
    storageSku: storageSku
    publicUrl: publicUrl
    policy: empty(policyBase64) ? policy : base64ToString(policyBase64)
    entraTenants: entraTenants
    cardAudience: cardAudience
    githubAppClientId: githubAppClientId
    teamsAppId: teamsAppId
    teamsTenantId: teamsTenantId
    entraSignInClientId: entraSignInClientId
    githubSignInClientId: githubSignInClientId
    slackTeams: slackTeams
    secretsGiven: secretsGiven
    packageUri: packageUri
    ticketKeys: ticketKeys
    receiptKeys: receiptKeys
    apiKeys: apiKeys
    githubToken: githubToken
    githubAppPrivateKey: githubAppPrivateKey
    teamsAppPassword: teamsAppPassword
    githubSignInClientSecret: githubSignInClientSecret
    slackSigningSecret: slackSigningSecret
    slackBotToken: slackBotToken
    teamsWebhookKeys: teamsWebhookKeys
    hooks: hooks
    githubWebhookSecret: githubWebhookSecret
  }
}

output AZURE_LOCATION string = location
output AZURE_TENANT_ID string = tenant().tenantId
output AZURE_RESOURCE_GROUP string = group.name
output AZURE_FUNCTION_NAME string = relay.outputs.functionName
output AZURE_KEY_VAULT_NAME string = relay.outputs.vaultName
output AzureWebJobsStorage__accountName string = relay.outputs.storageName
output RELAY_URL string = relay.outputs.publicUrl
@description('The subject of the federated credential by which the identity signs people in.')
output SIGN_IN_SUBJECT string = relay.outputs.identityPrincipalId
@description('azd keeps this: the next provisioning then makes no keys.')
output RELAY_KEYS_KEPT string = 'in the vault'
