"""Rules for runs that wait at an environment: what they have, what they cannot have, and where they match."""

import pytest

from relay.approval.policy import Rule, rule_for
from relay.policy_toml.parse import PolicyError, parse
from relay.policy_toml.warnings import impossible, proposals, warnings

PEOPLE = "".join(
    f'[people.{name}]\ngithub_id = {number}\nentra = "7D1E9B0A-3c55-4f6e-9a51-0f2b6c8d4e10/{number:08d}-'
    '90ab-4cde-8f01-23456789ABCD"\n'
    for number, name in enumerate(("ada", "grace"), 1)
)
STAGE = '[[rule.stage]]\napprovers = ["ada", "grace"]\n'
GATE = '[[rule]]\nrepository = "octo/*"\ntarget = "deployment_protection"\nenvironment = "prod*"\n'
OTHER = '[[rule]]\nrepository = "*"\nevent_types = ["*"]\nrequests = ["key"]\nreject_event_types = []\n'


def policy(*rules: str) -> str:
    return PEOPLE + "".join(rule + STAGE for rule in rules)


def only(text: str) -> Rule:
    (rule,) = parse(text).rules
    return rule


def test_a_gate_rule_takes_what_github_asks_and_dispatches_nothing() -> None:
    rule = only(policy(GATE + 'expires_in = "30d"\nchannels = []\n'))
    assert (("deployment_protection",), ("github",), 30 * 86_400) == (rule.event_types, rule.requests, rule.expires_in)
    assert ("deployment_protection", "prod*", False, "") == (
        rule.target,
        rule.environment,
        rule.supersede,
        rule.on_request,
    )
    assert only(policy(GATE + "supersede = true\n")).supersede


@pytest.mark.parametrize(
    "line",
    [
        'event_types = ["deploy"]',
        'requests = ["key"]',
        'reject_event_types = ["stop"]',
        'on_request = "preview"',
        'refs = ["refs/heads/main"]',
        "owner_id = 7",
        "retry = true",
    ],
)
def test_a_key_about_events_or_tokens_is_an_error(line: str) -> None:
    key = line.partition(" ")[0]
    with pytest.raises(PolicyError, match=f'11:1: a rule with target "deployment_protection" has no "{key}"'):
        parse(policy(GATE + line + "\n"))


@pytest.mark.parametrize(
    ("text", "said"),
    [
        (policy(GATE) + 'on_pass = "staging"\n', "13:1: a stage of a protection rule dispatches nothing"),
        (policy(GATE + 'workflow = "release.yml"\n'), '11:1: a rule with target "deployment_protection" starts no wor'),
        (policy(GATE + 'expires_in = "31d"\n'), "11:1: expires_in takes from 1 second to 30 days"),
        (policy(GATE + 'channels = ["none"]\n'), '11:1: no channel "none"'),
        (PEOPLE + GATE, "7:3: the rule has no stage"),
        (policy(GATE + "plain = true\nevent_types = ['x']\n"), 'a rule with plain = true has no "target"'),
    ],
)
def test_what_cannot_work_is_an_error_with_its_place(text: str, said: str) -> None:
    with pytest.raises(PolicyError) as raised:
        parse(text)
    assert said in str(raised.value)


def test_gates_and_events_never_fall_under_each_others_rules() -> None:
    found = parse(policy(OTHER, GATE))
    event, gate = found.rules
    assert gate is rule_for(found, "octo/api", "production", "deployment_protection")
    assert event is rule_for(found, "octo/api", "production", "deploy")
    assert rule_for(found, "octo/api", "staging", "Deployment_Protection") is None
    assert rule_for(found, "other/api", "production", "deployment_protection") is None


@pytest.mark.parametrize("rules", [(OTHER, GATE), (GATE, OTHER), (GATE.replace("prod*", "staging"), GATE)])
def test_a_policy_with_both_has_no_doubts(rules: tuple[str, ...]) -> None:
    text = policy(*rules)
    found = parse(text)
    assert ((), ()) == (warnings(found, text), impossible(found, text))


def test_a_rejection_s_event_never_meets_a_gate() -> None:
    text = policy(OTHER.replace('["*"]', '["deploy"]').replace("types = []", 'types = ["stop-*"]'), GATE)
    assert () == warnings(parse(text), text)


def test_the_relay_draws_the_cards_of_a_gate_so_no_confirming_is_proposed() -> None:
    text = policy(GATE)
    assert () == proposals(parse(text), text)


def test_a_second_gate_rule_that_can_never_match_is_doubted() -> None:
    text = policy(GATE, GATE)
    assert ["the rule can never match"] == [each.message for each in warnings(parse(text), text)]
