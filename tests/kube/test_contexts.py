"""Several contexts of the kubeconfigs at once."""

from __future__ import annotations

from typing import Any

import pytest
from kubeconfigs import Home, config
from msgspec.structs import replace

from kubectl_ds.errors import ClusterError, InputError, NotFound
from kubectl_ds.kube.connection import Connection
from kubectl_ds.kube.kubeconfig import Flags, resolve_each


def each(
    home: Home, *contexts: str, environ: dict[str, str] | None = None, **flags: Any
) -> dict[str, Any]:
    """The servers by context, or the errors; without a context, of all that there are."""
    found = resolve_each(Flags(**flags), contexts or None, environ or {}, home.path)
    return {k: v.server if isinstance(v, Connection) else v for k, v in found.items()}


def test_those_that_were_named_in_their_order(home: Home) -> None:
    home.kubeconfig(config("a", "b", "c"))
    assert list(each(home, "c", "a")) == ["c", "a"]
    assert each(home, "c")["c"] == "https://c.example"


def test_all_of_all_files_by_name(home: Home) -> None:
    files = [home.write("1", config("z", "b")), home.write("2", config("b", "a"))]
    found = each(home, environ=home.environ(*files))
    assert list(found) == ["a", "b", "z"]
    assert list(each(home, kubeconfig=files[1])) == ["a", "b"]


def test_each_is_what_it_is_alone(home: Home) -> None:
    home.kubeconfig(config("a", "b", user={"token": "t"}, context={"namespace": "n"}))
    found = resolve_each(Flags(as_user="jane"), None, {}, home.path)
    alone = {name: home.resolve(context=name, as_user="jane") for name in "ab"}
    assert found == {name: replace(each, one_of_several=True) for name, each in alone.items()}


@pytest.mark.parametrize(
    ("changed", "kind"),
    [
        ({"context": {"cluster": "gone"}}, NotFound),
        ({"context": {"user": "gone"}}, NotFound),
        ({"context": {"cluster": None}}, ClusterError),
        ({"cluster": {"server": "https://a.example:port"}}, ClusterError),
    ],
    ids=["no cluster", "no user", "names no cluster", "no address"],
)
def test_one_that_is_of_no_use_is_told_of(
    home: Home, changed: dict[str, Any], kind: type[Exception]
) -> None:
    broken, sound = config("broken", **changed), config("sound")
    keys = ("clusters", "users", "contexts")
    home.kubeconfig({key: [*broken[key], *sound[key]] for key in keys})
    found = each(home)
    assert isinstance(found["broken"], kind)
    assert found["sound"] == "https://sound.example"


def test_one_that_does_not_exist_is_an_error(home: Home) -> None:
    home.kubeconfig(config("prod", "test"))
    with pytest.raises(NotFound, match=r'no context "prud" in .*; did you mean "prod"'):
        each(home, "test", "prud")


@pytest.mark.parametrize("content", [None, {}, {"contexts": []}], ids=str)
def test_no_context_at_all_is_an_error(home: Home, content: dict[str, Any] | None) -> None:
    if content is not None:
        home.kubeconfig(content)
    with pytest.raises(NotFound, match="there is no context in "):
        each(home)


def test_a_damaged_file_is_an_error(home: Home) -> None:
    home.kubeconfig("contexts: 5")
    with pytest.raises(InputError):
        each(home)
