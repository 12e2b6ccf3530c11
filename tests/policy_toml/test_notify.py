"""The entries `[[notify]]` of a policy: what is read, and each fault with its line, column and cure."""

from typing import Final

import pytest

from relay.approval.events import EVENTS
from relay.chats.table import kinds
from relay.policy_toml.parse import PolicyError, parse
from relay.policy_toml.toml_table import Problem
from relay.policy_toml.warnings import warnings

POLICY: Final = """
[people.ada]
slack = "T1/U1"
github = "ada"
github_id = 1
[people.grace]
slack = "T1/U2"
github = "grace"
github_id = 2
[groups]
owners = ["ada", "grace"]
[channels.releases]
kind = "slack"
place = "C0123456789"
[channels.events]
kind = "webhook"
[[rule]]
repository = "octo/*"
environment = "production"
event_types = ["deploy-*"]
requests = ["key"]
confirm_cards = true
[[rule.stage]]
approvers = ["group:owners"]
"""
ENTRY: Final = """
[[notify]]
on = ["approved"]
to = ["releases"]
"""


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(PolicyError) as raised:
        parse(text, kinds())
    return raised.value.problems


def test_an_entry_has_its_defaults() -> None:
    (entry,) = parse(POLICY + ENTRY, kinds()).notify
    assert (("approved",), ("releases",), "message", "*", "*", ("*",), "") == (
        entry.on,
        entry.to,
        entry.style,
        entry.repository,
        entry.environment,
        entry.event_types,
        entry.text,
    )


def test_an_entry_reads_what_is_written() -> None:
    text = """
[[notify]]
on = ["run_complete", "reviewed", "run_failure"]
to = ["events", "origin", "releases", "origin"]
style = "edit"
repository = "octo/api"
environment = "prod*"
event_types = ["deploy-*"]
text = "{{ by }}: {{payload.a b}}"
"""
    (entry,) = parse(POLICY + text, kinds()).notify
    assert (("reviewed", "run_success", "run_failure"), ("events", "origin", "releases"), "edit") == (
        entry.on,
        entry.to,
        entry.style,
    )
    assert ("octo/api", "prod*", ("deploy-*",), "{{ by }}: {{payload.a b}}") == (
        entry.repository,
        entry.environment,
        entry.event_types,
        entry.text,
    )


def test_an_entry_keeps_its_name_wherever_it_stands_and_a_changed_one_is_another() -> None:
    other = ENTRY.replace("approved", "rejected")
    one, two = parse(POLICY + ENTRY + other, kinds()).notify
    assert (two.name, one.name) == tuple(each.name for each in parse(POLICY + other + ENTRY, kinds()).notify)
    assert one.name != two.name


def test_every_event_is_known() -> None:
    names = ", ".join(f'"{name}"' for name in (*EVENTS, "run_complete"))
    (entry,) = parse(POLICY + f'[[notify]]\non = [{names}]\nto = ["events"]\n', kinds()).notify
    assert EVENTS == entry.on


@pytest.mark.parametrize(
    ("old", "new", "message", "hint"),
    [
        ('["approved"]', '["aproved"]', 'no event "aproved"', 'did you mean "approved"?'),
        ('["approved"]', '["done"]', 'no event "done"', "known: requested, reviewed"),
        ('["approved"]', "[]", "on is an empty list", "name at least one"),
        ('["approved"]', '"approved"', "on is a list of texts, not a text", 'write on = ["..."]'),
        ('["releases"]', '["release"]', 'no channel "release"', 'did you mean "releases"?'),
        ('["releases"]', '["ada"]', 'no channel "ada"', "add [channels.NAME]"),
        ('["releases"]', "[]", "to is an empty list", "name at least one"),
        ('["releases"]', '["releases"]\n¦style = "threads"', 'style "threads" is not known', 'did you mean "thread"?'),
        ('["releases"]', '["events"]\n¦style = "thread"', "a webhook has no thread", "take style away"),
        ('["releases"]', '["events"]\n¦style = "edit"', "a webhook has no edit", "take style away"),
        ('["releases"]', '["releases"]\n¦text = "{{nonsense}}"', 'text has no field "nonsense"', "known: id, title"),
        ('["releases"]', '["releases"]\n¦text = "{{payload.}}"', 'text has no field "payload."', "known: id, title"),
        ('["releases"]', '["releases"]\n¦text = "{{}}"', 'text has no field ""', "known: id, title"),
        (
            '["releases"]',
            '["releases"]\n¦text = "{{title} by"',
            "text has {{ or }} without a field",
            "written as {{title}}",
        ),
        (
            '["releases"]',
            '["releases"]\n¦text = "title}}"',
            "text has {{ or }} without a field",
            "written as {{title}}",
        ),
        ('["releases"]', f'["releases"]\n¦text = "{"x" * 1_001}"', "text is too long", "at most 1000"),
        ('["releases"]', '["releases"]\n¦text = " "', "text is empty", "leave the key out"),
        ('["releases"]', '["releases"]\n¦repository = "!octo/*"', 'repository "!octo/*" matches nothing', "no"),
        ('["releases"]', '["releases"]\n¦environment = "!qa"', 'environment "!qa" matches nothing', "no"),
        ('["releases"]', '["releases"]\n¦when = "now"', 'unknown key "when"', "known: on, to, style"),
        ('["releases"]', '["releases"]\n¦event_types = "deploy"', "event_types is a list of texts", "write"),
    ],
)
def test_one_fault_is_one_problem_in_its_place(old: str, new: str, message: str, hint: str) -> None:
    text = POLICY + ENTRY.replace(old, new.replace("¦", ""))
    (problem,) = problems(text)
    assert message in problem.message
    assert hint in problem.hint
    if "¦" in new:
        assert text.splitlines()[problem.line - 1].startswith(new.partition("¦")[2].partition("\n")[0])
        assert 1 == problem.column
    else:
        assert text.splitlines()[problem.line - 1].endswith(new)


def test_an_entry_without_events_or_channels_is_two_problems() -> None:
    assert ["the entry names no channels", "the entry names no events"] == sorted(
        each.message for each in problems(f"{POLICY}[[notify]]\n")
    )


@pytest.mark.parametrize(
    "text",
    [
        POLICY.replace("[[rule.stage]]\n", 'channels = ["events"]\n[[rule.stage]]\n'),
        POLICY.replace('["group:owners"]', '["group:owners"]\nchannels = ["events"]'),
    ],
    ids=["of a rule", "of a stage"],
)
def test_a_webhook_gets_no_cards(text: str) -> None:
    (problem,) = problems(text)
    assert 'the channel "events" is a webhook: it gets events, no cards' == problem.message
    assert 'channels = ["events"]' == text.splitlines()[problem.line - 1]


@pytest.mark.parametrize("key", ["url", "secret", "place", "people"])
def test_the_address_of_a_webhook_is_a_setting(key: str) -> None:
    (problem,) = problems(POLICY.replace('kind = "webhook"', f'kind = "webhook"\n{key} = "x"'))
    assert f'unknown key "{key}"' == problem.message
    assert ("RELAY_HOOKS" in problem.hint) == (key != "people")


def test_a_faulty_channel_is_one_problem_for_all_that_name_it() -> None:
    (problem,) = problems((POLICY + ENTRY).replace('"C0123456789"', '"#releases"'))
    assert "place is the id of a conversation in Slack" == problem.message


def doubts(*entries: str) -> list[str]:
    text = POLICY + "".join(entries)
    return [each.message for each in warnings(parse(text, kinds()), text)]


def test_an_entry_that_speaks_raises_no_doubt() -> None:
    assert [] == doubts(ENTRY)


@pytest.mark.parametrize(
    ("more", "message"),
    [
        (
            'repository = "hexa/*"',
            "the entry can never speak: no rule matches its repository, environment and event types",
        ),
        (
            'environment = "staging"',
            "the entry can never speak: no rule matches its repository, environment and event types",
        ),
        (
            'event_types = ["publish"]',
            "the entry can never speak: no rule matches its repository, environment and event types",
        ),
    ],
)
def test_an_entry_about_what_no_rule_matches_can_never_speak(more: str, message: str) -> None:
    assert [message] == doubts(ENTRY + more + "\n")


def test_a_glob_that_means_something_else_elsewhere_is_told_instead() -> None:
    (message,) = doubts(ENTRY + 'environment = "production|staging"\n')
    assert message.startswith('environment "production|staging" probably matches nothing')


def test_an_entry_about_stages_where_each_rule_has_one_can_never_speak() -> None:
    assert ["the entry can never speak: no rule that it is about has passed"] == doubts(
        ENTRY.replace('"approved"', '"passed"')
    )


def test_an_entry_about_newer_requests_where_no_rule_has_supersede_can_never_speak() -> None:
    assert ["the entry can never speak: no rule that it is about has superseded"] == doubts(
        ENTRY.replace('"approved"', '"superseded"')
    )


def test_an_entry_about_the_relay_itself_needs_no_rule_and_another_place_than_the_origin() -> None:
    about_the_relay = '[[notify]]\non = ["failing"]\nto = ["{}"]\n'
    assert [] == doubts(about_the_relay.format("releases"))
    assert ["the entry can never speak: the relay itself has no origin, and it is told to nothing else"] == doubts(
        about_the_relay.format("origin")
    )


def test_an_entry_to_the_origin_alone_where_no_rule_takes_commands_can_never_speak() -> None:
    assert [
        "the entry can never speak: no rule that it is about takes commands, and it is told to origin alone"
    ] == doubts(ENTRY.replace('"releases"', '"origin"'))
