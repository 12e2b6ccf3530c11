"""Ages in seconds, and the lives that a store knows."""

from tests.support import road

HOUR = 3_600
DAY = 86_400


def lives(here: road.Road) -> list[tuple[float, str]]:
    return [(row.due_at, row.case_id) for row in here.world.store.expiring_cases(2e12, 999)]
