"""Bytes of a file in, the JSON documents in them out."""

from __future__ import annotations

import codecs
import gzip
import json
import re
import zlib
from collections.abc import Iterator

import msgspec
from msgspec import Raw

from kubectl_ds.errors import SAVE, InputError

Document = bytes | str

_GZIP = b"\x1f\x8b"
_ZIP = b"PK\x03\x04"
_TAR = b"ustar"
_TAR_AT = 257
_UTF16 = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)
_JSON = re.compile(rb"\s*[{\[]")
_BETWEEN = re.compile(r"(?:\s|---)*")
_NOT_READ = (msgspec.MsgspecError, ValueError, OverflowError)

_json = msgspec.json.Decoder(Raw)


def documents(data: bytes, name: str) -> Iterator[Document]:
    """Read the JSON or YAML of a file.

    Args:
        data: the file's bytes: JSON values or YAML documents in UTF-8 or, with a byte order mark,
            UTF-16; gzip-compressed or not.
        name: what to call the file in errors.

    Yields:
        Each document that is not empty, as the text of one well-formed JSON value.

    Raises:
        InputError: empty, damaged, nested too deeply, binary or an archive.
    """
    text = _utf8(_unpacked(data, name), name)
    try:
        found = False
        for document in _json_values(text) if _JSON.match(text) else _yaml_values(text):
            found = True
            yield document
    except RecursionError as error:
        raise InputError(f"{name} is nested too deeply to be Kubernetes objects") from error
    except _NOT_READ as error:
        raise InputError(f"{name} can't be read: {error}") from error
    if not found:
        raise InputError(f"{name} is empty: save objects with `{SAVE}`")


def _unpacked(data: bytes, name: str) -> bytes:
    if data.startswith(_GZIP):
        try:
            data = gzip.decompress(data)
        except (OSError, EOFError, zlib.error) as error:
            raise InputError(f"{name} can't be read: {error}") from error
    if data.startswith(_ZIP) or data.startswith(_TAR, _TAR_AT):
        raise InputError(f"{name} is an archive: unpack it first, then give its directory")
    return data


def _utf8(data: bytes, name: str) -> bytes:
    """The same text as UTF-8 without a byte order mark; PowerShell's ``>`` writes UTF-16."""
    try:
        if data.startswith(_UTF16):
            return data.decode("utf-16").encode()
        if not data.isascii():
            data.decode()
    except UnicodeDecodeError as error:
        raise InputError(f"{name} is no UTF-8 or UTF-16 text: {error.reason}") from error
    return data.removeprefix(codecs.BOM_UTF8)


def _json_values(text: bytes) -> Iterator[Document]:
    try:
        _json.decode(text)
    except msgspec.DecodeError:
        yield from _split(text.decode())
    else:
        yield text


def _split(text: str) -> Iterator[str]:
    """One value after another, for only the standard library says where a value ends."""
    scanner = json.JSONDecoder()
    start = _after(text, 0)
    while start < len(text):
        end = scanner.raw_decode(text, start)[1]
        value = text[start:end]
        _json.decode(value)
        yield value
        start = _after(text, end)


def _after(text: str, end: int) -> int:
    gap = _BETWEEN.match(text, end)
    return gap.end() if gap else end


def _yaml_values(text: bytes) -> Iterator[Document]:
    from kubectl_ds.read import yamltext

    for value in yamltext.documents(text):
        if value is not None:
            yield msgspec.json.encode(value)
