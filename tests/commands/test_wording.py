"""The words of an answer: where the cards are or why they are not, and a help that stays readable."""

import random
from dataclasses import replace

import pytest

from relay.approval.commands import Command
from relay.approval.policy import ANYONE, Policy
from relay.commands import wording
from relay.commands.choice import Chosen, choose, nearest, sayable
from relay.commands.form import request_of
from relay.errors import Refusal
from relay.formats.grammar import read_format
from relay.formats.words import split
from relay.model.case import Case
from relay.model.debts import Card, Debt, DebtStatus
from relay.model.people import Actor
from relay.model.request import ORIGIN, ApprovalRequest

CASE = Case(ApprovalRequest("r" * 32, "octo/api", "Deploy", 1, 2, "n" * 22, event_type="deploy"), "command")
COMMAND = Command("deploy", (read_format("deploy {{app}}"),), (ANYONE,), "octo/api", "deploy")


def shown(*cards: tuple[str, DebtStatus]) -> list[str]:
    debts = tuple(
        Debt(channel, 1, 1, kind="card", status=status, last_error="it is closed", card=Card(channel))
        for channel, status in cards
    )
    return [*wording.cards(replace(CASE, debts=debts))]


@pytest.mark.parametrize(
    ("cards", "lines"),
    [
        ((), ["No conversation got a card of it."]),
        (((ORIGIN, "delivered"), ("ops", "delivered"), ("ops", "delivered")), ["Its card is here and in ops."]),
        (((ORIGIN, "owed"), ("ops", "delivered")), ["Its card is in ops.", "Its card is on its way: here."]),
        ((("ops", "dead"),), ["Its card could not be posted to ops: it is closed."]),
        (
            ((ORIGIN, "cancelled"),),
            ["Its card could not be posted here: it is closed. If the app is not in here, invite it."],
        ),
    ],
)
def test_it_is_told_where_each_card_is(cards: tuple[tuple[str, DebtStatus], ...], lines: list[str]) -> None:
    assert lines == shown(*cards)


def test_a_help_of_many_commands_is_cut_and_says_so() -> None:
    many = [replace(COMMAND, name=f"c{each}", description="x" * 200) for each in range(100)]
    lines = [*wording.help_lines(many)]
    assert "And more: say the first word, and the nearest is named." == lines[-1]
    assert sum(map(len, lines)) < wording.MAX_HELP + 100


def test_the_first_format_of_the_file_wins_and_a_later_one_if_its_value_is_listed() -> None:
    listed = replace(COMMAND, values={"app": ("API",)})
    other = replace(COMMAND, name="other")
    for text, expected in (("deploy api", (listed, {"app": "API"})), ("deploy web", (other, {"app": "web"}))):
        words = split(text)
        assert words is not None
        assert Chosen(*expected) == choose([listed, other], words)


def made_of(found: Chosen, text: str) -> ApprovalRequest | Refusal:
    try:
        return request_of(found, text, Actor("slack:T1/U1", "x"), None, issued_at=1, nonce="n" * 22)
    except Refusal as refusal:
        return refusal


def test_hostile_texts_make_a_request_or_a_sentence_and_nothing_else() -> None:
    dice = random.Random(16)  # noqa: S311 - the same every time
    pieces = (
        "deploy",
        " ",
        "a",
        "b-",
        '"',
        "\u201c",
        "x=",
        "{{a}}",
        "\ud800",
        "\0",
        "\u202e",
        "*",
        "../",
        "\n",
        "<!x>",
    )
    command = replace(COMMAND, repository="octo/{{app}}", event_type="deploy-{{app}}")
    made = refused = 0
    for _ in range(5_000):
        text = "deploy " + "".join(dice.choices(pieces, k=dice.randrange(1, 6)))
        words = split(text)
        found = choose([command], words) if words else None
        if not isinstance(found, Chosen):
            assert [*wording.unknown(nearest([command], words, text), closed=words is not None)]
            continue
        request = made_of(found, text)
        if isinstance(request, Refusal):
            refused += 1
            assert ("malformed", "Not asked:") == (request.code, wording.refusal(request)[:10])
        else:
            made += 1
            assert (True, "slack:T1/U1") == (request.repository.startswith("octo/"), request.requested_by)
    assert min(made, refused) > 50


def test_anyone_may_say_what_is_for_anyone() -> None:
    assert (COMMAND,) == sayable(Policy(commands=(COMMAND,)), Actor("slack:T1/U9", "x"))
    assert () == sayable(Policy(commands=(replace(COMMAND, who=("ada",)),)), Actor("slack:T1/U9", "x"))


def test_the_nearest_has_the_most_words_in_common_where_the_first_are_the_same() -> None:
    forms = (read_format("deploy {{app}} to {{env}}"), read_format("deploy {{app}} because {{why...}}"))
    command = replace(COMMAND, formats=forms)
    assert forms[1] == nearest([command], split("deploy a b because c"), "deploy a b because c")
    assert forms[0] == nearest([command], None, '"')
    assert forms[0] == nearest([command], split('""'), '""')
