"""The proof of an operator: a key of that scope, or the session of a person whom the policy lists."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final
from urllib.parse import parse_qsl

from relay.api.api_keys import OPERATOR, authenticate
from relay.approval.policy import Policy
from relay.errors import Refusal
from relay.journal.calls import note
from relay.model.delivery import Delivery
from relay.model.people import Actor
from relay.model.request import ApiKey
from relay.pages.entrance import Entrance
from relay.pages.form_token import FormToken
from relay.pages.same_origin import is_ours
from relay.signed.tickets import TicketKey

FORM: Final = "outbox"  # the subject of the tokens in an operator's forms
MAX_FORM: Final = 4_096  # bytes
_MAX_FIELDS: Final = 10
_NO_OPERATOR: Final = (
    "Only an operator may do this: a key of RELAY_API_KEYS with the scope operator, or a person of `operators` in the "
    "policy."
)


class SignedOut(Exception):  # noqa: N818 - an answer, not an error of ours
    """A browser without a session."""


@dataclass(frozen=True, slots=True)
class Operator:
    """A proven operator. `id` is written to the log; `person` is set for a browser, and None for a key."""

    id: str
    person: Actor | None = None


@dataclass(frozen=True, slots=True)
class Access:
    """The ways in for operators."""

    api_keys: Sequence[ApiKey]
    entrance: Entrance
    policy: Policy
    ticket_keys: Sequence[TicketKey]
    public_url: str

    def prove(self, delivery: Delivery) -> Operator:
        """Return the operator of a call. Raises SignedOut for a browser, and Refusal not-genuine or not-allowed."""
        operator = self._prove(delivery)
        note(person=operator.id)
        return operator

    def prove_form(self, delivery: Delivery, now: float) -> tuple[Operator, Mapping[str, str]]:
        """Return the operator and the fields of a form of our own page. A key has no form.

        Raises SignedOut, and Refusal: of another site, or with a token that is not genuine too.
        """
        operator = self.prove(delivery)
        if operator.person is None:
            return operator, {}
        if not is_ours(delivery.headers, self.public_url):
            raise Refusal("not-allowed", "Origin, Referer or Sec-Fetch-Site", message="Only the relay's own page may.")
        fields = _fields(delivery.body)
        FormToken(self.ticket_keys, operator.person.id, FORM).read_press(fields.get("token", ""), now)
        return operator, fields

    def form_token(self, operator: Operator, now: float) -> str:
        """Return the token for the forms on a page of this operator, or an empty text for a key."""
        person = operator.person
        return FormToken(self.ticket_keys, person.id, FORM).sign_press(FORM, now) if person else ""

    def _prove(self, delivery: Delivery) -> Operator:
        if delivery.headers.get("x-relay-key"):
            asker = authenticate(delivery, self.api_keys)
            note(person=f"key:{asker.name}")
            if OPERATOR not in asker.scopes:
                raise Refusal("not-allowed", "a key without the scope operator", message=_NO_OPERATOR)
            return Operator(f"key:{asker.name}")
        person = self.entrance.person(delivery.headers) if self.entrance.is_open else None
        if person is None:
            raise SignedOut
        named = self.policy.person(person)
        if named is None or named.key not in self.policy.operators:
            note(person=person.id)
            raise Refusal("not-allowed", "a person who is no operator", message=_NO_OPERATOR)
        return Operator(person.id, person)


def wants_page(headers: Mapping[str, str]) -> bool:
    """Tell whether a caller asks for HTML rather than JSON. Header names are in lower case."""
    accepted = [part.partition(";")[0].strip().lower() for part in headers.get("accept", "")[:1_000].split(",")]
    kinds = [kind for kind in accepted if kind in ("text/html", "application/json")]
    return kinds[:1] == ["text/html"]


def _fields(body: bytes) -> Mapping[str, str]:
    if len(body) > MAX_FORM:
        raise Refusal("too-large", "body")
    try:
        pairs = parse_qsl(body.decode("ascii"), keep_blank_values=True, errors="strict", max_num_fields=_MAX_FIELDS)
    except ValueError:
        raise Refusal("malformed", "the body is no urlencoded form in UTF-8") from None
    return dict(pairs)
