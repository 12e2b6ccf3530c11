"""The bodies of GitHub's answers, as far as the relay reads them. Imported only when there is one to read.

https://docs.github.com/rest/using-the-rest-api/troubleshooting-the-rest-api
"""

from typing import Final

from pydantic import AwareDatetime, BaseModel, ValidationError

MAX_SENTENCE: Final = 200


class Detail(BaseModel):
    """One entry of a 422's `errors`. Its `value` is left out, since that is what the sender wrote."""

    field: str | None = None
    code: str | None = None
    message: str | None = None

    def __str__(self) -> str:
        return self.message or f"{self.field or 'a field'}: {self.code or 'invalid'}"


class BasicError(BaseModel):
    """What nearly every error of GitHub carries."""

    message: str | None = None
    documentation_url: str | None = None


class InvalidError(BasicError):
    """What a 422 carries: `errors` is a list, a sentence, or missing."""

    errors: list[Detail | str] | str | None = None

    def sentence(self) -> str:
        """Return what GitHub says, for the operator: printable, without a full stop, "" if it says nothing."""
        details = [self.errors] if isinstance(self.errors, str) else self.errors or []
        return printable("; ".join(filter(None, [self.message, *map(str, details)]))).rstrip(".")


class Installation(BaseModel):
    """GET /repos/{owner}/{repo}/installation."""

    id: int


class Grant(BaseModel):
    """POST /app/installations/{id}/access_tokens. The token is opaque: some have 40 characters, newer ones 520."""

    token: str
    expires_at: AwareDatetime


def read_error(body: bytes) -> InvalidError:
    """Read as much as can be read of an error's body, which may as well be a proxy's HTML or nothing at all."""
    try:
        return InvalidError.model_validate_json(body)
    except ValidationError:
        pass
    try:
        return InvalidError(**BasicError.model_validate_json(body).model_dump())
    except ValidationError:
        return InvalidError()


def printable(text: str) -> str:
    """Return the text on one line, without what no operator's screen should be sent, at most 200 characters."""
    return " ".join("".join(each if each.isprintable() else " " for each in text).split())[:MAX_SENTENCE]
