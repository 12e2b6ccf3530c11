"""The issuers of GitHub's OIDC tokens: of github.com, of one of its enterprises, and of other servers of GitHub.

https://docs.github.com/actions/reference/security/oidc
"""

import re
from typing import Final
from urllib.parse import urlsplit

PUBLIC_ISSUER: Final = "https://token.actions.githubusercontent.com"
PUBLIC_API: Final = "https://api.github.com"
_SLUG: Final = re.compile("[A-Za-z0-9][A-Za-z0-9_-]{0,99}")


def issuer_of(api_url: str) -> str:
    """Return the issuer of the GitHub whose REST API is at an address.

    https://docs.github.com/enterprise-server/actions/reference/security/oidc
    """
    parts = urlsplit(api_url)
    if f"{parts.scheme}://{parts.netloc.lower()}" == PUBLIC_API:
        return PUBLIC_ISSUER
    if parts.netloc.lower().startswith("api.") and parts.netloc.lower().endswith(".ghe.com"):
        return f"https://token.actions.{parts.netloc.lower().removeprefix('api.')}"
    return f"{parts.scheme}://{parts.netloc.lower()}/_services/token"


def check_issuer(issuer: str, api_url: str) -> str:
    """Return an issuer that belongs to the GitHub at `api_url`. Raises ValueError with the cure."""
    expected = issuer_of(api_url)
    slug = issuer.removeprefix(f"{PUBLIC_ISSUER}/")
    if issuer != expected and not (expected == PUBLIC_ISSUER and issuer != slug and _SLUG.fullmatch(slug)):
        enterprise = " or, for one enterprise, the same with /SLUG" if expected == PUBLIC_ISSUER else ""
        raise ValueError(f"is not the issuer of the GitHub at RELAY_GITHUB_API_URL; write {expected}{enterprise}")
    return issuer
