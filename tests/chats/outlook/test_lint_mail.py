import json
from typing import Any

import pytest

from relay.chats.outlook.lint_mail import check
from tests.pictures.cards import ORIGINATOR, drawn

CARD: dict[str, Any] = {
    "type": "AdaptiveCard",
    "version": "1.0",
    "originator": ORIGINATOR,
    "body": [{"type": "TextBlock", "text": "배포"}],
}
MESSAGE = {"@type": "MessageCard", "@context": "https://schema.org/extensions", "text": "x", "originator": ORIGINATOR}
ADAPTIVE_TYPE, MESSAGE_TYPE = "application/adaptivecard+json", "application/ld+json"


def script(card: object, kind: str = ADAPTIVE_TYPE) -> str:
    return f'<script type="{kind}">{json.dumps(card)}</script>'


def mail(inside: str, after: str = "") -> str:
    styles = "<style>p { color: red }</style><script>let x = 1;</script>"
    return (
        f"<!DOCTYPE html><html><head><meta charset='utf-8'>{styles}{inside}</head><body><p>x{after}</p></body></html>"
    )


@pytest.mark.parametrize(
    "html",
    [
        mail(script(CARD)),
        mail(script(CARD, ADAPTIVE_TYPE.upper())),
        mail(script(MESSAGE, MESSAGE_TYPE)),
        mail(script(drawn()["outlook"][1])),
    ],
)
def test_a_mail_with_one_card_in_its_head_has_no_problem(html: str) -> None:
    assert () == check(html)


@pytest.mark.parametrize(
    ("html", "told"),
    [
        ("", "there is no script of the type application/adaptivecard+json or application/ld+json"),
        (mail("<script>{}</script><script type>x</script>"), "there is no script of the type"),
        (mail(script(CARD) * 2), "there are 2 scripts with a card, and one is drawn"),
        (mail("", script(CARD)), "the script stands outside of the head"),
        (mail(script(CARD).replace("{", "", 1)), "the script holds no JSON that can be read"),
        (mail(script(CARD, MESSAGE_TYPE)), "the script's type is that of another card: a MessageCard belongs there"),
        (mail(script(MESSAGE)), "the script's type is that of another card: an AdaptiveCard belongs there"),
        (mail(script([])), "the script's type is that of another card"),
        (mail(script({**CARD, "version": "1.4"})), "version is 1.4: from 1.4 on Outlook draws no Action.Http"),
        (mail(script({**CARD, "originator": ""})), "originator is missing: without the provider's id"),
    ],
)
def test_one_thing_wrong_is_one_problem_that_says_what_to_change(html: str, told: str) -> None:
    (problem,) = check(html)
    assert told in problem


@pytest.mark.parametrize(
    "odd", ["<![x]>", "<![if !mso]><style></style><![endif]>", "<!--[if mso]>x<![endif]-->", "<![CDATA[x>"]
)
def test_what_only_some_programs_read_is_passed_over(odd: str) -> None:
    assert () == check(mail(odd + script(CARD)))


@pytest.mark.parametrize("html", ["<![x]>", "<![--", "<![", "<html><head><![x]", "<![if"])
def test_a_mail_of_any_form_is_read(html: str) -> None:
    assert "there is no script of the type" in check(html)[0]


def test_what_outlook_asks_of_the_card_is_asked_in_the_mail() -> None:
    assert () != check(mail(script({**MESSAGE, "themeColor": "red"}, MESSAGE_TYPE)))
