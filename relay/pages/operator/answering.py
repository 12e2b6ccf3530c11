"""The answers to an operator: JSON for programs, pages for browsers, and the way to the sign-in."""

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Final
from urllib.parse import quote, urlencode

from relay.api.json_replies import answered
from relay.api.request_body import read_json
from relay.errors import Outage, Refusal
from relay.journal import log as journal
from relay.journal.calls import note
from relay.model.delivery import Delivery, Reply
from relay.pages.error_pages import note as error_page
from relay.pages.frame import redirect
from relay.pages.operator.access import Access, Operator, SignedOut, wants_page
from relay.pages.operator.trouble import trouble
from relay.pages.translations import words_for

CHANNEL: Final = "page"  # of the messages of a browser
_NO_KEY: Final = "Send a key of the scope operator as x-relay-key, or open this page in a browser and sign in."
_STATUS: Final = {"not-genuine": 403, "not-allowed": 403, "malformed": 400, "too-large": 413, "unknown-request": 404}


@dataclass(frozen=True, slots=True)
class Answering:
    """The answers to operators alone."""

    access: Access

    def get(self, delivery: Delivery, path: str, query: Mapping[str, str], work: Callable[[Operator], Reply]) -> Reply:
        """Answer a look. A browser without a session signs in, and comes back to `path` with `query`."""
        to = f"{path}?{urlencode(query, quote_via=quote)}" if query else path
        return self._answer(delivery, to, lambda: work(self.access.prove(delivery)))

    def post(
        self, delivery: Delivery, back: str, now: float, work: Callable[[Operator, Mapping[str, str]], Reply]
    ) -> Reply:
        """Answer a change. `work` gets the fields of a browser's form, or of a program's JSON."""

        def change() -> Reply:
            operator, form = self.access.prove_form(delivery, now)
            if operator.person is None:
                return work(operator, _json_fields(delivery.body))
            note(channel=CHANNEL)
            return work(operator, form)

        return self._answer(delivery, back, change)

    def _answer(self, delivery: Delivery, to: str, work: Callable[[], Reply]) -> Reply:
        is_page, words = wants_page(delivery.headers), words_for(delivery.headers.get("accept-language", ""))
        entrance = self.access.entrance
        try:
            return work() if is_page else answered(work)
        except SignedOut:
            if is_page and entrance.is_open:
                return redirect(302, entrance.sign_in(to))
            return error_page("off", words) if is_page else answered(_no_key)
        except Refusal as refusal:
            journal.write(
                "http", {"outcome": refusal.code, "channel": CHANNEL, "check": refusal.check}, logging.WARNING
            )
            return trouble(refusal, _STATUS.get(refusal.code, 409), words.language, to)
        except Outage as outage:
            journal.write("http", {"outcome": "busy", "channel": CHANNEL, "reason": outage.what}, logging.ERROR)
            return error_page("busy", words, path=to)


def _no_key() -> Reply:
    raise Refusal("not-genuine", "neither x-relay-key nor a session", message=_NO_KEY)


def _json_fields(body: bytes) -> Mapping[str, str]:
    """Return the fields of a program's body: texts, or nothing for an empty body. Raises Refusal malformed."""
    found = read_json(body) if body.strip() else {}
    for name, value in found.items():
        if name != "cause" or not isinstance(value, str) or not value:  # an empty cause would mean all of them
            raise Refusal("malformed", "a field that is not cause, or no text", message='Send {} or {"cause": CODE}.')
    return {name: str(value) for name, value in found.items()}
