"""Installations of the App that are missing, suspended or gone, and permissions that nobody accepted."""

import pytest

from relay.model.debts import Delivered, Refused
from relay.net.client import Client
from tests.github.judged import GATE, relay, review, send, start
from tests.support.clock import Clock
from tests.support.fake_github import GRANTED, FakeGitHub


@pytest.mark.parametrize("name", ["contents", "actions", "deployments"])
def test_a_permission_that_was_not_accepted_is_named_by_the_call_that_needs_it(
    name: str, client: Client, clock: Clock, github: FakeGitHub
) -> None:
    github.waiting.add(GATE)
    github.installations["octo"].permissions = {each: level for each, level in GRANTED.items() if each != name}
    dispatches = relay(client, clock)
    outcomes = {"contents": send(dispatches), "actions": start(dispatches), "deployments": review(dispatches)}
    refused = outcomes.pop(name)
    assert isinstance(refused, Refused)
    assert f"permission {name.capitalize()}: write" in refused.cure
    assert all(isinstance(each, Delivered) for each in outcomes.values())


def test_a_permission_that_may_only_read_does_not_write(client: Client, clock: Clock, github: FakeGitHub) -> None:
    github.installations["octo"].permissions["actions"] = "read"
    assert isinstance(start(relay(client, clock)), Refused)


@pytest.mark.parametrize("repository", ["octo/other", "hexa/api"])
def test_what_is_not_installed_is_told_so(repository: str, client: Client, clock: Clock, github: FakeGitHub) -> None:
    outcome = send(relay(client, clock), repository)
    assert isinstance(outcome, Refused)
    assert "install the GitHub App" in outcome.cure
    assert [] == github.dispatched


def test_a_suspended_installation_is_told_so_and_works_again_afterwards(
    client: Client, clock: Clock, github: FakeGitHub
) -> None:
    dispatches = relay(client, clock)
    github.installations["octo"].suspended = True
    outcome = send(dispatches)
    assert isinstance(outcome, Refused)
    assert "is suspended" in outcome.cure
    github.installations["octo"].suspended = False
    assert Delivered() == send(dispatches)


def test_an_installation_that_is_suspended_while_its_token_lives_is_told_so(
    client: Client, clock: Clock, github: FakeGitHub
) -> None:
    dispatches = relay(client, clock)
    send(dispatches)
    github.installations["octo"].suspended = True
    outcome = send(dispatches)
    assert isinstance(outcome, Refused)
    assert "suspended" in outcome.phrase
    assert 1 == len(github.dispatched)


def test_an_app_that_was_uninstalled_is_to_be_installed_again(client: Client, clock: Clock, github: FakeGitHub) -> None:
    dispatches = relay(client, clock)
    send(dispatches)
    github.uninstall("octo")
    outcome = send(dispatches)
    assert isinstance(outcome, Refused)
    assert "install the GitHub App" in outcome.cure
