"""Write the JSON Schema of the documents from the types and the registry of codes.

Usage: python tools/schema.py [FILE]
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import msgspec

from kubectl_ds.core.reasons import FINDINGS, OTHER_WAITING, REASONS, Info
from kubectl_ds.draw.document import DaemonSetExplanation, DaemonSetExplanationList
from kubectl_ds.draw.manual_document import ReasonList
from kubectl_ds.draw.report_document import CoverageReport

FILE = Path(__file__).parent.parent / "docs" / "schema" / "kubectl-ds-v1.schema.json"
_REF = "#/$defs/{name}"


def schema() -> dict[str, Any]:
    """The schema of all documents; each code demands its own evidence."""
    kinds = sorted({info.facts for info in _infos()}, key=lambda kind: kind.__name__)
    roots = [DaemonSetExplanation, DaemonSetExplanationList, CoverageReport, ReasonList]
    refs, parts = msgspec.json.schema_components([*roots, *kinds], ref_template=_REF)
    evidence = dict(zip(kinds, refs[len(roots) :], strict=True))
    parts["ReasonDocument"].update(_by_code(REASONS, evidence))
    parts["FindingDocument"].update(_by_code(FINDINGS, evidence))
    parts["ReasonDocument"]["properties"]["code"]["examples"] = list(REASONS)
    parts["FindingDocument"]["properties"]["code"]["enum"] = list(FINDINGS)
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Documents of kubectl ds",
        "oneOf": refs[: len(roots)],
        "$defs": dict(sorted(parts.items())),
    }


def _infos() -> list[Info]:
    return [*REASONS.values(), *FINDINGS.values(), OTHER_WAITING]


def _by_code(registry: dict[str, Info], evidence: dict[Any, Any]) -> dict[str, Any]:
    """One condition a code: this code, that evidence."""
    rules = [
        {
            "if": {"properties": {"code": {"const": code}}},
            "then": {
                "properties": {"evidence": evidence[info.facts]},
                "description": info.meaning,
            },
        }
        for code, info in registry.items()
    ]
    return {"allOf": rules}


def text() -> str:
    """The schema as the repository holds it."""
    return json.dumps(schema(), indent=2) + "\n"


if __name__ == "__main__":
    Path(sys.argv[1] if len(sys.argv) > 1 else FILE).write_text(text())
