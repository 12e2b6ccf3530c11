"""People, and their verdicts."""

from dataclasses import dataclass
from typing import Final, Literal

Verdict = Literal["approve", "reject"]
Act = Literal["approve", "reject", "again"]
MAX_COMMENT: Final = 1_000  # characters that a person may say to a decision, a line break counting as one


@dataclass(frozen=True, slots=True)
class Actor:
    """A proven person: `entra:TENANT/OBJECT`, `slack:TEAM/USER` or `github:ID`; the name is for display only."""

    id: str
    name: str


@dataclass(frozen=True, slots=True)
class Review:
    """One person's counted verdict in one stage."""

    verdict: Verdict
    by: Actor
    stage: str
    at: int
    comment: str = ""


@dataclass(frozen=True, slots=True)
class Rerun:
    """One person's press of "Run again", after the run of a release had failed."""

    by: Actor
    at: int
