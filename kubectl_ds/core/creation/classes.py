"""The ServiceAccount, PriorityClass and RuntimeClass of a pod: missing, contradicted, or applied.

Sources: ``plugin/pkg/admission/{serviceaccount,priority,runtimeclass}/admission.go``.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from kubectl_ds.core.classes import Overhead, PriorityClass, RuntimeClass, Scheduling
from kubectl_ds.core.meta import Quantities, Value
from kubectl_ds.core.model import Cluster
from kubectl_ds.core.pods import PodSpec
from kubectl_ds.core.resources import rounded

_DEFAULT_ACCOUNT = "default"
_DEFAULT_POLICY = "PreemptLowerPriority"


class Classes(Value, frozen=True):
    """What the pods of a namespace may name; None where it is not known what there is.

    Attributes:
        accounts: the names of its ServiceAccounts.
        priorities: the PriorityClasses by name.
        runtimes: the RuntimeClasses by name.
    """

    accounts: frozenset[str] | None
    priorities: Mapping[str, PriorityClass] | None
    runtimes: Mapping[str, RuntimeClass] | None


class Lack(Value, frozen=True):
    """A refusal for what a pod names: the reason code, the object, and the API server's words."""

    code: str
    subject: str
    message: str


def classes_of(cluster: Cluster, namespace: str) -> Classes:
    """What was read of the objects that the pods of a namespace may name.

    Kubernetes keeps a ServiceAccount in every namespace and two PriorityClasses in every cluster:
    where there are none at all, nobody looked for them.
    """
    accounts = [x.metadata for x in cluster.service_accounts if x.metadata.namespace == namespace]
    priorities = {item.metadata.name: item for item in cluster.priority_classes}
    runtimes = {item.metadata.name: item for item in cluster.runtime_classes}
    unread = {item.what for item in cluster.unread_of(namespace)}
    accounts_known = accounts and "serviceaccounts" not in unread
    return Classes(
        accounts=frozenset(item.name for item in accounts) if accounts_known else None,
        priorities=priorities if priorities and "priorityclasses" not in unread else None,
        runtimes=runtimes if "runtimeclasses" not in unread else None,
    )


def admitted(spec: PodSpec, classes: Classes) -> PodSpec:
    """A template's spec with what admission adds to each pod, as far as it is known.

    That is the cluster's default PriorityClass, and what the RuntimeClass defines.
    """
    priority = _priority_class(spec, classes)
    name = priority.metadata.name if priority else spec.priority_class_name
    filled = msgspec.structs.replace(spec, priority_class_name=name)
    runtime = (classes.runtimes or {}).get(spec.runtime_class_name or "")
    return _with_runtime(filled, runtime) if runtime else filled


def _priority_class(spec: PodSpec, classes: Classes) -> PriorityClass | None:
    known = classes.priorities or {}
    if spec.priority_class_name:
        return known.get(spec.priority_class_name)
    defaults = (item for item in known.values() if item.global_default)
    return min(defaults, key=lambda item: item.value, default=None)


def _with_runtime(spec: PodSpec, runtime: RuntimeClass) -> PodSpec:
    scheduling = runtime.scheduling or Scheduling()
    return msgspec.structs.replace(
        spec,
        overhead=_overhead(runtime) or spec.overhead,
        node_selector={**(spec.node_selector or {}), **(scheduling.node_selector or {})},
        tolerations=(*(spec.tolerations or ()), *(scheduling.tolerations or ())),
    )


def _overhead(runtime: RuntimeClass) -> Quantities:
    return rounded((runtime.overhead or Overhead()).pod_fixed)


def lacks(spec: PodSpec, classes: Classes, namespace: str) -> list[Lack]:
    """Every refusal of a template's pods for what they name.

    Args:
        spec: the template's own.
        classes: what is known of the objects; what is not is never taken as missing.
        namespace: the pods'.
    """
    return [
        *_account_lacks(spec, classes, namespace),
        *_priority_lacks(spec, classes),
        *_runtime_lacks(spec, classes),
    ]


def _account_lacks(spec: PodSpec, classes: Classes, namespace: str) -> Iterator[Lack]:
    name = spec.service_account_name or _DEFAULT_ACCOUNT
    if classes.accounts is not None and name not in classes.accounts:
        yield Lack(
            code="ServiceAccountMissing",
            subject=f"{namespace}/{name}",
            message=f"error looking up service account {namespace}/{name}: "
            f'serviceaccount "{name}" not found',
        )


def _priority_lacks(spec: PodSpec, classes: Classes) -> Iterator[Lack]:
    if classes.priorities is None:
        return
    name, found = spec.priority_class_name, _priority_class(spec, classes)
    if name and found is None:
        text = f"no PriorityClass with name {name} was found"
        yield Lack(code="PriorityClassMissing", subject=name, message=text)
        return
    conflict = _priority_conflict(spec, found)
    if conflict:
        subject = found.metadata.name if found else ""
        yield Lack(code="PriorityConflict", subject=subject, message=conflict)


def _priority_conflict(spec: PodSpec, found: PriorityClass | None) -> str:
    value = found.value if found else 0
    policy = (found.preemption_policy if found else None) or _DEFAULT_POLICY
    text = (
        "the {} ({}) must not be provided in pod spec; priority admission controller computed {} "
        "from the given PriorityClass name"
    )
    if spec.priority is not None and spec.priority != value:
        return text.format("integer value of priority", spec.priority, value)
    if spec.preemption_policy is not None and spec.preemption_policy != policy:
        return text.format("string value of PreemptionPolicy", spec.preemption_policy, policy)
    return ""


def _runtime_lacks(spec: PodSpec, classes: Classes) -> Iterator[Lack]:
    name = spec.runtime_class_name
    if name is not None and classes.runtimes is None:
        return
    runtime = (classes.runtimes or {}).get(name or "")
    if name is not None and runtime is None:
        text = f'pod rejected: RuntimeClass "{name}" not found'
        yield Lack(code="RuntimeClassMissing", subject=name, message=text)
        return
    for text in _runtime_conflicts(spec, runtime):
        yield Lack(code="RuntimeClassConflict", subject=name or "", message=text)


def _runtime_conflicts(spec: PodSpec, runtime: RuntimeClass | None) -> Iterator[str]:
    given = rounded(spec.overhead)
    if runtime is None or runtime.overhead is None:
        if given:
            told = "Pod Overhead set without corresponding RuntimeClass defined Overhead"
            yield f"pod rejected: {told}"
    elif given and given != _overhead(runtime):
        yield "pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"
    wanted = (runtime.scheduling if runtime else None) or Scheduling()
    for key, value in sorted((wanted.node_selector or {}).items()):
        own = (spec.node_selector or {}).get(key, value)
        if own != value:
            yield (
                f"conflict: runtimeClass.scheduling.nodeSelector[{key}] = {value}; "
                f"pod.spec.nodeSelector[{key}] = {own}"
            )
