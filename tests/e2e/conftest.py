"""The suite's cluster, player and worlds."""

from __future__ import annotations

import re
from collections.abc import Iterator
from uuid import uuid4

import pytest

from tests.e2e.disposable import REFUSED, WITHOUT, Api, is_disposable, kubeconfig, proxied
from tests.e2e.player import Player
from tests.e2e.world import World


@pytest.fixture(scope="session")
def api() -> Iterator[Api]:
    """The disposable cluster; without one, what needs it is skipped."""
    if not kubeconfig():
        pytest.skip(WITHOUT)
    if not is_disposable():
        pytest.fail(REFUSED, pytrace=False)
    with proxied(kubeconfig()) as found:
        yield found


@pytest.fixture(scope="session")
def player(api: Api) -> Iterator[Player]:
    """Who plays the kubelets of the suite's nodes."""
    playing = Player(api)
    playing.start()
    yield playing
    playing.stop()


@pytest.fixture
def world(api: Api, player: Player, request: pytest.FixtureRequest) -> Iterator[World]:
    """A world of its own for each test."""
    scene = re.sub(r"[^a-z0-9]+", "-", request.node.name.removeprefix("test_"))[:24].strip("-")
    made = World(api, player, kubeconfig(), f"e2e-{scene}-{uuid4().hex[:5]}")
    try:
        yield made
    finally:
        made.clear()
