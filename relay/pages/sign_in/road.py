"""The road of a sign-in: a browser is sent to a provider, comes back with a code, and gets a session."""

import logging
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import urlencode

from relay.errors import Refusal
from relay.journal import log as journal
from relay.model.delivery import Delivery, Reply
from relay.pages.addresses import SIGN_IN, SIGN_OUT
from relay.pages.entrance import Entrance, own_path
from relay.pages.error_pages import note
from relay.pages.frame import redirect
from relay.pages.same_origin import is_ours
from relay.pages.sign_in.attempts import Attempt, Attempts
from relay.pages.sign_in.page import choices, status
from relay.pages.sign_in.provider import TIMEOUT, Fault, Provider
from relay.pages.sign_in.sessions import Sessions
from relay.pages.translations import words_for
from relay.pages.words import Words

CHANNEL: Final = "page"  # in the log
APP_SERVICE_LABEL: Final = "Microsoft"
_CODE: Final = re.compile(r"[!-~]{1,4096}")
_DENIED: Final = ("access_denied", "consent_required", "interaction_required", "login_required")
_AWAY: Final = ("server_error", "temporarily_unavailable")
_SETUP: Final = ("unauthorized_client", "invalid_client", "redirect_uri_mismatch", "application_suspended")


@dataclass(frozen=True, slots=True)
class SignIn:
    """Signs people in and out. `nonce` is a new random word of 22 characters."""

    entrance: Entrance
    providers: Mapping[str, Provider]
    attempts: Attempts
    sessions: Sessions
    public_url: str
    clock: Callable[[], float]
    nonce: Callable[[], str]

    def start(self, delivery: Delivery, query: Mapping[str, str]) -> Reply:
        """Send a browser to a provider, or let the person choose one of several."""
        words, name, to = _words(delivery), query.get("provider", ""), own_path(query.get("to", ""))
        if not self.entrance.is_open:
            return note("off", words)
        if not name:
            links = {each.label: _again(to, key, query) for key, each in self.providers.items()}
            app_service = self.entrance.app_service(to or SIGN_OUT)
            if app_service:
                links.setdefault(APP_SERVICE_LABEL, app_service)
            if len(links) > 1:
                return choices(links, words)
            if not self.providers:
                return redirect(302, app_service)
            name = next(iter(self.providers))
        provider = self.providers.get(name)
        if provider is None:
            return self._failed(delivery, Fault("sign-in-provider", "unknown provider"), "", to)
        attempt = Attempt(
            state=self.nonce(), provider=name, verifier=self.nonce() + self.nonce(), nonce=self.nonce(), to=to
        )
        cookies = self.attempts.keep(attempt, delivery.headers, self.clock())
        address = provider.authorize_url(attempt, choose=query.get("choose") == "1")
        return replace(redirect(302, address), cookies=cookies)

    def finish(self, delivery: Delivery, query: Mapping[str, str]) -> Reply:
        """Take a browser back from a provider. The attempt ends in any case."""
        attempt = self.attempts.find(query.get("state", ""), delivery.headers, self.clock())
        if attempt is None:
            return self._failed(delivery, Fault("sign-in-expired", "no attempt of this state"), "", "")
        ended = self.attempts.drop(attempt.state)
        try:
            provider = self.providers.get(attempt.provider)
            if provider is None:
                raise Fault("sign-in-provider", "the provider was removed from RELAY_SIGN_IN")
            person = provider.person(attempt, _code(query), delivery.arrived_at + TIMEOUT)
        except Fault as fault:
            return replace(self._failed(delivery, fault, attempt.provider, attempt.to), cookies=(ended,))
        journal.write("sign_in", {"outcome": "signed-in", "channel": CHANNEL, "person": person.id})
        session = self.sessions.open(person, self.clock())
        return replace(redirect(303, attempt.to or SIGN_OUT), cookies=(ended, session))

    def show(self, delivery: Delivery) -> Reply:
        """Show the signed-in person, and let them sign out."""
        words = _words(delivery)
        try:
            person = self.entrance.person(delivery.headers)
        except Refusal as refusal:
            _refused(refusal.code, refusal.check)
            return note("foreign", words, sign_in=self.entrance.sign_in("", choose=True))
        if not self.entrance.is_open:
            return note("off", words)
        if person is None:
            return note("nobody", words, sign_in=self.entrance.sign_in(""))
        return status(person, words, self.entrance.sign_out(delivery.headers, SIGN_OUT))

    def leave(self, delivery: Delivery) -> Reply:
        """Sign a person out, by the form of one of our own pages."""
        if not is_ours(delivery.headers, self.public_url):
            _refused("other-site", "Origin, Referer or Sec-Fetch-Site")
            return note("sign-out", _words(delivery), sign_in=SIGN_OUT)
        return replace(redirect(303, SIGN_OUT), cookies=(self.sessions.close(),))

    def _failed(self, delivery: Delivery, fault: Fault, provider: str, to: str) -> Reply:
        """Return the page of a fault, with the way to start again. It never starts again by itself."""
        _refused(fault.code, fault.check)
        again = _again(to, provider, {"choose": "1"} if fault.code in ("foreign", "sign-in-denied") else {})
        return note(fault.code, _words(delivery), sign_in=again)


def _refused(code: str, check: str) -> None:
    journal.write("sign_in", {"outcome": code, "channel": CHANNEL, "check": check}, logging.WARNING)


def _code(query: Mapping[str, str]) -> str:
    """Return the code of a callback. Raises Fault for an error, whose text is never repeated."""
    error = query.get("error", "")
    if error in _DENIED:
        raise Fault("sign-in-denied", error)
    if error in _AWAY:
        raise Fault("sign-in-away", f"the provider says {error}")
    if error in _SETUP:
        raise Fault("sign-in-setup", f"the provider says {error}")
    code = query.get("code", "")
    if error or not _CODE.fullmatch(code):
        raise Fault("sign-in-refused", "the provider sent an error" if error else "the address has no code")
    return code


def _again(to: str, provider: str, query: Mapping[str, str]) -> str:
    wanted = {"provider": provider, "to": to, "choose": "1" if query.get("choose") == "1" else ""}
    found = urlencode({name: value for name, value in wanted.items() if value})
    return f"{SIGN_IN}?{found}" if found else SIGN_IN


def _words(delivery: Delivery) -> Words:
    return words_for(delivery.headers.get("accept-language", ""))
