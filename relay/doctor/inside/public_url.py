"""The check of RELAY_PUBLIC_URL: the address that every card has must lead to this relay."""

from collections.abc import Iterator
from typing import Final

from relay.doctor.inside.subject import Inside
from relay.errors import Outage
from relay.model.findings import Finding
from relay.signed.canonical_json import members

OK: Final = 200


def public_url(inside: Inside) -> Iterator[Finding]:
    """Fetch the receipt keys at the public address, and compare them with the relay's own."""
    url = inside.settings.public_url
    try:
        answer = inside.web.ask("GET", f"{url}/api/keys")
    except Outage as outage:
        cure = "Where only the outside reaches it, ask `relay doctor --url` there; else correct RELAY_PUBLIC_URL."
        yield Finding("warning", f"{url}: {outage.what} from here", cure)
        return
    own = {key.kid for key in inside.settings.receipt_keys}
    found = {str(key.get("kid")) for key in members(answer.body).get("keys", ()) if isinstance(key, dict)}
    if answer.status == OK and found & own:
        yield Finding("ok", f"{url} leads to this relay")
    elif found:
        cure = "Correct RELAY_PUBLIC_URL, or give both the same RELAY_RECEIPT_KEYS, and restart."
        yield Finding("failed", f"{url} leads to a relay with other receipt keys", cure)
    else:
        cure = "Correct RELAY_PUBLIC_URL, and have the proxy pass /api/ on."
        yield Finding("failed", f"{url}/api/keys answers {answer.status} and no keys: something else is there", cure)
