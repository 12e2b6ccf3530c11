"""A case and its page as the people of the policy see it."""

from typing import Any, Final

from relay.approval.policy import Policy
from relay.chats.table import kinds
from relay.model.case import Case
from relay.model.debts import Debt
from relay.model.delivery import Reply
from relay.model.people import Actor, Review, Verdict
from relay.model.request import ApprovalRequest, Status
from relay.pages.english import ENGLISH
from relay.pages.form import Form
from relay.pages.review_page import draw
from relay.pages.view import View, view
from relay.pages.words import Words
from relay.policy_toml import parse
from relay.signed.request import read_form
from tests.support import entra_tokens, example_policy

NOW: Final = 1_790_000_000
POLICY: Final = parse.parse(example_policy.POLICY, kinds())
ADA: Final = Actor(f"entra:{entra_tokens.TENANT}/{example_policy.PEOPLE['ada']}", "Ada")
LIN: Final = Actor(f"entra:{entra_tokens.TENANT}/{example_policy.PEOPLE['lin']}", "Lin")
FORM: Final = Form("/api/review/" + "a" * 32, "token")
DEBT: Final = Debt("deploy-api", NOW, float(NOW))


def request(**changes: Any) -> ApprovalRequest:
    form = {"repository": "octo/api", "event_type": "deploy-api", "environment": "staged", "title": "T"} | changes
    return read_form(form, issued_at=NOW, nonce="n" * 22, lifetime=86_400)


def seen_by(person: Actor, case: Case, policy: Policy = POLICY, now: float = NOW) -> View:
    status: Status = "expired" if case.status == "pending" and now >= case.request.expires_at else case.status
    return view(case, status, policy, person, now)


def drawn(case: Case, person: Actor = ADA, words: Words = ENGLISH, **options: Any) -> Reply:
    return draw(seen_by(person, case), words, FORM, headers={}, **options)


def review(person: Actor = LIN, verdict: Verdict = "approve", stage: str = "qa", comment: str = "") -> Review:
    return Review(verdict, person, stage, NOW, comment)
