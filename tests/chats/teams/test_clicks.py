"""What a press says: ticket, verdict and comment, or only a look."""

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.errors import Refusal
from relay.model.delivery import Interaction, Refresh
from relay.model.people import Verdict
from tests.chats.teams.clicking import ADA, changed, proven, read, why, without
from tests.support.teams_activities import TICKET, executed, pressed


@pytest.mark.parametrize("verb", ["approve", "reject"])
@pytest.mark.parametrize("trigger", ["manual", None])
def test_a_press_brings_ticket_verdict_and_comment(verb: Verdict, trigger: str | None) -> None:
    assert Interaction(TICKET, verb, '좋아요 "x"\n', ADA) == read(pressed(verb, trigger, comment='좋아요 "x"\n'))


@pytest.mark.parametrize("verb", ["approve", "reject", "refresh", "frobnicate", None, ["approve"], {}])
def test_an_automatic_trigger_never_decides(verb: object) -> None:
    assert Refresh(TICKET, ADA) == read(pressed(verb, "automatic"))


@pytest.mark.parametrize("trigger", ["manual", None, "whatever"])
def test_a_refresh_is_a_look(trigger: object) -> None:
    assert Refresh(TICKET, ADA) == read(pressed("refresh", trigger, comment=None))


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
