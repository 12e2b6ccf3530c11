import hashlib

from relay.approval.policy import ChatChannel, Person, Policy, Rule, Stage
from relay.chats.table import kinds
from relay.model.people import Actor
from relay.policy_toml.parse import parse
from tests.policy_toml.example import EXAMPLE, OBJECT, TENANT, changed


def test_channels_are_read_with_the_form_of_their_cards() -> None:
    channels = """
[channels.ops]
kind = "teams"
place = "19:ops@thread.tacv2"
[channels."릴리스 팀"]
kind = "teams"
place = "19:releases@thread.tacv2"
card = "messagecard"
"""
    expected = {
        "ops": ChatChannel("ops", "teams", "19:ops@thread.tacv2"),
        "릴리스 팀": ChatChannel("릴리스 팀", "teams", "19:releases@thread.tacv2", "messagecard"),
    }
    assert expected == parse(EXAMPLE + channels, kinds()).channels


def test_the_example_is_read_whole() -> None:
    ada = Person("ada", "Ada Lovelace", f"{TENANT}/{OBJECT}".lower(), ("T012ABC/U034DEF",), "ada", 583231)
    grace = Person("grace", "Grace Hopper", github="grace", github_id=2)
    lin = Person("lin", "lin", slack=("T012ABC/U0LIN",), github_id=3)
    mary = Person("mary", "mary", github="Mary-J")
    expected = Policy(
        rules=(
            Rule(
                repository="octo/*",
                environment="production",
                event_types=("deploy-*",),
                reject_event_types=("undo",),
                requests=("oidc", "offline"),
                expires_in=2_700,
                stages=(Stage("qa", ("group:qa",)), Stage("release", ("group:owners",), 2)),
            ),
            Rule(repository="octo/site", event_types=("publish",), plain=True),
            Rule(
                repository="octo/docs",
                event_types=("docs",),
                self_approval=True,
                stages=(Stage("approval", ("anyone", "ada")),),
            ),
        ),
        people={"ada": ada, "grace": grace, "lin": lin, "mary": mary},
        groups={"qa": ("lin", "mary"), "owners": ("ada", "grace")},
        operators=("ada",),
        sha256=hashlib.sha256(EXAMPLE.encode()).hexdigest(),
        by_id={
            f"entra:{TENANT}/{OBJECT}".lower(): ada,
            "slack:T012ABC/U034DEF": ada,
            "github:583231": ada,
            "github:2": grace,
            "slack:T012ABC/U0LIN": lin,
            "github:3": lin,
        },
    )
    assert expected == parse(EXAMPLE)


def test_a_person_is_found_by_an_entra_id_in_small_letters() -> None:
    person = parse(EXAMPLE).person(Actor(f"entra:{TENANT}/{OBJECT}".lower(), "whatever the token says"))
    assert person is not None
    assert "ada" == person.key


def test_defaults_are_those_of_the_contract() -> None:
    text = '[people]\nada = { github = "ada" }\n[[rule]]\nrepository = "*"\nevent_types = ["*"]\nplain = false\n'
    rule = parse(text + '[[rule.stage]]\napprovers = ["ada"]\n').rules[0]
    expected = Rule(
        repository="*",
        event_types=("*",),
        environment="*",
        reject_event_types=(),
        requests=("oidc", "key"),
        expires_in=86_400,
        self_approval=False,
        stages=(Stage("approval", ("ada",), 1),),
    )
    assert expected == rule


def test_an_empty_text_is_a_policy_that_allows_nothing() -> None:
    assert Policy(sha256=hashlib.sha256(b"").hexdigest()) == parse("")


def test_a_group_of_operators_stands_for_its_people() -> None:
    text, _, _ = changed('operators = ["ada"]', 'operators = ["mary", "group:owners", "ada"]')
    assert ("mary", "ada", "grace") == parse(text).operators


def test_nobody_needs_to_be_operator_and_no_reject_event_is_needed() -> None:
    text, _, _ = changed('operators = ["ada"]', 'operators = []\nplain_repository = "octo/site.github"')
    policy = parse(text.replace('["undo"]', "[]"))
    assert () == policy.operators
    assert "octo/site.github" == policy.plain_repository
    assert () == policy.rules[0].reject_event_types
