import json
from typing import Any, cast

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.channels import CHANNELS
from relay.channels.teams.card import TeamsCards
from relay.channels.teams.clicks import TeamsChannel
from relay.core import policy_file, wording
from relay.core.errors import Refusal
from relay.core.model import Actor, Answer, Case, Delivery, Genuine, Interaction, Look, Notice, Place, Reply, Verdict
from relay.core.request import read_form
from tests import bots, genuine
from tests.bots import CHANNEL as PLACE
from tests.bots import SERVICE, TICKET, activity, delivery, executed, pressed
from tests.genuine import KID, NOW, OBJECT, OTHER_TENANT, PUBLIC, TENANT

CARDS = TeamsCards(policy_file.parse(""), "https://relay.example")
CHANNEL = TeamsChannel(bots.APP, bots.OPENID, frozenset({TENANT}), CARDS)
ADA = Actor(f"entra:{TENANT}/{OBJECT}", "Ada Lovelace")
KEYS = {KID: PUBLIC}


def proven(made: object, bearer: str | None = None, channel: TeamsChannel = CHANNEL) -> Genuine:
    return channel.verify(delivery(made, bearer), KEYS, NOW)


def read(made: object) -> Interaction | Look | Notice:
    return CHANNEL.read(proven(made))


def why(made: object, bearer: str | None = None, channel: TeamsChannel = CHANNEL) -> str:
    with pytest.raises(Refusal) as refused:
        channel.read(proven(made, bearer, channel))
    return f"{refused.value.code}: {refused.value.check}"


def without(made: dict[str, Any], *path: str) -> dict[str, Any]:
    """Return an activity without the member at a path."""
    return changed(made, None, *path)


def changed(made: dict[str, Any], value: object, *path: str) -> dict[str, Any]:
    """Return an activity with another value at a path; None takes the member away."""
    copied: dict[str, Any] = json.loads(json.dumps(made))
    inner = copied
    for name in path[:-1]:
        inner = inner[name]
    if value is None:
        del inner[path[-1]]
    else:
        inner[path[-1]] = value
    return copied


# What is genuine


def test_the_keys_are_those_that_may_sign_for_teams() -> None:
    assert (bots.KEYS_URL, KID) == CHANNEL.key_wanted(delivery(pressed()))


def test_a_press_proves_who_pressed() -> None:
    assert Genuine(delivery(pressed()), ADA) == proven(pressed())


def test_ids_in_upper_case_come_out_in_lower_case() -> None:
    shouted = pressed() | {"from": {"id": bots.PERSON, "aadObjectId": OBJECT.upper()}}
    assert Actor(ADA.id, "somebody") == proven(changed(shouted, TENANT.upper(), "conversation", "tenantId")).actor


@pytest.mark.parametrize("path", [("conversation", "tenantId"), ("channelData", "tenant", "id")])
def test_one_name_of_the_tenant_is_enough(path: tuple[str, ...]) -> None:
    assert ADA == proven(without(pressed(), *path)).actor


def test_a_last_slash_of_the_service_address_counts_for_nothing() -> None:
    assert ADA == proven(changed(pressed(), SERVICE.rstrip("/"), "serviceUrl")).actor
    assert ADA == proven(pressed(), bots.token(serviceurl=SERVICE.rstrip("/"))).actor


# Spoiled one thing at a time

BODIES: list[tuple[dict[str, Any], str]] = [
    *[
        (spoiled, "serviceUrl is not the one of the token")
        for spoiled in (
            changed(pressed(), "https://smba.trafficmanager.net/amer/", "serviceUrl"),
            changed(pressed(), "https://evil.example/", "serviceUrl"),
            changed(pressed(), 5, "serviceUrl"),
            without(pressed(), "serviceUrl"),
        )
    ],
    (changed(pressed(), "directline", "channelId"), "channelId is not msteams"),
    (changed(pressed(), "MSTeams", "channelId"), "channelId is not msteams"),
    (changed(pressed(), ["msteams"], "channelId"), "channelId is not msteams"),
    (without(pressed(), "channelId"), "channelId is not msteams"),
    *[
        (spoiled, "the tenant is not of RELAY_ENTRA_TENANTS, or two are named")
        for spoiled in (
            changed(pressed(), OTHER_TENANT, "conversation", "tenantId"),
            changed(pressed(), OTHER_TENANT, "channelData", "tenant", "id"),
            changed(pressed(), OTHER_TENANT, "from", "tenantId"),
            changed(pressed(), "", "conversation", "tenantId"),
            changed(pressed(), [TENANT], "conversation", "tenantId"),
            changed(pressed(), f" {TENANT}", "channelData", "tenant", "id"),
            changed(changed(pressed(), OTHER_TENANT, "conversation", "tenantId"), {}, "channelData"),
            changed(without(pressed(), "conversation", "tenantId"), {}, "channelData"),
            changed(changed(pressed(), "team", "conversation"), "team", "channelData"),
        )
    ],
    *[
        (spoiled, "from.aadObjectId is not a GUID")
        for spoiled in (
            without(pressed(), "from"),
            without(pressed(), "from", "aadObjectId"),
            changed(pressed(), "ada@contoso.example", "from", "aadObjectId"),
            changed(pressed(), f"{OBJECT}\n", "from", "aadObjectId"),
            changed(pressed(), "", "from", "aadObjectId"),
            changed(pressed(), [OBJECT], "from", "aadObjectId"),
            without(executed("{}"), "from", "aadObjectId"),
        )
    ],
]


@pytest.mark.parametrize(("spoiled", "check"), BODIES, ids=range(len(BODIES)))
def test_an_activity_that_contradicts_its_proof_is_not_genuine(spoiled: dict[str, Any], check: str) -> None:
    assert f"not-genuine: activity: {check}" == why(spoiled)


@pytest.mark.parametrize(
    "service",
    ["https://evil.example/", "http://127.0.0.1:7071/", "https://directline.botframework.com/", "nowhere", ""],
)
def test_a_service_that_is_none_of_teams_is_refused_though_its_token_says_so(service: str) -> None:
    spoiled = changed(pressed(), service, "serviceUrl")
    assert "not-genuine: activity: serviceUrl is none of Teams" == why(spoiled, bots.token(serviceurl=service))


def test_nothing_of_the_body_is_read_before_the_token() -> None:
    forged = genuine.sign(genuine.header(), bots.claims(), genuine.foreign_key())
    for body in (b"\xff", b"{", b"[]", pressed()):
        assert "not-genuine: token: signature" == why(body, forged)


@pytest.mark.parametrize("body", [b"", b"\xff", b"{", b"[]", b"5", b'{"a":1,"a":1}', b"[" * 100_000])
def test_a_proven_body_that_is_no_object_is_malformed(body: bytes) -> None:
    assert "malformed: the body is not" in why(body)


@pytest.mark.parametrize("headers", [{}, {"authorization": "Bearer"}, {"authorization": "Basic YTpi"}])
def test_without_a_token_nothing_is_genuine(headers: dict[str, str]) -> None:
    bare = Delivery("teams", headers, delivery(pressed()).body, NOW)
    for attempt in (lambda: CHANNEL.key_wanted(bare), lambda: CHANNEL.verify(bare, KEYS, NOW)):
        with pytest.raises(Refusal, match="not-genuine"):
            attempt()


def test_without_a_bot_nothing_is_genuine() -> None:
    nobody = TeamsChannel("", bots.OPENID, frozenset({TENANT}), CARDS)
    for bearer in (bots.token(), bots.token(aud="")):
        assert "not-genuine: no bot is configured (RELAY_TEAMS_APP_ID)" == why(pressed(), bearer, nobody)
        with pytest.raises(Refusal, match="no bot"):
            nobody.key_wanted(delivery(pressed(), bearer))


def test_without_tenants_nobody_may_act() -> None:
    closed = TeamsChannel(bots.APP, bots.OPENID, frozenset(), CARDS)
    assert "RELAY_ENTRA_TENANTS" in why(pressed(), channel=closed)
    assert "RELAY_ENTRA_TENANTS" in why(changed(without(pressed(), "conversation"), {}, "channelData"), channel=closed)


# What a press says


@pytest.mark.parametrize("verb", ["approve", "reject"])
@pytest.mark.parametrize("trigger", ["manual", None])
def test_a_press_brings_ticket_verdict_and_comment(verb: Verdict, trigger: str | None) -> None:
    assert Interaction(TICKET, verb, '좋아요 "x"\n', ADA) == read(pressed(verb, trigger, comment='좋아요 "x"\n'))


@pytest.mark.parametrize("verb", ["approve", "reject", "refresh", "frobnicate", None, ["approve"], {}])
def test_an_automatic_trigger_never_decides(verb: object) -> None:
    assert Look(TICKET, ADA) == read(pressed(verb, "automatic"))


@pytest.mark.parametrize("trigger", ["manual", None, "whatever"])
def test_a_refresh_is_a_look(trigger: object) -> None:
    assert Look(TICKET, ADA) == read(pressed("refresh", trigger, comment=None))


@pytest.mark.parametrize(("comment", "said"), [(None, ""), ("", ""), ("\ud800", "?"), ("가" * 1_000, "가" * 1_000)])
def test_a_comment_may_be_missing(comment: str | None, said: str) -> None:
    assert Interaction(TICKET, "approve", said, ADA) == read(pressed(comment=comment))


@pytest.mark.parametrize(
    ("made", "check"),
    [
        (pressed(ticket=None), "data.ticket"),
        (pressed(ticket=""), "data.ticket"),
        (pressed(ticket="a b"), "data.ticket"),
        (pressed(ticket=["a.b.c"]), "data.ticket"),
        (pressed("automatic", "automatic", ticket="x" * 8_001), "data.ticket"),
        (pressed("Approve"), "verb or trigger"),
        (pressed(None), "verb or trigger"),
        (pressed(["approve"]), "verb or trigger"),
        (pressed("approve", "Automatic"), "verb or trigger"),
        (pressed("approve", ""), "verb or trigger"),
        (pressed("approve", ["manual"]), "verb or trigger"),
        (pressed(comment=5), "data.comment"),
        (pressed(comment=["a"]), "data.comment"),
        (pressed(comment="x" * 1_001), "data.comment"),
        (changed(pressed(), "approve", "value"), "data.ticket"),
        (changed(pressed(), ["approve"], "value", "action"), "data.ticket"),
        (without(pressed(), "value"), "data.ticket"),
        (executed("{}"), "value.body"),
        (executed(None), "value.body"),
        (executed({"ticket": TICKET}), "value.body"),
    ],
)
def test_a_press_of_another_form_is_malformed(made: dict[str, Any], check: str) -> None:
    assert why(made).startswith(f"malformed: {check}")


def test_a_message_card_of_the_bot_says_the_same() -> None:
    body = f'{{"ticket": "{TICKET}", "verdict": "reject", "comment": "say "no""}}'
    assert Interaction(TICKET, "reject", 'say "no"', ADA) == read(executed(body))


# What happens in a conversation


@pytest.mark.parametrize("kind", ["conversationUpdate", "installationUpdate"])
def test_where_the_bot_was_added_it_may_post(kind: str) -> None:
    expected = Place("teams", PLACE, SERVICE, TENANT, "Operations")
    assert Notice(Reply(200, {}, b""), expected) == read(activity(kind, thread="", action="add"))


@pytest.mark.parametrize("kind", ["conversationUpdate", "installationUpdate"])
def test_an_event_of_a_conversation_needs_no_person(kind: str) -> None:
    made = proven(without(activity(kind, thread=""), "from"))
    assert Actor("", "somebody") == made.actor
    assert isinstance(CHANNEL.read(made), Notice)


def test_where_the_bot_was_taken_away_nothing_is_remembered() -> None:
    assert Notice(Reply(200, {}, b"")) == read(activity("installationUpdate", action="remove"))


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        ({"channelData": {"channel": {"name": "prod\n"}, "team": {"name": "Operations"}}}, "prod"),
        ({"channelData": {}}, "Release board"),
        ({"channelData": {"team": {"name": "\u202e"}}}, "Release board"),
    ],
)
def test_a_place_has_the_name_that_people_call_it(changes: dict[str, Any], name: str) -> None:
    made = changed(activity("conversationUpdate", **changes), "Release board", "conversation", "name")
    notice = read(made)
    assert isinstance(notice, Notice)
    assert notice.place is not None
    assert name == notice.place.name


def test_a_message_is_answered_with_what_the_bot_is_for_and_how_to_have_cards_here() -> None:
    notice = read(activity("message", text="<at>Approval relay</at> hello"))
    assert isinstance(notice, Notice)
    assert Place("teams", PLACE, SERVICE, TENANT, "Operations") == notice.place
    assert Reply(200, {}, b"") == notice.reply
    assert f"{PLACE};messageid=1700000000000" == notice.thread
    said = cast("dict[str, str]", notice.message)
    assert "message" == said["type"]
    assert f'[channels.NAME]\nkind = "teams"\nplace = "{PLACE}"\n' in said["text"]
    assert "hello" not in said["text"]


def test_the_lines_to_paste_are_a_policy() -> None:
    notice = read(activity("message"))
    assert isinstance(notice, Notice)
    lines = cast("dict[str, str]", notice.message)["text"].split("```")[1]
    assert PLACE == policy_file.parse(lines.replace("NAME", "ops")).channels["ops"].place


@pytest.mark.parametrize("conversation", ["", '19:"x', "19:a b", "x" * 301, ";messageid=1", 5, ["19:x"]])
def test_a_conversation_of_another_form_is_no_place(conversation: object) -> None:
    for kind in ("message", "conversationUpdate"):
        notice = read(changed(activity(kind), conversation, "conversation", "id"))
        assert Notice(Reply(200, {}, b"")) == notice


@pytest.mark.parametrize(
    "made",
    [
        activity("messageReaction"),
        activity("event", name="adaptiveCard/action"),
        activity("invoke", name="task/fetch"),
        activity("invoke"),
        changed(activity(), ["invoke"], "type"),
    ],
)
def test_whatever_else_is_genuine_is_taken_and_not_answered(made: dict[str, Any]) -> None:
    assert Notice(Reply(200, {}, b"")) == read(made)


@settings(deadline=None, max_examples=200)
@given(
    path=st.sampled_from(
        [
            ("serviceUrl",),
            ("channelId",),
            ("type",),
            ("from",),
            ("from", "aadObjectId"),
            ("conversation",),
            ("conversation", "tenantId"),
            ("channelData",),
            ("channelData", "tenant"),
            ("value",),
            ("value", "trigger"),
            ("value", "action", "verb"),
            ("value", "action", "data"),
        ]
    ),
    value=st.recursive(
        st.none() | st.booleans() | st.integers() | st.text(st.characters(exclude_categories=["Cs"])),
        lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
        max_leaves=5,
    ),
)
def test_one_thing_spoiled_is_refused_or_says_no_more_than_before(path: tuple[str, ...], value: object) -> None:
    made = changed(pressed(), value, *path) if value is not None else without(pressed(), *path)
    try:
        wanted = read(made)
    except Refusal:
        return
    if isinstance(wanted, Interaction):
        assert (TICKET, "approve") == (wanted.ticket, wanted.verdict)
        assert wanted.actor.id == ADA.id or path == ("from", "aadObjectId")


@settings(deadline=None, max_examples=150)
@given(st.binary())
def test_any_bytes_with_a_genuine_token_are_refused(body: bytes) -> None:
    with pytest.raises(Refusal):
        proven(body)


# Answers

CASE = Case(
    read_form(
        {"repository": "octo/api", "event_type": "deploy", "title": "배포"}, issued_at=NOW, nonce="n" * 22, lifetime=60
    ),
    "key",
    version=2,
)


COUNTED = Answer("counted", "Counted. One more.", CASE, "pending", "1 more approval", "t.i.c")


def test_a_press_on_a_message_card_is_answered_without_a_body() -> None:
    assert Reply(200, {"Relay-Outcome": "counted"}, b"") == CHANNEL.reply(COUNTED, delivery(executed("{}")))


def test_a_press_is_answered_with_the_card_as_it_now_stands() -> None:
    reply = CHANNEL.reply(COUNTED, delivery(pressed()))
    assert (200, "counted") == (reply.status, reply.headers["Relay-Outcome"])
    said = json.loads(reply.body)
    assert (200, "application/vnd.microsoft.card.adaptive") == (said["statusCode"], said["type"])
    card = said["value"]
    assert ("AdaptiveCard", "Counted. One more.") == (card["type"], card["body"][0]["text"])
    assert [bots.PERSON] == card["refresh"]["userIds"]
    assert "배포".encode() in reply.body


@pytest.mark.parametrize(
    "code", ["unknown-request", "no-rule", "not-allowed", "own-request", "comment-required", "busy"]
)
def test_a_refusal_that_a_person_must_read_is_a_sentence_for_them(code: str) -> None:
    reply = TeamsChannel.refuse(code)
    expected = {
        "statusCode": 200,
        "type": "application/vnd.microsoft.activity.message",
        "value": wording.refusal(code),
    }
    assert (200, code, expected) == (reply.status, reply.headers["Relay-Outcome"], json.loads(reply.body))


@pytest.mark.parametrize("code", ["malformed", "too-large"])
def test_what_the_card_did_wrong_is_an_error(code: str) -> None:
    reply = TeamsChannel.refuse(code)
    expected = {
        "statusCode": 400,
        "type": "application/vnd.microsoft.error",
        "value": {"code": code, "message": wording.refusal(code)},
    }
    assert (200, code, expected) == (reply.status, reply.headers["Relay-Outcome"], json.loads(reply.body))


@pytest.mark.parametrize("check", ["", "token: signature", "activity: channelId is not msteams"])
def test_whoever_has_no_proof_is_told_nothing(check: str) -> None:
    for made in (pressed(), executed("x"), b"<"):
        assert Reply(401, {"Relay-Outcome": "not-genuine"}, b"") == (
            TeamsChannel.refuse("not-genuine", check, delivery(made))
        )


def test_who_is_proven_and_has_a_bad_ticket_is_told_so() -> None:
    reply = TeamsChannel.refuse("not-genuine", "ticket: signature", delivery(pressed()))
    assert (200, wording.refusal("not-genuine")) == (reply.status, json.loads(reply.body)["value"])


@pytest.mark.parametrize("code", ["not-genuine", "not-allowed", "malformed", "busy"])
def test_a_messagecards_press_that_is_refused_is_answered_by_nothing(code: str) -> None:
    expected = Reply(200, {"Relay-Outcome": code}, b"")
    assert expected == TeamsChannel.refuse(code, "ticket: signature", delivery(executed("x")))


def test_what_is_too_large_or_no_json_is_not_read_to_be_refused() -> None:
    assert b"" != TeamsChannel.refuse("too-large", "body", delivery(executed("x"))).body
    assert b"" != TeamsChannel.refuse("busy", "", delivery(b"<")).body


def test_the_channel_stands_in_the_table_with_its_limits() -> None:
    assert CHANNELS["teams"] is TeamsChannel
    assert {"messagecard", "teams"} <= set(CHANNELS)
    assert len(CHANNELS) == len(set(CHANNELS))
    assert CHANNELS.get("telex") is None
    assert (8.0, 1024 * 1024) == (CHANNEL.budget, CHANNEL.max_body)
