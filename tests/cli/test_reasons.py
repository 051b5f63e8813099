from __future__ import annotations

import json
import re

import click
import jsonschema
import pytest
import yaml
from commands import Ended, Run

from kubectl_ds.cli import reasons
from kubectl_ds.core.reasons import FINDINGS, REASONS
from tools import schema

COMMAND = "reasons"


def test_without_a_code_all_are_listed(run: Run) -> None:
    ended = run()
    assert (ended.code, ended.err) == (0, "")
    listed = re.findall(r"^  (\w+)  ", ended.out, re.MULTILINE)
    assert set(listed) == {*REASONS, *FINDINGS}
    assert "such as RegistryUnavailable, goes through" in " ".join(ended.out.split())


@pytest.mark.parametrize("word", ["ImagePullBackOff", "imagepullbackoff", "IMAGEPULLBACKOFF"])
def test_a_code_is_found_in_any_case(run: Run, word: str) -> None:
    assert run(word).out.startswith("ImagePullBackOff (Unready)\n  pulling the image fails")


def test_several_codes_come_in_the_order_asked_for_each_once(run: Run) -> None:
    ended = run("oomkilled", "QuotaExceeded", "OOMKilled")
    assert re.findall(r"^(\w+) \(", ended.out, re.MULTILINE) == ["OOMKilled", "QuotaExceeded"]


def test_an_entry_has_all_its_parts(run: Run) -> None:
    lines = run("QuotaExceeded").out.splitlines()
    parts = [line for line in lines[1:] if line and not line.startswith(" ")]
    assert parts == [
        "How Kubernetes decides it", "What to look at", "Example", "Evidence in -o json",
    ]  # fmt: skip
    assert "  kubectl describe quota -n NAMESPACE" in lines


@pytest.mark.parametrize(
    ("word", "hint"),
    [
        pytest.param("ImagePulBackOff", "did you mean ImagePullBackOff", id="typing-error"),
        pytest.param("evict", "did you mean Evicted", id="part"),
        pytest.param("RegistryUnavailable", "Kubernetes' own word", id="waiting-reason"),
        pytest.param("", "kubectl ds reasons lists them", id="empty"),
    ],
)
def test_an_unknown_code_is_wrong_usage(run: Run, word: str, hint: str) -> None:
    ended = run("QuotaExceeded", word)
    assert (ended.code, ended.out) == (2, "")
    assert ended.err.startswith(f'error: there is no code "{word}"; ')
    assert hint in ended.err
    assert len(ended.err.splitlines()) == 1


@pytest.mark.parametrize("arguments", [[], ["OnDelete"]], ids=["all", "one"])
def test_documents_hold_to_the_schema(run: Run, arguments: list[str]) -> None:
    document = json.loads(run(*arguments, "-o", "json").out)
    jsonschema.Draft202012Validator(schema.schema()).validate(document)
    assert (document["apiVersion"], document["kind"]) == ("kubectl-ds/v1", "ReasonList")
    assert yaml.safe_load(run(*arguments, "-o", "yaml").out) == document


def test_a_document_has_the_whole_entry(run: Run) -> None:
    (item,) = run.json("QuotaExceeded")["items"]
    assert list(item) == [
        "code", "states", "finding", "meaning", "how", "source", "look", "example", "evidence",
    ]  # fmt: skip
    assert item["states"] == ["Missing"]
    assert {"key": "resources[].used", "type": "string", "unit": "quantity",
            "meaning": "status.used"} in item["evidence"]  # fmt: skip
    assert len(run.json("OnDelete")["items"]) == 2


def test_names(run: Run) -> None:
    assert set(run("-o", "name").out.split()) == {*REASONS, *FINDINGS}
    assert run("ondelete", "evicted", "-o", "name") == Ended(0, "OnDelete\nEvicted\n", "")


def test_markdown(run: Run) -> None:
    assert run("-o", "markdown").out.startswith("# Reasons\n")
    assert run("evicted", "-o", "markdown").out.startswith("### Evicted\n")


def test_flags_for_reaching_a_cluster_do_no_harm(run: Run) -> None:
    assert run("Evicted", "--server", "https://127.0.0.1:1").code == 0


def test_a_word_on_the_command_line_is_completed() -> None:
    context = click.Context(reasons)
    found = reasons.params[0].shell_complete(context, "imagep")
    assert [item.value for item in found] == ["ImagePullBackOff"]
    assert {item.value for item in reasons.params[0].shell_complete(context, "")} == {
        *REASONS,
        *FINDINGS,
    }
