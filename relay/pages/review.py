"""The road of the review page: who signed in, what they see of a request, and their decision by a form of ours."""

import logging
import re
from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass, replace
from typing import Final

from relay.approval.policy import Policy
from relay.errors import Outage, Refusal
from relay.identity.app_service import read_principal
from relay.model import MAX_COMMENT, Actor, Delivery, Interaction, Reply
from relay.pages import cookies, outcomes
from relay.pages.error_pages import LOGIN, note
from relay.pages.form import Form, SubmittedForm, read_submitted
from relay.pages.form_token import TOLD_LIFETIME, FormToken, seen
from relay.pages.frame import redirect
from relay.pages.review_page import draw, draw_trouble
from relay.pages.same_origin import is_ours
from relay.pages.translations import words_for
from relay.pages.view import View, said_before, stage_of, standing_code, view
from relay.pages.words import Words
from relay.press import Presses
from relay.signed.tickets import Ticket, TicketKey

log = logging.getLogger("relay")

BUDGET: Final = 8.0  # seconds from arrival within which a browser gets its answer
PATH: Final = "/api/review/"
_ID: Final = re.compile(r"[a-z2-7]{32}")
_SAID: Final = {"released": "approved", "approved-retrying": "approved", "approved-refused": "approved"}


class _Note(Exception):  # noqa: N818 - it is an answer, not an error of ours
    """A page that shows no request: `code` says which, `check` why, for the log."""

    def __init__(self, code: str, check: str) -> None:
        super().__init__(code)
        self.code = code
        self.check = check


class _NotTaken(Exception):  # noqa: N818 - the same
    """A press that is not taken: the HTTP status, what the person reads, and why, for the log."""

    def __init__(self, status: int, said: str, refusal: Refusal, *, in_comment: bool = False) -> None:
        super().__init__(refusal.code)
        self.status = status
        self.said = said
        self.refusal = refusal
        self.in_comment = in_comment


@dataclass(frozen=True, slots=True)
class _Visit:
    """One call of somebody's browser for one request."""

    delivery: Delivery
    case_id: str
    words: Words

    @property
    def path(self) -> str:
        return PATH + self.case_id

    @property
    def kept(self) -> str:
        """The cookie's name that keeps the request's ticket."""
        return cookies.TICKET + self.case_id


@dataclass(frozen=True, slots=True)
class Review:
    """Shows requests to people who signed in, and takes their decisions; `clock` returns Unix seconds.

    Without `signs_in` nobody stands before the relay who proves people: nothing is shown and nobody is believed.
    """

    presses: Presses
    policy: Policy
    tenants: Collection[str]
    ticket_keys: Sequence[TicketKey]
    public_url: str
    signs_in: bool
    clock: Callable[[], float]

    def show(self, delivery: Delivery, case_id: str, *, ticket: str = "", look: str = "") -> Reply:
        """Show a request; whatever opens it, nothing is decided.

        A self-contained `ticket` first goes into a cookie: it survives signing in, and stands in no history. `look`
        says whether the page may look again by itself.
        """
        return self._answered(delivery, case_id, lambda visit: self._show(visit, ticket, look))

    def press(self, delivery: Delivery, case_id: str) -> Reply:
        """Take a decision and lead to the page that shows what it came to, which is safe to load again."""
        return self._answered(delivery, case_id, self._press)

    def _answered(self, delivery: Delivery, case_id: str, work: Callable[[_Visit], Reply]) -> Reply:
        """Do the work and answer; what is not shown or taken is logged by the check that failed, never by content."""
        words = words_for(delivery.headers.get("accept-language", ""))
        path = ""
        try:
            if not self.signs_in:
                raise _Note("off", "RELAY_SIGN_IN")
            if not _ID.fullmatch(case_id):
                raise Refusal("unknown-request", "the address has no request's id")
            visit = _Visit(delivery, case_id, words)
            path = visit.path
            return work(visit)
        except (_Note, Refusal) as why:
            log.warning("review refused: %s (%s)", why.code, why.check)
            return note(why.code, words, path=path)
        except Outage as outage:
            log.error("review not answered: %s", outage.what)  # noqa: TRY400 - it is no bug
            return note("busy", words, path=path)

    def _show(self, visit: _Visit, ticket: str, look: str) -> Reply:
        if ticket:
            self._open(visit, ticket)  # nobody else's link fills a browser with cookies
            return redirect(303, visit.path, cookies.keep(visit.kept, ticket, cookies.TICKET_LIFETIME))
        person, held = self._person(visit), cookies.read(visit.delivery.headers)
        spare = cookies.one_too_many(held, visit.kept)
        headers = cookies.keep(spare, "", 0) if spare else {}
        if person is None:
            return redirect(302, LOGIN + visit.path, headers)
        waiting = held.get(visit.kept, "")
        shown = self._view(self._ticket(visit, waiting), person)
        seal = self._seal(visit, person)
        code = seal.was_told(held.get(cookies.TOLD, ""), shown.now)
        if waiting and (shown.case.version or not spare):  # it is needed until the store knows the request
            headers = cookies.keep(visit.kept, waiting, 0 if shown.case.version else cookies.TICKET_LIFETIME)
        form = self._form(visit, seal, shown, waiting)
        return draw(shown, visit.words, form, code=code, look=look, headers=headers)

    def _press(self, visit: _Visit) -> Reply:
        headers = visit.delivery.headers
        if not is_ours(headers, self.public_url):
            raise _Note("other-site", "Origin, Referer or Sec-Fetch-Site")
        person = self._person(visit)
        if person is None:
            raise _Note("signed-out", "no principal")
        press = read_submitted(visit.delivery)
        waiting = press.ticket or cookies.read(headers).get(visit.kept, "")
        ticket, seal = self._ticket(visit, waiting), self._seal(visit, person)
        try:
            code = self._decide(visit, press, person, ticket, seal)
        except _NotTaken as why:
            log.warning("review refused: %s (%s)", why.refusal.code, why.refusal.check)
            shown = self._view(ticket, person)
            if shown.status != "pending":  # there is nothing to decide again
                return self._told(visit, seal, standing_code(shown))
            form = replace(self._form(visit, seal, shown, waiting), comment=press.comment)
            form = replace(form, trouble=why.said) if why.in_comment else form
            return draw_trouble(why.status, shown, visit.words, form, why.said)
        return self._told(visit, seal, code)

    def _decide(self, visit: _Visit, press: SubmittedForm, person: Actor, ticket: Ticket, seal: FormToken) -> str:
        """Take the press and return what it came to. Raises _NotTaken, Outage."""
        words, shown = visit.words, self._view(ticket, person)
        try:
            then = seal.pressed(press.token, shown.now)
        except Refusal as refusal:
            raise _NotTaken(403, words.not_yours, refusal) from None
        again = said_before(shown, press.verdict, then)
        if again:
            return again
        if len(press.comment) > MAX_COMMENT:
            long = Refusal("malformed", "the comment is too long")
            raise _NotTaken(400, words.long_comment, long, in_comment=True)
        said = Interaction("", press.verdict, press.comment, shown.person)
        deadline = visit.delivery.arrived_at + BUDGET
        try:
            answer = self.presses.decide(
                replace(ticket, stage=shown.stage),
                said,
                deadline,
                expects=lambda case: seen(case, stage_of(case, self.policy)) == then,
            )
        except Refusal as refusal:
            if refusal.code == "comment-required":
                raise _NotTaken(400, words.needs_comment, refusal, in_comment=True) from None
            stale = refusal.code == "stale"
            again = said_before(self._view(ticket, person), press.verdict, then) if stale else ""
            if again:  # the same form was sent twice at the same moment
                return again
            sentence = outcomes.refusal(words.language, refusal.code)
            raise _NotTaken(409 if stale else 403, sentence, refusal) from None
        return _SAID.get(answer.code, answer.code)

    def _told(self, visit: _Visit, seal: FormToken, code: str) -> Reply:
        """Lead to the page, which tells what a press came to."""
        return redirect(303, visit.path, cookies.keep(cookies.TOLD, seal.told(code, self.clock()), TOLD_LIFETIME))

    def _person(self, visit: _Visit) -> Actor | None:
        """Return who signed in, None for nobody. Raises _Note for whoever is nobody of ours."""
        try:
            return read_principal(visit.delivery.headers, self.tenants)
        except Refusal as refusal:
            raise _Note("foreign", refusal.check) from None

    def _ticket(self, visit: _Visit, text: str) -> Ticket:
        """Return the ticket of a request that the store knows, else the one that its reader brought. Raises Refusal."""
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

    def _view(self, ticket: Ticket, person: Actor) -> View:
        answer = self.presses.view(ticket)
        return view(answer.case, answer.status, self.policy, person, self.clock())

    def _seal(self, visit: _Visit, person: Actor) -> FormToken:
        return FormToken(self.ticket_keys, person.id, visit.case_id)

    def _form(self, visit: _Visit, seal: FormToken, shown: View, waiting: str) -> Form:
        token = seal.press(seen(shown.case, shown.stage), shown.now)
        return Form(visit.path, token, "" if shown.case.version else waiting)
