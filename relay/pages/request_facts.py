"""The effect of an approval in the relay's words, and separately the text of the sender."""

import json
from collections.abc import Iterable, Mapping
from typing import Final
from urllib.parse import urlsplit

from relay.approval.wording import deciding
from relay.chats.bidi import straight
from relay.model.request import ApprovalRequest
from relay.model.values import Json
from relay.pages.frame import moment
from relay.pages.html import Child, Html, join, tag
from relay.pages.view import View
from relay.pages.words import Words
from relay.signed.fields import is_web_address

_SECTION_TEXTS: Final = ("activityTitle", "activitySubtitle", "activityText", "text")


def release(view: View, words: Words) -> Html:
    """Draw the effect of an approval: repository, environment, event, code, requester and payload."""
    request, proof = view.case.request, view.case.proof
    run = _link_or_text(request.run_url, "", words) if request.run_url else ""
    facts: list[tuple[str, Child]] = [
        (words.repository, request.repository),
        (words.environment, request.environment),
        (words.event, request.event_type),
        (words.reject_event, request.reject_event_type),
        (words.ref, _with_proof("ref", straight(request.ref), view, words)),
        (words.commit, _with_proof("sha", tag("code", request.sha) if request.sha else "", view, words)),
        (words.run, _with_proof("run", run, view, words)),
        (words.requested_by, _requesters(view, words)),
        (words.asked, words.proofs[proof]),
        (words.expires, moment(view.ends_at, view.now, words) if view.asks and view.status == "pending" else None),
    ]
    return tag(
        "section",
        tag("h2", _title(view, words), id="release"),
        pairs(facts),
        _payload(request, words) if view.asks else None,
        aria_labelledby="release",
        class_="card release",
    )


def sender(request: ApprovalRequest, words: Words) -> Html:
    """Draw the text of the sender as plain text with its line breaks: no Markdown, no images, no script."""
    links = [*request.links, *_open_uri_links(request.actions)]
    return tag(
        "section",
        tag("h2", words.sender, id="sender"),
        tag("p", words.sender_about, class_="soft"),
        tag(
            "div",
            tag("h3", straight(request.title)),
            tag("p", straight(request.text), class_="written") if request.text else None,
            pairs((str(fact["name"]), straight(str(fact["value"]))) for fact in request.facts),
            *(_section(section, words) for section in request.sections),
            _links(links, words) if links else None,
            class_="quote",
        ),
        aria_labelledby="sender",
        class_="card",
    )


def pairs(facts: Iterable[tuple[str, Child]]) -> Html | None:
    """Draw names and values, without empty ones."""
    drawn = [
        tag("div", tag("dt", straight(name)), tag("dd", straight(value) if isinstance(value, str) else value))
        for name, value in facts
        if value
    ]
    return tag("dl", *drawn) if drawn else None


def link(url: str, name: str, words: Words) -> Html:
    """Draw a link with its host, which its name may hide. It opens without access to this page."""
    host = urlsplit(url).hostname or ""
    return join(
        tag(
            "a",
            straight(name),
            tag("span", f" ({words.new_tab})", class_="unseen"),
            href=url,
            target="_blank",
            rel="noopener noreferrer",
        ),
        tag("span", f" {host}", class_="host"),
    )


def _title(view: View, words: Words) -> str:
    if not view.asks:
        return words.comes_from
    if view.status == "approved":
        debt = deciding(view.case.debts)
        return words.released if debt and debt.status == "delivered" else words.releases
    return words.releases if view.status == "pending" else words.not_released


def _with_proof(name: str, shown: Html | str, view: View, words: Words) -> Html | None:
    """Draw a fact with a note on its proof: proven by GitHub or a chat, or only stated by the sender."""
    proven = words.proven_by_chat if view.case.proof == "command" else words.proven
    note = proven if name in view.case.proven else words.stated
    if not shown:
        return None
    return join(shown, " ", tag("span", f"({note})", class_="soft"))


def _requesters(view: View, words: Words) -> Html | None:
    """Draw the requester, and the requester of a re-run, which is always only stated."""
    by, also = view.case.request.requested_by, view.case.request.requested_by_also
    if not also:
        return _with_proof("requester", by, view, words)
    both = words.run_again.format(by=by, also=also).removeprefix(", ")
    return join(both, " ", tag("span", f"({words.stated})", class_="soft"))


def _payload(request: ApprovalRequest, words: Words) -> Html:
    if not request.client_payload:
        return tag("p", words.no_payload, class_="soft")
    text = straight(json.dumps(request.client_payload, ensure_ascii=False, indent=2))
    return join(
        tag("h3", words.payload, id="payload"),
        tag("p", words.payload_about, class_="soft"),
        tag("pre", text, tabindex="0", role="region", aria_labelledby="payload"),
    )


def _section(section: Json, words: Words) -> Html | None:
    """Draw a section of a MessageCard by its texts, facts and links."""
    title = section.get("title")
    texts = [text for name in _SECTION_TEXTS if isinstance(text := section.get(name), str) and text]
    facts = section.get("facts")
    known = [fact for fact in facts if isinstance(fact, Mapping)] if isinstance(facts, list | tuple) else []
    found = [(str(fact.get("name", "")), str(fact.get("value", ""))) for fact in known]
    actions = section.get("potentialAction")
    links = _open_uri_links(actions) if isinstance(actions, list | tuple) else []
    if not (title or texts or found or links):
        return None
    return tag(
        "div",
        tag("h4", straight(title)) if isinstance(title, str) and title else None,
        *(tag("p", straight(text), class_="written") for text in texts),
        pairs(found),
        _links(links, words) if links else None,
        class_="part",
    )


def _open_uri_links(actions: Iterable[object]) -> list[Json]:
    """Return the addresses of OpenUri actions as links."""
    found: list[Json] = []
    for action in actions:
        targets = action.get("targets") if isinstance(action, Mapping) and action.get("@type") == "OpenUri" else None
        for target in targets if isinstance(targets, list | tuple) else ():
            url = target.get("uri") if isinstance(target, Mapping) else None
            if isinstance(action, Mapping) and isinstance(url, str):
                found.append({"name": str(action.get("name", url)), "url": url})
                break
    return found


def _links(links: Iterable[Json], words: Words) -> Html:
    items = [tag("li", _link_or_text(str(each["url"]), str(each["name"]), words)) for each in links]
    return join(tag("h4", words.links), tag("ul", *items, class_="links"))


def _link_or_text(url: str, name: str, words: Words) -> Html:
    """Draw an allowed address as a link, and any other as text."""
    if is_web_address(url):
        return link(url, name or url, words)
    return join(straight(f"{name}: {url}" if name else url))
