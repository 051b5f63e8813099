"""The job of ``kubectl ds reasons``: look codes up in the manual. It reads no cluster."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kubectl_ds.errors import UsageError
from kubectl_ds.manual.pages import CodePage, chapters, codes, pages
from kubectl_ds.terminal import columns, emit, paint
from kubectl_ds.words.errors import no_such_code


def run(flags: Mapping[str, Any]) -> int:
    """Show the entries of the codes asked for, or all codes at a glance.

    Args:
        flags: the values of the command's options and arguments, by their click names.

    Raises:
        UsageError: there is no such code.
        OutputError: the output can't be written.
    """
    asked = [page for code in _codes(flags["codes"]) for page in pages(code)]
    emit(_text(asked, flags))
    return 0


def _codes(words: Sequence[str]) -> list[str]:
    """The codes as the registry spells them, each once."""
    known = {code.lower(): code for code in codes()}
    for word in words:
        if word.lower() not in known:
            raise UsageError(no_such_code(word, codes()))
    return list(dict.fromkeys(known[word.lower()] for word in words))


def _text(asked: Sequence[CodePage], flags: Mapping[str, Any]) -> str:
    output = flags["output"]
    shown = asked or [page for chapter in chapters() for page in chapter.pages]
    if output in ("json", "yaml"):
        from kubectl_ds.draw import document
        from kubectl_ds.draw.manual_document import reason_list

        write = document.as_json if output == "json" else document.as_yaml
        return write(reason_list(shown)).rstrip("\n")
    if output == "name":
        return "\n".join(dict.fromkeys(page.code for page in shown))
    if output == "markdown":
        from kubectl_ds.draw import manual_markdown

        text = manual_markdown.entries(asked) if asked else manual_markdown.book(chapters())
        return text.rstrip("\n")
    return _screen(asked, flags)


def _screen(asked: Sequence[CodePage], flags: Mapping[str, Any]) -> str:
    from kubectl_ds.draw import manual

    colour = paint(flags["color"])
    if asked:
        return manual.entries(asked, columns(), colour)
    return manual.overview(chapters(), columns(), colour, not flags["no_headers"])
