"""Modes of the built-in GitHub, with the answers that GitHub gives.

https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
"""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from relay.dev.simulator.answers import Answer, json_answer

HEALTHY: Final = "healthy"
SLOW: Final = "slow"
TAKEN_502: Final = "taken-502"
DOWN: Final = "down"
SLOWNESS: Final = 3.0  # seconds
RATE_LIMIT: Final = 5_000  # calls an hour, of a token
LIMITED_FOR: Final = 20  # seconds
SECONDARY_FOR: Final = 60  # seconds, as GitHub mostly asks for
DISPATCH_PAGE: Final = "https://docs.github.com/rest/repos/repos#create-a-repository-dispatch-event"
_LIMITS_PAGE: Final = "https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api"


@dataclass(frozen=True, slots=True)
class Mode:
    """A switch of the page: its label, and a note about its effect."""

    label: str
    note: str


MODES: Final[Mapping[str, Mode]] = MappingProxyType(
    {
        HEALTHY: Mode("Healthy", "Takes each dispatch at once."),
        SLOW: Mode("Slow", "Takes each dispatch after 3 seconds."),
        "failing": Mode("Answers 500", "Takes nothing. The relay cannot know that, and waits over 10 seconds."),
        TAKEN_502: Mode(
            "Answers 502, has taken it", "The workflow starts, and the relay tries again: at least once, never lost."
        ),
        "rate-limited": Mode("Rate limited", f"429, Retry-After {LIMITED_FOR}. The relay waits as long."),
        "secondary": Mode("Secondary limit", f"403 for too much at once, Retry-After {SECONDARY_FOR}."),
        "forbidden": Mode("Permission missing", "403: the token may not write contents. The relay stops and says why."),
        "missing": Mode("Repository missing", "404: it is gone, or the token may not see it. The relay stops."),
        DOWN: Mode("Down", "The connection is cut without an answer."),
    }
)


def refusal(mode: str) -> Answer | None:
    """Return the answer of GitHub in a mode that takes nothing, or None in all other modes."""
    match mode:
        case "failing":
            return github_error(500, "Server Error")
        case "rate-limited":
            message = "API rate limit exceeded for user ID 1815."
            return github_error(429, message, {"Retry-After": str(LIMITED_FOR)}, page=_LIMITS_PAGE)
        case "secondary":
            message = "You have exceeded a secondary rate limit. Please wait a few minutes before you try again."
            page = f"{_LIMITS_PAGE}#about-secondary-rate-limits"
            return github_error(403, message, {"Retry-After": str(SECONDARY_FOR)}, page=page)
        case "forbidden":
            needed = {"X-Accepted-GitHub-Permissions": "contents=write"}
            return github_error(403, "Resource not accessible by personal access token", needed)
        case "missing":
            return github_error(404, "Not Found")
        case _:
            return None


def rate_limit_headers(mode: str, calls: int, now: float) -> dict[str, str]:
    """Return the headers of the primary rate limit, which every answer carries."""
    used = RATE_LIMIT if mode == "rate-limited" else min(calls, RATE_LIMIT)
    reset = int(now) + LIMITED_FOR if mode == "rate-limited" else (int(now) // 3_600 + 1) * 3_600
    return {
        "X-RateLimit-Limit": str(RATE_LIMIT),
        "X-RateLimit-Remaining": str(RATE_LIMIT - used),
        "X-RateLimit-Used": str(used),
        "X-RateLimit-Reset": str(reset),
        "X-RateLimit-Resource": "core",
    }


def github_error(
    status: int, message: str, headers: Mapping[str, str] | None = None, *, page: str = DISPATCH_PAGE
) -> Answer:
    """Return an error of GitHub's API. Its `status` in the body is a string."""
    answer = json_answer(status, {"message": message, "documentation_url": page, "status": str(status)})
    return Answer(status, {**answer.headers, **(headers or {})}, answer.body)
