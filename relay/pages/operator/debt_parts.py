"""One debt on a page: its status, the reason of its failure, its cure, and the buttons that move it."""

from relay.approval.debts import shown_kind, shown_status
from relay.model.case import Case
from relay.pages.frame import moment
from relay.pages.html import Html, tag
from relay.pages.operator.debts import age_from, approved_by
from relay.pages.operator.parts import OUTBOX, Look, form, person, story_link
from relay.pages.outcomes import phrase

_MOVABLE = ("owed", "refused", "dead")


def draw_debt(
    case: Case, index: int, look: Look, *, back: str, of_a_story: bool = False, cure_above: bool = False
) -> Html:
    """Draw a debt. In a story its request is known; its failure and cure may be above it already."""
    debt, desk = case.debts[index], look.desk
    status = shown_status(debt)
    subject = debt.event_type
    approvers = [part for id_ in approved_by(case) for part in (person(look, id_), " ")]
    tries = desk.tries.get(str(debt.attempts), desk.tries["n"]).format(n=debt.attempts)
    return tag(
        "li",
        tag(
            "p",
            tag("strong", desk.kinds[shown_kind(case, debt)]),
            " ",
            tag("code", subject),
            " ",
            tag("span", desk.statuses[status], class_=f"outcome {_tone(status)}"),
            class_="line",
        ),
        tag("p", story_link(case.request.id), " ", case.request.repository, class_="facts") if not of_a_story else None,
        tag("p", f"{desk.age} ", moment(age_from(debt), look.now, look.words), f" · {tries}", class_="facts"),
        tag("p", f"{desk.approved_by} ", *approvers, class_="facts") if approvers and not of_a_story else None,
        tag("p", tag("b", f"{desk.last_error}: "), phrase(look.words.language, debt.last_error), class_="fault")
        if debt.last_error and status != "dropped" and not cure_above
        else None,
        tag("p", tag("b", f"{desk.cure}: "), debt.cure, class_="cure")
        if debt.cure and debt.row and not cure_above
        else None,
        _buttons(case, index, look, back) if debt.row and status in _MOVABLE else None,
        class_=f"debt {status}",
    )


def _buttons(case: Case, index: int, look: Look, back: str) -> Html | None:
    debt, desk, path = case.debts[index], look.desk, f"{OUTBOX}/{case.request.id}"
    card = "" if debt.kind == "dispatch" else debt.event_type
    replay = form(look, f"{path}/replay", desk.replay, card=card, back=back)
    drop = form(look, f"{path}/drop", desk.drop_yes, look_class="reject", card=card, back=back)
    if replay is None or drop is None:
        return None
    asked = tag("details", tag("summary", desk.drop), tag("p", desk.drop_sure), drop, class_="drop")
    return tag("div", replay, asked, class_="moves")


def _tone(status: str) -> str:
    return {"delivered": "good", "owed": "wait", "cancelled": "soft", "dropped": "soft"}.get(status, "bad")
