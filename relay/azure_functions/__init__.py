"""The adapter for Azure Functions: a request becomes a delivery, a reply becomes a response."""
