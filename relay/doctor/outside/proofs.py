"""Checks of the proofs: forged ones are refused by the relay itself, and its own can be verified."""

import json
import time
from base64 import b64encode
from collections.abc import Iterator
from typing import Final

from relay.chats.table import commanded, pressed
from relay.doctor.outside.subject import Outside
from relay.errors import Outage
from relay.identity.app_service import IDENTIFIER, PRINCIPAL, PROVIDER
from relay.model.findings import Finding
from relay.net.call import HttpResponse
from relay.signed.canonical_json import base64url, members
from relay.signed.receipt_keys import sound_keys

PAGE: Final = f"/api/review/{'doctor' * 5}do"  # of the form of an id, and no request's
ROUTES: Final = (
    ("POST", "/api/requests"),
    ("GET", "/api/requests/relay-doctor"),
    ("POST", "/api/requests/relay-doctor/cancel"),
    ("POST", "/api/requests/relay-doctor/report"),
    ("POST", "/api/receipts/redeem"),
    ("POST", "/api/webhooks/github"),
    ("GET", "/api/metrics"),
)
"""The routes of programs, beside those of the chats, that ask for a proof in a header."""
NOT_GENUINE: Final = "not-genuine"
OK: Final = 200
NOT_FOUND: Final = 404
UNAUTHORIZED: Final = 401
_REDIRECTS: Final = (302, 303, 307)
_SIGN_IN: Final = ("/api/sign-in", "/.auth/login/")
_PERSON: Final = "00000000-0000-4000-8000-000000000000"
_FORGED: Final = (
    "Switch App Service authentication on for this app, or leave app-service out of RELAY_SIGN_IN: anybody can "
    "otherwise claim to be any person"
)
_NOT_THERE: Final = "The relay there is of an older version, or a proxy does not pass this path on"
_LET_THROUGH: Final = (
    "App Service authentication, or a proxy, refuses it before the relay sees it, and so every genuine token of a chat "
    "or a workflow: let it pass unauthenticated calls (AllowAnonymous), and exclude these paths"
)


def forged_sign_in(outside: Outside) -> Iterator[Finding]:
    """Send forged headers of App Service's sign-in: the answer must be the same as without them."""
    claims = [{"typ": "tid", "val": _PERSON}, {"typ": "oid", "val": _PERSON}, {"typ": "name", "val": "relay-doctor"}]
    principal = b64encode(json.dumps({"auth_typ": "aad", "claims": claims}).encode()).decode()
    forged = {PRINCIPAL: principal, PROVIDER: "aad", IDENTIFIER: _PERSON}
    stranger = outside.web.ask("GET", outside.url + PAGE)
    answer = outside.web.ask("GET", outside.url + PAGE, headers=forged)
    if _shape(answer) == _shape(stranger):  # any other answer shows that the header was read
        yield Finding("ok", "a forged sign-in header is not believed")
    else:
        detail = f"a forged {PRINCIPAL} header is believed: {stranger.status} without it, {answer.status} with it"
        yield Finding("failed", detail, f"{_FORGED}.")


def foreign_token(outside: Outside) -> Iterator[Finding]:
    """Send a well-formed token of a foreign issuer to each machine route: the refusal must be the relay's own."""
    chats = [("POST", f"/api/interactions/{name}") for name in pressed()]
    chats += [("POST", f"/api/commands/{name}") for name in commanded()]
    sent = {"authorization": f"Bearer {_foreign()}", "content-type": "application/json"}
    good = []
    for method, path in (*chats, *ROUTES):
        try:
            content = b"{}" if method == "POST" else None
            answer = outside.web.ask(method, outside.url + path, headers=sent, content=content)
        except Outage as outage:
            yield Finding("failed", f"{method} {path}: {outage.what}", "Look at the log of the app.")
            continue
        if answer.status == UNAUTHORIZED and _is_own(answer):
            good.append(path)
        else:
            yield _other_answer(f"{method} {path}", answer)
    if good:
        yield Finding("ok", f"a foreign token is refused by the relay itself on {len(good)} routes")


def review_page(outside: Outside) -> Iterator[Finding]:
    """Open a review page without a session: it must lead to the sign-in."""
    answer = outside.web.ask("GET", outside.url + PAGE)
    to = answer.headers.get("location", "")
    if answer.status in _REDIRECTS and any(each in to for each in _SIGN_IN):
        yield Finding("ok", "the review page leads to the sign-in")
    elif answer.status in _REDIRECTS:
        yield Finding("failed", "the review page leads somewhere else", "Correct RELAY_PUBLIC_URL, or the proxy.")
    else:
        detail = f"the review page answers {answer.status} to a stranger, and leads to no sign-in"
        yield Finding(
            "warning", detail, "Set RELAY_SIGN_IN, or do without the page: then people decide in chats alone."
        )


def keys(outside: Outside) -> Iterator[Finding]:
    """Fetch the receipt keys, and compare each key's id with its digest."""
    answer = outside.web.ask("GET", f"{outside.url}/api/keys")
    sound, others = sound_keys(members(answer.body)) if answer.status == OK else ([], 0)
    if sound and not others:
        many = "one receipt key" if len(sound) == 1 else f"{len(sound)} receipt keys"
        yield Finding("ok", f"{many}, each with its own id")
    else:
        detail = f"/api/keys answers {answer.status} with {len(sound)} sound keys and {others} others"
        yield Finding("failed", detail, "No receipt can be verified: look at RELAY_RECEIPT_KEYS, and at the proxy.")


def _is_own(answer: HttpResponse) -> bool:
    return answer.headers.get("relay-outcome") == NOT_GENUINE or members(answer.body).get("error") == NOT_GENUINE


def _other_answer(route: str, answer: HttpResponse) -> Finding:
    if answer.status == NOT_FOUND:
        return Finding("failed", f"{route} is answered 404", f"{_NOT_THERE}.")
    by = "the relay itself" if _is_own(answer) else "something before the relay"
    return Finding("failed", f"{route} with a foreign token is answered {answer.status} by {by}", f"{_LET_THROUGH}.")


def _shape(answer: HttpResponse) -> tuple[int, str]:
    return answer.status, answer.headers.get("location", "")


def _foreign() -> str:
    now = int(time.time())
    header = {"alg": "RS256", "typ": "JWT", "kid": "relay-doctor"}
    claims = {"iss": "https://relay-doctor.invalid", "aud": "relay-doctor", "sub": "relay-doctor", "iat": now}
    parts = [base64url(json.dumps(each).encode()) for each in (header, {**claims, "nbf": now, "exp": now + 300})]
    return ".".join([*parts, base64url(bytes(256))])
