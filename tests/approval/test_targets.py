"""The limits of what a rule would send to GitHub, looked at when a request is made."""

from dataclasses import replace

import pytest

from relay.approval.policy import rule_of
from relay.approval.targets import allow_target
from relay.chats.table import kinds
from relay.errors import Refusal
from relay.policy_toml.parse import parse
from tests.support import example_policy, road

POLICY = parse(example_policy.POLICY, kinds())


@pytest.mark.parametrize(("required", "fits"), [(1, True), (14, True), (30, False)])
def test_a_payload_leaves_room_for_every_review_of_its_rule(required: int, *, fits: bool) -> None:
    request = road.offline(client_payload={"text": "x" * 30_000})
    rule = rule_of(POLICY, request)
    assert rule is not None
    crowded = replace(rule, stages=tuple(replace(stage, required=required) for stage in rule.stages[:1]))
    if fits:
        allow_target(crowded, request)
        return
    with pytest.raises(Refusal) as refused:
        allow_target(crowded, request)
    assert "client_payload: takes at most 24000 bytes of JSON beside all reviews of this rule" == refused.value.message
