"""Whether the relay runs on Azure, told by what the platform itself sets there.

WEBSITE_INSTANCE_ID is set by App Service and the Premium plan, and not by Flex Consumption, which tells its instances
apart by their pods, nor by Container Apps. So any of these names counts: to take another place for Azure refuses
something there, and to take Azure for another place would believe headers that anybody can write.
https://learn.microsoft.com/azure/azure-functions/functions-app-settings
https://github.com/Azure/azure-functions-host/blob/dev/src/WebJobs.Script/Environment/EnvironmentExtensions.cs
"""

from collections.abc import Mapping
from typing import Final

AUTHENTICATION: Final = "WEBSITE_AUTH_ENABLED"
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
    """Tell whether nobody but App Service authentication can have sent its headers, or this is one's own machine.

    https://learn.microsoft.com/azure/app-service/reference-app-settings#authentication--authorization
    """
    said = environ.get(AUTHENTICATION, "").strip().lower()
    return said == "true" or not (said or on_azure(environ))
