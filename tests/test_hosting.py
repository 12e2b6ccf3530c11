"""Whether the relay runs on Azure, and whom it may believe there."""

from collections.abc import Mapping

import pytest

from relay.hosting import may_trust_sign_in, on_azure

PREMIUM = {"WEBSITE_INSTANCE_ID": "0f", "WEBSITE_SITE_NAME": "relay", "WEBSITE_SKU": "ElasticPremium"}
FLEX = {
    "WEBSITE_POD_NAME": "a-pod",
    "LEGION_SERVICE_HOST": "10.0.0.1",
    "CONTAINER_NAME": "a-pod",
    "WEBSITE_SITE_NAME": "relay",
    "WEBSITE_SKU": "FlexConsumption",
}
APPS = {"CONTAINER_APP_NAME": "relay", "MANAGED_ENVIRONMENT": "true"}
HERE = {"WEBSITE_HOSTNAME": "localhost:7071", "CONTAINER_NAME": "somebody's", "FUNCTIONS_WORKER_RUNTIME": "python"}


@pytest.mark.parametrize(
    "environ", [PREMIUM, FLEX, APPS, *({name: value} for name, value in FLEX.items() if name[0] in "WL")]
)
def test_every_plan_is_azure_by_each_of_its_marks(environ: Mapping[str, str]) -> None:
    assert on_azure(environ)


@pytest.mark.parametrize("environ", [{}, HERE, {"WEBSITE_INSTANCE_ID": ""}])
def test_a_machine_of_ones_own_is_not_azure(environ: Mapping[str, str]) -> None:
    assert not on_azure(environ)


@pytest.mark.parametrize(
    ("expected", "environ"),
    [
        (True, {}),
        (True, HERE),
        (True, PREMIUM | {"WEBSITE_AUTH_ENABLED": "True"}),
        (True, FLEX | {"WEBSITE_AUTH_ENABLED": "true"}),
        (False, PREMIUM),
        (False, FLEX),
        (False, APPS),
        (False, FLEX | {"WEBSITE_AUTH_ENABLED": "False"}),
        (False, FLEX | {"WEBSITE_AUTH_ENABLED": "yes"}),
        (False, {"WEBSITE_AUTH_ENABLED": "False"}),
    ],
)
def test_signed_in_people_are_believed_where_the_platform_says_so_or_on_ones_own_machine(
    *, expected: bool, environ: Mapping[str, str]
) -> None:
    assert expected == may_trust_sign_in(environ)
