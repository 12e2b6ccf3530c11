"""The signed-in person of App Service authentication, read from the headers that the platform adds to a request.

They prove something only if the platform is in front of the app and removes the same headers from requests of the
outside. The settings tell whether it does.
https://learn.microsoft.com/azure/app-service/configure-authentication-user-identities
"""

from base64 import b64decode
from collections.abc import Collection, Mapping, Sequence
from typing import Final

from relay.errors import Refusal
from relay.identity.directory import is_guid, printable_name
from relay.model.people import Actor
from relay.signed import canonical_json

PRINCIPAL: Final = "x-ms-client-principal"
PROVIDER: Final = f"{PRINCIPAL}-idp"
IDENTIFIER: Final = f"{PRINCIPAL}-id"
ENTRA: Final = "aad"
# the platform may write a claim under its older SAML name
_MICROSOFT: Final = "http://schemas.microsoft.com/identity/claims/"
_SOAP: Final = "http://schemas.xmlsoap.org/ws/2005/05/identity/claims/"
OBJECT_ID: Final = ("oid", f"{_MICROSOFT}objectidentifier")
TENANT_ID: Final = ("tid", f"{_MICROSOFT}tenantid")
_SUBJECT: Final = ("sub", f"{_SOAP}nameidentifier")
_NAMES: Final = (("name",), ("preferred_username",), ("upn", f"{_SOAP}upn"))
_MAX_LENGTH: Final = 64 * 1024  # characters of base64; a host takes less in all headers together

Claims = Sequence[tuple[str, str]]


def read_principal(headers: Mapping[str, str], tenants: Collection[str]) -> Actor | None:
    """Return the signed-in person, or None if not signed in. Header names and `tenants` (GUIDs) are in lower case.

    Raises Refusal not-genuine for any other provider than Entra, for other tenants, for apps, and for headers that the
    platform does not write. Total: any headers in, an Actor, None or Refusal out.
    """
    text = headers.get(PRINCIPAL, "").strip(" \t")
    if not text:
        return None
    principal = _parse(text)
    if principal.get("auth_typ") != ENTRA or headers.get(PROVIDER, ENTRA) != ENTRA:
        raise _not_genuine("signed in at another provider than Entra")
    claims = _claims(principal.get("claims"))
    tenant, person = (_guid(claims, names) for names in (TENANT_ID, OBJECT_ID))
    if _is_app(claims, person):
        raise _not_genuine("an app signed in, and not a person")
    identifier = headers.get(IDENTIFIER, person)
    if identifier.lower() != person and identifier not in _values(claims, _SUBJECT):
        raise _not_genuine("another header names another person")
    if tenant not in tenants:
        raise _not_genuine("of a tenant that is not in RELAY_ENTRA_TENANTS")
    return Actor(f"entra:{tenant}/{person}", _name(claims) or "somebody")


def _parse(text: str) -> Mapping[str, object]:
    try:
        if len(text) > _MAX_LENGTH:
            raise ValueError("longer than any principal")
        principal = canonical_json.parse(b64decode(text.encode("ascii"), validate=True))
    except ValueError:
        raise _not_genuine("not base64 of JSON") from None
    if not isinstance(principal, dict):
        raise _not_genuine("not an object")
    return principal


def _claims(entries: object) -> Claims:
    """Return the names and values of all claims. Other members of an entry are ignored."""
    if not isinstance(entries, list):
        raise _not_genuine("claims are not a list")
    found: list[tuple[str, str]] = []
    for entry in entries:
        name, value = (entry.get("typ"), entry.get("val")) if isinstance(entry, dict) else (None, None)
        if not isinstance(name, str) or not isinstance(value, str):
            raise _not_genuine("a claim is not a name and a value")
        found.append((name, value))
    return found


def _values(claims: Claims, names: Sequence[str]) -> list[str]:
    return [value for name, value in claims if name in names]


def _guid(claims: Claims, names: Sequence[str]) -> str:
    """Return the one GUID under any of the names. Two are refused, even if they are equal."""
    found = _values(claims, names)
    if len(found) != 1 or not is_guid(found[0]):
        raise _not_genuine(f"claim {names[0]} is not one GUID")
    return found[0].lower()


def _is_app(claims: Claims, person: str) -> bool:
    """Tell whether a token was issued to an app without a person: by its `idtyp`, or if its subject is its object id.

    A person's subject is derived for each app, and is no GUID.
    https://learn.microsoft.com/entra/identity-platform/optional-claims-reference
    https://learn.microsoft.com/entra/identity-platform/access-token-claims-reference
    """
    declared = any(kind.lower() != "user" for kind in _values(claims, ("idtyp",)))
    return declared or person in (subject.lower() for subject in _values(claims, _SUBJECT))


def _name(claims: Claims) -> str:
    """Return the first name that is fit to show, or an empty string."""
    shown = (printable_name(value) for names in _NAMES for value in _values(claims, names))
    return next(filter(None, shown), "")


def _not_genuine(check: str) -> Refusal:
    return Refusal("not-genuine", f"principal: {check}")
