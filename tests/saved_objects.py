"""Recorded clusters, and the many ways in which people save them."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from io import BytesIO
from itertools import groupby
from pathlib import Path
from typing import Any

import msgspec
import yaml
from msgspec import Raw, structs

from kubectl_ds.core.crowds import gathered
from kubectl_ds.core.model import Cluster, DaemonSet
from kubectl_ds.core.pods import Pod
from kubectl_ds.read.files import load
from kubectl_ds.read.kinds import KINDS
from kubectl_ds.read.loaded import Loaded

RECORDED = Path(__file__).parent / "data" / "recorded"

Object = dict[str, Any]
Saved = tuple[list[str], bytes]
Save = Callable[[list[Object], Path], Saved]


def recorded(name: str) -> list[Object]:
    """The objects of a recorded cluster."""
    items: list[Object] = json.loads((RECORDED / f"{name}.json").read_bytes())["items"]
    return items


def read(data: bytes) -> Loaded:
    """What loading these bytes from stdin gives."""
    return load(["-"], BytesIO(data))


def made(kind: str, name: str = "a", api_version: str = "v1", **fields: Any) -> Object:
    """An object of that kind; ``metadata`` adds to its name."""
    metadata = {"name": name, **fields.pop("metadata", {})}
    return {"apiVersion": api_version, "kind": kind, "metadata": metadata, **fields}


def a_list(*items: Any, kind: str = "List", api_version: str = "v1") -> bytes:
    return to_json({"apiVersion": api_version, "items": items, "kind": kind, "metadata": {}})


def to_json(value: Any) -> bytes:
    return json.dumps(value, indent=4).encode()


class _Plain(yaml.CSafeDumper):
    def ignore_aliases(self, data: Any) -> bool:
        return True


def to_yaml(value: Any) -> bytes:
    text: str = yaml.dump(value, Dumper=_Plain, allow_unicode=True)
    return text.encode()


def comparable(cluster: Cluster) -> Cluster:
    """The same cluster with its objects in one order, and parts kept raw in one spelling.

    Pods are as they are read of a live cluster, and each that is plainly up is a crowd of its own.
    """
    fields = {
        kind.field: tuple(sorted(map(_spelled, getattr(cluster, kind.field)), key=_key))
        for kind in KINDS
    }
    crowds, fields["pods"] = gathered(map(timeless, fields["pods"]))
    alone = (
        structs.replace(crowd, members=(member,))
        for crowd in (*cluster.crowds, *crowds)
        for member in crowd.members
    )
    in_order = sorted(alone, key=lambda crowd: (crowd.namespace, crowd.members[0].name))
    return structs.replace(cluster, crowds=tuple(in_order), **fields)


def timeless(pod: Pod) -> Pod:
    """The same pod, less what no rule reads of it but to tell the time of saved objects."""
    metadata = structs.replace(
        pod.metadata, annotations=None, managed_fields=None, resource_version="", generation=0
    )
    status = structs.replace(pod.status, start_time=None)
    return structs.replace(pod, metadata=metadata, status=status)


def all_pods(cluster: Cluster) -> list[Pod]:
    """The pods that were read, those in crowds as far as that tells of them."""
    up = (crowd.pod(member) for crowd in cluster.crowds for member in crowd.members)
    return [*cluster.pods, *up]


def _key(found: Any) -> tuple[str, str]:
    return found.metadata.namespace, found.metadata.name


def _spelled(found: Any) -> Any:
    if isinstance(found, DaemonSet):
        spec = structs.replace(found.spec, template=_raw(found.spec.template))
        return structs.replace(found, spec=spec)
    return structs.replace(found, data=_raw(found.data)) if hasattr(found, "data") else found


def _raw(text: Raw) -> Raw:
    return Raw(msgspec.json.encode(msgspec.json.decode(text), order="sorted"))


def write(folder: Path, files: dict[str, bytes]) -> str:
    """Write these files, and return the folder's path."""
    for name, data in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)
    return str(folder)


def by_kind(items: list[Object]) -> list[tuple[tuple[str, str], list[Object]]]:
    def kind(item: Object) -> tuple[str, str]:
        return item["apiVersion"], item["kind"]

    return [(key, list(group)) for key, group in groupby(sorted(items, key=kind), key=kind)]


def bare(item: Object) -> Object:
    """The object as API servers give it inside a typed list: without kind and apiVersion."""
    return {key: value for key, value in item.items() if key not in ("kind", "apiVersion")}


def typed_lists(items: list[Object]) -> dict[str, bytes]:
    return {
        kind: a_list(*map(bare, group), kind=f"{kind}List", api_version=api_version)
        for (api_version, kind), group in by_kind(items)
    }


def in_file(name: str, encode: Callable[[list[Object]], bytes]) -> Save:
    return lambda items, folder: ([f"{write(folder, {name: encode(items)})}/{name}"], b"")


def in_folder(files: Callable[[list[Object]], dict[str, bytes]]) -> Save:
    return lambda items, folder: ([write(folder, files(items))], b"")


def cluster_info_dump(items: list[Object]) -> dict[str, bytes]:
    """What ``kubectl cluster-info dump -A --output-directory`` writes, with a file per kind."""
    names = {"Pod": "pods", "Event": "events", "DaemonSet": "daemonsets", "Node": "nodes"}
    files = {"kube-system/coredns-1/logs.txt": b"==== START logs ====\n{not: json\n"}
    groups: dict[tuple[str, str], list[Object]] = {}
    for item in items:
        folder = item["metadata"].get("namespace", "")
        groups.setdefault((folder, item["kind"]), []).append(item)
    for (folder, kind), group in groups.items():
        path = "/".join(filter(None, (folder, names.get(kind, kind.lower()))))
        items_of = {"kind": f"{kind}List", "api_version": group[0]["apiVersion"]}
        files[f"{path}.json"] = a_list(*map(bare, group), **items_of)
    files["kube-system/services.json"] = a_list(kind="ServiceList")
    return files


def must_gather(items: list[Object]) -> dict[str, bytes]:
    """What ``oc adm must-gather`` writes: YAML by scope, group and kind; pods once more alone."""
    files: dict[str, bytes] = {}
    groups: dict[str, list[Object]] = {}
    for item in items:
        name, namespace = item["metadata"]["name"], item["metadata"].get("namespace")
        group = item["apiVersion"].rpartition("/")[0] or "core"
        plural = f"{item['kind'].lower()}s"
        if item["kind"] == "Namespace":
            files[f"namespaces/{name}/{name}.yaml"] = b"---\n" + to_yaml(item)
        elif namespace is None:
            path = f"cluster-scoped-resources/{group}/{plural}/{name}.yaml"
            files[path] = b"---\n" + to_yaml(item)
        else:
            groups.setdefault(f"namespaces/{namespace}/{group}/{plural}.yaml", []).append(item)
        if item["kind"] == "Pod":
            files[f"namespaces/{namespace}/pods/{name}/{name}.yaml"] = b"---\n" + to_yaml(item)
    for path, group_items in groups.items():
        first = group_items[0]
        typed = {"apiVersion": first["apiVersion"], "kind": f"{first['kind']}List"}
        files[path] = b"---\n" + to_yaml({**typed, "items": group_items})
    config = made("Node", "cluster", "config.openshift.io/v1", spec={"cgroupMode": "v2"})
    files["cluster-scoped-resources/config.openshift.io/nodes.yaml"] = b"---\n" + to_yaml(config)
    files["audit_logs/audit.log.gz"] = b"\x1f\x8bnot read"
    files["version"] = b"openshift/must-gather\n4.20\n"
    return {f"quay-io-must-gather-sha256-1/{path}": data for path, data in files.items()}


def _powershell(items: list[Object]) -> bytes:
    return b"\xff\xfe" + a_list(*items).decode().replace("\n", "\r\n").encode("utf-16-le")


WAYS: dict[str, Save] = {
    "a List in JSON": in_file("all.json", lambda items: a_list(*items)),
    "a List in YAML": in_file("all.yaml", lambda items: to_yaml(json.loads(a_list(*items)))),
    "gzip, whatever its name": in_file("all.json", lambda i: gzip.compress(a_list(*i))),
    "YAML in gzip": in_file("all", lambda i: gzip.compress(to_yaml(json.loads(a_list(*i))))),
    "stdin": lambda items, _: (["-"], a_list(*items)),
    "a UTF-8 byte order mark": in_file("all.json", lambda i: b"\xef\xbb\xbf" + a_list(*i)),
    "UTF-16 of PowerShell": in_file("all.json", _powershell),
    "UTF-16, big end first": in_file(
        "all.json", lambda i: b"\xfe\xff" + a_list(*i).decode().encode("utf-16-be")
    ),
    "JSON objects one after another": in_file("all", lambda i: b"".join(map(to_json, i))),
    "JSON lines": in_file("all", lambda i: b"\n".join(json.dumps(o).encode() for o in i)),
    "JSON typed lists in a row": in_file("all", lambda i: b"\n".join(typed_lists(i).values())),
    "JSON with --- between": in_file("all.yaml", lambda i: b"\n---\n".join(map(to_json, i))),
    "YAML documents": in_file("all.yaml", lambda i: b"---\n".join(map(to_yaml, i))),
    "Lists in a List": in_file("all", lambda i: a_list(*(json.loads(a_list(o)) for o in i))),
    "typed lists in a folder": in_folder(
        lambda items: {f"{kind}.json": data for kind, data in typed_lists(items).items()}
    ),
    "a file for each object": in_folder(
        lambda items: {f"{i % 3}/{i}.yml": to_yaml(item) for i, item in enumerate(items)}
    ),
    "the same twice": in_folder(lambda i: {"a.json": a_list(*i), "b/c.yaml.gz": a_list(*i)}),
    "a folder given twice": lambda items, folder: (
        [write(folder, {"all.json": a_list(*items)})] * 2,
        b"",
    ),
    "cluster-info dump": in_folder(cluster_info_dump),
    "must-gather": in_folder(must_gather),
}
