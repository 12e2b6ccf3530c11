"""The page of one request: what it releases, what its sender says, how it stands, and the form to decide it."""

from collections.abc import Mapping
from typing import Final

from relay.approval.wording import deciding
from relay.model import Reply
from relay.pages.form import Form, decide
from relay.pages.frame import page
from relay.pages.html import Html, tag
from relay.pages.outcomes import sentence
from relay.pages.progress import ONCE, approvals, github, headline
from relay.pages.request_facts import release, sender
from relay.pages.view import View, decision_of
from relay.pages.words import Words

# how often the page looks again while GitHub has to be told, by the age of what is owed: both in seconds
_INTERVALS: Final = ((30, 3), (300, 10), (3_600, 30))
_GOOD: Final = ("approved", "counted", "already-counted", "already-approved")
AGAIN: Final = "again"  # what the page's address says when it looks again by itself


def draw(view: View, words: Words, form: Form, *, code: str = "", look: str = "", headers: Mapping[str, str]) -> Reply:
    """Draw the case; `code` is what the person's press came to, where they come from it.

    While GitHub has to be told the page looks again by itself, by a header, which needs no script; unless `look` is
    `ONCE`, or the person may decide and so may be writing. With `AGAIN` it did so just now: the focus is left alone,
    and once that ends the title tells how the case stands to who reads another page meanwhile.
    """
    every, decision, looking = 0 if view.verdicts else _refresh_interval(view), decision_of(view, code), look != ONCE
    outcome = None
    if decision:
        message = tag("p", sentence(words.language, decision, view.case))
        outcome = _outcome_box(_kind(view, decision.code), message, focus=look != AGAIN)
    debts = github(view, words, every=every, looking=looking, path=form.path)
    again = {"Refresh": f"{every}; url={form.path}?look={AGAIN}"} if every and looking else {}
    status = words.statuses[view.status] if view.asks and look == AGAIN and not every else ""
    return _page(200, view, words, form, (outcome, debts), {**again, **headers}, status)


def draw_trouble(status: int, view: View, words: Words, form: Form, message: str) -> Reply:
    """Draw the case anew for a press that was not taken: why, and the comment as it was typed."""
    marked = tag("a", message, href="#comment") if form.trouble and view.verdicts else message
    summary = _outcome_box("bad", tag("h2", words.trouble), tag("p", marked), focus=True)
    return _page(status, view, words, form, (summary, github(view, words, path=form.path)), {}, "")


def _page(
    status: int,
    view: View,
    words: Words,
    form: Form,
    changing: tuple[Html | None, Html | None],
    headers: Mapping[str, str],
    status_text: str,
) -> Reply:
    first, debts = changing
    request = view.case.request
    subject = " ".join(filter(None, (request.repository, request.environment))) or words.notification
    about = tag("div", release(view, words), sender(request, words), class_="about")
    aside = tag("div", approvals(view, words), debts, decide(view, words, form), class_="aside")
    return page(
        status,
        first,
        headline(view, words),
        tag("div", about, aside, class_="columns"),
        words=words,
        title=f"{status_text} · {subject}" if status_text else subject,
        skip=tag("a", words.skip, href="#decide", class_="skip") if view.verdicts else None,
        signed_in=(view.person.name, form.path),
        headers=headers,
    )


def _outcome_box(kind: str, *children: Html, focus: bool) -> Html:
    """Draw what a press came to; with the focus there it is the first thing that is read out."""
    return tag("div", *children, class_=f"told {kind}", role="status", tabindex="-1", autofocus=focus)


def _kind(view: View, code: str) -> str:
    """Return how an outcome looks: an approval that GitHub has refused is no good news."""
    debt = deciding(view.case.debts)
    if debt and debt.status in ("refused", "dead"):
        return "bad"
    if debt and debt.status == "owed":
        return "wait"
    return "good" if code in _GOOD else "plain"


def _refresh_interval(view: View) -> int:
    """Return how often to look again, in seconds; 0 once there is nothing to wait for, or it takes too long."""
    owed = [debt.created_at for debt in view.dispatches if debt.status == "owed"]
    age = view.now - max(owed, default=0)
    return next((every for until, every in _INTERVALS if age < until), 0)
