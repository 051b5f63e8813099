"""Servers of other versions than the newest, and with less than they should have."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from asking import Asking, said, states
from commands import Run
from rights import granted
from serve import Answer, ApiServer, Asked, html, status
from situations import SITUATIONS

from kubectl_ds.kube.transport import NoAnswer, Transport
from kubectl_ds.read.kinds import KINDS
from kubectl_ds.read.version import server_version
from tests.serve import connection

CLUSTER = "ClusterRole/kubectl-ds"
OPTIONAL = [kind.resource for kind in KINDS if not kind.essential]
DIFFERS = "a rule differs between versions"
WHAT = "the server's version"


@pytest.mark.parametrize("name", [name for name in SITUATIONS if name != DIFFERS])
@pytest.mark.parametrize("command", ["explain", "coverage"])
def test_most_answers_are_the_same_as_on_the_newest(
    asking: Asking, command: str, name: str
) -> None:
    given = SITUATIONS[name]()
    newest = asking.json(command, given, granted(CLUSTER))
    asking.minor = "30"
    assert asking.json(command, given, granted(CLUSTER)) == newest


# apimachinery ``pkg/version/types.go``: vendors add a plus. Pod Security refuses since 1.34.
MINORS = [
    ("30", False, False),
    ("33", False, False),
    ("33+", False, False),
    ("34", True, False),
    ("34+", True, False),
    ("37", True, True),
    ("", True, True),
    ("thirty", True, True),
    ("3.0", True, True),
]


@pytest.mark.parametrize(("minor", "refused", "told"), MINORS)
def test_the_rule_of_the_servers_version_counts(
    asking: Asking, minor: str, refused: bool, told: bool
) -> None:
    given, asking.minor = SITUATIONS[DIFFERS](), minor
    found = asking.json("explain", given, granted(CLUSTER))
    codes = {reason["code"] for node in found["nodes"] for reason in node["reasons"]}
    assert ("PodSecurityViolation" in codes) is refused
    assert (WHAT in said(found)) is told
    fleet = asking.json("coverage", given, granted(CLUSTER))
    codes = {gap["code"] for row in fleet["daemonSets"] for gap in row["gaps"]}
    assert ("PodSecurityViolation" in codes) is refused
    assert (WHAT in said(fleet)) is told


ANSWERS = [
    pytest.param(Answer(body=b'{"major":"1","minor":"30"}'), (1, 30), id="1.30"),
    pytest.param(Answer(body=b'{"major":"1","minor":"30+"}'), (1, 30), id="of a vendor"),
    pytest.param(Answer(body=b'{"major":"2","minor":"0"}'), None, id="another major"),
    pytest.param(Answer(body=b'{"major":"","minor":""}'), None, id="built without"),
    pytest.param(Answer(body=b'{"major":1,"minor":30}'), None, id="numbers"),
    pytest.param(Answer(body=b"{}"), None, id="nothing in it"),
    pytest.param(Answer(body=b"1.30"), None, id="another shape"),
    pytest.param(Answer(body=b"\xff"), None, id="no text"),
    pytest.param(html(), None, id="a page"),
    pytest.param(status(403, "no"), None, id="refused"),
    pytest.param(status(404, "no"), None, id="not there"),
    pytest.param(status(500, "no"), None, id="failing"),
]


@pytest.mark.parametrize(("answer", "expected"), ANSWERS)
def test_what_a_server_says_of_its_version(
    answer: Answer, expected: tuple[int, int] | None
) -> None:
    with ApiServer([]) as api:
        api.always("/version", answer)
        with Transport(connection(api)) as transport:
            assert server_version(transport) == expected


def test_a_server_that_is_gone_is_no_old_server() -> None:
    with ApiServer([]) as api:
        where = connection(api)
    with Transport(where) as transport, pytest.raises(NoAnswer):
        server_version(transport)


@pytest.mark.parametrize("command", ["explain", "coverage"])
@pytest.mark.parametrize("resource", OPTIONAL)
def test_a_kind_that_the_server_does_not_have_does_no_harm(
    command: str, resource: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("a quota would refuse pods", "a volume is elsewhere", "there is no such runtime"):
        given = SITUATIONS[name]()
        with ApiServer(given.objects) as api:
            run = Run(command, capsys, "--kubeconfig", api.kubeconfig(tmp_path / "config"))
            whole = json.loads(run(*given.scope, "-o", "json").out)
            lacks(api, resource)
            code, out, err = run(*given.scope, "-o", "json")
            assert (code, err) == (0, "")
            less = json.loads(out)
            assert states(less) == states(whole)
            told = [why for why in said(less).values() if why.startswith("the server has none: ")]
            assert bool(told) is any(resource in path for path in api.paths[len(api.paths) // 2 :])


def lacks(api: ApiServer, resource: str) -> None:
    """Let a server not know a kind."""
    real = api.next_answer

    def answer(asked: Asked) -> Answer:
        named = asked.path.rpartition("/")[2] == resource
        named = named or (resource == "namespaces" and asked.path.count("/") == 4)
        return Answer(404, b"404 page not found\n") if named else real(asked)

    api.next_answer = answer  # type: ignore[method-assign]
