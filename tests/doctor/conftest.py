import pytest

from relay.chats.messagecard import doctor as messagecard
from relay.chats.slack import doctor as slack
from relay.chats.teams import doctor as teams
from relay.doctor import web
from relay.doctor.github import asking
from tests.doctor.examining import PATIENCE


@pytest.fixture(autouse=True)
def patient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give each call the time that a busy machine may take."""
    for module in (web, asking, messagecard, slack, teams):
        monkeypatch.setattr(module, "CALL_TIME", PATIENCE)
