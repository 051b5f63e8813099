"""The krew manifest, held to what krew itself checks (pkg/index/types.go, internal/index/validation)."""

from __future__ import annotations

import re
from pathlib import Path, PurePosixPath
from typing import Any

import pytest
import yaml

from kubectl_ds import __version__

FILE = Path(__file__).parent.parent / "plugin.yaml"
MANIFEST: dict[str, Any] = yaml.safe_load(FILE.read_text())
PLATFORMS = MANIFEST["spec"]["platforms"]


def test_head() -> None:
    assert MANIFEST["apiVersion"] == "krew.googlecontainertools.github.com/v1alpha2"
    assert MANIFEST["kind"] == "Plugin"
    assert re.fullmatch(r"[\w-]+", MANIFEST["metadata"]["name"])
    assert MANIFEST["spec"]["version"] == f"v{__version__}"


def test_descriptions_are_as_the_index_wants_them() -> None:
    spec = MANIFEST["spec"]
    assert 0 < len(spec["shortDescription"]) <= 50
    assert "\n" not in spec["shortDescription"]
    assert max(map(len, spec["description"].splitlines())) <= 80


@pytest.mark.parametrize("platform", PLATFORMS, ids=lambda item: item["uri"].rpartition("/")[2])
def test_platform(platform: dict[str, Any]) -> None:
    assert set(platform["selector"]["matchLabels"]) == {"os", "arch"}
    assert re.fullmatch(r"[0-9a-f]{64}", platform["sha256"])
    assert platform["uri"].startswith("https://")
    assert platform["uri"].endswith((".tar.gz", ".zip"))
    assert MANIFEST["spec"]["version"] in platform["uri"]
    path = PurePosixPath(platform["bin"])
    assert not path.is_absolute()
    assert ".." not in path.parts
    windows = platform["selector"]["matchLabels"]["os"] == "windows"
    assert platform["bin"].endswith(".exe") == windows


def test_no_two_platforms_overlap() -> None:
    pairs = [tuple(sorted(item["selector"]["matchLabels"].items())) for item in PLATFORMS]
    assert len(set(pairs)) == len(pairs)
