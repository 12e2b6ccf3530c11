"""Store in the Table service of an Azure storage account."""
