import json
from dataclasses import replace
from typing import Any

import pytest

from relay.approval.policy import ChatChannel
from relay.chats.table import kinds
from relay.chats.teams.card import TeamsCards
from relay.chats.teams.limits import MAX_SIZE
from relay.model import Actor, Answer, Case, Debt, Proof, Review, Status
from relay.policy_toml import parse
from relay.signed.request import read_form
from tests.support import entra_tokens, example_policy
from tests.support.entra_tokens import NOW

ORIGIN = "https://relay.example"
POLICY = parse.parse(example_policy.POLICY, kinds())
CARDS = TeamsCards(POLICY, ORIGIN)
OPS = ChatChannel("ops", "teams", "19:ops@thread.tacv2")
OLD = replace(OPS, card="messagecard")
LINK = {"@type": "OpenUri", "name": "Log", "targets": [{"os": "default", "uri": "https://log.example"}]}
POST = {"@type": "HttpPOST", "name": "Approve", "target": "https://evil.example"}


def case(environment: str = "production", *reviews: Review, status: Status = "pending", **fields: Any) -> Case:
    form = {"repository": "octo/api", "event_type": "deploy-api", "title": "배포", **fields}
    if environment:
        form["environment"] = environment
    request = read_form(form, issued_at=NOW, nonce="n" * 22, lifetime=86_400)
    proof: Proof = "key"
    return Case(request, proof, status=status, reviews=reviews, version=1)


def pending(made: Case, code: str = "pending", sentence: str = "") -> Answer:
    return Answer(code, sentence, made, "pending", "1 more approval in stage release", "t.i.c")


def adaptive(answer: Answer) -> dict[str, Any]:
    message = json.loads(json.dumps(CARDS.draw(answer, OPS)))
    (attachment,) = message["attachments"]
    assert "application/vnd.microsoft.card.adaptive" == attachment["contentType"]
    card: dict[str, Any] = attachment["content"]
    return card


def elements(card: dict[str, Any], kind: str) -> list[dict[str, Any]]:
    return [each for each in card["body"] if each["type"] == kind]


def buttons(card: dict[str, Any]) -> list[dict[str, Any]]:
    return [action for each in elements(card, "ActionSet") for action in each["actions"]]


def approved(name: str, stage: str = "release") -> Review:
    return Review("approve", Actor(f"entra:{entra_tokens.TENANT}/{example_policy.PEOPLE[name]}", name), stage, NOW)


def called(made: Case) -> list[str]:
    """Return whom the card of a pending case names, by their names."""
    card = adaptive(pending(made))
    return [each["mentioned"]["name"] for each in card["msteams"].get("entities", [])]


def test_a_pending_card_can_be_pressed_in_place() -> None:
    message = CARDS.draw(pending(case()), OPS)
    assert ("message", "배포") == (message["type"], message["summary"])
    card = adaptive(pending(case()))
    assert ("AdaptiveCard", "1.4", "full") == (card["type"], card["version"], card["msteams"]["width"])
    approve, reject = buttons(card)
    assert [("Approve", "approve"), ("Reject", "reject")] == [(b["title"], b["verb"]) for b in (approve, reject)]
    for button in (approve, reject):
        assert ("Action.Execute", {"ticket": "t.i.c"}) == (button["type"], button["data"])
        page = f"{ORIGIN}/api/review/{case().request.id}"
        assert ("Action.OpenUrl", page) == (button["fallback"]["type"], button["fallback"]["url"])


def test_the_reason_is_asked_in_the_card() -> None:
    (comment,) = elements(adaptive(pending(case())), "Input.Text")
    assert ("comment", "Comment (optional)", 1_000) == (comment["id"], comment["label"], comment["maxLength"])
    assert "isRequired" not in comment
    (required,) = elements(adaptive(pending(case(require_comment=True))), "Input.Text")
    assert (True, "Comment", "A comment is required.") == (
        required["isRequired"],
        required["label"],
        required["errorMessage"],
    )


def test_the_buttons_have_the_senders_labels_and_the_senders_links_a_row_of_their_own() -> None:
    made = case(approve_label="배포하기", reject_label="그만", actions=[{**LINK, "name": "Approve"}])
    ours, theirs = (
        [action["title"] for action in row["actions"]] for row in elements(adaptive(pending(made)), "ActionSet")
    )
    assert (["Approve: 배포하기", "Reject: 그만"], ["Approve"]) == (ours, theirs)
    link = buttons(adaptive(pending(made)))[-1]
    assert ("Action.OpenUrl", "https://log.example") == (link["type"], link["url"])


@pytest.mark.parametrize("channel", [OPS, OLD])
def test_labels_that_say_the_contrary_stand_behind_the_relays_own_word(channel: ChatChannel) -> None:
    made = case(approve_label="Dismiss", reject_label="Approve")
    text = json.dumps(CARDS.draw(pending(made), channel))
    assert '"Approve: Dismiss"' in text
    assert '"Reject: Approve"' in text
    assert '"Approve"' not in text
    assert (channel is OLD) == ('"Dismiss"' in text)  # there it opens the button that decides


def test_the_approvers_of_the_stage_are_named_and_see_it_refresh_by_itself() -> None:
    card = adaptive(pending(case()))
    names = ["Ada", "Grace", "김하늘", "Octocat"]
    ids = [example_policy.PEOPLE[key] for key in ("ada", "grace", "haneul", "octocat")]
    assert [(name, oid) for name, oid in zip(names, ids, strict=True)] == [
        (each["mentioned"]["name"], each["mentioned"]["id"]) for each in card["msteams"]["entities"]
    ]
    assert ids == card["refresh"]["userIds"]
    action = card["refresh"]["action"]
    assert ("Action.Execute", "refresh", {"ticket": "t.i.c"}) == (action["type"], action["verb"], action["data"])
    text = json.dumps(card["body"], ensure_ascii=False)
    assert all(f"<at>{name}</at>" in text for name in names)


@pytest.mark.parametrize(
    ("made", "expected"),
    [
        (case("staged"), ["Ada", "Lin"]),
        (case("staged", approved("lin", "qa")), ["Ada", "Grace", "김하늘", "Octocat"]),
        (case("staged", approved("lin", "qa"), approved("ada")), ["Grace", "김하늘", "Octocat"]),
        (case(requested_by="octocat"), ["Ada", "Grace", "김하늘"]),
        (case(approvers=["ada", "lin"]), ["Ada"]),
        (case(approvers=["anyone"]), ["Ada", "Grace", "김하늘", "Octocat"]),
        (case(event_type="unknown"), []),
    ],
)
def test_named_are_those_whose_word_is_missing(made: Case, expected: list[str]) -> None:
    assert expected == called(made)


ANYONE = """
[people.bo]
name = "Bo"
slack = "T1/U1"
[people.cy]
name = "Cy"
entra = "7d1e9b0a-3c55-4f6e-9a51-0f2b6c8d4e10/aaaaaaaa-0000-4000-8000-000000000009"
[[rule]]
repository = "octo/*"
event_types = ["deploy-*"]
self_approval = true
[[rule.stage]]
name = "release"
approvers = ["anyone"]
"""


@pytest.mark.parametrize(("fields", "expected"), [({}, []), ({"approvers": ["bo", "cy"]}, ["Cy"])])
def test_where_anyone_may_approve_nobody_is_named_but_whom_the_request_names(
    fields: dict[str, Any], expected: list[str]
) -> None:
    cards = TeamsCards(parse.parse(ANYONE, kinds()), ORIGIN)
    card: Any = cards.draw(pending(case(**fields)), OPS)["attachments"]
    content = card[0]["content"]
    assert expected == [each["mentioned"]["name"] for each in content["msteams"].get("entities", [])]
    assert bool(expected) == ("userIds" in content["refresh"])


def test_no_more_than_sixty_are_named() -> None:
    people = "".join(
        f'[people.p{n:02}]\nname = "P{n}"\nentra = "{entra_tokens.TENANT}/aaaaaaaa-0000-4000-8000-0000000001{n:02}"\n'
        for n in range(70)
    )
    everybody = ", ".join(f'"p{n:02}"' for n in range(70))
    text = people + ANYONE.replace('"anyone"', everybody)
    message: Any = TeamsCards(parse.parse(text, kinds()), ORIGIN).draw(pending(case()), OPS)
    card = message["attachments"][0]["content"]
    assert 60 == len(card["refresh"]["userIds"]) == len(card["msteams"]["entities"])


@pytest.mark.parametrize("status", ["approved", "rejected", "expired", "superseded", "cancelled"])
def test_a_decided_card_tells_its_outcome_and_has_no_button(status: Status) -> None:
    debts = (Debt("deploy-api", NOW, NOW, status="delivered"),) if status == "approved" else ()
    made = replace(case("production", approved("ada"), status=status, actions=[LINK, POST]), debts=debts)
    card = adaptive(Answer("already-approved", "This was already approved.", made, status))
    assert ["Action.OpenUrl"] == [action["type"] for action in buttons(card)]
    assert "refresh" not in card
    assert "entities" not in card["msteams"]
    assert [] == elements(card, "Input.Text")
    assert "t.i.c" not in json.dumps(card)
    assert status.capitalize() in card["body"][0]["text"]


def test_a_notification_has_neither_buttons_nor_refresh() -> None:
    card = adaptive(Answer("pending", "", case("", event_type=None), "pending"))
    assert ([], []) == (elements(card, "ActionSet"), elements(card, "Input.Text"))
    assert "refresh" not in card


def test_the_card_for_who_pressed_says_what_the_press_came_to() -> None:
    card: Any = CARDS.answer(pending(case(), "counted", "Counted. It needs 1 more approval."), "29:ada")
    assert "Counted. It needs 1 more approval." == card["body"][0]["text"]
    assert ["29:ada"] == card["refresh"]["userIds"]


def test_the_card_for_who_only_looked_says_how_it_stands() -> None:
    card: Any = CARDS.answer(pending(case(), sentence="It waits."), "29:ada")
    assert "It waits." not in json.dumps(card)
    assert "Waiting for approval" == card["body"][0]["text"]


def test_an_old_channel_gets_a_message_card() -> None:
    message: Any = CARDS.draw(pending(case()), OLD)
    (attachment,) = message["attachments"]
    assert "application/vnd.microsoft.teams.card.o365connector" == attachment["contentType"]
    assert "MessageCard" == attachment["content"]["@type"]
    assert 2 == len(attachment["content"]["potentialAction"])


def long(count: int, length: int = 1_000) -> Case:
    said = tuple(
        Review("approve", Actor(f"entra:t/{n}", "김" * 40), "release", NOW, "말" * length) for n in range(count)
    )
    return case("production", *said, text="글" * 8_000)


@pytest.mark.parametrize("channel", [OPS, OLD])
def test_a_message_that_grows_too_large_cuts_comments_and_nothing_else(channel: ChatChannel) -> None:
    message = json.dumps(CARDS.draw(pending(long(24)), channel), ensure_ascii=False)
    assert 40_000 < len(message.encode()) <= MAX_SIZE
    assert 24 == message.count("김" * 40)
    assert "말" * 200 in message
    assert "말" * 1_000 not in message
    assert "글" * 8_000 in message


@pytest.mark.parametrize("channel", [OPS, OLD])
def test_a_request_whose_card_teams_would_refuse_is_told_by_its_size(channel: ChatChannel) -> None:
    facts = [{"name": "n", "value": "글" * 1_500} for _ in range(20)]
    told = CARDS.fits(case(facts=facts).request, "key", channel)
    assert told.startswith("the card for the channel ops has 9")
    assert told.endswith("bytes of JSON and 81920 are taken (80 KB): shorten the text, facts and sections")


@pytest.mark.parametrize("channel", [OPS, OLD])
@pytest.mark.parametrize("made", [case(facts=[{"name": "n", "value": "글" * 1_500}] * 12), case("", event_type=None)])
def test_a_request_whose_card_teams_takes_has_no_problem(made: Case, channel: ChatChannel) -> None:
    assert "" == CARDS.fits(made.request, "key", channel)


def test_only_a_channel_of_message_cards_has_their_limits() -> None:
    made = case(sections=[{"text": 7}])
    assert "" == CARDS.fits(made.request, "key", OPS)
    told = CARDS.fits(made.request, "key", OLD)
    assert "as a card, sections[2].text must be a string" == told


def test_a_message_that_stays_too_large_is_sent_all_the_same() -> None:
    assert len(json.dumps(CARDS.draw(pending(long(500)), OPS), ensure_ascii=False).encode()) > MAX_SIZE


@pytest.mark.parametrize(
    ("letters", "fits"), [("x" * 1_500, False), ("x" * 900, True), ("글" * 800, True), ("🚀" * 900, False)]
)
def test_a_card_is_as_large_as_the_larger_of_both_readings_of_teams_own_limit(letters: str, fits: bool) -> None:
    facts = [{"name": "n", "value": letters}] * 29
    assert fits == (CARDS.fits(case(facts=facts).request, "key", OPS) == "")
