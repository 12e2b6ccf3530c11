from collections.abc import Mapping

from relay.model.debts import Outcome


class DispatchesOnly:
    """Base of a fake GitHub whose test has rules with the target repository_dispatch alone."""

    def start(
        self, _repository: str, _workflow: str, _ref: str, _inputs: Mapping[str, str], *, deadline: float
    ) -> Outcome:
        raise AssertionError(f"a workflow was started by {deadline}")

    def review(
        self, _repository: str, _run_id: str, _environment: str, _state: str, _comment: str, *, deadline: float
    ) -> Outcome:
        raise AssertionError(f"a run was given a verdict by {deadline}")

    def attempt_of(self, _repository: str, _run_id: str, *, deadline: float) -> int:
        raise AssertionError(f"a run was looked up by {deadline}")
