"""The diary of a scenario: the cards that people know, and every answer that people and programs got."""

from dataclasses import dataclass, field
from threading import Lock
from typing import Final

from relay.approval.groups import Rank
from tests.support import entra_tokens, example_policy
from tests.support.chaos.redeems import Redeemed
from tests.torture import rules

CUT: Final = "cut"  # no answer came


@dataclass
class Card:
    """A request as people see it. `ticket` is the one on its latest card."""

    id: str
    environment: str
    repository: str
    ticket: str
    mark: Rank
    registered: bool
    known_at: float  # when its asker had the answer, on the machine's clock


@dataclass(frozen=True)
class Answered:
    """The answer to an act of a person or a workflow; `began` and `ended` on the machine's clock."""

    act: str  # approve, reject, again, cancel, ask
    person: str
    id: str
    code: str
    sentence: str
    began: float
    ended: float
    life: int


@dataclass(frozen=True)
class Told:
    """A webhook of GitHub about a run of a request, and what the relay answered."""

    id: str
    run: str
    status: str
    answer: str


@dataclass
class Diary:
    """All that happened. `asked` are the Idempotency-Keys of the requests that were registered."""

    answers: list[Answered] = field(default_factory=list)
    cards: list[Card] = field(default_factory=list)
    asked: list[str] = field(default_factory=list)
    told: list[Told] = field(default_factory=list)
    redeemed: list[Redeemed] = field(default_factory=list)
    waiting: dict[str, str] = field(default_factory=dict)  # gates that the relay took, by name, and their environment
    unexpected: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)


def ids_of(person: str) -> frozenset[str]:
    """Return the ids by which the relay knows a person in the chats."""
    entra = f"entra:{entra_tokens.TENANT}/{example_policy.PEOPLE.get(person, person)}"
    return frozenset({entra, f"slack:T111/{slack_user(person)}"})


def slack_user(person: str) -> str:
    """Return the id of a person in Slack. An outsider has one that is not in the policy."""
    return example_policy.SLACK.get(person, "U999")


OUTSIDERS: Final = ids_of(rules.OUTSIDER)
