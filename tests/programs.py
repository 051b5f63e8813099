"""Programs that a test needs and a machine may lack."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess

import pytest


def program(name: str) -> str:
    """Its path; without it the test skips, or fails where REQUIRE_PROGRAMS says it must be there."""
    path = shutil.which(name)
    if path is None:
        stop = pytest.fail if "REQUIRE_PROGRAMS" in os.environ else pytest.skip
        stop(f"there is no {name} on PATH")
    assert path is not None
    return path


def kubectl_minor() -> int:
    """The minor version of the kubectl on PATH; without it see ``program``."""
    command = [program("kubectl"), "version", "--client", "-o", "json"]
    said = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    numbers = re.findall("[0-9]+", json.loads(said)["clientVersion"]["minor"])
    return int(numbers[0]) if numbers else 99  # one built by hand does not know its own
