"""Programs that a test needs and a machine may lack."""

from __future__ import annotations

import os
import shutil

import pytest


def program(name: str) -> str:
    """Its path; without it the test skips, or fails where REQUIRE_PROGRAMS says it must be there."""
    path = shutil.which(name)
    if path is None:
        stop = pytest.fail if "REQUIRE_PROGRAMS" in os.environ else pytest.skip
        stop(f"there is no {name} on PATH")
    assert path is not None
    return path
