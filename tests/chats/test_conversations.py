import json
from dataclasses import asdict, replace
from pathlib import Path

from relay.chats.conversations import Conversations
from relay.model.delivery import Conversation
from tests.support import stores

OPS = "19:ops@thread.tacv2"


def test_a_place_is_remembered_as_last_seen(tmp_path: Path) -> None:
    with stores.sqlite(tmp_path) as make:
        places = Conversations(make(), lambda: float(stores.NOW))
        assert places.place("teams", OPS) is None
        place = Conversation("teams", OPS, "https://smba.trafficmanager.net/emea/", "tenant", "Ops")
        places.remember(place)
        places.remember(place)
        assert place == places.place("teams", OPS)
        moved = replace(place, address="https://smba.trafficmanager.net/apac/")
        places.remember(moved)
        assert moved == places.place("teams", OPS)
        assert places.place("slack", OPS) is None


def test_a_place_with_a_field_of_a_newer_version_is_known(tmp_path: Path) -> None:
    with stores.sqlite(tmp_path) as make:
        store, place = make(), Conversation("teams", OPS, "https://smba.trafficmanager.net/emea/", "tenant", "Ops")
        newer = json.dumps({**asdict(place), "of_tomorrow": "x"})
        store.put(f"place:teams:{OPS}", newer, until=stores.NOW + 60)
        assert place == Conversations(store, lambda: float(stores.NOW)).place("teams", OPS)
