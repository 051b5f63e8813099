"""Names of clusters in a column."""

from __future__ import annotations

import pytest

from kubectl_ds.draw.clusters import before, shown, tabbed

GKE = "gke_my-project-123_europe-west1_prod-a"
OTHER_GKE = "gke_my-project-999_europe-west1_prod-a"
EKS = "arn:aws:eks:eu-central-1:123456789012:cluster/prod"
OTHER_EKS = "arn:aws:eks:eu-west-1:123456789012:cluster/prod"
OPENSHIFT = "default/api-prod-example-com:6443/kube:admin"
OTHER_OPENSHIFT = "default/api-test-example-com:6443/kube:admin"


@pytest.mark.parametrize(
    ("names", "room", "expected"),
    [
        pytest.param(["a", "b"], 0, ["a", "b"], id="short"),
        pytest.param(["production-1"], 0, ["production-1"], id="short enough"),
        pytest.param([GKE, "b"], len(GKE), [GKE, "b"], id="room enough"),
        pytest.param([GKE, "b"], len(GKE) - 1, ["…_prod-a", "b"], id="GKE"),
        pytest.param([EKS, GKE], 20, ["…/prod", "…_prod-a"], id="EKS"),
        pytest.param(
            [EKS, OTHER_EKS],
            20,
            [f"…{EKS.removeprefix('arn:aws:eks')}", f"…{OTHER_EKS.removeprefix('arn:aws:eks')}"],
            id="the same end",
        ),
        pytest.param(
            [GKE, OTHER_GKE],
            20,
            [f"…{GKE.removeprefix('gke')}", f"…{OTHER_GKE.removeprefix('gke')}"],
            id="other projects",
        ),
        pytest.param(
            [OPENSHIFT, OTHER_OPENSHIFT],
            20,
            [f"…{OPENSHIFT.removeprefix('default')}", f"…{OTHER_OPENSHIFT.removeprefix('default')}"],
            id="OpenShift",
        ),
        pytest.param(["a-very-long-name-of-a-context"], 0, ["a-very-long-name-of-a-context"],
                     id="no separator"),
        pytest.param(["ends-with-a-separator/"], 0, ["ends-with-a-separator/"], id="empty end"),
        pytest.param(["a/long-name-of-one", "x_b/long-name-of-one"], 0,
                     ["a/long-name-of-one", "…_b/long-name-of-one"], id="end of another"),
        pytest.param(["a\x1b[31m", "b"], 0, ["a\\x1b[31m", "b"], id="hostile"),
    ],
)  # fmt: skip
def test_a_long_name_keeps_the_end_that_no_other_has(
    names: list[str], room: int, expected: list[str]
) -> None:
    found = shown(names, room)
    assert [found[name] for name in names] == expected
    assert len(set(found.values())) == len(names)


def test_rows_alone_begin_with_their_cluster() -> None:
    assert before("a\x1b", "1  x\n   y") == "a\\x1b  1  x\na\\x1b     y"
    assert before("", "1  x") == "1  x"


def test_a_name_follows_its_cluster_after_a_tab() -> None:
    assert tabbed("a\tb", "node/x") == "a b\tnode/x"
    assert tabbed("", "node/x") == "node/x"
