"""The page of the outbox: failed debts by their cause, each cause with one button, then the debts still tried."""

from collections.abc import Iterable, Mapping, Sequence

from relay.model.case import Case
from relay.model.delivery import Reply
from relay.pages.html import Html, tag
from relay.pages.operator.access import Access, Operator
from relay.pages.operator.debt_parts import draw_debt
from relay.pages.operator.debts import age_from, cause_of
from relay.pages.operator.parts import OUTBOX, Look, draw, form, look_of
from relay.pages.outcomes import phrase

Owed = tuple[Case, int]


def draw_outbox(
    debts: Sequence[Owed], operator: Operator, access: Access, headers: Mapping[str, str], now: float
) -> Reply:
    """Draw every debt that is owed, refused or dead; the largest group of failures comes first."""
    look = look_of(access, operator, headers, OUTBOX, now)
    desk = look.desk
    failed: dict[str, list[Owed]] = {}
    for case, index in debts:
        if case.debts[index].status != "owed":
            failed.setdefault(cause_of(case.debts[index]), []).append((case, index))
    tried = [each for each in debts if each[0].debts[each[1]].status == "owed"]
    groups = (_failed(cause, each, look) for cause, each in sorted(failed.items(), key=lambda each: -len(each[1])))
    return draw(
        look,
        desk.outbox,
        OUTBOX,
        tag("div", tag("h1", desk.outbox), tag("p", desk.about_outbox, class_="soft"), class_="headline"),
        *groups,
        _section(desk.still_tried, tried, look, None) if tried else None,
        None if debts else tag("p", desk.nothing_owed, class_="card empty"),
    )


def _failed(cause: str, debts: Sequence[Owed], look: Look) -> Html:
    case, index = debts[0]
    why = phrase(look.words.language, case.debts[index].last_error)
    label = look.desk.replay_all.format(n=len(debts))
    all_ = form(look, f"{OUTBOX}/replay", label, cause=cause, look_class="button") if len(debts) > 1 else None
    cures = {case.debts[index].cure for case, index in debts}
    return _section(
        look.desk.same_cause.format(why=why), debts, look, all_, cure=cures.pop() if len(cures) == 1 else ""
    )


def _section(title: str, debts: Iterable[Owed], look: Look, button: Html | None, *, cure: str = "") -> Html:
    oldest_first = sorted(debts, key=lambda each: age_from(each[0].debts[each[1]]))
    drawn = (draw_debt(case, index, look, back=OUTBOX, cure_above=bool(cure)) for case, index in oldest_first)
    head = tag("div", tag("h2", title), button, class_="grouped")
    cure_of_all = tag("p", tag("b", f"{look.desk.cure}: "), cure, class_="cure") if cure else None
    return tag("section", head, cure_of_all, tag("ol", *drawn, class_="owing"), class_="card")
