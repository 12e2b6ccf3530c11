param location string
param tags object
param token string
param logsName string
param alertEmail string

// Each line of the relay is a JSON object in Message; docs/operations.md lists the events and their fields.
var lines = 'AppTraces | extend line = parse_json(Message)'
var alerts = [
  {
    name: 'undelivered'
    text: 'Something approved was not released: GitHub refused it, or did not take it within a day.'
    severity: 1
    minutes: 5
    query: '${lines} | where line.event in ("refused", "dead")'
  }
  {
    name: 'no-round'
    text: 'The timer wrote no round for 15 minutes: is its function disabled, or did it stop after a deployment?'
    severity: 1
    minutes: 15
    query: '${lines} | where line.event == "round" and line.outcome != "late" | summarize rounds = count() | where rounds == 0'
  }
  {
    name: 'failing'
    text: 'The relay could not answer: its settings are wrong, or its store does not answer.'
    severity: 1
    minutes: 5
    query: '${lines} | where line.event == "settings" or line.outcome == "busy" or (line.event == "round" and line.outcome == "failed")'
  }
  {
    name: 'unhealthy'
    text: 'Health failed twice, or could not be asked.'
    severity: 1
    minutes: 15
    query: 'AppAvailabilityResults | where Success == false | summarize failed = count() | where failed > 1'
  }
]
var charts = [
  {
    title: 'Requests and their ends'
    query: '${lines} | where line.event in ("requested", "approved", "rejected", "cancelled", "superseded", "expired") | summarize count() by bin(TimeGenerated, 1h), tostring(line.event) | render timechart'
  }
  {
    title: 'Presses by outcome'
    query: '${lines} | where line.event == "press" | summarize count() by bin(TimeGenerated, 1h), tostring(line.outcome) | render timechart'
  }
  {
    title: 'Seconds of a press (95 of 100 are faster)'
    query: '${lines} | where line.event == "press" | summarize percentile(toreal(line.ms) / 1000, 95) by bin(TimeGenerated, 1h), tostring(line.channel) | render timechart'
  }
  {
    title: 'Approved and not released'
    query: '${lines} | where line.event in ("refused", "dead") | project TimeGenerated, request = tostring(line.request), repository = tostring(line.repository), reason = tostring(line.reason), cure = tostring(line.cure)'
  }
  {
    title: 'Refusals by check'
    query: '${lines} | where isnotempty(line.check) | summarize count() by tostring(line.event), tostring(line.check) | order by count_ desc'
  }
  {
    title: 'Rounds of the timer, and the debts that they tried'
    query: '${lines} | where line.event == "round" | summarize rounds = count(), tried = sum(toint(line.tried)) by bin(TimeGenerated, 1h) | render timechart'
  }
]

resource logs 'Microsoft.OperationalInsights/workspaces@2025-02-01' existing = {
  name: logsName
}

resource people 'Microsoft.Insights/actionGroups@2023-01-01' = if (!empty(alertEmail)) {
  name: 'ag-relay-${token}'
  location: 'global'
  tags: tags
  properties: {
    groupShortName: 'relay'
    enabled: true
    emailReceivers: [{ name: 'operator', emailAddress: alertEmail, useCommonAlertSchema: true }]
  }
}

resource rules 'Microsoft.Insights/scheduledQueryRules@2023-12-01' = [
  for alert in alerts: if (!empty(alertEmail)) {
    name: 'alert-relay-${alert.name}-${token}'
    location: location
    tags: tags
    kind: 'LogAlert'
    properties: {
      displayName: 'relay: ${alert.name}'
      description: alert.text
      severity: alert.severity
      enabled: true
      scopes: [logs.id]
      evaluationFrequency: 'PT5M'
      windowSize: 'PT${alert.minutes}M'
      skipQueryValidation: true // a new workspace has no table of availability results yet
      autoMitigate: true
      criteria: {
        allOf: [
          {
            query: alert.query
            timeAggregation: 'Count'
            operator: 'GreaterThan'
            threshold: 0
            failingPeriods: { numberOfEvaluationPeriods: 1, minFailingPeriodsToAlert: 1 }
          }
        ]
      }
      actions: { actionGroups: [people.id] }
    }
  }
]

resource workbook 'Microsoft.Insights/workbooks@2023-06-01' = {
  name: guid(logs.id, 'relay')
  location: location
  tags: tags
  kind: 'shared'
  properties: {
    displayName: 'Approval relay'
    category: 'workbook'
    sourceId: logs.id
    version: 'Notebook/1.0'
    serializedData: string({
      version: 'Notebook/1.0'
      items: map(charts, chart => {
        type: 3
        content: {
          version: 'KqlItem/1.0'
          title: chart.title
          query: chart.query
          size: 0
          queryType: 0
          resourceType: 'microsoft.operationalinsights/workspaces'
          timeContext: { durationMs: 604800000 }
        }
      })
    })
  }
}
