"""Bodies of GitHub's answers, with the fields that the relay reads. Imported only when there is one to read.

https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
"""

from typing import Final

from pydantic import AwareDatetime, BaseModel, ValidationError

MAX_SENTENCE: Final = 300


class Detail(BaseModel):
    """One entry of a 422's `errors`, without its `value`, which repeats the sender's own text."""

    field: str | None = None
    code: str | None = None
    message: str | None = None

    def __str__(self) -> str:
        return self.message or f"{self.field or 'a field'}: {self.code or 'invalid'}"


class BasicError(BaseModel):
    """The fields of nearly every error of GitHub."""

    message: str | None = None
    documentation_url: str | None = None


class InvalidError(BasicError):
    """The fields of a 422. `errors` is a list, a sentence, or missing."""

    errors: list[Detail | str] | str | None = None

    def sentence(self) -> str:
        """Return GitHub's sentence for the operator, printable and without a full stop, or "" if there is none."""
        details = [self.errors] if isinstance(self.errors, str) else self.errors or []
        return printable("; ".join(filter(None, [self.message, *map(str, details)]))).rstrip(".")


class Installation(BaseModel):
    """GET /repos/{owner}/{repo}/installation. `suspended_at` is a time, or null."""

    id: int
    suspended_at: str | None = None


class Grant(BaseModel):
    """POST /app/installations/{id}/access_tokens. The token is opaque: old ones have 40 characters, new ones 520."""

    token: str
    expires_at: AwareDatetime


def read_error(body: bytes) -> InvalidError:
    """Read the body of an error as far as possible. It may also be a proxy's HTML, or empty."""
    try:
        return InvalidError.model_validate_json(body)
    except ValidationError:
        pass
    try:
        return InvalidError(**BasicError.model_validate_json(body).model_dump())
    except ValidationError:
        return InvalidError()


def printable(text: str) -> str:
    """Return the text on one line, without unprintable characters, cut off after 300 characters."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:MAX_SENTENCE]
