"""The function app's package and its infrastructure on Azure. Nothing in here is deployed."""
