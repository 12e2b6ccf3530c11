"""What the page draws of a case: whatever its sender wrote stays text, and what stands is told."""

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from typing import Any, Final

import pytest
from hypothesis import given
from hypothesis import strategies as st

from relay.core import policy_file
from relay.core.model import Actor, ApprovalRequest, Case, Debt, Newer, Proof, Reply, Review, Status, Verdict
from relay.core.policy import Policy
from relay.core.request import read_form
from relay.pages.english import ENGLISH
from relay.pages.form import Form
from relay.pages.korean import KOREAN
from relay.pages.review import draw, draw_trouble
from relay.pages.view import View, told, view
from relay.pages.words import Words
from tests import approvers, genuine
from tests.pages.browsing import fields, shown
from tests.requests import FORMS

NOW: Final = 1_790_000_000
POLICY: Final = policy_file.parse(approvers.POLICY)
ADA: Final = Actor(f"entra:{genuine.TENANT}/{approvers.PEOPLE['ada']}", "Ada")
LIN: Final = Actor(f"entra:{genuine.TENANT}/{approvers.PEOPLE['lin']}", "Lin")
FORM: Final = Form("/api/review/" + "a" * 32, "token")
EVIL: Final = "</textarea></title></style><script>alert(1)</script><img src=x onerror=alert(1)>\"'`{{7*7}}&amp;"
BOUNDS: Final = {
    "approve_label": 40,
    "reject_label": 40,
    "environment": 255,
    "ref": 255,
    "summary": 300,
    "confirm": 300,
}


class Elements(HTMLParser):
    """Every element of a page with its attributes, and the page's text."""

    def __init__(self, page: str) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""
        self.open: list[str] = []
        self.feed(page)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))
        if tag not in {"meta", "link", "input", "br"}:
            self.open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert tag == self.open.pop()

    def handle_data(self, data: str) -> None:
        self.text += data


def request(**changes: Any) -> ApprovalRequest:
    form = {"repository": "octo/api", "event_type": "deploy-api", "environment": "staged", "title": "T"} | changes
    return read_form(form, issued_at=NOW, nonce="n" * 22, lifetime=86_400)


def seen_by(person: Actor, case: Case, policy: Policy = POLICY, now: float = NOW) -> View:
    status: Status = "expired" if case.status == "pending" and now >= case.request.expires_at else case.status
    return view(case, status, policy, person, now)


def drawn(case: Case, person: Actor = ADA, words: Words = ENGLISH, **options: Any) -> Reply:
    return draw(seen_by(person, case), words, FORM, headers={}, **options)


def check_shut(reply: Reply) -> Elements:
    """Hold a page against what no page may have: anything that runs, loads, or leads where it should not."""
    page = Elements(reply.body.decode())
    assert [] == page.open
    for tag, attributes in page.found:
        assert tag in {
            *(
                "html",
                "head",
                "meta",
                "title",
                "link",
                "style",
                "body",
                "header",
                "main",
                "section",
                "div",
                "p",
                "span",
            ),
            *(
                "h1",
                "h2",
                "h3",
                "h4",
                "dl",
                "dt",
                "dd",
                "ul",
                "ol",
                "li",
                "a",
                "time",
                "code",
                "pre",
                "strong",
                "small",
            ),
            *("form", "input", "label", "textarea", "button", "blockquote", "svg", "rect", "path"),
        }
        assert not any(name.startswith("on") or name in {"src", "srcset", "style"} for name in attributes)
        href = (attributes.get("href") or "#").lower()
        assert href.startswith(
            ("/api/review/", "/.auth/logout?", "#", "data:image/svg+xml;base64,", "https://", "http://")
        )
        if href.startswith("http"):
            assert ("_blank", "noopener noreferrer") == (attributes["target"], attributes["rel"])
        if tag == "meta":
            assert "http-equiv" not in attributes
    return page


def opens(url: str) -> dict[str, Any]:
    return {"@type": "OpenUri", "name": EVIL, "targets": [{"os": "default", "uri": url}]}


def review(person: Actor = LIN, verdict: Verdict = "approve", stage: str = "qa", comment: str = "") -> Review:
    return Review(verdict, person, stage, NOW, comment)


@pytest.mark.parametrize(
    "field",
    ["title", "text", "summary", "environment", "ref", "confirm", "approve_label", "reject_label", "event_type"],
)
def test_no_text_of_the_sender_becomes_markup(field: str) -> None:
    evil = EVIL[: BOUNDS.get(field, 100)]
    page = check_shut(drawn(Case(request(**{field: evil}), "key")))
    assert field == "summary" or evil in page.text


@pytest.mark.parametrize(
    "changes",
    [
        {"facts": [{"name": EVIL[:100], "value": EVIL}]},
        {"links": [{"name": EVIL[:100], "url": 'https://a.example/?x="><script>alert(1)</script>'.replace(" ", "")}]},
        {"client_payload": {EVIL: [EVIL, {EVIL: EVIL}]}},
        {"run_url": 'https://a.example/"onmouseover="alert(1)'},
        {"sections": [{"title": EVIL, "activityTitle": EVIL, "activityText": EVIL, "text": EVIL}]},
        {"sections": [{"facts": [{"name": EVIL, "value": EVIL}, EVIL, {}]}, {"facts": EVIL}, {"title": 1, "text": []}]},
        {"sections": [{"activityImage": "https://evil.example/x.png", "images": [{"image": "https://evil.example/y"}]}]},
        {"actions": [opens("javascript:alert(1)")]},
        {"actions": [opens("data:text/html,x"), {"@type": "HttpPOST", "target": "x"}]},
        {"sections": [{"potentialAction": [opens(" javascript:x"), opens("java\nscript:x"), opens("//evil.example")]}]},
        {"sections": [{"potentialAction": [EVIL, {"@type": "OpenUri", "name": 7, "targets": [EVIL, {"uri": 1}]}]}]},
        {"sections": [{"potentialAction": [opens("https://[x"), opens("https:x"), opens("HTTPS://A.EXAMPLE/")]}]},
    ],
)  # fmt: skip
def test_nothing_that_the_sender_builds_runs_or_loads(changes: dict[str, Any]) -> None:
    page = check_shut(drawn(Case(request(**changes), "key")))
    hrefs = [attributes.get("href") or "" for _, attributes in page.found]
    assert not any("javascript" in each or each.startswith("data:text") for each in hrefs)


def test_comments_and_names_of_people_are_text_too() -> None:
    case = Case(request(), "key", reviews=(review(Actor(LIN.id, EVIL), comment=EVIL),), version=1)
    page = check_shut(drawn(case, Actor(ADA.id, EVIL)))
    assert 2 <= page.text.count(EVIL)


@given(FORMS, st.sampled_from([ENGLISH, KOREAN]))
def test_any_request_is_drawn(form: dict[str, Any], words: Words) -> None:
    case = Case(read_form(form, issued_at=NOW, nonce="n" * 22, lifetime=86_400), "offline")
    check_shut(drawn(case, words=words))


def test_a_payload_of_forty_kibibytes_is_shown_whole() -> None:
    payload = {"k": ["x" * 90] * 430}
    case = Case(request(client_payload=payload), "key")
    page = check_shut(drawn(case))
    assert len(json.dumps(payload)) > 39 * 1024
    assert json.dumps(payload, indent=2) in page.text


def test_what_would_turn_text_around_is_shown_by_its_code() -> None:
    case = Case(request(client_payload={"a": "x\u202ey"}, text="x\u2066y", environment="staged\u200f"), "key")
    page = check_shut(drawn(case))
    assert '"x\\u202ey"' in page.text
    assert "x\\u2066y" in page.text
    assert "staged\\u200f" in page.text
    assert not set("\u202e\u2066\u200f") & set(page.text)


def test_links_say_where_they_lead_whatever_they_are_called() -> None:
    links = [{"name": "https://github.com/octo", "url": "https://evil.example/x"}]
    actions = [{"@type": "OpenUri", "name": "Docs", "targets": [{"os": "default", "uri": "https://docs.example/"}]}]
    words = shown(drawn(Case(request(links=links, actions=actions), "key")))
    assert "https://github.com/octo (opens in a new tab) evil.example" in words
    assert "Docs (opens in a new tab) docs.example" in words


@pytest.mark.parametrize(
    "url",
    [
        "https://evil.example\\\\@github.com/",
        "https://github.com@evil.example/",
        "https://g\u0456thub.com/",
        "https://github.com\u200b.evil.example/",
        "https://evil.example\t.github.com/",
        "\x01https://github.com/",
    ],
)
def test_an_address_whose_host_is_not_what_it_seems_is_only_text(url: str) -> None:
    buttons_of_its_own = {"actions": [opens(url)], "sections": [{"potentialAction": [opens(url)]}]}
    for changed in (request(**buttons_of_its_own), replace(request(), run_url=url, links=({"name": "L", "url": url},))):
        page = check_shut(drawn(Case(changed, "offline")))
        assert not [each for _, each in page.found if (each.get("href") or "").strip("\x01").startswith("http")]
        assert 2 == page.text.count(url)


def test_a_button_says_what_it_does_whatever_the_sender_calls_it() -> None:
    case = Case(request(approve_label="Reject", reject_label="Approve"), "key")
    assert ["Approve <small>Reject</small>", "Reject <small>Approve</small>"] == buttons(drawn(case))
    same = Case(request(approve_label="APPROVE", reject_label="reject"), "key")
    assert ["Approve", "Reject"] == buttons(drawn(same))
    korean = Case(request(approve_label="Approve", reject_label="거절"), "key")
    assert ["승인 <small>Approve</small>", "거절"] == buttons(drawn(korean, words=KOREAN))


def buttons(reply: Reply) -> list[str]:
    return re.findall(r"<button[^>]*>(.*?)</button>", reply.body.decode())


@pytest.mark.parametrize(
    ("proof", "asked"),
    [
        ("oidc", "octocat (proven by GitHub) Proof of the request GitHub vouches for the workflow that asks"),
        ("key", "octocat (as stated by the sender) Proof of the request an API key of this relay"),
        ("offline", "octocat (as stated by the sender) Proof of the request a ticket signed with a key of this relay"),
    ],
)
def test_who_asked_is_told_with_its_proof(proof: Proof, asked: str) -> None:
    assert asked in shown(drawn(Case(request(requested_by="octocat"), proof)))


@pytest.mark.parametrize("proof", ["oidc", "key", "offline"])
def test_the_code_is_what_the_sender_says_unless_github_vouches_for_it(proof: Proof) -> None:
    run = "https://github.com/octo/api/actions/runs/1"
    words = shown(drawn(Case(request(ref="refs/heads/main", sha="0" * 40, run_url=run), proof)))
    said = "" if proof == "oidc" else " (as stated by the sender)"
    assert f"Ref refs/heads/main{said} Commit {'0' * 40}{said} Run that asks {run}" in words
    assert f"{run} (opens in a new tab) github.com{said} Proof of the request" in words
    assert "as stated" not in shown(drawn(Case(request(), proof)))


DEBT: Final = Debt("deploy-api", NOW, float(NOW))


@pytest.mark.parametrize(
    ("debt", "words"),
    [
        (DEBT, "deploy-api not told yet; the relay is at it"),
        (
            replace(DEBT, last_error="it cannot be reached", attempts=3),
            "deploy-api not taken yet (it cannot be reached); the relay keeps trying (attempt 3)",
        ),
        (replace(DEBT, last_error="the request ended first"), "(the request ended first); the relay keeps trying"),
        (replace(DEBT, status="delivered"), "deploy-api taken"),
        (replace(DEBT, status="refused", last_error="it forbids", cure="a secret cure"), "refused: it forbids"),
        (replace(DEBT, status="dead", last_error="it cannot be reached"), "never taken (it cannot be reached)"),
        (replace(DEBT, status="cancelled"), "never sent: it was given up before"),
    ],
)  # fmt: skip
def test_what_github_was_told_stands_there(debt: Debt, words: str) -> None:
    case = Case(request(), "key", "approved", "release", decided_at=NOW, debts=(debt,), version=1)
    page = shown(drawn(case))
    assert words in page
    assert "secret cure" not in page
    assert ("What the approval released" in page) == (debt.status == "delivered")
    assert ("What an approval releases" in page) == (debt.status != "delivered")


def test_the_cards_of_a_request_are_nothing_that_github_was_told() -> None:
    case = Case(request(), "key", "approved", "release", decided_at=NOW, debts=(replace(DEBT, kind="card"),), version=1)
    reply = drawn(case)
    assert "What GitHub was told" not in shown(reply)
    assert "Refresh" not in reply.headers


@pytest.mark.parametrize(
    ("debt", "kind"),
    [
        (DEBT, "wait"),
        (replace(DEBT, status="delivered"), "good"),
        (replace(DEBT, status="refused", last_error="x"), "bad"),
        (replace(DEBT, status="dead", last_error="x"), "bad"),
    ],
)
def test_an_approval_that_github_refused_does_not_look_like_good_news(debt: Debt, kind: str) -> None:
    case = Case(request(), "key", "approved", "release", decided_at=NOW, debts=(debt,), version=1)
    assert f'class="told {kind}" role="status"' in drawn(case, code="approved").body.decode()


def test_a_newer_request_is_led_to() -> None:
    newer = Newer("b" * 32, "Deploy 2.5.0")
    case = Case(request(), "key", "superseded", decided_at=NOW, superseded_by=newer, version=1)
    reply = drawn(case)
    assert "Newer request: Deploy 2.5.0" in shown(reply)
    assert f'<a href="/api/review/{"b" * 32}">' in reply.body.decode()
    assert "What an approval would have released" in shown(reply)


@pytest.mark.parametrize(
    ("status", "word"),
    [
        *((status, ("Decided", "결정")) for status in ("approved", "rejected")),
        *((status, ("Ended", "종료")) for status in ("superseded", "cancelled")),
    ],
)
def test_what_nobody_decided_has_only_ended(status: Status, word: tuple[str, str]) -> None:
    case = Case(request(), "key", status, decided_at=NOW, version=1)
    for words, said in zip((ENGLISH, KOREAN), word, strict=True):
        assert f"{said} 2026-09-21 14:13 UTC" in shown(drawn(case, words=words))


def test_the_page_does_not_look_again_by_itself_while_a_comment_may_be_typed() -> None:
    case = Case(request(environment="production"), "key", debts=(DEBT,), version=1)
    for look in ("", "again", "once"):
        writing = drawn(case, look=look)
        assert ("<form" in writing.body.decode(), "Refresh" in writing.headers) == (True, False)
        assert "looks again" not in shown(writing)
        assert "looking" not in shown(writing)
    only_looking = drawn(case, LIN)
    assert "Refresh" in only_looking.headers
    assert "This page looks again every 3 seconds" in shown(only_looking)


def test_once_looking_by_itself_has_ended_the_title_begins_with_how_it_stands() -> None:
    owed = Case(request(), "key", "approved", "release", decided_at=NOW, debts=(DEBT,), version=1)
    taken = replace(owed, debts=(replace(DEBT, status="delivered"),))
    plain = "octo/api staged · Approval relay"
    assert plain == title(drawn(owed, look="again"))
    assert f"Approved · {plain}" == title(drawn(taken, look="again"))
    assert "승인됨 · octo/api staged · 승인 릴레이" == title(drawn(taken, look="again", words=KOREAN))
    assert [plain, plain] == [title(drawn(taken, look=look)) for look in ("", "once")]
    assert "octo/api · Approval relay" == title(
        drawn(Case(request(event_type="", environment=""), "key"), look="again")
    )


def title(reply: Reply) -> str:
    return str(re.findall(r"<title>(.*?)</title>", reply.body.decode())[0])


def test_reviews_of_a_stage_that_the_policy_lost_are_still_shown() -> None:
    case = Case(request(environment="nowhere"), "key", "approved", "old", (review(stage="old"),), NOW, version=1)
    assert "Approvals Lin approved" in shown(drawn(case))


def test_what_a_stage_sends_when_it_passes_is_told_while_it_has_not() -> None:
    policy = policy_file.parse(
        approvers.POLICY.replace('approvers = ["group:qa"]', 'approvers = ["group:qa"]\non_pass = "stage-it"')
    )
    waiting = Case(request(), "key")
    passed = Case(request(), "key", "pending", "release", (review(),), version=1)
    words = [shown(draw(seen_by(ADA, case, policy), ENGLISH, FORM, headers={})) for case in (waiting, passed)]
    assert [True, False] == ["When it passes, GitHub gets the event stage-it." in each for each in words]


def test_many_deciders_are_not_all_named_and_anyone_is_anyone() -> None:
    people = "".join(
        f'[people.p{n}]\nname = "P{n}"\nentra = "{genuine.TENANT}/bbbbbbbb-0000-4000-8000-00000000000{n}"\n'
        for n in range(9)
    )
    rule = '[[rule]]\nrepository = "octo/api"\nevent_types = ["deploy-api"]\nself_approval = true\n'
    stage = '[[rule.stage]]\nname = "{}"\napprovers = ["{}"]\n'
    members = ", ".join(f'"p{n}"' for n in range(9))
    policy = policy_file.parse(
        f"{people}[groups]\nall = [{members}]\n{rule}"
        + stage.format("qa", "group:all")
        + stage.format("free", "anyone")
    )
    words = shown(draw(seen_by(ADA, Case(request(), "key"), policy), ENGLISH, FORM, headers={}))
    assert "Who decides: P0, P1, P2, P3, P4, P5, 3 more" in words
    assert "Who decides: anyone who can sign in" in words


def test_approvers_that_the_request_narrows_are_named_alone() -> None:
    words = shown(drawn(Case(request(approvers=["lin", "grace"]), "key")))
    assert "qa waiting now 0 of 1 approvals Who decides: Lin" in words


def test_a_milder_policy_shows_no_more_approvals_than_are_needed() -> None:
    reviews = (review(), review(ADA), review(ADA, stage="release"))
    case = Case(request(), "key", "pending", "release", reviews, version=3)
    assert "qa passed 1 of 1 approvals" in shown(drawn(case))


@pytest.mark.parametrize(
    ("status", "code"),
    [
        *(("pending", code) for code in ("approved", "rejected", "already-approved", "superseded", "nonsense", "")),
        *(("approved", code) for code in ("rejected", "counted", "already-counted", "expired", "cancelled")),
    ],
)
def test_a_word_that_is_true_no_longer_is_not_told(status: Status, code: str) -> None:
    case = Case(request(), "key", status, "release", version=1)
    assert told(seen_by(ADA, case), code) is None


@pytest.mark.parametrize(
    ("status", "code"),
    [
        *(("rejected", code) for code in ("rejected", "already-rejected")),
        *(("approved", code) for code in ("approved", "already-approved")),
        ("superseded", "superseded"),
        ("cancelled", "cancelled"),
        ("expired", "expired"),
    ],
)
def test_a_word_that_is_still_true_is_told(status: Status, code: str) -> None:
    found = told(seen_by(ADA, Case(request(), "key", status, "release", version=1)), code)
    assert code == getattr(found, "code", None)


def test_times_can_be_read_by_machines_and_people() -> None:
    page = drawn(Case(request(), "key")).body.decode()
    assert (
        '<time datetime="2026-09-22T14:13:20Z">2026-09-22 14:13 UTC</time> <span class="soft">(in 1 d)</span>' in page
    )
    soon = draw(seen_by(ADA, Case(request(), "key"), now=NOW + 86_370), ENGLISH, FORM, headers={})
    assert "(in less than a minute)" in shown(soon)
    case = Case(request(), "key", "approved", "release", (review(),), NOW, version=1)
    for later, words in ((59, "just now"), (125, "2 min ago"), (7_300, "2 h ago"), (200_000, "2 d ago")):
        assert f"({words})" in shown(draw(seen_by(ADA, case, now=NOW + later), ENGLISH, FORM, headers={}))


def test_a_press_that_was_not_taken_is_told_first_and_the_comment_kept() -> None:
    form = replace(FORM, comment="\nfirst </textarea>", trouble="Too long")
    reply = draw_trouble(400, seen_by(ADA, Case(request(), "key")), ENGLISH, form, "Too long")
    check_shut(reply)
    assert ">\n\nfirst &lt;/textarea&gt;</textarea>" in reply.body.decode()  # a parser drops the first line break
    assert "token" == fields(reply)["token"]
