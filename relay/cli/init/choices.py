"""The answers from which `relay init` writes its files."""

import re
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

from relay.cli.init.action import Action
from relay.cli.init.ways import ENTRA, GITHUB, SLACK, Way
from relay.net.addresses import is_loopback

ENVIRONMENT: Final = "production"
_MAX_EVENT_TYPE: Final = 100  # characters, at GitHub
_KEY: Final = re.compile(r"[A-Za-z0-9._-]+")
_GUID: Final = "[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
_IDS: Final = (
    (
        ENTRA,
        re.compile(f"{_GUID}/{_GUID}"),
        "entra:TENANT/OBJECT has two ids of 8-4-4-4-12 hexadecimal digits, which the Entra admin center shows",
    ),
    (
        SLACK,
        re.compile("[TE][A-Z0-9]{1,20}/[UW][A-Z0-9]{1,20}"),
        "slack:TEAM/USER is in capitals, as in slack:T012ABC/U034DEF; a profile in Slack has Copy member ID",
    ),
    (
        GITHUB,
        re.compile("[1-9][0-9]{0,14}"),
        "github:NUMBER is the numeric id, which https://api.github.com/users/LOGIN shows",
    ),
)
_FORM: Final = "NAME=ID, where ID is entra:TENANT/OBJECT, slack:TEAM/USER or github:NUMBER, several joined by +"


@dataclass(frozen=True, slots=True)
class Approver:
    """A person of the policy: the key and the ids, "" for each that was not given."""

    key: str
    entra: str = ""
    slack: str = ""
    github: str = ""


@dataclass(frozen=True, slots=True)
class Choices:
    """All answers. `place` is the id of the channel, or "" if it is not known yet."""

    way: Way
    host: str
    repository: str
    approvers: tuple[Approver, ...]
    origin: str
    place: str
    action: Action

    @property
    def event_type(self) -> str:
        """Return the event that an approval dispatches, one for each repository and environment."""
        name = self.repository.partition("/")[2]
        found = f"deploy-{name}-{ENVIRONMENT}"
        return found if len(found) <= _MAX_EVENT_TYPE else f"deploy-{ENVIRONMENT}"

    @property
    def self_approval(self) -> bool:
        """Tell whether a person may approve their own request.

        One approver alone must, or their own request could never pass. Without a GitHub id it cannot be known.
        """
        return len(self.approvers) == 1 or not all(each.github for each in self.approvers)

    @property
    def sign_in(self) -> str:
        """Return the provider of the review page: Entra, unless the approvers have only GitHub accounts."""
        if not self.way.signs_in:
            return ""
        return ENTRA if all(each.entra for each in self.approvers) else GITHUB

    @property
    def is_here(self) -> bool:
        """Tell whether the relay's origin is this machine, which no chat and no workflow reaches."""
        return is_loopback(urlsplit(self.origin).hostname or "")


def read_approver(text: str) -> Approver:
    """Read NAME=ID. Raises ValueError with the cure."""
    key, found, ids = text.strip().partition("=")
    if not found or not _KEY.fullmatch(key):
        raise ValueError(f"write {_FORM}; NAME has letters, digits, - _ and .")
    given: dict[str, str] = {}
    for each in ids.split("+"):
        kind, _, value = each.strip().partition(":")
        if kind in given:
            raise ValueError(f"{key} has two ids of {kind}; write a second one into policy.toml")
        given[kind] = _read_id(kind, value)
    return Approver(key, **given)


def check_proofs(way: Way, approvers: tuple[Approver, ...]) -> None:
    """Raise ValueError unless every approver can be proven in this chat, all of them in the same way."""
    common = [proof for proof in way.proofs if all(getattr(each, proof) for each in approvers)]
    if not common:
        missing = next(each.key for each in approvers if not getattr(each, way.proofs[0]))
        wanted = " or ".join(f"{proof}:..." for proof in way.proofs)
        raise ValueError(f"{missing} needs an id, {wanted}: with --chat {way.name} people are proven by that")


def _read_id(kind: str, value: str) -> str:
    for known, pattern, cure in _IDS:
        if kind == known:
            if not pattern.fullmatch(value):
                raise ValueError(cure)
            return value
    raise ValueError(f"write {_FORM}")
