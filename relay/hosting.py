"""Detection of Azure, by the variables that the platform itself sets.

https://learn.microsoft.com/azure/azure-functions/functions-app-settings
https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script/Environment/EnvironmentExtensions.cs
"""

from collections.abc import Mapping
from typing import Final

AUTHENTICATION: Final = "WEBSITE_AUTH_ENABLED"
# App Service and the Premium plan set WEBSITE_INSTANCE_ID. Flex Consumption (which names its instances by their pods)
# and Container Apps do not. So any of these names counts: taking another host for Azure only refuses something there,
# while taking Azure for another host would believe headers that anyone can write.
MARKS: Final = (
    "WEBSITE_INSTANCE_ID",
    "WEBSITE_SITE_NAME",
    "WEBSITE_SKU",
    "WEBSITE_POD_NAME",
    "LEGION_SERVICE_HOST",
    "CONTAINER_APP_NAME",
    "MANAGED_ENVIRONMENT",
)


def on_azure(environ: Mapping[str, str]) -> bool:
    """Tell whether any plan of Azure runs this process."""
    return any(environ.get(name) for name in MARKS)


def may_trust_sign_in(environ: Mapping[str, str]) -> bool:
    """Tell whether App Service's sign-in headers can be trusted: its authentication is on, or this is no Azure.

    https://learn.microsoft.com/azure/app-service/reference-app-settings#authentication--authorization
    """
    setting = environ.get(AUTHENTICATION, "").strip().lower()
    return setting == "true" or not (setting or on_azure(environ))
