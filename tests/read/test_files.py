"""Saved objects: whatever way they were saved, the same cluster; else one clear error."""

from __future__ import annotations

import gzip
import io
import os
import tarfile
from io import BytesIO
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st
from saved_objects import (
    RECORDED,
    WAYS,
    Save,
    a_list,
    comparable,
    made,
    read,
    recorded,
    to_json,
    to_yaml,
    typed_lists,
    write,
)

from kubectl_ds.core.model import Unread
from kubectl_ds.errors import InputError, NotFound
from kubectl_ds.read.files import load
from kubectl_ds.read.kinds import KINDS

NOTHING = BytesIO()
ALL_RECORDED = sorted(
    path.stem for path in RECORDED.glob("*.json") if ".expected" not in path.suffixes
)


@pytest.mark.parametrize("save", WAYS.values(), ids=WAYS)
@pytest.mark.parametrize("name", ["quota_cpu", "limit_range_max", "stuck_terminating_overdue"])
def test_the_same_cluster_whatever_way_it_was_saved(name: str, save: Save, tmp_path: Path) -> None:
    items = recorded(name)
    paths, stdin = save(items, tmp_path)
    loaded = load(paths, BytesIO(stdin))
    assert comparable(loaded.cluster) == comparable(read(a_list(*items)).cluster)
    assert loaded.warnings == ()


@pytest.mark.parametrize("name", ALL_RECORDED)
def test_recorded_clusters_load_whole(name: str) -> None:
    items = recorded(name)
    loaded = load([str(RECORDED / f"{name}.json")], NOTHING)
    for kind in KINDS:
        saved = [item["metadata"]["name"] for item in items if item["kind"] == kind.kind]
        found = getattr(loaded.cluster, kind.field)
        unread = Unread(what=kind.resource, why="none in the input; there may be some")
        assert [item.metadata.name for item in found] == saved
        assert (unread in loaded.cluster.unread) == (not saved)
    assert loaded.warnings == ()


def test_several_paths_are_one_cluster(tmp_path: Path) -> None:
    items = recorded("quota_cpu")
    files = typed_lists(items)
    write(tmp_path, files)
    paths = [str(tmp_path / name) for name in files]
    loaded = load([*paths, "-", paths[0], "-"], BytesIO(a_list(items[0])))
    assert comparable(loaded.cluster) == comparable(read(a_list(*items)).cluster)


# Files that can't be read


def _tar() -> bytes:
    archive = io.BytesIO()
    with tarfile.open(fileobj=archive, mode="w") as tar:
        tar.addfile(tarfile.TarInfo("must-gather/pods.yaml"))
    return archive.getvalue()


LIST = a_list(*recorded("quota_cpu"))
NOT_OBJECTS = "holds something else than Kubernetes objects: save them with `kubectl get "
BAD = {
    "empty": (b"", "is empty: save objects with `kubectl get "),
    "blank": (b" \n\n", "is empty: "),
    "only a byte order mark": (b"\xef\xbb\xbf", "is empty: "),
    "only YAML comments": (b"# nothing\n---\n", "is empty: "),
    "empty in gzip": (gzip.compress(b""), "is empty: "),
    "cut-off JSON": (LIST[:-1], "can't be read: Expecting ',' delimiter: line "),
    "cut off in text": (b'{"kind": "Li', "can't be read: Unterminated string starting at: line 1"),
    "junk after JSON": (LIST + b"\nEOF", "can't be read: Expecting value: line "),
    "not quite JSON": (b'{"kind": NaN}', "can't be read: JSON is malformed: invalid character"),
    "cut-off YAML list": (
        to_yaml({"apiVersion": "v1", "items": recorded("quota_cpu")}),
        "a list without its kind: the file is cut off or damaged",
    ),
    "cut-off YAML": (b'kind: "Li', "can't be read: line 1: found unexpected end of stream"),
    "bad YAML": (b"a: b: c", "can't be read: line 1: mapping values are not allowed"),
    "a YAML alias bomb": (
        b"a: &a [x, x]\nb: &b [*a, *a]\nc: [*b, *b]",
        "can't be read: line 1: a YAML anchor, alias or tag, which kubectl never prints",
    ),
    "cut-off gzip": (gzip.compress(LIST)[:-9], "can't be read: Compressed file ended before"),
    "damaged gzip": (b"\x1f\x8bjunk, and more of it", "can't be read: Unknown compression method"),
    "gzip of damaged content": (
        gzip.compress(LIST)[:-8] + b"\0" * 8,
        "can't be read: CRC check failed",
    ),
    "binary": (bytes(range(256)), "is no UTF-8 or UTF-16 text: invalid start byte"),
    "NUL bytes": (b"\0" * 64, "can't be read: unacceptable character #x0000"),
    "broken UTF-8": (LIST.replace(b"kubelet", b"kubel\xff"), "is no UTF-8 or UTF-16 text"),
    "cut-off UTF-16": (b"\xff\xfe{\0}", "is no UTF-8 or UTF-16 text: truncated data"),
    "deep JSON lists": (b"[" * 100_000, "is nested too deeply to be Kubernetes objects"),
    "deep JSON objects": (b'{"a":' * 100_000, "is nested too deeply to be Kubernetes objects"),
    "deep YAML": (b"- " * 100_000, "is nested too deeply to be Kubernetes objects"),
    "deep Lists": (
        b'{"apiVersion":"v1","kind":"List","items":[' * 490 + b"]}" * 490,
        "is nested too deeply to be Kubernetes objects",
    ),
    "a tar": (_tar(), "is an archive: unpack it first, then give its directory"),
    "a tar in gzip": (gzip.compress(_tar()), "is an archive: unpack it first"),
    "a zip": (b"PK\x03\x04\x14\0", "is an archive: unpack it first"),
    "a table": (b"NAME   READY\nfoo    1/1\n", NOT_OBJECTS),
    "a JSON array": (to_json([made("Node")]), NOT_OBJECTS),
    "JSON of something else": (b'{"a": 1}', NOT_OBJECTS),
    "a kind alone": (b"kind: Node", NOT_OBJECTS),
    "a kind of another type": (b'{"kind": 5, "apiVersion": "v1"}', NOT_OBJECTS),
    "something else in the second document": (b"kind: A\napiVersion: v1\n---\na: 1", NOT_OBJECTS),
    "items that are none": (
        to_json({"apiVersion": "v1", "kind": "List", "items": 5}),
        "items: expected array | null, got int",
    ),
    "an item that is none": (
        a_list(made("Node"), {"metadata": {"name": "x"}}),
        "items[1]: no Kubernetes object: no apiVersion or no kind",
    ),
}


@pytest.mark.parametrize("name", ["dump.json", "-"])
@pytest.mark.parametrize(("data", "message"), BAD.values(), ids=BAD)
def test_bad_input_is_one_clear_error(data: bytes, message: str, name: str, tmp_path: Path) -> None:
    path = name if name == "-" else f"{write(tmp_path, {name: data})}/{name}"
    with pytest.raises(InputError) as raised:
        load([path], BytesIO(data))
    assert message in str(raised.value)
    assert str(raised.value).startswith("stdin" if name == "-" else path)
    assert "\n" not in str(raised.value)


@pytest.mark.parametrize("name", ["missing.json", "dump.json/inside.json", "", "a\0b"])
def test_a_path_that_does_not_exist(name: str, tmp_path: Path) -> None:
    write(tmp_path, {"dump.json": LIST})
    path = f"{tmp_path}/{name}" if name else name
    with pytest.raises(NotFound, match="no such file or directory"):
        load([path], NOTHING)


def test_a_file_that_leads_to_itself(tmp_path: Path) -> None:
    (tmp_path / "dump.json").symlink_to("dump.json")
    with pytest.raises(InputError, match=r"dump\.json can't be read: too many levels"):
        load([str(tmp_path / "dump.json")], NOTHING)


@pytest.mark.skipif(not hasattr(os, "geteuid") or os.geteuid() == 0, reason="root may read all")
@pytest.mark.parametrize("name", ["", "dump.json"])
def test_a_path_without_permission(name: str, tmp_path: Path) -> None:
    path = Path(write(tmp_path / "closed", {"dump.json": LIST})) / name
    path.chmod(0)
    try:
        with pytest.raises(InputError, match="can't be read: permission denied"):
            load([str(path)], NOTHING)
    finally:
        path.chmod(0o700)


# Directories


def _names(path: str) -> list[str]:
    return [node.name for node in load([path], NOTHING).cluster.nodes]


def _node_file(name: str) -> bytes:
    return to_json(made("Node", name))


def test_a_directory_is_read_in_order_and_by_suffix(tmp_path: Path) -> None:
    read_names = ["b.yaml", "c.yml", "d.json.gz", "e.yaml.gz", "a/a.json", "a/b/z.yml.gz"]
    passed_over = ["a.txt", "b.json.bak", "json", "x/logs.txt", "c.log.gz"]
    files = {name: _node_file(name) for name in read_names}
    files |= dict.fromkeys(passed_over, b"\xff{")
    assert _names(write(tmp_path, files)) == read_names


def test_symlinks_are_followed_once(tmp_path: Path) -> None:
    write(tmp_path, {"dump/a/1.json": _node_file("1"), "else/2.json": _node_file("2")})
    write(tmp_path, {"3.json": _node_file("3")})
    (tmp_path / "dump" / "a" / "loop").symlink_to(tmp_path / "dump")
    (tmp_path / "dump" / "b").symlink_to(tmp_path / "else")
    (tmp_path / "dump" / "3.json").symlink_to(tmp_path / "3.json")
    (tmp_path / "dump" / "gone.json").symlink_to("nowhere")
    assert _names(str(tmp_path / "dump")) == ["3", "1", "2"]


def test_files_of_something_else_are_one_warning(tmp_path: Path) -> None:
    files = {f"{i}.json": b"[]" for i in range(4)}
    root = write(tmp_path, {"nodes.json": _node_file("a"), **files})
    named = ", ".join(f"{root}/{i}.json" for i in range(3))
    assert load([root], NOTHING).warnings == (
        f"{root}: no Kubernetes objects in 4 of 5 files: {named} and 1 more",
    )


FOLDERS: dict[str, tuple[dict[str, bytes], str]] = {
    "nothing at all": ({}, " holds no file that ends in .json, .json.gz, .yaml, .yaml.gz, .yml"),
    "only other files": ({"logs.txt": b"x"}, " holds no file that ends in "),
    "only files of something else": ({"a.json": b"[]"}, ": no Kubernetes objects in 1 of 1 files"),
    "an empty file": ({"a.json": LIST, "b/pods.yaml": b""}, "/b/pods.yaml is empty: "),
    "a damaged file": ({"a.json": LIST, "b.json": LIST[:-2]}, "/b.json can't be read: "),
    "a cut-off list": (
        {"a.json": LIST, "b.yaml": b"apiVersion: v1\nitems: []\n"},
        "/b.yaml: a list without its kind",
    ),
    "a broken node": (
        {"nodes/a.json": to_json(made("Node", spec=5))},
        "/nodes/a.json: spec: expected object, got int (Node a)",
    ),
}


@pytest.mark.parametrize(("files", "message"), FOLDERS.values(), ids=FOLDERS)
def test_a_bad_directory_is_one_clear_error(
    files: dict[str, bytes], message: str, tmp_path: Path
) -> None:
    with pytest.raises(InputError) as raised:
        load([write(tmp_path, files)], NOTHING)
    assert str(raised.value).startswith(f"{tmp_path}{message}")


# Damage anywhere

SMALL = recorded("missing_priority_class")
WHOLE = {
    "json": a_list(*SMALL),
    "yaml": to_yaml({"apiVersion": "v1", "kind": "List", "items": SMALL}),
    "gzip": gzip.compress(a_list(*SMALL)),
    "utf-16": b"\xff\xfe" + a_list(*SMALL).decode().encode("utf-16-le"),
    "documents": b"".join(map(to_json, SMALL)),
}


def _loads_or_refuses(data: bytes) -> bool:
    try:
        read(data)
    except InputError:
        return False
    return True


@pytest.mark.parametrize("kept", WHOLE.values(), ids=WHOLE)
@given(data=st.data())
def test_cut_off_files_load_or_are_refused(kept: bytes, data: st.DataObject) -> None:
    _loads_or_refuses(kept[: data.draw(st.integers(0, len(kept) - 1))])


@pytest.mark.parametrize("form", ["json", "gzip", "utf-16"])
@given(data=st.data())
def test_one_cut_off_list_is_always_refused(form: str, data: st.DataObject) -> None:
    kept = WHOLE[form]
    assert not _loads_or_refuses(kept[: data.draw(st.integers(0, len(kept) - 2))])


@pytest.mark.parametrize("kept", WHOLE.values(), ids=WHOLE)
@given(data=st.data())
def test_damaged_files_load_or_are_refused(kept: bytes, data: st.DataObject) -> None:
    damaged = bytearray(kept)
    for _ in range(data.draw(st.integers(1, 4))):
        damaged[data.draw(st.integers(0, len(kept) - 1))] = data.draw(st.integers(0, 255))
    _loads_or_refuses(bytes(damaged))


@given(
    st.binary(max_size=64) | st.text(alphabet='{}[]:,"-&*!|> \nkind01', max_size=40).map(str.encode)
)
def test_any_bytes_load_or_are_refused(data: bytes) -> None:
    _loads_or_refuses(data)
