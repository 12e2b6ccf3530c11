"""A browser of the review page, as far as the road sees it: headers, cookies, and the form as the page drew it."""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from html import unescape
from typing import Any, Final
from urllib.parse import urlencode

from relay.model.delivery import Delivery, Reply
from relay.pages.review import Review
from tests.support import entra_tokens, example_policy
from tests.support.road import ORIGIN, Road

FORM: Final = "application/x-www-form-urlencoded"
OBJECT_ID: Final = "http://schemas.microsoft.com/identity/claims/objectidentifier"
TENANT_ID: Final = "http://schemas.microsoft.com/identity/claims/tenantid"


def claims(person: str = "ada", tenant: str = entra_tokens.TENANT, /, **more: str) -> list[dict[str, str]]:
    """Return the claims of somebody who signed in, as App Service names them."""
    found = {
        "aud": "0d6c1f3e-2222-4333-8444-555566667777",
        "iss": f"https://login.microsoftonline.com/{tenant}/v2.0",
        "name": f"{example_policy.NAMES.get(person, person)} of the directory",
        OBJECT_ID: example_policy.PEOPLE.get(person, person),
        "preferred_username": f"{person}@contoso.example",
        TENANT_ID: tenant,
        "ver": "2.0",
    } | more
    return [{"typ": name, "val": value} for name, value in found.items()]


def principal(person: str = "ada", /, **changes: Any) -> dict[str, str]:
    """Return the headers that App Service sets for somebody who signed in at Entra."""
    told = {"auth_typ": "aad", "claims": claims(person), "name_typ": "name", "role_typ": "roles"} | changes
    return {
        "x-ms-client-principal": b64encode(json.dumps(told).encode()).decode(),
        "x-ms-client-principal-id": example_policy.PEOPLE.get(person, person),
        "x-ms-client-principal-idp": "aad",
        "x-ms-client-principal-name": f"{person}@contoso.example",
    }


def review(road: Road) -> Review:
    """Return the road of the page, by the road's clock."""
    return replace(road.world.pages().review(), clock=road.now, presses=road.presses())


@dataclass
class Browser:
    """Somebody's browser; `person` is who signed in, empty for nobody."""

    road: Road
    person: str = ""
    language: str = "en"
    cookies: dict[str, str] = field(default_factory=dict)

    def headers(self, **more: str) -> dict[str, str]:
        found = {"accept-language": self.language} | (principal(self.person) if self.person else {})
        if self.cookies:
            found["cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        return found | {name.replace("_", "-"): value for name, value in more.items()}

    def get(self, case_id: str, *, ticket: str = "", look: str = "", headers: Mapping[str, str] | None = None) -> Reply:
        delivery = Delivery("", self.headers() if headers is None else headers, b"", self.road.now())
        return self._kept(review(self.road).show(delivery, case_id, ticket=ticket, look=look))

    def post(self, case_id: str, fields: Mapping[str, str] | bytes, headers: Mapping[str, str] | None = None) -> Reply:
        """Send a form as a browser sends one from the page; `headers` replace what it says of itself."""
        body = fields if isinstance(fields, bytes) else urlencode(fields).encode()
        said = {"origin": ORIGIN, "sec-fetch-site": "same-origin", "content-type": FORM} if headers is None else headers
        delivery = Delivery("", {**self.headers(), **said}, body, self.road.now())
        return self._kept(review(self.road).press(delivery, case_id))

    def press(self, case_id: str, decision: str, comment: str = "") -> Reply:
        """Open the page, fill in its form and press."""
        return self.post(case_id, fields(self.get(case_id)) | {"decision": decision, "comment": comment})

    def _kept(self, reply: Reply) -> Reply:
        cookie = reply.headers.get("Set-Cookie", "")
        if cookie:
            assert cookie.startswith("__Host-")
            assert cookie.endswith("; Path=/; Secure; HttpOnly; SameSite=Lax")
            name, _, rest = cookie.partition("=")
            value, _, attributes = rest.partition(";")
            self.cookies[name] = value
            if "Max-Age=0;" in attributes:
                del self.cookies[name]
        return reply


def fields(reply: Reply) -> dict[str, str]:
    """Return the hidden fields of the page's form."""
    page = reply.body.decode()
    found = re.findall(r'<input type="hidden" name="([a-z]+)" value="([^"]*)">', page)
    return {name: unescape(value) for name, value in found}


def shown(reply: Reply) -> str:
    """Return the page's words, without its style."""
    body = reply.body.decode().partition("</style>")[2]
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", body)).split())


def told(reply: Reply) -> str:
    """Return the page's word on a press, empty where it has none."""
    found = re.search(r'<div class="told [^>]*>(.*?)</div>', reply.body.decode())
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", found[1])).split()) if found else ""
