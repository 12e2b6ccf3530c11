"""What the page draws of a case: who asked, which stages wait for whom, and when."""

import re

import pytest

from relay.chats.table import kinds
from relay.model.case import Case, Successor
from relay.model.people import Actor
from relay.model.request import FACTS, Origin, Proof, Status
from relay.pages.english import ENGLISH
from relay.pages.korean import KOREAN
from relay.pages.review_page import draw
from relay.policy_toml import parse
from tests.pages.browsing import shown
from tests.pages.drawing import ADA, FORM, NOW, POLICY, drawn, request, review, seen_by
from tests.support import entra_tokens, example_policy
from tests.support.road import ROOT


@pytest.mark.parametrize(
    ("proof", "asked"),
    [
        ("oidc", "octocat (proven by GitHub) Proof of the request GitHub vouches for the workflow that asks"),
        ("key", "octocat (as stated by the sender) Proof of the request an API key of this relay"),
        ("offline", "octocat (as stated by the sender) Proof of the request a ticket signed with a key of this relay"),
    ],
)
def test_who_asked_is_told_with_its_proof(proof: Proof, asked: str) -> None:
    origin = Origin("1", FACTS) if proof == "oidc" else None
    assert asked in shown(drawn(Case(request(requested_by="octocat"), proof, origin=origin)))


@pytest.mark.parametrize("proof", ["oidc", "key", "offline"])
def test_the_code_is_what_the_sender_says_unless_github_vouches_for_it(proof: Proof) -> None:
    run = "https://github.com/octo/api/actions/runs/1"
    origin = Origin("1", FACTS) if proof == "oidc" else None
    words = shown(drawn(Case(request(ref="refs/heads/main", sha="0" * 40, run_url=run), proof, origin=origin)))
    said = " (proven by GitHub)" if proof == "oidc" else " (as stated by the sender)"
    assert f"Ref refs/heads/main{said} Commit {'0' * 40}{said} Run that asks {run}" in words
    assert f"{run} (opens in a new tab) github.com{said} Proof of the request" in words
    assert "as stated" not in shown(drawn(Case(request(), proof)))


@pytest.mark.parametrize("proof", ["oidc", "key"])
def test_who_ran_a_workflow_again_is_told_beside_the_requester(proof: Proof) -> None:
    case = Case(request(requested_by="octocat", requested_by_also="ada"), proof)
    assert "Requested by octocat, run again by ada (as stated by the sender)" in shown(drawn(case))
    assert "run again by ada (as stated" in shown(drawn(Case(request(requested_by_also="ada"), proof)))


def test_a_newer_request_is_led_to() -> None:
    newer = Successor("b" * 32, "Deploy 2.5.0")
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


def test_reviews_of_a_stage_that_the_policy_lost_are_still_shown() -> None:
    case = Case(request(environment="nowhere"), "key", "approved", "old", (review(stage="old"),), NOW, version=1)
    assert "Approvals Lin approved" in shown(drawn(case))


def test_an_approval_under_another_policy_is_not_counted_in_the_stages_of_the_present_one() -> None:
    policy = parse.parse(example_policy.POLICY.replace('name = "qa"', 'name = "tests"'), kinds())
    grace = Actor(f"entra:{entra_tokens.TENANT}/{example_policy.PEOPLE['grace']}", "Grace")
    reviews = (review(), review(ADA, stage="release"), review(grace, stage="release"))
    case = Case(request(), "key", status="approved", stage="release", reviews=reviews)
    words = shown(draw(seen_by(ADA, case, policy), ENGLISH, FORM, headers={}))
    assert "tests passed ✓ release passed 2 of 2 approved" in words
    assert "qa passed 1 of 1 approved" in shown(drawn(case))


def test_what_a_stage_sends_when_it_passes_is_told_while_it_has_not() -> None:
    policy = parse.parse(
        example_policy.POLICY.replace('approvers = ["group:qa"]', 'approvers = ["group:qa"]\non_pass = "stage-it"'),
        kinds(),
    )
    waiting = Case(request(), "key")
    passed = Case(request(), "key", "pending", "release", (review(),), version=1)
    words = [shown(draw(seen_by(ADA, case, policy), ENGLISH, FORM, headers={})) for case in (waiting, passed)]
    assert [True, False] == ["When it passes, GitHub gets the event stage-it." in each for each in words]


def test_many_deciders_are_not_all_named_and_anyone_is_anyone() -> None:
    people = "".join(
        f'[people.p{n}]\nname = "P{n}"\nentra = "{entra_tokens.TENANT}/bbbbbbbb-0000-4000-8000-00000000000{n}"\n'
        for n in range(9)
    )
    rule = '[[rule]]\nrepository = "octo/api"\nevent_types = ["deploy-api"]\nself_approval = true\n'
    stage = '[[rule.stage]]\nname = "{}"\napprovers = ["{}"]\n'
    members = ", ".join(f'"p{n}"' for n in range(9))
    policy = parse.parse(
        f"{people}[groups]\nall = [{members}]\n{rule}"
        + stage.format("qa", "group:all")
        + stage.format("free", "anyone")
    )
    words = shown(draw(seen_by(ADA, Case(request(), "key"), policy), ENGLISH, FORM, headers={}))
    assert "Who decides: P0, P1, P2, P3, P4, P5, 3 more" in words
    assert "Who decides: anyone of the listed organizations" in words


def test_approvers_that_the_request_narrows_are_named_alone() -> None:
    words = shown(drawn(Case(request(approvers=["lin", "grace"]), "key")))
    assert "qa waiting now 0 of 1 approved Who decides: Lin" in words


def test_a_milder_policy_shows_no_more_approvals_than_are_needed() -> None:
    reviews = (review(), review(ADA), review(ADA, stage="release"))
    case = Case(request(), "key", "pending", "release", reviews, version=3)
    assert "qa passed 1 of 1 approved" in shown(drawn(case))


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


def decision(case: Case, person: Actor = ADA) -> str:
    """Return the words of the box where a person decides."""
    return shown(drawn(case, person)).partition("Your decision")[2]


@pytest.mark.parametrize("environment", ["production", "staged", "crowd"])
def test_the_decision_stands_beside_what_it_releases(environment: str) -> None:
    asked = request(environment=environment, ref="refs/heads/main", sha="0" * 40)
    facts = f"Repository octo/api Environment {environment} Event deploy-api Ref refs/heads/main Commit {'0' * 40}"
    words = decision(Case(asked, "offline"))
    assert words.startswith(f" What an approval releases {facts}")
    assert words.index(facts) < words.index("Approve")


def test_no_part_of_a_payload_is_hidden_in_a_box_that_scrolls() -> None:
    style = (ROOT / "relay" / "pages" / "page.css").read_text("utf-8")
    assert [] == re.findall(r"max-height|overflow: (?:auto|scroll|hidden)(?=[^}]*max)", style)


@pytest.mark.parametrize(
    ("requester", "names"),
    [("ada-l", "Grace, Octocat, 김하늘"), ("ADA-L", "Grace, Octocat, 김하늘"), ("x", "Ada, Grace, Octocat, 김하늘")],
)
def test_the_deciders_are_named_less_the_requester(requester: str, names: str) -> None:
    login = str(POLICY.people["ada"].github)
    by = {"ada-l": login, "ADA-L": login.upper()}.get(requester, requester)
    words = shown(drawn(Case(request(environment="production", requested_by=by), "key")))
    assert f"Who decides: {names} Your decision" in words
