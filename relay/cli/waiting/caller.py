"""Calls about one request over hours, each with a proof that is still good."""

from dataclasses import dataclass
from typing import Final

from relay.cli import job_token, relay_api
from relay.cli.context import Context
from relay.cli.http import HttpResponse, Pace, fetch

# A look is one attempt, since the wait itself is patient. No connection is held for longer than 30 s.
_LOOK: Final = Pace(attempts=1, patience=0.0, timeout=7.0, longest=22.0)
# The runner kills a cancelled step after ten seconds, and the first signal comes 7.5 s before the second.
# https://docs.github.com/actions/reference/workflows-and-actions/workflow-cancellation
_AT_ONCE: Final = Pace(attempts=3, patience=4.5, timeout=3.0, longest=3.0)
_TOKEN_LIFE: Final = 240.0  # seconds for which a token is used; GitHub's live for five minutes
_NOT_GENUINE: Final = 401


@dataclass(slots=True)
class Caller:
    """The holder of a key, or the job itself, which asks one relay about one request."""

    relay: str
    request_id: str
    api_key: str | None
    context: Context
    _token: str = ""
    _fetched_at: float = 0.0

    def show(self) -> HttpResponse:
        """Ask for the state of the request, once. Raises NotReached, or Failure if no later call can help."""
        return self._call("GET", "", _LOOK)

    def cancel(self) -> HttpResponse:
        """Cancel the request, within seconds. A repeated call is answered as the first. Raises as `show`."""
        return self._call("POST", "/cancel", _AT_ONCE)

    def show_at_once(self) -> HttpResponse:
        """Ask for the state within seconds. Raises as `show`."""
        return self._call("GET", "", _AT_ONCE)

    def _call(self, method: str, path: str, pace: Pace) -> HttpResponse:
        answer = self._fetch(method, path, pace)
        if answer.status == _NOT_GENUINE and self._token:  # it ended sooner than expected, as after a long sleep
            self._token = ""
            answer = self._fetch(method, path, pace)
        return answer

    def _fetch(self, method: str, path: str, pace: Pace) -> HttpResponse:
        url = f"{self.relay}/api/requests/{self.request_id}{path}"
        return fetch(
            method,
            url,
            self.context,
            callee=relay_api.CALLEE,
            cure=relay_api.CURE,
            headers=self._proof(pace),
            pace=pace,
        )

    def _proof(self, pace: Pace) -> dict[str, str]:
        if self.api_key:
            return {"x-relay-key": self.api_key}
        if not self._token or self.context.clock() - self._fetched_at > _TOKEN_LIFE:
            self._token = job_token.fetch_token(self.relay, self.context, pace)
            self._fetched_at = self.context.clock()
        return {"Authorization": f"Bearer {self._token}"}
