"""Body of a request, as JSON or as an HTML form."""

from typing import Final
from urllib.parse import parse_qsl

from relay.errors import malformed
from relay.model.delivery import Delivery
from relay.model.values import Json
from relay.signed import canonical_json

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
    """Return the body as a JSON object. Raises Refusal malformed."""
    try:
        value = canonical_json.parse(canonical_json.without_mark(body))
    except ValueError as error:
        utf16 = " (this is UTF-16)" if "UTF-16" in str(error) else ""
        raise malformed(
            "body", f"must be strict JSON in UTF-8{utf16}: no duplicate keys, no NaN, not nested deeply"
        ) from None
    if not isinstance(value, dict):
        raise malformed("body", "must be a JSON object")
    return value


def _form(body: bytes) -> Json:
    try:
        pairs = parse_qsl(
            body.removeprefix(b"\xef\xbb\xbf").decode("ascii"),
            keep_blank_values=True,  # a field whose variable was not set is a mistake, and not one left out
            strict_parsing=True,
            encoding="utf-8",
            errors="strict",
            max_num_fields=MAX_FIELDS,
        )
    except ValueError:
        raise malformed("body", "must be an urlencoded form in UTF-8") from None
    form: dict[str, object] = dict(pairs)
    if len(form) != len(pairs):
        raise malformed("body", "gives a field twice; lists take commas")
    for name, text in pairs:
        if not text:
            continue
        if name in _LIST_FIELDS:
            form[name] = _read_list(name, text)
        if name in _JSON_FIELDS:
            try:
                form[name] = canonical_json.parse(text)
            except ValueError:
                raise malformed(name, "must be JSON in a form's field") from None
    return form


def _read_list(name: str, text: str) -> list[str]:
    words = [word.strip() for word in text.split(",") if word.strip()]
    if not words:
        raise malformed(
            name, "names nothing; usually a variable that was not set. Leave the field out if none is meant"
        )
    return words
