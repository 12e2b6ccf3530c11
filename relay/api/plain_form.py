"""The body of the plain form."""

import json
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from relay.api.request_body import read_json
from relay.errors import malformed
from relay.signed.fields import OURS, READERS, has_ours


class Repository(BaseModel):
    """Where a plain dispatch goes."""

    model_config = ConfigDict(strict=True)
    owner: Annotated[str, Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9-]{0,38}$")]
    name: Annotated[str, Field(pattern=r"^[A-Za-z0-9._-]{1,100}$")]


class PlainForm(BaseModel):
    """The body of POST /api/actions/run."""

    model_config = ConfigDict(strict=True, extra="forbid")
    event_type: Annotated[str, Field(min_length=1, max_length=100)]
    client_payload: dict[str, Any] = {}


def _repository(value: object) -> Repository:
    if not isinstance(value, dict):
        raise malformed("repository", "must be an object of owner and name")
    return Repository.model_validate(value)


def read_plain(body: bytes, default_repository: str) -> tuple[str, PlainForm]:
    """Return the repository, OWNER/NAME, and the form. Raises Refusal malformed."""
    try:
        form = PlainForm.model_validate(read_json(body))
        READERS["event_type"]("event_type", form.event_type)
        _check_payload(form.client_payload)
        if "repository" not in form.client_payload and default_repository:
            return default_repository, form
        repository = _repository(form.client_payload.get("repository"))
    except ValidationError as error:
        place = ".".join(str(part) for part in error.errors()[0]["loc"] if isinstance(part, str))
        known = place if place in {"event_type", "client_payload", "owner", "name"} else "body"
        raise malformed(known, "is missing or not of the form") from None
    if repository.name in {".", ".."} or repository.name.lower().endswith(".git"):
        raise malformed("name", "is no repository's")
    return f"{repository.owner}/{repository.name}", form


def _check_payload(payload: dict[str, Any]) -> None:
    """Hold a payload against what GitHub takes, https://docs.github.com/rest/repos/repos."""
    if has_ours(payload):
        raise malformed("client_payload", f"must not have the key {OURS}, in any letters")
    if len(payload) > 10:  # noqa: PLR2004 - GitHub's limit
        raise malformed("client_payload", "takes at most 10 top-level keys at GitHub")
    try:
        size = len(json.dumps(payload, ensure_ascii=False, allow_nan=False).encode())
    except ValueError:
        raise malformed("client_payload", "holds half a character, or a number too large for JSON") from None
    if size > 65_000:  # noqa: PLR2004 - GitHub's limit, with some room for the event type
        raise malformed("client_payload", "takes at most 65,000 bytes of JSON at GitHub")
