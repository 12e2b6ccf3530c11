"""The page of one request: the effect of an approval, the sender's text, the progress, and the form."""

from collections.abc import Mapping
from typing import Final

from relay.approval.gates import ending
from relay.approval.wording import deciding
from relay.model.delivery import Reply
from relay.pages.form import Form, decide, run_again
from relay.pages.frame import page
from relay.pages.html import Html, tag
from relay.pages.outcomes import sentence
from relay.pages.progress import ONCE, approvals, github, headline
from relay.pages.request_facts import release, sender
from relay.pages.view import View, decision_of
from relay.pages.words import Words

# the age of the owed dispatch, and the refresh interval until then: both in seconds
_INTERVALS: Final = ((30, 3), (300, 10), (3_600, 30))
_GOOD: Final = ("approved", "again", "counted", "already-counted", "already-approved")
AGAIN: Final = "again"  # in the page's address: this is an automatic refresh


def draw(view: View, words: Words, form: Form, *, code: str = "", look: str = "", headers: Mapping[str, str]) -> Reply:
    """Draw the case. `code` is the outcome of the person's press, if they come from one.

    While a dispatch is owed the page refreshes automatically, unless `look` is `ONCE`.
    """
    # a person who may decide may be writing, so their page is not refreshed
    every, decision, looking = 0 if view.verdicts else _refresh_interval(view), decision_of(view, code), look != ONCE
    outcome = None
    if decision:
        message = tag("p", sentence(words.language, decision, view.case))
        outcome = _outcome_box(_kind(view, decision.code), message, focus=look != AGAIN)
    debts = github(view, words, every=every, looking=looking, path=form.path)
    # the focus is left alone after a refresh, and at the end the title shows the status to readers of another tab
    again = {"Refresh": f"{every}; url={form.path}?look={AGAIN}"} if every and looking else {}
    status = words.statuses[ending(view.case, view.status)] if view.asks and look == AGAIN and not every else ""
    return _page(200, view, words, form, (outcome, debts), {**again, **headers}, status)


def draw_trouble(status: int, view: View, words: Words, form: Form, message: str) -> Reply:
    """Draw the case again after a refused press: the reason, and the comment as it was typed."""
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
    aside = tag(
        "div", approvals(view, words), debts, decide(view, words, form), run_again(view, words, form), class_="aside"
    )
    return page(
        status,
        first,
        headline(view, words),
        tag("div", about, aside, class_="columns"),
        words=words,
        title=f"{status_text} · {subject}" if status_text else subject,
        skip=tag("a", words.skip, href="#decide", class_="skip") if view.verdicts else None,
        signed_in=(view.person.name, form.sign_out),
        headers=headers,
    )


def _outcome_box(kind: str, *children: Html, focus: bool) -> Html:
    """Draw the outcome of a press. With the focus on it, screen readers read it first."""
    return tag("div", *children, class_=f"told {kind}", role="status", tabindex="-1", autofocus=focus)


def _kind(view: View, code: str) -> str:
    """Return the look of an outcome. An approval that GitHub refused looks bad."""
    debt = deciding(view.case.debts)
    if debt and debt.status in ("refused", "dead"):
        return "bad"
    if debt and debt.status == "owed":
        return "wait"
    return "good" if code in _GOOD else "plain"


def _refresh_interval(view: View) -> int:
    """Return the seconds until the next refresh, or 0 if there is nothing to wait for any longer."""
    run = view.case.run
    going = [run.at] if run and run.status in ("queued", "running") else []
    owed = [debt.created_at for debt in view.dispatches if debt.status == "owed"]
    age = view.now - max([*owed, *going], default=0)
    return next((every for until, every in _INTERVALS if age < until), 0)
