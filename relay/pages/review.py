"""The road of the review page: a signed-in person sees a request, and decides it by the form of the page."""

import logging
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Final

from relay.approval.policy import Policy
from relay.errors import Outage, Refusal
from relay.journal import log as journal
from relay.journal.presses import write_refused_press
from relay.model.delivery import Delivery, Reply
from relay.model.people import Actor
from relay.pages import cookies
from relay.pages.addresses import APP_SERVICE_LOGOUT
from relay.pages.entrance import Entrance
from relay.pages.error_pages import note
from relay.pages.form import Form, read_submitted
from relay.pages.form_token import OUTCOME_LIFETIME, FormToken, fingerprint
from relay.pages.frame import redirect
from relay.pages.review_page import draw, draw_trouble
from relay.pages.review_press import CHANNEL, NotTaken, PagePresses
from relay.pages.same_origin import is_ours
from relay.pages.translations import words_for
from relay.pages.view import View, current_code
from relay.pages.words import Words
from relay.press import Presses
from relay.signed.tickets import Ticket, TicketKey

PATH: Final = "/api/review/"
_ID: Final = re.compile(r"[a-z2-7]{32}")


class _Note(Exception):  # noqa: N818 - an answer, not an error of ours
    """An answer without a request: `code` chooses the page, and `check` is the reason for the log."""

    def __init__(self, code: str, check: str) -> None:
        super().__init__(code)
        self.code = code
        self.check = check


@dataclass(frozen=True, slots=True)
class _Visit:
    """One call of a browser for one request."""

    delivery: Delivery
    case_id: str
    words: Words

    @property
    def path(self) -> str:
        return PATH + self.case_id

    @property
    def ticket_cookie(self) -> str:
        """The name of the cookie that keeps the request's ticket."""
        return cookies.TICKET + self.case_id


@dataclass(frozen=True, slots=True)
class Review:
    """Shows requests to signed-in people, and takes their decisions. `clock` returns Unix seconds.

    Without a way in no proof of identity reaches the relay, so it shows nothing and trusts no header.
    """

    presses: Presses
    policy: Policy
    entrance: Entrance
    ticket_keys: Sequence[TicketKey]
    public_url: str
    clock: Callable[[], float]

    @property
    def _presses(self) -> PagePresses:
        return PagePresses(self.presses, self.policy, self.clock)

    def show(self, delivery: Delivery, case_id: str, *, ticket: str = "", look: str = "") -> Reply:
        """Show a request. Nothing is decided by opening a page.

        A self-contained `ticket` first goes into a cookie, so that it survives the sign-in and stays out of the
        history. `look` says whether the page may refresh automatically.
        """
        return self._answered(delivery, case_id, lambda visit: self._show(visit, ticket, look))

    def press(self, delivery: Delivery, case_id: str) -> Reply:
        """Take a decision, and redirect to the page with its outcome, which is safe to load again."""
        return self._answered(delivery, case_id, self._press)

    def _answered(self, delivery: Delivery, case_id: str, work: Callable[[_Visit], Reply]) -> Reply:
        """Do the work and answer. Each refusal is logged by its failed check, never by content."""
        words = words_for(delivery.headers.get("accept-language", ""))
        path = ""
        try:
            if not self.entrance.is_open:
                raise _Note("off", "RELAY_SIGN_IN")
            if not _ID.fullmatch(case_id):
                raise Refusal("unknown-request", "the address has no request's id")
            visit = _Visit(delivery, case_id, words)
            path = visit.path
            return work(visit)
        except (_Note, Refusal) as error:
            journal.write("http", {"outcome": error.code, "channel": CHANNEL, "check": error.check}, logging.WARNING)
            return note(error.code, words, path=path, sign_in=self._way_on(error.code, delivery, path))
        except Outage as outage:
            journal.write("http", {"outcome": "busy", "channel": CHANNEL, "reason": outage.what}, logging.ERROR)
            return note("busy", words, path=path)

    def _show(self, visit: _Visit, ticket: str, look: str) -> Reply:
        if ticket:
            self._open(visit, ticket)  # only a genuine ticket is kept: forged links do not fill a browser with cookies
            return redirect(303, visit.path, cookies.set_cookie(visit.ticket_cookie, ticket, cookies.TICKET_LIFETIME))
        person, held = self._person(visit), cookies.read(visit.delivery.headers)
        spare = cookies.oldest_over_limit(held, visit.ticket_cookie)
        headers = cookies.set_cookie(spare, "", 0) if spare else {}
        if person is None:
            return redirect(302, self.entrance.sign_in(visit.path), headers)
        kept_ticket = held.get(visit.ticket_cookie, "")
        shown = self._presses.view(self._ticket(visit, kept_ticket), person)
        form_token = self._form_token(visit, person)
        code = form_token.read_outcome(held.get(cookies.OUTCOME, ""), shown.now)
        if kept_ticket and (shown.case.version or not spare):  # it is needed until the store knows the request
            headers = cookies.set_cookie(
                visit.ticket_cookie, kept_ticket, 0 if shown.case.version else cookies.TICKET_LIFETIME
            )
        form = self._form(visit, form_token, shown, kept_ticket)
        return draw(shown, visit.words, form, code=code, look=look, headers=headers)

    def _press(self, visit: _Visit) -> Reply:
        headers = visit.delivery.headers
        if not is_ours(headers, self.public_url):
            raise _Note("other-site", "Origin, Referer or Sec-Fetch-Site")
        person = self._person(visit)
        if person is None:
            raise _Note("signed-out", "no principal")
        press = read_submitted(visit.delivery)
        kept_ticket = press.ticket or cookies.read(headers).get(visit.ticket_cookie, "")
        ticket, form_token = self._ticket(visit, kept_ticket), self._form_token(visit, person)
        try:
            code = self._presses.decide(visit.delivery, press, person, ticket, form_token, visit.words)
        except NotTaken as error:
            error.refusal.person = person.id
            write_refused_press(error.refusal, replace(visit.delivery, channel=CHANNEL), self.clock())
            shown = self._presses.view(ticket, person)
            if shown.status != "pending" and press.verdict != "again":  # there is nothing to decide again
                return self._redirect_to_outcome(visit, form_token, current_code(shown))
            form = replace(self._form(visit, form_token, shown, kept_ticket), comment=press.comment)
            form = replace(form, trouble=error.said) if error.in_comment else form
            return draw_trouble(error.status, shown, visit.words, form, error.said)
        return self._redirect_to_outcome(visit, form_token, code)

    def _redirect_to_outcome(self, visit: _Visit, form_token: FormToken, code: str) -> Reply:
        """Redirect to the page, with the outcome of the press in a cookie."""
        return redirect(
            303,
            visit.path,
            cookies.set_cookie(cookies.OUTCOME, form_token.sign_outcome(code, self.clock()), OUTCOME_LIFETIME),
        )

    def _person(self, visit: _Visit) -> Actor | None:
        """Return the signed-in person, or None if not signed in. Raises _Note for accounts of other tenants."""
        try:
            return self.entrance.person(visit.delivery.headers)
        except Refusal as refusal:
            raise _Note("foreign", refusal.check) from None

    def _ticket(self, visit: _Visit, text: str) -> Ticket:
        """Return the ticket of a request in the store, or else the person's own ticket. Raises Refusal."""
        try:
            return self.presses.ticket_of(visit.case_id)
        except Refusal:
            if not text:
                raise
        return self._open(visit, text)

    def _open(self, visit: _Visit, text: str) -> Ticket:
        ticket = self.presses.open_ticket(text)
        if ticket.id != visit.case_id:
            raise Refusal("not-genuine", "ticket: of another request")
        return ticket

    def _form_token(self, visit: _Visit, person: Actor) -> FormToken:
        return FormToken(self.ticket_keys, person.id, visit.case_id)

    def _form(self, visit: _Visit, form_token: FormToken, shown: View, kept_ticket: str) -> Form:
        token = form_token.sign_press(fingerprint(shown.case, shown.stage), shown.now)
        sign_out = self.entrance.sign_out(visit.delivery.headers, visit.path)
        return Form(visit.path, token, "" if shown.case.version else kept_ticket, sign_out=sign_out)

    def _way_on(self, code: str, delivery: Delivery, path: str) -> str:
        """Return the address of the sign-in that follows a page without a request, or an empty text."""
        if not path or code not in ("signed-out", "foreign"):
            return ""
        if code == "foreign" and self.entrance.sign_out(delivery.headers, path).startswith(APP_SERVICE_LOGOUT):
            return APP_SERVICE_LOGOUT + path
        return self.entrance.sign_in(path, choose=code == "foreign")
