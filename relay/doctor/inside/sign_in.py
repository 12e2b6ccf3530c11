"""Checks of the sign-in: the credential of each provider's client, and the address to which it sends people back.

A made-up code is exchanged: the provider looks at the client first, and then refuses the code.
https://learn.microsoft.com/entra/identity-platform/v2-oauth2-auth-code-flow
https://docs.github.com/apps/oauth-apps/maintaining-oauth-apps/troubleshooting-oauth-app-access-token-request-errors
"""

from collections.abc import Iterator, Mapping
from types import MappingProxyType
from typing import Final
from urllib.parse import urlencode

from relay.doctor.inside.subject import Inside
from relay.errors import Outage
from relay.identity.directory import is_guid
from relay.identity.entra_errors import FAULTS, code_of
from relay.identity.managed_identity import assertion
from relay.model.findings import Finding, LeftOut
from relay.pages.addresses import CALLBACK
from relay.settings import APP_SERVICE, ENTRA, GITHUB
from relay.signed.canonical_json import members

_MADE_UP: Final = "0" * 20
_ASSERTION: Final = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
_VALUE: Final = (
    "RELAY_ENTRA_SIGN_IN_CLIENT_SECRET has the form of a secret's id: copy the column Value of a new secret, which is "
    "shown once."
)
_ENTRA_CURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "secret": "Make a new client secret, and put its value, not its id, into RELAY_ENTRA_SIGN_IN_CLIENT_SECRET.",
        "expired": "The secret has expired: make a new one for RELAY_ENTRA_SIGN_IN_CLIENT_SECRET.",
        "app": "Correct RELAY_ENTRA_SIGN_IN_CLIENT_ID: the tenant has no such app registration.",
        "tenant": "Correct RELAY_ENTRA_TENANTS: there is no such tenant.",
        "redirect": "Add the address to the app registration, under Authentication, as a redirect URI of kind Web.",
    }
)
_GITHUB_CURES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "incorrect_client_credentials": "Correct the client id and the client secret of RELAY_GITHUB_SIGN_IN_.",
        "redirect_uri_mismatch": "Add the address as a callback URL in the settings of the app.",
        "application_suspended": "Unsuspend the app at GitHub.",
    }
)
_REFUSES_THE_CODE: Final = "bad_verification_code"


def sign_in(inside: Inside) -> Iterator[Finding | LeftOut]:
    """Look at each way to sign in."""
    ways = {ENTRA: _entra, GITHUB: _github}
    found = [way for way in inside.settings.sign_in if way in ways]
    if APP_SERVICE in inside.settings.sign_in:
        yield Finding("ok", "App Service signs people in; `relay doctor --url` sees whether it refuses forged headers")
    elif not found:
        yield LeftOut("RELAY_SIGN_IN is off")
    for way in found:
        try:
            yield from ways[way](inside, inside.settings.public_url + CALLBACK)
        except Outage as outage:
            yield Finding("failed", f"{way}: {outage.what}", "Let the relay call it, or look at its state.")


def _entra(inside: Inside, callback: str) -> Iterator[Finding]:
    own = inside.settings
    tenant = own.entra_tenants[0] if len(own.entra_tenants) == 1 else "organizations"
    base = f"{own.entra_authority}/{tenant}/oauth2/v2.0"
    common = {"client_id": own.entra_sign_in_client_id, "redirect_uri": callback}
    secret = (
        {"client_secret": own.entra_sign_in_client_secret}
        if own.entra_sign_in_client_secret
        else {"client_assertion_type": _ASSERTION, "client_assertion": assertion(own.entra_sign_in_identity)}
    )
    form = {**common, **secret, "grant_type": "authorization_code", "code": _MADE_UP, "code_verifier": _MADE_UP * 3}
    code = code_of(members(inside.web.ask("POST", f"{base}/token", form=form).body))
    fault = FAULTS.get(code, "")
    if not fault:
        # Without a session, `prompt=none` sends people back to a registered address at once, and shows a page else.
        query = {**common, "response_type": "code", "scope": "openid", "prompt": "none"}
        shown = inside.web.ask("GET", f"{base}/authorize?{urlencode(query)}")
        code = code_of(shown.body.decode("utf-8", "replace"))
        fault = FAULTS.get(code, "")
    if fault:
        pasted_id = fault == "secret" and is_guid(own.entra_sign_in_client_secret)
        detail = f"Microsoft Entra refuses the app registration ({code}); the address is {callback}"
        yield Finding("failed", detail, _VALUE if pasted_id else _ENTRA_CURES[fault])
    else:
        yield Finding("ok", f"Microsoft Entra takes the app registration, and sends people back to {callback}")


def _github(inside: Inside, callback: str) -> Iterator[Finding]:
    own = inside.settings
    form = {
        "client_id": own.github_sign_in_client_id,
        "client_secret": own.github_sign_in_client_secret,
        "redirect_uri": callback,
        "code": _MADE_UP,
    }
    answer = inside.web.ask("POST", f"{own.github_url}/login/oauth/access_token", form=form)
    error = str(members(answer.body).get("error", ""))
    if error == _REFUSES_THE_CODE:
        yield Finding("ok", f"GitHub takes the app, and sends people back to {callback}")
    elif error in _GITHUB_CURES:
        detail = f"GitHub refuses the app ({error}); the address is {callback}"
        yield Finding("failed", detail, _GITHUB_CURES[error])
    else:
        detail = f"GitHub answers {answer.status} to a sign-in, and not as it does"
        yield Finding("failed", detail, "Correct RELAY_GITHUB_URL, or RELAY_GITHUB_SIGN_IN_CLIENT_ID.")
