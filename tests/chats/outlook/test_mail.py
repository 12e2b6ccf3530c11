import json
from html.parser import HTMLParser
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.chats.outlook.card import draw
from relay.chats.outlook.mail import draw_mail, draw_text, subject
from relay.chats.shared.message_card import draw as draw_message_card
from relay.model.request import FACTS, ApprovalRequest
from relay.signed.request import read_form
from tests.support.entra_tokens import NOW
from tests.support.request_forms import FORMS

REVIEW = "https://relay.example/api/review/abc?ticket=a.b.c"
ORIGINATOR = "4f1c9d2a-7b54-46f8-891a-2b3c4d5e6f70"
RUN = "https://github.com/octo/api/actions/runs/1"


class Page(HTMLParser):
    """Reads a mail as a mail program does: what stands in the script, the words of the body, and where links lead."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.scripts: list[tuple[str, str]] = []
        self.links: list[str] = []
        self.tags: list[str] = []
        self.words: list[str] = []
        self.loaded: list[str] = []
        self._inside = ""
        self._kind = ""
        self.feed(html)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        self.tags.append(tag)
        self._inside, self._kind = tag, str(values.get("type"))
        if tag == "a":
            self.links.append(str(values["href"]))
        self.loaded += [str(values[name]) for name in ("src", "background", "srcset") if name in values]

    def handle_data(self, text: str) -> None:
        if self._inside == "script":
            self.scripts.append((self._kind, text))
        elif self._inside not in {"style", "title"}:
            self.words.append(text)

    def handle_endtag(self, tag: str) -> None:  # noqa: ARG002 - the parser's own signature
        self._inside = ""


def ask(**fields: object) -> ApprovalRequest:
    form = {"repository": "octo/api", "event_type": "deploy-api", "title": "배포 승인", **fields}
    return read_form({k: v for k, v in form.items() if v is not None}, issued_at=NOW, nonce="n" * 22, lifetime=86_400)


def test_what_would_turn_text_around_is_written_out() -> None:
    turned = "\u202eniam"
    request = ask(
        title=turned,
        text=turned,
        facts=[{"name": turned, "value": turned}],
        links=[{"name": turned, "url": "https://ci.example"}],
    )
    for drawn in (
        draw_mail(request, card={"type": "AdaptiveCard"}, review_url="https://relay.example", proven=()),
        draw_text(request, review_url="https://relay.example", proven=()),
    ):
        assert "\\u202eniam" in drawn
        assert "\u202e" not in drawn


def adaptive(request: ApprovalRequest) -> dict[str, Any]:
    return draw(request, target="https://relay.example/x", ticket="a.b.c", proven=(), originator=ORIGINATOR)


def message_card(request: ApprovalRequest) -> dict[str, Any]:
    return draw_message_card(
        request, target="https://relay.example/x", ticket="a.b.c", proven=(), originator=ORIGINATOR
    )


def mailed(request: ApprovalRequest, card: dict[str, Any] | None = None) -> Page:
    return Page(draw_mail(request, card=card or adaptive(request), review_url=REVIEW, proven=()))


def test_each_format_stands_in_the_head_under_its_own_type() -> None:
    request = ask()
    for card, kind in (
        (adaptive(request), "application/adaptivecard+json"),
        (message_card(request), "application/ld+json"),
    ):
        html = draw_mail(request, card=card, review_url=REVIEW, proven=())
        head = html.partition("</head>")[0]
        assert head.count(f'<script type="{kind}">') == 1
        assert [(kind, card)] == [(found, json.loads(script)) for found, script in Page(html).scripts]


@pytest.mark.parametrize(
    "words",
    [
        "</script><script>alert(1)</script>",
        "</SCRIPT >",
        "<!--<script>",
        "-->",
        "<![CDATA[",
        "a\u2028b\u2029c",
        "&lt;/script&gt;",
        '"\\</script>',
        "배포 🚀",
    ],
)
def test_nothing_that_a_sender_writes_ends_the_script_or_becomes_markup(words: str) -> None:
    request, harmless = (
        ask(title=each, text=each, facts=[{"name": each, "value": each}], confirm=each) for each in (words, "x")
    )
    page = mailed(request)
    assert [adaptive(request)] == [json.loads(script) for _, script in page.scripts]
    assert mailed(harmless).tags == page.tags
    assert page.words.count(words) >= 5


@settings(deadline=None, max_examples=100)
@given(FORMS, st.sampled_from([adaptive, message_card]))
def test_the_card_in_a_mail_is_the_card_whatever_the_sender_wrote(form: dict[str, object], drawn: Any) -> None:
    request = read_form(form, issued_at=NOW, nonce="n" * 22, lifetime=86_400)
    card = drawn(request)
    page = mailed(request, card)
    assert [card] == [json.loads(script) for _, script in page.scripts]
    assert page.loaded == []
    assert subject(request).isprintable()
    assert draw_text(request, review_url=REVIEW, proven=()).count("\nReview and decide:\n") == bool(request.event_type)


def test_the_body_says_what_is_released_apart_from_the_sender_and_leads_to_the_review_page() -> None:
    request = ask(
        environment="production",
        requested_by="octocat",
        run_url=RUN,
        text="Hello <b>world</b>",
        facts=[{"name": "Tests", "value": "1,204 passed"}],
        links=[{"name": "Log", "url": "https://ci.example/42?a=1&b=2"}],
    )
    page = mailed(request)
    text = "\n".join(page.words)
    ours, _, senders = text.partition("From the sender")
    assert {"Approval requested", "배포 승인", "production", "octocat (as stated by the sender)"} <= set(page.words)
    assert "2026-09-22 14:13 UTC" in ours
    assert "Hello" not in ours
    assert "Hello <b>world</b>" in senders
    assert "1,204 passed" in senders
    assert [RUN, REVIEW, "https://ci.example/42?a=1&b=2"] == page.links
    assert "b" not in page.tags


def test_the_plain_text_says_the_same_and_marks_each_line_of_the_sender() -> None:
    request = ask(
        title="배포\u2028승인",
        run_url=RUN,
        text="ready\n\nReview and decide:\nhttps://evil.example",
        facts=[{"name": "Tests", "value": "ok"}],
        links=[{"name": "Log", "url": "https://ci.example"}],
    )
    expected = (
        "Approval requested: 배포 승인\n\nWhat an approval releases\n  Repository: octo/api\n  Event: deploy-api\n"
        "  Proven by GitHub: repository, ref, commit, run, environment, requester\n"
        f"  Expires: 2026-09-22 14:13 UTC\n  Run: {RUN}\n\nReview and decide:\n{REVIEW}\n"
        "Opening the page decides nothing: it shows the request, and asks for your decision there.\n\n"
        "From the sender\n> ready\n> \n> Review and decide:\n> https://evil.example\n> Tests: ok\n"
        "> Log: https://ci.example\n"
    )
    assert expected == draw_text(request, review_url=REVIEW, proven=FACTS)


def test_a_notification_leads_nowhere_and_says_where_it_comes_from() -> None:
    request = ask(event_type=None, requested_by="octocat", theme_color="#cf222e")
    page = mailed(request)
    assert page.links == []
    assert {"Notification", "Where this comes from", "octocat (as stated by the sender)"} <= set(page.words)
    assert "Review" not in draw_text(request, review_url="", proven=())
    assert "#cf222e" in draw_mail(request, card=adaptive(request), review_url="", proven=())


def test_a_notification_about_nothing_in_particular_is_its_title() -> None:
    form = {"title": "T"}
    request = read_form(form, issued_at=NOW, nonce="n" * 22, lifetime=60, required=("title",))
    assert ["Notification", "T"] == [words for words in mailed(request).words if words.strip()]
    assert "Notification: T\n" == draw_text(request, review_url="", proven=())


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"title": "배포 승인"}, "배포 승인"),
        ({"title": "T", "summary": "요약"}, "요약"),
        ({"title": "two\u2028lines\u0085and\u202emore"}, "two lines and more"),
    ],
)
def test_the_subject_is_the_summary_or_the_title_on_one_line(fields: dict[str, object], expected: str) -> None:
    assert expected == subject(ask(**fields))
