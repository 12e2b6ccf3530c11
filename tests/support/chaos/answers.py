"""The promises about answers: each is true, and nothing is sent again that was answered and recorded."""

from dataclasses import dataclass

from relay.model.case import Case


@dataclass(frozen=True)
class Attempt:
    """A dispatch that was sent, as its sender knew it when the same dispatch was sent once more.

    GitHub `answered` that it took it, and the sender `heard` that. The outcome was `recorded`; or its sender `ended`,
    or its lease was `over`.
    """

    answered: bool
    heard: bool = True
    recorded: bool = False
    ended: bool = False
    over: bool = False

    def cause(self) -> str:
        """Return why it may be sent again, or nothing if there is no reason."""
        if not self.answered:
            return "its answer was lost"
        if not self.heard:
            return "its sender had no time to hear the answer"
        if self.recorded:
            return ""
        if self.ended:
            return "its sender ended"
        return "it was not recorded yet" if self.over else ""


@dataclass(frozen=True)
class PressAnswer:
    """An answer to a person's verdict, as its `code` and `sentence`; `by` are the ids of the person in all chats."""

    code: str
    sentence: str
    verdict: str
    by: frozenset[str]

    def counts(self, case: Case) -> bool:
        """Tell whether the verdict is among the reviews, or the press among the reruns."""
        if self.verdict == "again":
            return any(rerun.by.id in self.by for rerun in case.reruns)
        return any(review.verdict == self.verdict and review.by.id in self.by for review in case.reviews)

    def is_true(self, case: Case, *, taken: bool, refusable: bool, settled: bool = True) -> bool:
        """Tell whether it is true of a case whose decision GitHub had `taken` by then, or `refusable` may refuse.

        A case that is not `settled` may be over in time, and not be written so yet.
        """
        reviewed = self.counts(case)
        if "GitHub has taken it" in self.sentence and not taken:
            return False
        approved = {
            "released": reviewed and taken,
            "approved-retrying": reviewed,
            "approved-refused": reviewed and refusable,
            "already-approved": self._is_true_of_release(taken=taken, refusable=refusable),
        }
        if self.code in approved:
            return case.status == "approved" and approved[self.code]
        others = {
            "rejected": reviewed and case.status == "rejected",
            "counted": reviewed,
            "already-counted": any(review.by.id in self.by for review in case.reviews),
            "expired": case.status == "expired" or (case.status == "pending" and not settled),
        }
        return others.get(self.code, self.code.removeprefix("already-") == case.status != "pending")

    def _is_true_of_release(self, *, taken: bool, refusable: bool) -> bool:
        if not self.sentence:  # in Slack the words go another way
            return True
        if "has taken it" in self.sentence or "keeps trying" in self.sentence:
            return True
        return not taken if "never sent" in self.sentence else refusable
