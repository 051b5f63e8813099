from __future__ import annotations

import re

import pytest
from golden import assert_screen
from markdown_it import MarkdownIt

from kubectl_ds.core.reasons import FINDINGS, MEANINGS, REASONS
from kubectl_ds.draw.manual import entries, overview
from kubectl_ds.draw.manual_markdown import anchor, book
from kubectl_ds.draw.manual_markdown import entries as markdown_entries
from kubectl_ds.draw.theme import coloured, plain
from kubectl_ds.manual.pages import chapters, pages
from tools import reasons

STATES = [MEANINGS[chapter.state] for chapter in chapters() if chapter.state]
ALL = [page for chapter in chapters() for page in chapter.pages]


def test_overview_screen() -> None:
    assert_screen("reasons", overview(chapters(), 80, plain) + "\n")


@pytest.mark.parametrize("width", [80, 44])
def test_entry_screen(width: int) -> None:
    text = entries([*pages("UntoleratedTaint"), *pages("WaitingForBudget")], width, plain)
    assert_screen(f"reasons.entries.{width}", text + "\n")


@pytest.mark.parametrize("width", [44, 60, 80, 132])
def test_no_line_is_wider_than_the_terminal(width: int) -> None:
    text = f"{overview(chapters(), width, plain)}\n{entries(ALL, width, plain)}"
    wide = [line for line in text.splitlines() if len(line) > width]
    assert all(" " not in line.strip().removesuffix(" \\") for line in wide)  # one long word alone
    assert width < 60 or not wide


@pytest.mark.parametrize("width", [40, 44, 60])
def test_a_command_on_several_lines_is_still_that_command(width: int) -> None:
    text = entries(ALL, width, plain).replace(" \\\n", " ")
    joined = {" ".join(line.split()) for line in text.splitlines()}
    assert {look for page in ALL for look in page.look if look.startswith("kubectl ")} <= joined


def test_a_value_stays_beside_its_flag() -> None:
    assert not re.search(r" -(n|o|c|l|L) \\$", entries(ALL, 44, plain), re.MULTILINE)


def test_states_are_coloured_and_nothing_else() -> None:
    painted = overview(chapters(), 80, coloured)
    assert "\x1b[31mMissing\x1b[0m: a pod is wanted" in painted
    assert re.sub(r"\x1b\[[0-9]*m", "", painted) == overview(chapters(), 80, plain)
    title = entries(pages("UntoleratedTaint"), 44, coloured).splitlines()[0]
    assert "\x1b[33mMisscheduled\x1b[0m" in title


def test_no_headers_leaves_rows_alone() -> None:
    lines = overview(chapters(), 200, plain, headers=False).splitlines()
    assert [line.split()[0] for line in lines] == [page.code for page in ALL]


def test_the_page_in_the_repository_is_the_generated_one() -> None:
    assert reasons.FILE.read_text(encoding="utf-8") == reasons.text(), "run: make generate"


def test_the_page_has_a_heading_for_each_code_and_links_that_lead_somewhere() -> None:
    headings = re.findall(r"^##+ (.+)$", book(chapters()), re.MULTILINE)
    anchors = [anchor(title) for title in headings]
    assert len(set(anchors)) == len(anchors)
    assert set(headings) >= {*REASONS, *FINDINGS}
    assert set(re.findall(r"\]\(#([^)]+)\)", book(chapters()))) <= set(anchors)


def test_anchors_are_those_of_github() -> None:
    assert anchor("OnDelete (finding)") == "ondelete-finding"
    assert anchor("How Kubernetes decides it") == "how-kubernetes-decides-it"


def test_the_page_is_what_it_looks_like() -> None:
    parsed = MarkdownIt("gfm-like", {"linkify": False}).parse(book(chapters()))
    rows = sum(token.type == "tr_open" for token in parsed)
    tables = sum(token.type == "table_open" for token in parsed)
    keys = sum(len(page.evidence) for page in ALL)
    assert rows - tables == keys + len(ALL)
    assert sum(token.type == "blockquote_open" for token in parsed) == len(ALL)
    told = [token.content for token in parsed if token.type == "inline"]
    assert all(f"{text[0].upper()}{text[1:]}." in told for text in STATES)


def test_entries_alone_have_no_contents() -> None:
    text = markdown_entries(pages("OnDelete"))
    assert text.startswith("### OnDelete\n")
    assert "### OnDelete (finding)\n" in text
    assert "Contents" not in text
