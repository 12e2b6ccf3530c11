"""The progress of a case: its status, its stages with their reviews, and its dispatches."""

from typing import Final

from relay.approval.debts import shown_status
from relay.approval.gates import ending
from relay.approval.runs import early_event
from relay.chats.bidi import straight
from relay.chats.shared.run import shown_address
from relay.model.debts import Debt
from relay.model.people import Review
from relay.model.runs import Run
from relay.pages.frame import moment
from relay.pages.html import Html, tag
from relay.pages.outcomes import phrase
from relay.pages.request_facts import link
from relay.pages.view import Step, View
from relay.pages.words import Words

ONCE: Final = "once"  # in the page's address: do not refresh automatically
_SHOWN_NAMES: Final = 6
_MARKS: Final = {"passed": "✓", "was_rejected": "✕"}


def approvals(view: View, words: Words) -> Html | None:
    """Draw the stages of the rule in order, and the reviews of stages that the policy no longer has."""
    steps = [_step(step, number, view, words) for number, step in enumerate(view.steps, 1)]
    loose = [_review(review, view, words) for review in view.loose]
    if not steps and not loose:
        return None
    return tag(
        "section",
        tag("h2", words.approvals, id="approvals"),
        tag("ol", *steps, class_="stages") if steps else None,
        tag("ul", *loose, class_="reviews") if loose else None,
        aria_labelledby="approvals",
        class_="card",
    )


def github(view: View, words: Words, *, path: str, every: int = 0, looking: bool = False) -> Html | None:
    """Draw the dispatches, and the run of the last one.

    While something is under way, draw the refresh interval with a link to stop it.
    """
    if not view.dispatches:
        return None
    items = [
        tag(
            "li",
            tag("code", straight(debt.event_type)),
            _rerun(debt, view, words),
            tag("span", _state(debt, words)),
            class_=debt.status,
        )
        for debt in view.dispatches
    ]
    again = None
    if every:
        switch = tag("a", words.stop, href=f"{path}?look={ONCE}") if looking else tag("a", words.start, href=path)
        again = tag("p", words.refreshes.format(n=every) if looking else None, " ", switch, class_="soft again")
    return tag(
        "section",
        tag("h2", words.github, id="github"),
        tag("ul", *items, class_="debts"),
        _run(view.case.run, view, words) if view.case.run else None,
        again,
        aria_labelledby="github",
        class_="card",
    )


def _rerun(debt: Debt, view: View, words: Words) -> str:
    """Return the number of a later run of the release, and the person who started it."""
    if debt.run == 1:
        return " "
    return " " + words.rerun.format(n=debt.run, name=straight(view.case.reruns[debt.run - 2].by.name)) + " "


def _run(run: Run, view: View, words: Words) -> Html:
    said = f"{words.runs[run.status]} ({words.reported})" if run.by == "report" else words.runs[run.status]
    return tag(
        "div",
        tag("p", tag("span", said, class_="by"), *_of(run, view), " ", moment(run.at, view.now, words)),
        tag("blockquote", straight(run.said), class_="written") if run.said else None,
        tag("p", link(run.url, shown_address(run.url), words)) if run.url else None,
        class_=f"run {run.status}",
    )


def _of(run: Run, view: View) -> tuple[Html | str, ...]:
    """Draw the event type that started a run before the decision."""
    event = early_event(view.case, run)
    return (" · ", tag("code", straight(event))) if event else ()


def _step(step: Step, number: int, view: View, words: Words) -> Html:
    state = {
        "passed": words.passed,
        "waits": words.waits,
        "comes_later": words.comes_later,
        "was_rejected": words.was_rejected,
        "not_reached": words.not_reached,
    }[step.state]
    count = words.counted.format(n=min(step.counted, step.stage.required), required=step.stage.required)
    # An approved request may have passed under another policy, of which these are not the stages.
    is_true = step.state != "passed" or step.counted >= step.stage.required
    on_pass = step.stage.on_pass if step.state in ("waits", "comes_later") else ""
    return tag(
        "li",
        tag("span", _MARKS.get(step.state, str(number)), class_="mark", aria_hidden="true"),
        tag(
            "div",
            tag(
                "p",
                tag("strong", straight(step.stage.name)),
                tag("span", state, class_="state"),
                tag("span", count, class_="count") if is_true else None,
                class_="line",
            ),
            tag("ul", *(_review(review, view, words) for review in step.reviews), class_="reviews")
            if step.reviews
            else None,
            tag("p", words.deciders.format(names=_names(step, words)), class_="soft")
            if step.state in ("waits", "comes_later")
            else None,
            tag("p", words.sends.format(event=straight(on_pass)), class_="soft") if on_pass else None,
        ),
        class_=step.state.replace("_", "-"),
    )


def _review(review: Review, view: View, words: Words) -> Html:
    form = words.approved_by if review.verdict == "approve" else words.rejected_by
    name = straight(review.by.name) + (f" ({words.you})" if review.by.id in view.mine else "")
    comment = review.comment.strip()
    return tag(
        "li",
        tag("p", tag("span", form.format(name=name), class_="by"), " ", moment(review.at, view.now, words)),
        tag("blockquote", straight(comment), class_="written") if comment else None,
        class_=review.verdict,
    )


def _names(step: Step, words: Words) -> str:
    if step.deciders is None:
        return words.anyone
    names, more = [straight(name) for name in step.deciders[:_SHOWN_NAMES]], len(step.deciders) - _SHOWN_NAMES
    return ", ".join([*names, words.more_people.format(n=more)] if more > 0 else names)


def _state(debt: Debt, words: Words) -> str:
    kind = "retrying" if debt.status == "owed" and debt.last_error else shown_status(debt)
    text = words.debts[kind].format(why=straight(phrase(words.language, debt.last_error)))
    tried = words.attempts.format(n=debt.attempts) if kind == "retrying" and debt.attempts else ""
    return f"{text} ({tried})" if tried else text


def headline(view: View, words: Words) -> Html:
    """Draw the subject and the status of the request, in the relay's words."""
    request, case = view.case.request, view.case
    status = words.statuses[ending(view.case, view.status)] if view.asks else words.notification
    ended = case.decided_at or (view.ends_at if view.status == "expired" else 0)
    label = words.decided if view.status in ("approved", "rejected") else words.ended
    newer = case.superseded_by
    return tag(
        "div",
        tag("p", tag("span", status, class_=f"status {view.status if view.asks else 'none'}"), class_="eyebrow"),
        tag("h1", straight(request.repository or words.notification), *_environment(request.environment)),
        tag("p", words.called.format(title=straight(request.title)), class_="called"),
        tag("p", words.notified, class_="soft") if not view.asks else None,
        tag("p", label, " ", moment(ended, view.now, words), class_="soft") if ended and view.asks else None,
        tag("p", words.newer, ": ", tag("a", straight(newer.title), href=f"/api/review/{newer.id}")) if newer else None,
        class_="headline",
    )


def _environment(environment: str) -> tuple[Html | str, ...]:
    return (" ", tag("span", straight(environment), class_="environment")) if environment else ()
