from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.errors import Refusal
from relay.signed import canonical_json, tickets
from relay.signed.request import to_wire
from relay.signed.tickets import Ticket, TicketKey
from tests.signed.ticket_keys import (
    DAY,
    DERIVED,
    FORM,
    GENUINE_HEADER,
    MASTER,
    NOW,
    ORIGIN,
    Json,
    ask,
    claims,
    forged,
    opened,
    packed,
    refusal,
    signed,
)
from tests.support.request_forms import FORMS


@settings(deadline=None, max_examples=60)
@given(FORMS, st.sampled_from(["", "release", "출시"]))
def test_a_ticket_holds_the_request_it_was_signed_for(form: Json, stage: str) -> None:
    request = ask(form)
    keys = [MASTER, tickets.derive(MASTER, request.repository)]
    for key in keys:
        try:
            text = tickets.sign(request, key, ORIGIN, self_contained=True)
        except Refusal as refusal:
            assert "at most 2000 characters" in refusal.message  # noqa: PT017 - most forms are shorter
            continue
        assert Ticket(request.id, NOW, NOW + DAY, request, "") == opened(text)
        assert text.isascii()
    named = tickets.sign(request, MASTER, ORIGIN, self_contained=False, stage=stage)
    assert Ticket(request.id, NOW, NOW + DAY, None, stage) == opened(named)


def test_a_registered_requests_ticket_names_it_only() -> None:
    huge = ask(FORM | {"client_payload": {"a": "x" * 30_000}})
    text = tickets.sign(huge, MASTER, ORIGIN, self_contained=False)
    assert Ticket(huge.id, NOW, NOW + DAY, None, "") == opened(text)
    assert len(text) < 500


def test_a_self_contained_ticket_ends_at_2000_characters() -> None:
    noise = canonical_json.base64url(b"".join(canonical_json.sha256(bytes([n])).encode() for n in range(40)))
    with pytest.raises(Refusal) as raised:
        tickets.sign(ask(FORM | {"text": noise}), MASTER, ORIGIN, self_contained=True)
    assert ("malformed", "request") == (raised.value.code, raised.value.field)
    assert "register the request" in raised.value.message


def test_a_derived_key_signs_for_its_own_repository_only() -> None:
    assert opened(tickets.sign(ask(FORM | {"repository": "Octo/API"}), DERIVED, ORIGIN, self_contained=True))
    with pytest.raises(Refusal) as raised:
        tickets.sign(ask(FORM | {"repository": "octo/site"}), DERIVED, ORIGIN, self_contained=True)
    assert ("malformed", "repository") == (raised.value.code, raised.value.field)


def test_every_key_of_the_list_verifies() -> None:
    newer = TicketKey("k2", bytes(32))
    for key in (newer, MASTER, tickets.derive(newer, "octo/api"), DERIVED):
        text = tickets.sign(ask(), key, ORIGIN, self_contained=True)
        assert tickets.open_ticket(text, [newer, MASTER], ORIGIN, now=NOW, born_at=0)


def test_a_derived_key_in_the_list_derives_no_others() -> None:
    of_derived = TicketKey(f"{DERIVED.kid}.octo/api", bytes(32), "octo/api")
    text = tickets.sign(ask(), of_derived, ORIGIN, self_contained=True)
    refused = refusal(lambda: tickets.open_ticket(text, [DERIVED], ORIGIN, now=NOW, born_at=0))
    assert refused == "ticket: key id"
    bare = TicketKey("k1", bytes(32), "octo/api")
    refused = refusal(lambda: tickets.open_ticket(signed(DERIVED), [bare], ORIGIN, now=NOW, born_at=0))
    assert refused == "ticket: key id"


def test_the_clocks_may_differ_by_five_minutes() -> None:
    assert opened(signed(), now=NOW - 300)
    assert refusal(lambda: opened(signed(), now=NOW - 301)) == "ticket: issued in the future"


def test_a_ticket_more_than_five_minutes_older_than_the_store_is_not_genuine() -> None:
    assert opened(signed(), born_at=NOW + 300)
    assert refusal(lambda: opened(signed(), born_at=NOW + 301)) == "ticket: older than the store"


def test_a_ticket_past_its_end_is_genuine_still() -> None:
    assert NOW + DAY == opened(signed(), now=NOW + 9 * DAY).expires_at


def test_a_ticket_may_live_30_days() -> None:
    text = tickets.sign(ask(lifetime=30 * DAY), MASTER, ORIGIN, self_contained=True)
    assert NOW + 30 * DAY == opened(text).expires_at


def test_a_derived_key_that_names_another_repository_is_not_genuine() -> None:
    other = tickets.derive(MASTER, "octo/site")
    assert refusal(lambda: opened(forged(claims(), key=other))) == "ticket: signed by another repository's key"


def test_a_derived_key_signs_no_ticket_without_its_request() -> None:
    text = forged(claims(req=None), key=DERIVED)
    assert refusal(lambda: opened(text)) == "ticket: signed by another repository's key"
    own = tickets.sign(ask(), DERIVED, ORIGIN, self_contained=False)
    assert refusal(lambda: opened(own)) == "ticket: signed by another repository's key"


def test_a_derived_keys_secret_is_no_other_repositorys() -> None:
    text = forged(claims(), GENUINE_HEADER | {"kid": "k1.octo/site"}, key=DERIVED)
    assert refusal(lambda: opened(text)) == "ticket: signature"
    text = forged(claims(), GENUINE_HEADER, key=DERIVED)
    assert refusal(lambda: opened(text)) == "ticket: signature"


def test_the_request_of_a_ticket_cannot_be_exchanged() -> None:
    other = replace(ask(), repository="octo/other")
    text = forged(claims(req=packed(to_wire(other))))
    assert refusal(lambda: opened(text)) == "ticket: the id is not the digest of the request"


def test_two_requests_signed_with_one_id_are_not_both_genuine() -> None:
    mine, other = ask(), ask(FORM | {"title": "another"})
    both = [forged(claims(jti=mine.id, req=packed(to_wire(request)))) for request in (mine, other)]
    assert mine == opened(both[0]).request
    assert refusal(lambda: opened(both[1])) == "ticket: the id is not the digest of the request"
