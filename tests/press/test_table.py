"""The table of answers: each row has its own, and where two apply the first is the answer."""

import itertools
import json
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pytest

from relay.signed import tickets
from tests.support import clicks, example_policy, road


@dataclass
class Press:
    """A click before it is signed, for a row of the table to spoil."""

    person: str = "ada"
    verdict: str = "approve"
    comment: str = ""
    token: str = ""
    body: bytes = b""
    registered: bool = False
    altered: bool = False
    own: bool = False
    form: dict[str, Any] = field(default_factory=lambda: {"environment": "production"})

    def click(self) -> road.Click:
        if self.own:
            self.form["requested_by_id"] = example_policy.IDS[self.person]
        request = road.offline(**self.form)
        text = tickets.sign(request, road.MASTER, road.ORIGIN, self_contained=not self.registered)
        headers = clicks.headers(self.person, self.verdict, text[:-4] + "AAAA" if self.altered else text)
        if self.token:
            headers["authorization"] = self.token
        return road.Click(headers, self.body or json.dumps({"comment": self.comment}).encode())


def too_large(press: Press) -> None:
    press.body = b" " * (1024 * 1024 + 1)


def no_token(press: Press) -> None:
    press.token = "Bearer a.b.c"


def malformed(press: Press) -> None:
    press.verdict = "maybe"


def foreign_ticket(press: Press) -> None:
    press.altered = True


def unknown(press: Press) -> None:
    press.registered = True


def expired(press: Press) -> None:
    press.form |= {"issued_at": int(time.time()) - 200, "expires_in": "90s"}


def no_rule(press: Press) -> None:
    press.form["environment"] = "nowhere"


def stranger(press: Press) -> None:
    press.person = "lin"


def own(press: Press) -> None:
    press.own = True


def no_comment(press: Press) -> None:
    press.form["require_comment"] = True


ROWS: Final[tuple[tuple[int, str, Callable[[Press], None]], ...]] = (
    (413, "too-large", too_large),
    (401, "not-genuine", no_token),
    (400, "malformed", malformed),
    (401, "not-genuine", foreign_ticket),
    (404, "unknown-request", unknown),
    (200, "expired", expired),
    (403, "no-rule", no_rule),
    (403, "not-allowed", stranger),
    (403, "own-request", own),
    (400, "comment-required", no_comment),
)


@pytest.mark.parametrize(("status", "code", "spoil"), ROWS, ids=[row[2].__name__ for row in ROWS])
def test_each_row_of_the_table_has_its_answer_and_records_nothing(
    here: road.Road, status: int, code: str, spoil: Callable[[Press], None]
) -> None:
    press = Press()
    spoil(press)
    click = press.click()
    assert (status, code) == road.outcome(here.send(click.headers, click.body))
    assert road.NOTHING == here.recorded()


PAIRS: Final = tuple(itertools.combinations(ROWS, 2))


@pytest.mark.parametrize(
    ("first", "second"), PAIRS, ids=[f"{one[2].__name__}-before-{two[2].__name__}" for one, two in PAIRS]
)
def test_where_two_rows_apply_the_first_is_the_answer(
    here: road.Road,
    first: tuple[int, str, Callable[[Press], None]],
    second: tuple[int, str, Callable[[Press], None]],
) -> None:
    press = Press()
    first[2](press)
    second[2](press)
    click = press.click()
    assert first[:2] == road.outcome(here.send(click.headers, click.body))
    assert road.NOTHING == here.recorded()
