"""The relay that is examined from inside: its settings, its policy, and the ways to the outside."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from relay.approval.deciders import Ways
from relay.approval.policy import Policy
from relay.chats.contract.chat import Setup
from relay.doctor.github.asking import GitHub
from relay.doctor.github.repositories import Repository
from relay.doctor.web import Web
from relay.settings import Settings
from relay.store.contract import Store


@dataclass(frozen=True, slots=True)
class Inside:
    """The parts that the checks look at. `problems` maps each wrong setting to its problem.

    `github` sends dispatches, and `gates` verdicts of protection rules: an App may do so beside a token. `setup`
    returns the parts of a chat by its name, and `repositories` those of the policy, asked for once.
    """

    settings: Settings
    policy: Policy
    problems: Mapping[str, str]
    store: Store
    ways: Ways
    github: GitHub
    gates: GitHub
    repositories: Callable[[], list[Repository]]
    setup: Callable[[str], Setup]
    web: Web
