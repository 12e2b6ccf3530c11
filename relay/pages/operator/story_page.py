"""The page of a request's story: its status, its events in order, the judgment of each rule, and its debts."""

from collections.abc import Iterable, Mapping, Sequence
from itertools import groupby
from typing import Any

from relay.approval.gates import ending
from relay.approval.judge import ends_at
from relay.journal.messages import Message
from relay.model.case import Case
from relay.model.delivery import Reply
from relay.pages.frame import moment
from relay.pages.html import Html, join, tag
from relay.pages.operator.debt_parts import draw_debt
from relay.pages.operator.list_page import date_of, row
from relay.pages.operator.parts import MESSAGES, Look, draw, person
from relay.pages.operator.story import rules, stages, status_at
from relay.pages.request_facts import pairs
from relay.pages.review import PATH


def draw_story(case: Case | None, messages: Sequence[Message], look: Look) -> Reply:
    """Draw the story of a request; `messages` are oldest first."""
    desk = look.desk
    happened = tag("section", tag("h2", desk.happened), _timeline(messages, look), class_="card")
    if case is None:
        head = tag("div", tag("h1", desk.story), tag("p", desk.gone, class_="soft"), class_="headline")
        return draw(look, desk.story, MESSAGES, head, happened)
    about = tag("div", happened, _owed(case, look), class_="about")
    aside = tag("div", _facts(case, look), _stages(case, look), _judged(case, look), class_="aside")
    columns = tag("div", about, aside, class_="columns")
    return draw(look, f"{desk.story} · {case.request.repository}", MESSAGES, _headline(case, look), columns)


def _headline(case: Case, look: Look) -> Html:
    request = case.request
    status = status_at(case, look.policy, look.now)
    shown = look.words.statuses[ending(case, status)] if request.event_type else look.words.notification
    where = tag("span", request.environment, class_="environment") if request.environment else None
    return tag(
        "div",
        tag("p", tag("span", shown, class_=f"status {status}")),
        tag("h1", request.repository, where),
        tag("p", tag("code", request.event_type), class_="called") if request.event_type else None,
        tag("p", tag("a", look.desk.review, href=PATH + request.id)),
        class_="headline",
    )


def _facts(case: Case, look: Look) -> Html:
    desk, request = look.desk, case.request
    facts = (
        (desk.fields["request"], tag("code", request.id)),
        (desk.proof, look.words.proofs[case.proof]),
        (desk.asked_at, moment(request.issued_at, look.now, look.words)),
        (desk.expires_at, moment(ends_at(case, look.policy), look.now, look.words)),
        (desk.decided_at, moment(case.decided_at, look.now, look.words) if case.decided_at else None),
        (desk.run, look.words.runs[case.run.status] if case.run else None),
    )
    return tag("section", tag("h2", desk.fields["request"]), pairs(facts), class_="card")


def _timeline(messages: Sequence[Message], look: Look) -> Html:
    if not messages:
        return tag("p", look.desk.none, class_="soft")
    days = groupby(messages, date_of)
    return join(*(part for day, each in days for part in (tag("h3", day), _day(each, look))))


def _day(messages: Iterable[Message], look: Look) -> Html:
    return tag("ol", *(row(message, look, of_a_story=True) for message in messages), class_="messages")


def _owed(case: Case, look: Look) -> Html:
    back = f"{MESSAGES}/{case.request.id}"
    drawn = [draw_debt(case, index, look, back=back, of_a_story=True) for index in range(len(case.debts))]
    inner = tag("ol", *drawn, class_="owing") if drawn else tag("p", look.desk.no_debts, class_="soft")
    return tag("section", tag("h2", look.desk.debts), inner, class_="card")


def _stages(case: Case, look: Look) -> Html | None:
    found: list[Mapping[str, Any]] = [*stages(case, look.policy, look.now)]
    if not found:
        return None
    drawn = (
        tag(
            "li",
            tag("p", tag("strong", each["name"]), " ", _count(each, look), class_="line") if each["name"] else None,
            tag("p", ", ".join(each["approvers"]), class_="facts"),
            *(_review(review, look) for review in each["reviews"]),
            tag("p", look.desk.reviews_none, class_="facts") if not each["reviews"] else None,
        )
        for each in found
    )
    return tag("section", tag("h2", look.desk.stages), tag("ol", *drawn, class_="judged"), class_="card")


def _count(stage: Mapping[str, Any], look: Look) -> Html:
    counted = min(stage["counted"], stage["required"])  # a milder policy may need fewer than there were
    return tag("span", look.words.counted.format(n=counted, required=stage["required"]), class_="soft")


def _review(review: Mapping[str, Any], look: Look) -> Html:
    text = look.words.approved_by if review["verdict"] == "approve" else look.words.rejected_by
    before, _, after = text.partition("{name}")
    why = look.desk.counts_not[review["because"]] if review["because"] else look.desk.counts
    return tag("p", before, person(look, review["person"]), after, " · ", tag("span", why, class_="soft"))


def _judged(case: Case, look: Look) -> Html | None:
    found: list[Mapping[str, Any]] = [*rules(case, look.policy)]
    if not found:
        return None
    drawn = (tag("li", *_rule(each, case, look)) for each in found)
    return tag(
        "section",
        tag("h2", look.desk.judged),
        tag("p", look.desk.about_judged, class_="soft"),
        tag("ol", *drawn, class_="judged"),
        class_="card",
    )


def _rule(rule: Mapping[str, Any], case: Case, look: Look) -> list[Html]:
    desk = look.desk
    says = desk.decides if rule["matches"] else desk.passes_by
    lines = [tag("p", tag("strong", desk.rule.format(n=rule["rule"])), " ", tag("span", says, class_="soft"))]
    lines += [
        _fact(name, fact, look)
        for name, fact in rule["facts"].items()
        if not fact["matches"] or (rule["matches"] and name != "form")
    ]
    if rule.get("takes_proof") is False:
        lines.append(tag("p", desk.no_proof.format(proof=case.proof), class_="fact bad"))
    return lines


def _fact(name: str, fact: Mapping[str, Any], look: Look) -> Html:
    text = look.desk.matched if fact["matches"] else look.desk.differs
    wanted = ", ".join(fact["wanted"]) or "—"
    shown = text.format(name=look.desk.facts[name], found=fact["found"] or "—", wanted=wanted)
    return tag("p", shown, class_="fact good" if fact["matches"] else "fact bad")
