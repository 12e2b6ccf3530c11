"""A relay as another process opens it, over the same store: it has made no part of a chat yet."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

from relay.app import build
from tests.support.road import Road


@contextmanager
def new_process(here: Road) -> Iterator[Road]:
    world = build(here.world.settings, here.world.policy)
    try:
        yield replace(here, world=world)
    finally:
        world.close()
