from __future__ import annotations

import json
from typing import Any

import jsonschema
import msgspec
import pytest
import yaml
from recorded import NAMES, cluster, explained

from kubectl_ds.core.judge import explain
from kubectl_ds.core.reasons import REASONS
from kubectl_ds.draw.document import as_json, as_yaml, explanation_document, list_document
from tools import schema

# The contract's field names, written out here so that a renaming shows.
FIELDS = [
    "apiVersion", "kind", "daemonSet", "summary", "status", "statusBehind", "states", "rollout",
    "findings", "notChecked", "nodes",
]  # fmt: skip


def validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(schema.FILE.read_text()))


def test_the_schema_in_the_repository_is_the_generated_one() -> None:
    assert schema.FILE.read_text() == schema.text(), "run: make generate"


@pytest.mark.parametrize("name", NAMES)
def test_output_holds_to_the_schema(name: str) -> None:
    answers = [explain(cluster(name), item) for item in cluster(name).daemon_sets]
    validator().validate(json.loads(as_json(list_document(answers))))


def test_the_schema_refuses_evidence_of_another_code() -> None:
    document = json.loads(as_json(explanation_document(explained("quota_pods"))))
    missing = next(node for node in document["nodes"] if node["state"] == "Missing")
    missing["reasons"][0]["code"] = "UntoleratedTaint"
    with pytest.raises(jsonschema.ValidationError):
        validator().validate(document)


@pytest.mark.parametrize("code", REASONS)
def test_every_evidence_key_is_described(code: str) -> None:
    parts = schema.schema()["$defs"]
    for name, field in parts[REASONS[code].facts.__name__]["properties"].items():
        assert field.get("description"), name


def test_fields_of_the_contract() -> None:
    document: dict[str, Any] = json.loads(as_json(explanation_document(explained("quota_pods"))))
    assert list(document) == FIELDS
    assert document["apiVersion"] == "kubectl-ds/v1"
    assert document["kind"] == "DaemonSetExplanation"
    assert list(document["daemonSet"]) == ["namespace", "name", "uid", "generation"]
    assert document["summary"] == {
        "nodes": 10, "desired": 10, "current": 5, "ready": 5, "available": 5, "updated": 5,
        "misscheduled": 0,
    }  # fmt: skip
    assert document["states"] == {"Available": 5, "Missing": 5}
    assert list(document["rollout"]) == [
        "strategy", "revision", "updated", "maxUnavailable", "unavailable", "maxSurge", "surging",
        "blockers", "complete", "outdated", "candidates", "canReplaceNow", "replacedAnyway",
        "since", "stuck",
    ]  # fmt: skip
    node = next(item for item in document["nodes"] if item["state"] == "Missing")
    assert list(node) == ["node", "state", "desired", "reasons", "pods"]
    reason = node["reasons"][0]
    assert list(reason) == ["code", "source", "message", "evidence", "fixes"]
    assert (reason["code"], reason["source"]) == ("QuotaExceeded", "reported")
    assert reason["evidence"]["resources"] == [
        {"resource": "pods", "requested": "1", "used": "5", "hard": "5"}
    ]


def test_pods_of_the_contract() -> None:
    document = json.loads(as_json(explanation_document(explained("rollout_stuck"))))
    pod = document["nodes"][0]["pods"][0]
    wanted = {"name", "phase", "ready", "available", "updated", "revision", "terminating"}
    assert wanted <= set(pod)


def test_an_empty_list_is_a_list() -> None:
    document = json.loads(as_json(list_document([])))
    assert document == {
        "apiVersion": "kubectl-ds/v1", "kind": "DaemonSetExplanationList", "findings": [],
        "items": [],
    }  # fmt: skip


@pytest.mark.parametrize("name", ["rollout_stuck", "seed1"])
def test_yaml_and_json_say_the_same(name: str) -> None:
    document = list_document(explain(cluster(name), x) for x in cluster(name).daemon_sets)
    assert yaml.safe_load(as_yaml(document)) == json.loads(as_json(document))


def test_hostile_text_is_escaped_in_both() -> None:
    answer = explained("quota_pods")
    hostile = "n\x1b[2J\x9b\u202e"
    nodes = (msgspec.structs.replace(answer.nodes[0], node=hostile),)
    document = explanation_document(msgspec.structs.replace(answer, nodes=nodes))
    for text in (as_json(document), as_yaml(document)):
        assert text.isascii()
        assert "\x1b" not in text
    assert json.loads(as_json(document))["nodes"][0]["node"] == hostile
    assert yaml.safe_load(as_yaml(document))["nodes"][0]["node"] == hostile
