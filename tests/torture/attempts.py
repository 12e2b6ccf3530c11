"""Reasons why a dispatch was sent again, from the journals of the relays that sent it."""

from collections import defaultdict
from collections.abc import Mapping
from typing import Final

from tests.support.chaos.answers import Attempt
from tests.support.chaos.channels import Heard
from tests.support.chaos.github import Arrival
from tests.torture.lives import Journal, Note

NEVER: Final = float("inf")
TAKING: Final = 2.0  # seconds at most, between the reading of the clock for a lease and the word that it is committed


class Attempts:
    """Looks up each attempt in the journal of its sender. `gates` are the ids of the requests for gates."""

    def __init__(self, journal: Journal, gates: Mapping[str, str]) -> None:
        self._journal = journal
        self._unheard: dict[int, list[float]] = defaultdict(list)
        self._commits: dict[str, list[Note]] = defaultdict(list)
        self._sent: dict[tuple[int, str, str], list[Note]] = defaultdict(list)
        self._outages: dict[int, list[float]] = defaultdict(list)
        for note in journal.notes:
            if note.event == "committed":
                self._commits[note.details[0]].append(note)
            elif note.event == "sent":
                self._sent[note.life, gates.get(note.details[0], note.details[0]), note.details[1]].append(note)
            elif note.event == "unheard":
                self._unheard[note.life].append(note.at)
            elif note.event == "outage":
                self._outages[note.life].append(note.at)

    def cause(self, earlier: Arrival, later: Arrival) -> str:
        """Return why `later` was sent although `earlier` was, or nothing if there was no reason."""
        sent = self._answer(earlier)
        failed = sent is not None and any(sent.at <= at for at in self._outages[earlier.sender])
        # The suite let time pass while the sender lived, and so ended its lease: after GitHub noted it, or before.
        passed = later.clock - earlier.clock > later.at - earlier.at + 1
        passed |= any(self._leased_at(earlier) - TAKING <= at <= later.at for at in self._journal.passed)
        return Attempt(
            answered=earlier.answered,
            heard=sent is None or sent.details[2] == "Delivered",
            recorded=sent is not None and self._settled(earlier) <= later.at,
            ended=earlier.sender in self._journal.died,
            over=failed or (passed and later.clock >= self._owed(earlier)[0]),
        ).cause()

    def leased(self, earlier: Arrival, later: Arrival) -> bool:
        """Tell whether `later` came while the lease of `earlier` ran, with no outcome recorded."""
        (until, before), (_, then) = self._owed(earlier), self._owed(later)
        return later.clock < until and then <= before

    def overlapped(self, earlier: Arrival, later: Arrival) -> bool:
        """Tell whether `later` had its lease before `earlier` was settled, which differing clocks can cause."""
        begun = [note.at for note in self._commits[later.id] if note.life == later.sender and note.at <= later.at]
        return bool(begun) and begun[-1] < self._settled(earlier)

    def may_repeat(self, heard: Heard) -> bool:
        """Tell whether the sender of a message may not have known, or not have recorded, that it was taken."""
        failed = (*self._unheard[heard.sender], *self._outages[heard.sender])
        if not heard.answered or heard.sender in self._journal.died or any(heard.at <= at for at in failed):
            return True
        # The suite let time pass between its lease and its record, and so gave the lease to another relay.
        passed = any(abs(at - heard.at) <= TAKING for at in self._journal.passed)
        return passed and any(
            note.event == "committed" and note.life != heard.sender and 0 <= note.at - heard.at <= TAKING
            for note in self._journal.notes
        )

    def _answer(self, arrival: Arrival) -> Note | None:
        found = self._sent[arrival.sender, arrival.id, arrival.event_type]
        return next((note for note in found if note.at >= arrival.at), None)

    def _settled(self, arrival: Arrival) -> float:
        """Return when the outcome was durable: the first commit of the same relay that counts one attempt more."""
        attempts = self._owed(arrival)[1]
        for note in self._commits[arrival.id]:
            if note.life == arrival.sender and note.at >= arrival.at:
                for event_type, status, _, _, counted in note.details[3]:
                    if event_type == arrival.event_type and (status != "owed" or counted > attempts):
                        return note.at
        return NEVER

    def _leased_at(self, arrival: Arrival) -> float:
        """Return the time of the sender's last commit of the case."""
        commits = self._commits[arrival.id]
        return max(
            (note.at for note in commits if note.life == arrival.sender and note.at <= arrival.at), default=NEVER
        )

    def _owed(self, arrival: Arrival) -> tuple[float, int]:
        """Return the end of the lease of an attempt, or 0 if it had none, and the attempts until then."""
        found = (0.0, 0)
        for note in self._commits[arrival.id]:
            if note.life == arrival.sender and note.at <= arrival.at:
                for event_type, status, lease, due_at, counted in note.details[3]:
                    if event_type == arrival.event_type:
                        found = (due_at if status == "owed" and lease else 0.0, counted)
        return found
