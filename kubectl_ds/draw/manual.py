"""The screens of ``reasons``: all codes at a glance, and a code's whole entry."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Iterable, Iterator, Sequence

from kubectl_ds.draw.text import INDENT, shortened, wrapped
from kubectl_ds.draw.theme import Paint
from kubectl_ds.manual import titles
from kubectl_ds.manual.evidence import EvidenceKey
from kubectl_ds.manual.pages import Chapter, CodePage

_GAP = 2
_MEANING_MIN = 32
_NOTES = (titles.OWN_NAME, "kubectl ds reasons CODE shows a code's whole entry.")
_MORE = " \\"
_FLAG = re.compile(r"( --?[a-zA-Z-]+) (?!-)")  # which its value stays beside
_Row = tuple[str, str]


def overview(chapters: Sequence[Chapter], width: int, paint: Paint, headers: bool = True) -> str:
    """Every code with its meaning, state by state, in lines of at most ``width`` columns."""
    rows = [(page.code, page.meaning) for chapter in chapters for page in chapter.pages]
    longest = max(len(code) for code, _ in rows)
    if not headers:
        return "\n".join(_rows(rows, width, longest, indent=0))
    blocks = [_chapter(chapter, width, paint, longest) for chapter in chapters]
    notes = (wrapped(note, width) for note in _NOTES)
    return "\n\n".join([*blocks, *notes])


def _chapter(chapter: Chapter, width: int, paint: Paint, longest: int) -> str:
    name = titles.chapter_name(chapter)
    title = wrapped(f"{name}: {titles.chapter_meaning(chapter)}", width)
    if chapter.state:
        title = title.replace(name, paint(name, chapter.state), 1)
    rows = [(page.code, page.meaning) for page in chapter.pages]
    lines = [title, *_rows(rows, width, longest)]
    if chapter.elsewhere:
        lines += _item(titles.elsewhere(chapter), width)
    return "\n".join(lines)


def entries(pages: Iterable[CodePage], width: int, paint: Paint) -> str:
    """The whole entry of each code, in lines of at most ``width`` columns."""
    return "\n\n\n".join("\n".join(_entry(page, width, paint)) for page in pages)


def _entry(page: CodePage, width: int, paint: Paint) -> Iterator[str]:
    yield _title(page, width, paint)
    yield from _paragraph(page.meaning, width)
    yield ""
    yield titles.HOW
    yield from _paragraph(page.how, width)
    for source in page.source.split("; "):
        yield from _item(shortened(source, width - 2 * INDENT), width)
    yield ""
    yield titles.LOOK
    for look in page.look:
        yield from (_command if titles.is_command(look) else _item)(look, width)
    yield ""
    yield titles.EXAMPLE
    yield from _item(page.example, width)
    if page.evidence:
        yield ""
        yield titles.EVIDENCE
        keys = [(item.key, _described(item)) for item in page.evidence]
        yield from _rows(keys, width, max(len(key) for key, _ in keys))


def _title(page: CodePage, width: int, paint: Paint) -> str:
    """The title, coloured after it is filled: colour takes no room on a line."""
    title = wrapped(f"{page.code} ({titles.where(page)})", width)
    code, rest = title[: len(page.code)], title[len(page.code) :]
    for state in page.states:
        rest = rest.replace(state.value, paint(state.value, state), 1)
    return code + rest


def _described(item: EvidenceKey) -> str:
    return f"{item.meaning} ({titles.value_type(item)})"


def _paragraph(text: str, width: int) -> list[str]:
    lines = textwrap.wrap(text, width - INDENT, break_on_hyphens=False)
    return [" " * INDENT + line for line in lines]


def _item(text: str, width: int) -> list[str]:
    """Lines of which the first stands out."""
    first, *rest = textwrap.wrap(
        text, width - INDENT, subsequent_indent=" " * INDENT, break_on_hyphens=False
    )
    return [" " * INDENT + line for line in (first, *rest)]


def _command(text: str, width: int) -> list[str]:
    """A command as a shell takes it, on several lines where it must be."""
    if INDENT + len(text) <= width:
        return [" " * INDENT + text]
    parts = textwrap.wrap(
        _FLAG.sub("\\1\xa0", text),
        width - INDENT - len(_MORE),
        subsequent_indent=" " * INDENT,
        break_long_words=False,
        break_on_hyphens=False,
    )
    lines = [f"{part}{_MORE}" for part in parts[:-1]] + parts[-1:]
    return [" " * INDENT + line.replace("\xa0", " ") for line in lines]


def _rows(rows: Iterable[_Row], width: int, longest: int, indent: int = INDENT) -> Iterator[str]:
    """Two columns; the second one below the first where the terminal is narrow."""
    room = width - indent - longest - _GAP
    for name, text in rows:
        lead = " " * indent + name
        if room >= _MEANING_MIN:
            first, *more = textwrap.wrap(text, room, break_on_hyphens=False)
            margin = indent + longest + _GAP
            yield lead.ljust(margin) + first
            yield from (" " * margin + line for line in more)
        else:
            yield lead
            margin = indent + INDENT
            lines = textwrap.wrap(text, width - margin, break_on_hyphens=False)
            yield from (" " * margin + line for line in lines)
