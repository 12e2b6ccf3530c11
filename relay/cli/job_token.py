"""The OIDC token of a GitHub Actions job: fetched from the runner, masked, and never written anywhere.

https://docs.github.com/actions/reference/security/oidc#methods-for-requesting-the-oidc-token
"""

import os
from typing import Final
from urllib.parse import quote, urlsplit

import click

from relay.cli import github_actions
from relay.cli.context import Context
from relay.cli.failures import Failure, NotReached
from relay.cli.http import USUAL, Pace, fetch, is_busy
from relay.net.addresses import check_url
from relay.signed import canonical_json

_URL: Final = "ACTIONS_ID_TOKEN_REQUEST_URL"
_REQUEST_TOKEN: Final = "ACTIONS_ID_TOKEN_REQUEST_TOKEN"  # noqa: S105 - the name of a variable
_OK: Final = 200
_CURE: Final = "GitHub's token service may be down; run the job again later."
PERMISSION: Final = (
    "this job may not ask GitHub for a token. Paste this into the job:\n\n"
    "    permissions:\n"
    "      contents: read\n"
    "      id-token: write\n\n"
    "Or set RELAY_API_KEY from a secret. The pull request of a fork gets neither"
)


def is_there() -> bool:
    """Tell whether the job has the permission id-token: write."""
    return bool(os.environ.get(_URL) and os.environ.get(_REQUEST_TOKEN))


def fetch_token(audience: str, context: Context, pace: Pace = USUAL) -> str:
    """Return a token of this job for a relay. Raises Failure with the cure, and NotReached if another try may help."""
    url = os.environ[_URL]
    try:
        check_url(url.partition("?")[0])
    except ValueError:
        raise Failure(f"{_URL} is no https address; the runner sets this variable.") from None
    joined = f"{url}{'&' if urlsplit(url).query else '?'}audience={quote(audience, safe='')}"
    request_token = os.environ[_REQUEST_TOKEN]
    if not request_token.isascii() or not request_token.isprintable():
        raise Failure(f"{_REQUEST_TOKEN} is not of its form; the runner sets this variable.")
    github_actions.mask(request_token)
    headers = {"Authorization": f"Bearer {request_token}", "Accept": "application/json"}
    answer = fetch("GET", joined, context, callee="GitHub's token service", cure=_CURE, headers=headers, pace=pace)
    try:
        found = canonical_json.parse(answer.body) if answer.status == _OK else None
    except ValueError:
        found = None
    token = found.get("value") if isinstance(found, dict) else None
    if not isinstance(token, str) or not token.isascii() or not token.isprintable() or not token:
        reason = f"GitHub's token service answered {answer.status}"
        message = f"{reason} and gave no token. {_CURE}"
        raise NotReached(message, reason) if is_busy(answer.status) else Failure(message)
    github_actions.mask(token)
    return token


def need_permission() -> None:
    """Raise UsageError, with the lines to paste, if the job cannot have a token."""
    if not is_there():
        raise click.UsageError(f"--api-key: is not given, and {PERMISSION}")
