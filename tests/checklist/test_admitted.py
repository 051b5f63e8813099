"""J18: what a quota refuses."""

from __future__ import annotations

from typing import Any

import pytest

from kubectl_ds.core.classes import PriorityClass
from kubectl_ds.core.meta import ObjectMeta
from kubectl_ds.core.reasons import Source, State
from tests.checklist.asked import codes, first, judged, on, said
from tests.core import make
from tests.core.make import container, daemon_set, node, quota, template

LESS = {"pods": "2"}
CPU = {"cpu": "100m"}
NO_CLASS = [{"scopeName": "PriorityClass", "operator": "NotIn", "values": ["high"]}]
SOME_CLASS = [{"scopeName": "PriorityClass", "operator": "In", "values": ["high"]}]
DEFAULTS = make.limit_range(request=CPU)


def priority(name: str = "system-node-critical", default: bool = False) -> PriorityClass:
    return PriorityClass(metadata=ObjectMeta(name=name), global_default=default)


QUOTAS = [
    pytest.param(
        quota(LESS, LESS, spec_hard={"pods": "10"}), {}, [], "QuotaExceeded",
        id="spec.hard was raised and does not count yet",
    ),
    pytest.param(
        quota({"pods": "10"}, LESS, spec_hard=LESS), {}, [], None,
        id="nor does one that was lowered",
    ),
    pytest.param(
        quota({"requests.storage": "1", "limits.cpu": "1", "pods": "9"},
              {"requests.storage": "2", "limits.cpu": "0", "pods": "2"}),
        {"containers": [container({}, {"cpu": "1"})]}, [], None,
        id="a key that is not of pods, over its limit",
    ),
    pytest.param(
        quota({"requests.ephemeral-storage": "1Gi"}, {"requests.ephemeral-storage": "2Gi"}),
        {}, [], None, id="over its limit in what the pod does not use",
    ),
    pytest.param(
        quota({"requests.cpu": "1"}, {"requests.cpu": "2"}),
        {"containers": [container({"cpu": "0"})]}, [], None,
        id="over its limit in what the pod uses none of",
    ),
    pytest.param(
        quota({"requests.cpu": "9"}),
        {"containers": [container(CPU)], "initContainers": [container({}, name="setup")]},
        [], "QuotaRequiresResources", id="an init container without request",
    ),
    pytest.param(
        quota({"pods": "0"}, scopes=["NotTerminating"]), {}, [], "QuotaExceeded",
        id="NotTerminating is for daemon pods",
    ),
    pytest.param(
        quota({"pods": "0"}, scopes=["Terminating"]), {}, [], None, id="Terminating is not"
    ),
    pytest.param(
        quota({"pods": "0"}, expressions=NO_CLASS), {}, [], "QuotaExceeded",
        id="PriorityClass NotIn is for pods without class",
    ),
    pytest.param(
        quota({"pods": "0"}, expressions=SOME_CLASS), {}, [], None, id="PriorityClass In is not"
    ),
    pytest.param(
        quota({"pods": "0"}, scopes=["BestEffort"]), {}, [], "QuotaExceeded", id="BestEffort"
    ),
    pytest.param(
        quota({"pods": "0"}, scopes=["BestEffort"]), {}, [DEFAULTS], None,
        id="no longer BestEffort with the defaults of a LimitRange",
    ),
    pytest.param(
        quota({"pods": "0"}, scopes=["NotBestEffort"]), {}, [DEFAULTS], "QuotaExceeded",
        id="but NotBestEffort",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("limit", "fields", "ranges", "code"), QUOTAS)
def test_j18_what_a_quota_refuses(
    limit: Any, fields: dict[str, Any], ranges: list[Any], code: str | None
) -> None:
    given = daemon_set(pod_template=template(**fields))
    found = judged(
        given, [node("n0")], quotas=[limit], limit_ranges=ranges, priority_classes=[priority()]
    )
    assert first(found, "n0") == (State.MISSING, code or "Unknown")
    assert not any("Quota" in item.what for item in found.not_checked)
    assert code is None or on(found, "n0").reasons[0].source is Source.PREDICTED
    if code == "QuotaRequiresResources":
        assert "requests.cpu missing for container setup" in said(found, "n0")


@pytest.mark.parametrize(
    ("expressions", "code"), [(NO_CLASS, "Unknown"), (SOME_CLASS, "QuotaExceeded")]
)
def test_j18_a_default_class_is_a_class(expressions: Any, code: str) -> None:
    found = judged(
        daemon_set(),
        [node("n0")],
        quotas=[quota({"pods": "0"}, expressions=expressions)],
        priority_classes=[priority(), priority("high", default=True)],
    )
    assert codes(found, "n0") == [code]


def test_j18_a_quota_that_is_being_counted_anew_says_so() -> None:
    found = judged(daemon_set(), [node("n0")], quotas=[quota(LESS, LESS, spec_hard={"pods": "10"})])
    assert "spec.hard was changed, and that does not count yet" in said(found, "n0")
