"""The form by which a person decides: it is only sent by a press, and its token says for whom and what it was drawn."""

from dataclasses import dataclass, field

from relay.chats.bidi import straight
from relay.model import MAX_COMMENT, Verdict
from relay.pages.html import Html, join, tag
from relay.pages.view import View
from relay.pages.words import Words


@dataclass(frozen=True, slots=True)
class Form:
    """Where a form goes and what it carries; `trouble` is what is wrong with the comment, which is kept.

    The `ticket` is of a request that nobody has decided on yet, and so is known by its ticket alone.
    """

    path: str
    token: str
    ticket: str = field(default="", repr=False)
    comment: str = ""
    trouble: str = ""


def decide(view: View, words: Words, form: Form) -> Html | None:
    """Draw the form, or why this person has none; None once there is nothing to decide."""
    if view.status != "pending" or not view.asks:
        return None
    reason = words.already_counts if view.why_not == "already-counted" else words.why_not.get(view.why_not, "")
    if view.verdicts == ("reject",):
        reason = words.may_reject.get(view.why_not, reason)
    return tag(
        "section",
        tag("h2", words.decision, id="decision"),
        tag("p", reason, class_="reason") if reason else None,
        _form(view, words, form) if view.verdicts else None,
        aria_labelledby="decision",
        class_="card decide",
        id="decide",
    )


def _form(view: View, words: Words, form: Form) -> Html:
    request = view.case.request
    labels = {"approve": request.approve_label, "reject": request.reject_label}
    return tag(
        "form",
        _hidden("token", form.token),
        _hidden("ticket", form.ticket) if form.ticket else None,
        tag("p", tag("strong", f"{words.please_note}: "), straight(request.confirm), class_="heed")
        if request.confirm
        else None,
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
    """Draw a button that says first what it does, and small below it what the sender calls that."""
    own = words.approve if verdict == "approve" else words.reject
    called = join(" ", tag("small", straight(label))) if label and label.casefold() != own.casefold() else None
    return tag("button", own, called, type="submit", name="decision", value=verdict, class_=verdict)
