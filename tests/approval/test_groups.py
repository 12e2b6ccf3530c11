from relay.approval.groups import Rank, group_of, rank_of
from relay.model.request import ApprovalRequest

REQUEST = ApprovalRequest(
    id="r1", repository="octo/api", title="Deploy", issued_at=9, expires_at=99, nonce="n", environment="production"
)


def asked(repository: str, environment: str) -> ApprovalRequest:
    return ApprovalRequest("r2", repository, "Another", 1, 9, "m", environment=environment, event_type="else")


def test_a_group_is_a_repository_an_environment_and_an_event_type_whatever_their_case() -> None:
    group = group_of(REQUEST, "deploy")
    assert (32, True) == (len(group), set(group) <= set("0123456789abcdef"))
    assert group == group_of(asked("Octo/API", "Production"), "DEPLOY")


def test_what_differs_in_any_of_them_is_another_group() -> None:
    others = [
        group_of(asked("octo/web", "production"), "deploy"),
        group_of(asked("octo/api", "staging"), "deploy"),
        group_of(asked("octo/api", ""), "deploy"),
        group_of(REQUEST, "deploys"),
        group_of(asked("octo/ap", "iproduction"), "deploy"),
        group_of(REQUEST, "deploy"),
    ]
    assert 6 == len(set(others))


def test_the_newer_is_the_one_issued_later_and_of_two_of_one_second_the_one_of_the_greater_id() -> None:
    assert Rank(9, "r1") == rank_of(REQUEST)
    assert Rank(8, "z") < Rank(9, "a") < Rank(9, "b") < Rank(10, "")
