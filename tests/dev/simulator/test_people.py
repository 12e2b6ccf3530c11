"""Who sits in the chat under a policy of one's own."""

from relay.dev.simulator.people import TENANT, people_of
from relay.policy_toml.parse import parse

ENTRA = "11111111-7b4d-4e0a-9c58-1d6f0b2a4e77/a1b2c3d4-0001-4a00-8a00-000000000001"


def test_only_who_has_an_entra_id_can_press_and_the_stranger_is_of_their_tenant() -> None:
    policy = parse(f'[people.ada]\nentra = "{ENTRA}"\n[people.bob]\ngithub = "bob"\ngithub_id = 2\n')
    ada, stranger = people_of(policy)
    assert ("ada", "ada", "in no group") == (ada.key, ada.name, ada.part)
    assert ("stranger", ada.tenant) == (stranger.key, stranger.tenant)
    assert ada.object_id != stranger.object_id


def test_an_empty_policy_leaves_the_stranger() -> None:
    (stranger,) = people_of(parse(""))
    assert TENANT == stranger.tenant
