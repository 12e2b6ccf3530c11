"""The form by which a person decides: drawn on the page, and read when it comes back."""

from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final
from urllib.parse import parse_qsl

from relay.chats.bidi import straight
from relay.errors import Refusal
from relay.model.delivery import Delivery
from relay.model.people import MAX_COMMENT, Act, Verdict
from relay.pages.addresses import SIGN_OUT
from relay.pages.html import Html, join, tag
from relay.pages.request_facts import pairs
from relay.pages.view import View
from relay.pages.words import Words
from relay.signed.fields import without_controls

MAX_BODY: Final = 1024 * 1024
_URLENCODED: Final = "application/x-www-form-urlencoded"
_TICKET: Final = "ticket"  # only of a request that has no decision yet
_ACTS: Final = MappingProxyType[str, Act]({"approve": "approve", "reject": "reject", "again": "again"})
_REQUIRED: Final = frozenset({"token", "decision", "comment"})


@dataclass(frozen=True, slots=True)
class Form:
    """The form to draw: its address, its token, the comment typed so far, and `trouble`, the fault of that comment.

    `ticket` is set for a request without any decision: the store does not know it yet. `sign_out` is the address for
    signing out.
    """

    path: str
    token: str
    ticket: str = field(default="", repr=False)
    comment: str = ""
    trouble: str = ""
    sign_out: str = SIGN_OUT


@dataclass(frozen=True, slots=True)
class SubmittedForm:
    """The fields of a form that came back. A comment without any visible character is empty."""

    token: str
    verdict: Act
    comment: str
    ticket: str


def read_submitted(delivery: Delivery) -> SubmittedForm:
    """Return the fields of a submitted form. Raises Refusal malformed or too-large for any other body."""
    if len(delivery.body) > MAX_BODY:
        raise Refusal("too-large", "body")
    if delivery.headers.get("content-type", "").partition(";")[0].strip().lower() != _URLENCODED:
        raise Refusal("malformed", "the body is no urlencoded form")
    try:
        pairs = parse_qsl(
            delivery.body.decode("ascii"),
            keep_blank_values=True,
            strict_parsing=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=len(_REQUIRED) + 1,
        )
    except ValueError:
        raise Refusal("malformed", "the body is no urlencoded form in UTF-8") from None
    fields = dict(pairs)
    if len(fields) != len(pairs) or not _REQUIRED <= set(fields) <= _REQUIRED | {_TICKET}:
        raise Refusal("malformed", "the form has a field twice, too many, or too few")
    act = _ACTS.get(fields["decision"])
    if act is None:
        raise Refusal("malformed", "the decision is not approve, reject or again")
    # a browser sends line breaks as CR LF; other control characters are dropped, as no request may hold them
    comment = without_controls(fields["comment"].replace("\r\n", "\n").replace("\r", "\n"))
    if not any(each.isprintable() and not each.isspace() for each in comment):
        comment = ""
    return SubmittedForm(fields["token"], act, comment, fields.get(_TICKET, ""))


def decide(view: View, words: Words, form: Form) -> Html | None:
    """Draw the form, or the reason why this person has none. Return None once there is nothing to decide."""
    if view.status != "pending" or not view.asks:
        return None
    reason = words.already_counts if view.why_not == "already-counted" else words.why_not.get(view.why_not, "")
    if view.verdicts == ("reject",):
        reason = words.may_reject.get(view.why_not, reason)
    return tag(
        "section",
        tag("h2", words.decision, id="decision"),
        tag("p", reason, class_="reason") if reason else None,
        _subject(view, words) if view.verdicts else None,
        _form(view, words, form) if view.verdicts else None,
        aria_labelledby="decision",
        class_="card decide",
        id="decide",
    )


def run_again(view: View, words: Words, form: Form) -> Html | None:
    """Draw the button that runs a failed release again, or return None if this person may not."""
    if not view.may_run_again:
        return None
    return tag(
        "section",
        tag("h2", words.run_failed, id="again"),
        tag("p", words.run_again_about, class_="soft"),
        _subject(view, words),
        tag(
            "form",
            _hidden("token", form.token),
            _hidden("comment", ""),
            tag(
                "div",
                tag("button", words.start_over, type="submit", name="decision", value="again", class_="approve"),
                class_="buttons",
            ),
            tag("p", words.deciding_as.format(name=straight(view.person.name)), class_="soft"),
            method="post",
            action=form.path,
            accept_charset="utf-8",
        ),
        aria_labelledby="again",
        class_="card decide",
        id="decide",
    )


def _subject(view: View, words: Words) -> Html:
    """Draw the release once more beside the buttons: on a phone the other box is far away."""
    request = view.case.request
    facts = (
        (words.repository, request.repository),
        (words.environment, request.environment),
        (words.event, request.event_type),
        (words.ref, request.ref),
        (words.commit, request.sha),
    )
    return tag("div", tag("p", words.releases, class_="soft"), pairs(facts), class_="subject")


def _form(view: View, words: Words, form: Form) -> Html:
    request = view.case.request
    own = view.operator_words
    labels = {
        "approve": own.approve_label or request.approve_label,
        "reject": own.reject_label or request.reject_label,
    }
    asks, note = (words.operator_asks, own.confirm) if own.confirm else (words.please_note, request.confirm)
    return tag(
        "form",
        _hidden("token", form.token),
        _hidden("ticket", form.ticket) if form.ticket else None,
        tag("p", tag("strong", f"{asks}: "), straight(note), class_="heed") if note else None,
        tag("label", words.comment_required if request.require_comment else words.comment, for_="comment"),
        tag(
            "textarea",
            "\n",  # a parser drops the first line break
            form.comment,
            id="comment",
            name="comment",
            rows="3",
            maxlength=str(MAX_COMMENT),
            required=request.require_comment,
            autocomplete="off",
            aria_describedby="about-comment comment-trouble" if form.trouble else "about-comment",
            aria_invalid="true" if form.trouble else False,
        ),
        tag("p", form.trouble, class_="error", id="comment-trouble") if form.trouble else None,
        tag("p", words.comment_about, class_="soft", id="about-comment"),
        tag("div", *(_button(each, labels[each], words) for each in view.verdicts), class_="buttons"),
        tag("p", words.deciding_as.format(name=straight(view.person.name)), class_="soft"),
        method="post",
        action=form.path,
        accept_charset="utf-8",
    )


def _hidden(name: str, value: str) -> Html:
    return tag("input", type="hidden", name=name, value=value)


def _button(verdict: Verdict, label: str, words: Words) -> Html:
    """Draw a button: the relay's own word first, and the label of the operator or the sender small below it."""
    own = words.approve if verdict == "approve" else words.reject
    called = join(" ", tag("small", straight(label))) if label and label.casefold() != own.casefold() else None
    return tag("button", own, called, type="submit", name="decision", value=verdict, class_=verdict)
