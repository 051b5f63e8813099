"""The manual, against the registry of codes, the contract's tables and the words."""

from __future__ import annotations

import re
from typing import Any

import msgspec
import pytest
from samples import sample

from kubectl_ds.core.reasons import FINDINGS, REASONS, ROWS, State
from kubectl_ds.draw.text import INDENT
from kubectl_ds.manual.entry import Entry
from kubectl_ds.manual.evidence import EvidenceKey, evidence_keys
from kubectl_ds.manual.pages import (
    FINDING_ENTRIES,
    REASON_ENTRIES,
    SHARED,
    CodePage,
    chapters,
    codes,
    pages,
)
from kubectl_ds.manual.titles import is_command, value_type
from tests.core.test_registry import TABLE

PAGES = [page for chapter in chapters() for page in chapter.pages]
ENTRIES = [*REASON_ENTRIES.items(), *FINDING_ENTRIES.items()]
READ_ONLY = re.compile(
    r"kubectl (get|describe|logs|events|top|explain|auth can-i|rollout (status|history)"
    r"|ds (explain|coverage|reasons)) "
)
each_page = pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.code}{page.finding:d}")
each_entry = pytest.mark.parametrize(("code", "entry"), ENTRIES)


def test_every_code_has_an_entry_and_no_entry_is_left_over() -> None:
    assert set(REASON_ENTRIES) == set(REASONS)
    assert set(FINDING_ENTRIES) == set(FINDINGS) - set(SHARED)


@pytest.mark.parametrize("state", State)
def test_every_code_of_the_contract_has_a_page_that_names_its_state(state: State) -> None:
    for code in TABLE[state].split():
        assert state in pages(code)[0].states


def test_what_is_reason_and_finding_in_one_has_one_page_else_two() -> None:
    assert SHARED == ("DaemonSetDeleting", "NamespaceTerminating", "ControllerLagging")
    (one,) = pages("DaemonSetDeleting")
    assert one.finding
    reason, finding = pages("OnDelete")
    assert (reason.finding, finding.finding) == (False, True)
    assert (reason.states, finding.states) == ((State.OUTDATED,), ())
    assert reason.meaning != finding.meaning


def test_an_unknown_code_has_no_page() -> None:
    with pytest.raises(KeyError):
        pages("RegistryUnavailable")


def test_chapters_have_each_page_once_and_name_each_code_of_their_state() -> None:
    assert len(PAGES) == len(REASONS) + len(FINDINGS) - len(SHARED)
    assert {page.code for page in PAGES} == set(codes())
    for chapter in chapters():
        told = {page.code for page in chapter.pages} | set(chapter.elsewhere)
        assert told == set(ROWS[chapter.state] if chapter.state else FINDINGS)


@each_entry
def test_the_example_is_evidence_of_its_code(code: str, entry: Entry) -> None:
    registry = REASONS if REASON_ENTRIES.get(code) is entry else FINDINGS
    assert type(entry.example) is registry[code].facts


@each_page
def test_the_example_is_a_whole_sentence(page: CodePage) -> None:
    assert page.example == " ".join(page.example.split())
    assert len(page.example) > 20
    for broken in ("None", "Facts(", ": ;", " ()", "; ;"):
        assert broken not in page.example
    assert not page.example.endswith((":", ";", ","))


@each_entry
def test_how_it_is_decided_is_one_to_three_sentences(code: str, entry: Entry) -> None:
    assert 1 <= len(re.findall(r"[.] |[.]$", entry.how)) <= 3
    assert entry.how.endswith(".")
    assert entry.how[0].isupper() or entry.how.startswith(("deletionTimestamp", "imagePullPolicy"))
    assert "/" in entry.source or "itself" in entry.source


@each_entry
def test_commands_only_read(code: str, entry: Entry) -> None:
    for look in entry.look:
        if is_command(look):
            assert READ_ONLY.match(look), look
            assert not set(look) & set(";|&<>$`"), look
        for mention in re.findall(r"kubectl [a-z].*", f"{look} {entry.how}"):
            assert READ_ONLY.match(f"{mention} "), mention


@each_entry
def test_what_to_look_at_is_commands_that_fit_a_line_and_plain_sentences(
    code: str, entry: Entry
) -> None:
    assert entry.look
    assert len(set(entry.look)) == len(entry.look)
    for look in entry.look:
        if is_command(look):
            assert INDENT + len(look) <= 80
        else:
            assert look.endswith((".", "?"))


@pytest.mark.parametrize("info", [*REASONS.values(), *FINDINGS.values()])
def test_evidence_keys_are_those_of_the_documents(info: Any) -> None:
    document = msgspec.to_builtins(sample(info.facts))
    keys = [item.key for item in evidence_keys(info.facts)]
    assert [key for key in keys if re.fullmatch(r"\w+", key)] == list(document)
    for key in keys:
        value = document
        for part in key.split("."):
            value = value[part.removesuffix("[]")]
            value = value[0] if part.endswith("[]") else value


def test_evidence_says_what_a_value_is() -> None:
    (quota,) = pages("QuotaExceeded")
    by_key = {item.key: item for item in quota.evidence}
    assert value_type(by_key["quota"]) == "string"
    assert value_type(by_key["resources"]) == "list of objects"
    assert value_type(by_key["resources[].used"]) == "quantity"
    assert value_type(by_key["podsThatFit"]) == "integer or null, in pods"
    assert value_type(by_key["lastSeen"]) == "time or null"
    (affinity,) = pages("NodeAffinityMismatch")
    terms = [item for item in affinity.evidence if item.key.startswith("terms")]
    assert [item.type for item in terms] == ["list of NodeSelectorTerms"]
    (shared,) = pages("SharedCause")
    assert (
        EvidenceKey(
            key="states",
            type="map of integers",
            unit="",
            meaning="how many of them are in each state",
        )
        in shared.evidence
    )
