"""A press on the review page: judged for the person to whom the page was shown, and taken once."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Final

from relay.approval.policy import Policy
from relay.errors import Refusal
from relay.journal.presses import write_press
from relay.model.delivery import Delivery, Interaction
from relay.model.people import MAX_COMMENT, Actor
from relay.pages import outcomes
from relay.pages.form import SubmittedForm
from relay.pages.form_token import FormToken, fingerprint
from relay.pages.view import View, earlier_outcome, stage_of, view
from relay.pages.words import Words
from relay.press import Presses
from relay.signed.tickets import BY_RELAY, Ticket

BUDGET: Final = 8.0  # seconds from arrival within which a browser gets its answer
CHANNEL: Final = "page"  # in the log
_CODES: Final = {"released": "approved", "approved-retrying": "approved", "approved-refused": "approved"}


class NotTaken(Exception):  # noqa: N818 - an answer, not an error of ours
    """A refused press: the HTTP status, the message for the person, and the refusal for the log."""

    def __init__(self, status: int, message: str, refusal: Refusal, *, in_comment: bool = False) -> None:
        super().__init__(refusal.code)
        self.status = status
        self.said = message
        self.refusal = refusal
        self.in_comment = in_comment


@dataclass(frozen=True, slots=True)
class PagePresses:
    """The presses of the review page. `clock` returns Unix seconds."""

    presses: Presses
    policy: Policy
    clock: Callable[[], float]

    def view(self, ticket: Ticket, person: Actor) -> View:
        """Return the request as the person sees it. Nothing is decided."""
        answer = self.presses.view(ticket)
        return view(answer.case, answer.status, self.policy, person, self.clock())

    def decide(
        self,
        delivery: Delivery,
        press: SubmittedForm,
        person: Actor,
        ticket: Ticket,
        form_token: FormToken,
        words: Words,
    ) -> str:
        """Take the press and return its outcome code. Raises NotTaken and Outage."""
        shown = self.view(ticket, person)
        try:
            drawn = form_token.read_press(press.token, shown.now)
        except Refusal as refusal:
            raise NotTaken(403, words.not_yours, refusal) from None
        earlier = self._earlier(shown, press, drawn)
        if earlier:
            return earlier
        if len(press.comment) > MAX_COMMENT:
            long = Refusal("malformed", "the comment is too long")
            raise NotTaken(400, words.long_comment, long, in_comment=True)
        message = Interaction("", press.verdict, press.comment, shown.person)
        deadline = delivery.arrived_at + BUDGET
        try:
            answer = self.presses.decide(
                ticket._replace(stage=shown.stage, by=BY_RELAY),  # the relay itself drew the page
                message,
                deadline,
                github_until=deadline,
                expects=lambda case: fingerprint(case, stage_of(case, self.policy)) == drawn,
            )
        except Refusal as refusal:
            if refusal.code == "comment-required":
                raise NotTaken(400, words.needs_comment, refusal, in_comment=True) from None
            stale = refusal.code == "stale"
            earlier = self._earlier(self.view(ticket, person), press, drawn) if stale else ""
            if earlier:  # the same form was sent twice at the same moment
                return earlier
            sentence = outcomes.refusal(words.language, refusal.code, refusal.check)
            raise NotTaken(409 if stale else 403, sentence, refusal) from None
        write_press(answer, shown.person, replace(delivery, channel=CHANNEL), self.clock())
        code = _CODES.get(answer.code, answer.code)
        return "again" if press.verdict == "again" and code == "approved" else code

    def _earlier(self, shown: View, press: SubmittedForm, drawn: str) -> str:
        """Return the outcome of an earlier, equal review by the same form, or an empty text if there is none."""
        return "" if press.verdict == "again" else earlier_outcome(shown, press.verdict, drawn)
