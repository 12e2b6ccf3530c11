"""The body of a request, as JSON or as an HTML form, and of the plain form."""

import json
from typing import Annotated, Any, Final
from urllib.parse import parse_qsl

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from relay.core import canonical
from relay.core.errors import malformed
from relay.core.model import Delivery, Json
from relay.core.request import OURS, READERS, has_ours

FORM: Final = "application/x-www-form-urlencoded"
MAX_FIELDS: Final = 100
_JSON_FIELDS: Final = ("client_payload", "sections", "actions", "facts", "links", "require_comment", "requested_by_id")
_LIST_FIELDS: Final = ("approvers", "channels")


def read_body(delivery: Delivery) -> Json:
    """Return the fields of POST /api/requests as JSON values. Raises Refusal malformed."""
    if delivery.headers.get("content-type", "").partition(";")[0].strip().lower() == FORM:
        return _form(delivery.body)
    return read_json(delivery.body)


def read_json(body: bytes) -> Json:
    """Return the one JSON object that the body is. Raises Refusal malformed."""
    try:
        value = canonical.parse(body)
    except ValueError:
        raise malformed("body", "must be strict JSON in UTF-8: no duplicate keys, no NaN, not nested deeply") from None
    if not isinstance(value, dict):
        raise malformed("body", "must be a JSON object")
    return value


def _form(body: bytes) -> Json:
    try:
        pairs = parse_qsl(
            body.decode("ascii"), strict_parsing=True, encoding="utf-8", errors="strict", max_num_fields=MAX_FIELDS
        )
    except ValueError:
        raise malformed("body", "must be an urlencoded form in UTF-8") from None
    form: dict[str, object] = dict(pairs)
    if len(form) != len(pairs):
        raise malformed("body", "gives a field twice; lists take commas")
    for name, text in pairs:
        if name in _LIST_FIELDS:
            form[name] = [word.strip() for word in text.split(",") if word.strip()]
        if name in _JSON_FIELDS:
            try:
                form[name] = canonical.parse(text)
            except ValueError:
                raise malformed(name, "must be JSON in a form's field") from None
    return form


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
