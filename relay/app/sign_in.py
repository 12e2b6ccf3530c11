"""The sign-in of the pages, made of the settings of its providers."""

import time
from collections.abc import Callable

from relay.app.stores import new_nonce
from relay.approval.policy import Policy
from relay.identity.key_sets import KeySets
from relay.net import client as http_client
from relay.pages.entrance import Entrance
from relay.pages.sign_in.attempts import Attempts
from relay.pages.sign_in.provider import Provider
from relay.pages.sign_in.road import SignIn
from relay.settings import ENTRA, GITHUB, Settings


def make_sign_in(
    settings: Settings, policy: Policy, entrance: Entrance, client: Callable[[], http_client.Client], key_sets: KeySets
) -> SignIn:
    """Return the sign-in with a provider for each way that has one; App Service signs people in by itself."""

    def provider(name: str) -> Provider:
        return _github(settings, policy, client) if name == GITHUB else _entra(settings, client, key_sets)

    return SignIn(
        entrance=entrance,
        providers={name: provider(name) for name in settings.sign_in if name in (ENTRA, GITHUB)},
        attempts=Attempts(settings.ticket_keys, settings.public_url),
        sessions=entrance.sessions,
        public_url=settings.public_url,
        clock=time.time,
        nonce=new_nonce,
    )


def _github(settings: Settings, policy: Policy, client: Callable[[], http_client.Client]) -> Provider:
    from relay.pages.sign_in.github import GitHubSignIn  # noqa: PLC0415 - only for those who sign in there

    return GitHubSignIn(
        web_url=settings.github_url,
        api_url=settings.github_api_url,
        api_version=settings.github_api_version,
        client_id=settings.github_sign_in_client_id,
        secret=settings.github_sign_in_client_secret,
        policy=policy,
        public_url=settings.public_url,
        client=client,
        clock=time.time,
    )


def _entra(settings: Settings, client: Callable[[], http_client.Client], key_sets: KeySets) -> Provider:
    from relay.identity.managed_identity import assertion  # noqa: PLC0415 - only for those who sign in there
    from relay.pages.sign_in.entra import EntraSignIn  # noqa: PLC0415 - as above

    return EntraSignIn(
        authority=settings.entra_authority,
        tenants=settings.entra_tenants,
        client_id=settings.entra_sign_in_client_id,
        secret=settings.entra_sign_in_client_secret,
        assertion=lambda: assertion(settings.entra_sign_in_identity),
        public_url=settings.public_url,
        client=client,
        keys=key_sets.keys,
        clock=time.time,
    )
