"""Requests whose cards are in the chats, presses on them, and what is owed for them."""

import re

from relay.model.debts import RetryAfter
from tests.support import road
from tests.support.fake_chat import Chat

DISPATCHES = re.compile(r".*/dispatches")
FORM = {"repository": "octo/api", "event_type": "deploy-api", "title": "Deploy", "environment": "production"}
OPS, OLD = "19:ops@thread.tacv2", "19:old@thread.tacv2"
DOWN = RetryAfter("it answers with error 503")


def asked(here: road.Road, *channels: str, **fields: object) -> str:
    reply = here.ask({**FORM, "channels": [*channels], **fields})
    assert 201 == reply.status
    return str(road.said(reply)["id"])


def pressed(here: road.Road, chat: Chat, person: str, verdict: str = "approve", place: str = OPS) -> str:
    return road.outcome(here.press(person, verdict, str(chat.shown(place)["ticket"])))[1]


def statuses(here: road.Road, case_id: str) -> list[tuple[str, str]]:
    return [(debt.kind, debt.status) for debt in here.case(case_id).debts]
