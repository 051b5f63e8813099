"""Saved objects: files, directories and standard input in, a ``Cluster`` out."""

from __future__ import annotations

import os
import re
import stat
from collections.abc import Iterator, Sequence
from typing import BinaryIO

from kubectl_ds.errors import SAVE, InputError, NotFound
from kubectl_ds.read.documents import documents
from kubectl_ds.read.loaded import Loaded
from kubectl_ds.read.objects import Objects

_SUFFIXES = tuple(suffix + gz for suffix in (".json", ".yaml", ".yml") for gz in ("", ".gz"))
_NAMED = 3
_ESSENTIAL = re.compile("daemonset|node|pod", re.IGNORECASE)


def load(paths: Sequence[str], stdin: BinaryIO) -> Loaded:
    """Read saved Kubernetes objects.

    Args:
        paths: files, directories (read whole, such as a must-gather) and ``-`` for ``stdin``.
        stdin: read only if a path says so.

    Raises:
        NotFound: a path does not exist.
        InputError: a path can't be read, holds no Kubernetes objects or damaged ones. The
            message names the file and the place in it.
    """
    objects = Objects()
    warnings: list[str] = []
    for path in dict.fromkeys(paths):
        if path == "-":
            _add_file(objects, "stdin", _read_stdin(stdin))
        elif _is_directory(path):
            warnings += _add_directory(objects, path)
        else:
            _add_file(objects, path, _read(path))
    return Loaded(objects.cluster(), (*warnings, *objects.warnings()))


def _add_file(objects: Objects, name: str, data: bytes) -> None:
    if not all(_added(objects, name, data)):
        raise InputError(
            f"{name} holds something else than Kubernetes objects: save them with `{SAVE}`"
        )


def _added(objects: Objects, name: str, data: bytes) -> Iterator[bool]:
    """For each document of the file, whether it is of Kubernetes."""
    for number, document in enumerate(documents(data, name), start=1):
        where = name if number == 1 else f"{name}: document {number}"
        yield objects.add(document, where)


def _add_directory(objects: Objects, root: str) -> list[str]:
    """Returns a warning if some of its files hold something else."""
    paths = list(_walk(root))
    if not paths:
        raise InputError(f"{root} holds no file that ends in {', '.join(_SUFFIXES)}")
    others = [path for path in paths if not _holds_objects(objects, path, root)]
    found = f"no Kubernetes objects in {len(others)} of {len(paths)} files"
    if len(others) == len(paths):
        raise InputError(f"{root}: {found}")
    return [f"{root}: {found}: {_some(others)}"] if others else []


def _holds_objects(objects: Objects, path: str, root: str) -> bool:
    """An interrupted collection leaves empty files: they matter where objects could have been."""
    data = _read(path)
    if not data.strip(b"-\r\n\t ") and not _ESSENTIAL.search(os.path.relpath(path, root)):
        return False
    return any(list(_added(objects, path, data)))


def _some(paths: list[str]) -> str:
    more = len(paths) - _NAMED
    return ", ".join(paths[:_NAMED]) + (f" and {more} more" if more > 0 else "")


def _walk(root: str) -> Iterator[str]:
    """The files to read, sorted; each directory once, whatever symlinks lead to it."""
    seen = {os.path.realpath(root)}
    for folder, folders, names in os.walk(root, onerror=_fail, followlinks=True):
        folders[:] = [name for name in sorted(folders) if _is_new(folder, name, seen)]
        for name in sorted(names):
            path = os.path.join(folder, name)
            if name.endswith(_SUFFIXES) and os.path.isfile(path):
                yield path


def _is_new(folder: str, name: str, seen: set[str]) -> bool:
    real = os.path.realpath(os.path.join(folder, name))
    new = real not in seen
    seen.add(real)
    return new


def _fail(error: OSError) -> None:
    raise _unreadable(error.filename, error) from error


def _is_directory(path: str) -> bool:
    try:
        return stat.S_ISDIR(os.stat(path).st_mode)
    except (FileNotFoundError, NotADirectoryError, ValueError) as error:
        raise NotFound(f"{path}: no such file or directory") from error
    except OSError as error:
        raise _unreadable(path, error) from error


def _read(path: str) -> bytes:
    try:
        with open(path, "rb") as file:
            return file.read()
    except OSError as error:
        raise _unreadable(path, error) from error


def _read_stdin(stdin: BinaryIO) -> bytes:
    try:
        return stdin.read()
    except OSError as error:
        raise _unreadable("stdin", error) from error


def _unreadable(name: str, error: OSError) -> InputError:
    return InputError(f"{name} can't be read: {(error.strerror or str(error)).lower()}")
