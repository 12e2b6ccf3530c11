"""What a released workflow may believe, whatever event it is shown."""

import copy
import json
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from relay.errors import Refusal
from relay.model.case import Case
from relay.model.people import Review
from relay.signed.released_event import Expected, prove
from relay.signed.request import read_form
from tests.cli.releasing import CASE, EXPECTED, KEYS, OTHER, REQUEST, REVIEWS, event
from tests.cli.running import RELAY
from tests.support.entra_tokens import NOW


def test_a_rejection_is_proven_where_it_is_asked_for() -> None:
    case = Case(REQUEST, "key", "rejected", "qa", (Review("reject", REVIEWS[0].by, "qa", NOW),), NOW, CASE.debts)
    outputs = prove(event(case=case), KEYS, Expected(RELAY, "octo/api", "rejected"), now=NOW)
    assert ("rejected", "entra:t/ada") == (outputs["decision"], outputs["reviewers"])
    with pytest.raises(Refusal, match="it is not approved"):
        prove(event(case=case), KEYS, EXPECTED, now=NOW)


def test_what_a_request_does_not_say_is_an_empty_output() -> None:
    request = read_form(
        {"repository": "octo/api", "event_type": "deploy-api", "title": "x"}, issued_at=NOW, nonce="n" * 22, lifetime=60
    )
    case = Case(request, "key", "approved", "release", REVIEWS, NOW, CASE.debts)
    outputs = prove(event(case=case), KEYS, EXPECTED, now=NOW)
    assert ("", "", "", "") == tuple(outputs[name] for name in ("environment", "ref", "sha", "requested-by"))
    with pytest.raises(Refusal, match="another environment"):
        prove(event(case=case), KEYS, Expected(RELAY, "octo/api", "approved", "production"), now=NOW)


@pytest.mark.parametrize(
    ("made", "sentence"),
    [
        (event(OTHER), "signed by no key of this relay"),
        (
            event(issuer="https://other.example"),
            "made by another relay: RELAY_URL must be what the operator set as RELAY_PUBLIC_URL",
        ),
        (event(now=NOW - 2 * 86_400), "made more than a day ago, and a receipt lives one day: ask again"),
        (event(now=NOW + 3_600), "made 60 minutes ahead of this clock"),
        ([], "carries no approval"),
        (None, "carries no approval"),
    ],
)
def test_another_relays_or_an_old_receipt_releases_nothing(made: object, sentence: str) -> None:
    with pytest.raises(Refusal) as refused:
        prove(made, KEYS, EXPECTED, now=NOW)
    assert "not-genuine" == refused.value.code
    assert sentence in refused.value.message


def test_another_repositorys_receipt_releases_nothing() -> None:
    with pytest.raises(Refusal, match="made for another repository"):
        prove(event(), KEYS, Expected(RELAY, "octo/web", "approved"), now=NOW)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=6,
)
NAMES = sorted(set(event()["client_payload"]["approval"]))


@given(name=st.sampled_from(NAMES), value=JSON)
@settings(deadline=None, max_examples=150)
def test_one_field_of_the_approval_changed_is_never_believed(name: str, value: object) -> None:
    spoiled = copy.deepcopy(event())
    was = spoiled["client_payload"]["approval"][name]
    spoiled["client_payload"]["approval"][name] = value
    if json.dumps(was) == json.dumps(value):
        return
    with pytest.raises(Refusal) as refused:
        prove(spoiled, KEYS, EXPECTED, now=NOW)
    assert "not-genuine" == refused.value.code


@given(event=JSON, keys=st.dictionaries(st.text(), JSON))
@settings(deadline=None, max_examples=100)
def test_any_json_is_refused_and_nothing_else(event: object, keys: dict[str, object]) -> None:
    with pytest.raises(Refusal):
        prove(event, keys, EXPECTED, now=NOW)


def test_a_receipt_of_a_second_run_says_so_and_no_other_run_passes_for_it() -> None:
    made = event(case=replace(CASE, debts=(replace(CASE.debts[0], run=2),)))
    assert 2 == made["client_payload"]["approval"]["run"]
    assert prove(event(), KEYS, EXPECTED, now=NOW) == prove(made, KEYS, EXPECTED, now=NOW)
    for spoilt in (copy.deepcopy(made), copy.deepcopy(made), event()):
        approval = spoilt["client_payload"]["approval"]
        if approval.pop("run", None) is None or spoilt is made:
            approval["run"] = 2
        with pytest.raises(Refusal, match="a field run"):
            prove(spoilt, KEYS, EXPECTED, now=NOW)


@pytest.mark.parametrize("again", ["ada", "lin-b"])
def test_a_receipt_names_who_ran_the_workflow_again(again: str) -> None:
    case = replace(CASE, request=replace(REQUEST, requested_by_also=again))
    made = event(case=case)
    assert again == made["client_payload"]["approval"]["requested_by_also"]
    assert REQUEST.requested_by == prove(made, KEYS, EXPECTED, now=NOW)["requested-by"]
    for changed in ("octocat", None):
        spoilt = copy.deepcopy(made)
        spoilt["client_payload"]["approval"]["requested_by_also"] = changed
        with pytest.raises(Refusal, match="a field requested_by_also"):
            prove(spoilt, KEYS, EXPECTED, now=NOW)
    del made["client_payload"]["approval"]["requested_by_also"]
    with pytest.raises(Refusal, match="a field requested_by_also"):
        prove(made, KEYS, EXPECTED, now=NOW)
    added = event()
    added["client_payload"]["approval"]["requested_by_also"] = again
    with pytest.raises(Refusal, match="a field requested_by_also"):
        prove(added, KEYS, EXPECTED, now=NOW)
