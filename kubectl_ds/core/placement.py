"""Whether the DaemonSet controller wants a pod on a node, and every reason why not.

Source: ``pkg/controller/daemon/daemon_controller.go``, NodeShouldRunDaemonPod; for OpenShift
also its ``patch_nodeselector.go``.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from kubectl_ds.core import labels as selectors
from kubectl_ds.core import notation
from kubectl_ds.core.facts import (
    AffinityFailure,
    Facts,
    NamespaceSelectorFacts,
    NodeAffinityFacts,
    NodeHealthFacts,
    NodeNameFacts,
    NodeSelectorFacts,
    TaintFacts,
)
from kubectl_ds.core.meta import Value
from kubectl_ds.core.model import Namespace, Node, Taint
from kubectl_ds.core.pods import LabelSelector, PodTemplate, Toleration
from kubectl_ds.core.reasons import Reason, Source
from kubectl_ds.core.taints import (
    NO_EXECUTE,
    NO_SCHEDULE,
    NOT_READY,
    automatic_tolerations,
    first_toleration,
    of_node_health,
)

_OPENSHIFT = "openshift.io/"
_NAMESPACE_SELECTORS = ("scheduler.alpha.kubernetes.io/node-selector", "openshift.io/node-selector")


class Check(Value, frozen=True):
    """One rule put to one node.

    Attributes:
        code: the code of the reason that a failure gives.
        passed: whether the rule lets a new pod onto the node.
        facts: both sides of the comparison.
        toleration: the toleration that lets a taint pass, if one does.
        automatic: whether the controller itself adds that toleration.
    """

    code: str
    passed: bool
    facts: Facts
    toleration: Toleration | None = None
    automatic: bool = False


class Rules(Value, frozen=True):
    """What a DaemonSet's pods are placed by: its template, and its namespace on OpenShift."""

    template: PodTemplate
    tolerations: tuple[Toleration, ...]
    namespace_selector: tuple[str, str] | None = None


class Placement(Value, frozen=True):
    """The controller's decision on one node.

    Attributes:
        should_run: whether a pod is wanted there.
        should_continue: whether a pod that is there is kept.
        checks: every rule that was put to the node, in the controller's order.
    """

    should_run: bool
    should_continue: bool
    checks: tuple[Check, ...]


def rules_of(template: PodTemplate, namespace: Namespace | None) -> Rules:
    """Collect what places the pods of a template in a namespace (None: not known)."""
    tolerations = (template.spec.tolerations or ()) + automatic_tolerations(template)
    return Rules(
        template=template,
        tolerations=tolerations,
        namespace_selector=_namespace_selector(namespace),
    )


def is_openshift(namespace: Namespace | None) -> bool:
    """Whether the namespace bears the annotations that OpenShift puts on every one."""
    annotations = (namespace.metadata.annotations if namespace else None) or {}
    return any(key.startswith(_OPENSHIFT) for key in annotations)


def _namespace_selector(namespace: Namespace | None) -> tuple[str, str] | None:
    if namespace is None or not is_openshift(namespace):
        return None
    annotations = namespace.metadata.annotations or {}
    return next(
        ((key, annotations[key]) for key in _NAMESPACE_SELECTORS if key in annotations), None
    )


def label_keys(rules: Rules) -> set[str] | None:
    """The labels that the rules look at; None where they look at the node's name too.

    Nodes with equal taints and equal values of these have one and the same placement.
    """
    spec = rules.template.spec
    if spec.node_name:
        return None
    keys = set(spec.node_selector or {})
    for term in spec.required_terms or ():
        if term.match_fields:
            return None
        keys.update(item.key for item in term.match_expressions or ())
    selector = _readable_selector(rules) or LabelSelector()
    return keys | {item.key for item in selector.match_expressions or ()}


def place(rules: Rules, node: Node) -> Placement:
    """Decide as the controller does, and keep every comparison."""
    checks = (
        *_name_check(rules, node),
        *_selector_checks(rules, node),
        *_affinity_check(rules, node),
        *_taint_checks(rules, node),
    )
    failed = [check for check in checks if not check.passed]
    only_no_schedule = all(_keeps_running(check.facts) for check in failed)
    namespace_checks = tuple(_namespace_checks(rules, node))
    refused = not failed and any(not check.passed for check in namespace_checks)
    return Placement(
        should_run=not failed and not refused,
        should_continue=only_no_schedule and not refused,
        checks=checks + namespace_checks,
    )


def _keeps_running(facts: Facts) -> bool:
    return isinstance(facts, TaintFacts) and facts.effect == NO_SCHEDULE


def _name_check(rules: Rules, node: Node) -> Iterator[Check]:
    wanted = rules.template.spec.node_name
    if wanted:
        facts = NodeNameFacts(wanted=wanted)
        yield Check(code="NodeNameMismatch", passed=wanted == node.name, facts=facts)


def _selector_checks(rules: Rules, node: Node) -> Iterator[Check]:
    return selector_checks(rules.template.spec.node_selector, node)


def selector_checks(node_selector: dict[str, str] | None, node: Node) -> Iterator[Check]:
    """One check for each key of a nodeSelector: the label must exist and be equal."""
    for key, wanted in (node_selector or {}).items():
        actual = node.labels.get(key)
        facts = NodeSelectorFacts(key=key, wanted=wanted, actual=actual)
        yield Check(code="NodeSelectorMismatch", passed=actual == wanted, facts=facts)


def _affinity_check(rules: Rules, node: Node) -> Iterator[Check]:
    terms = rules.template.spec.required_terms
    if terms is not None:
        failures = selectors.affinity_failures(terms, node.labels, node.name)
        facts = NodeAffinityFacts(terms=terms, failed=evidence_of(failures or []))
        yield Check(code="NodeAffinityMismatch", passed=failures is None, facts=facts)


def evidence_of(failures: Iterable[selectors.Failure]) -> tuple[AffinityFailure, ...]:
    """Expressions that a node does not satisfy, as evidence."""
    return tuple(
        AffinityFailure(
            term=failure.term,
            key=failure.requirement.key,
            operator=failure.requirement.operator,
            values=failure.requirement.values or (),
            actual=failure.actual,
            problem=failure.problem,
        )
        for failure in failures
    )


def _taint_checks(rules: Rules, node: Node) -> Iterator[Check]:
    return taint_checks(node, rules.tolerations, len(rules.template.spec.tolerations or ()))


def taint_checks(node: Node, tolerations: Sequence[Toleration], own_count: int) -> Iterator[Check]:
    """One check for each taint of the node; PreferNoSchedule passes always.

    Args:
        node: the node with its taints.
        tolerations: those of the template or pod, then those that the controller adds.
        own_count: how many of them are the template's own.
    """
    for taint in node.taints:
        toleration = first_toleration(tolerations, taint)
        near = _near(tolerations[:own_count], taint) if toleration is None else ""
        yield Check(
            code="UntoleratedTaint",
            passed=toleration is not None or taint.effect not in (NO_SCHEDULE, NO_EXECUTE),
            facts=_taint_facts(taint, near),
            toleration=toleration,
            automatic=toleration in tolerations[own_count:]
            and toleration not in tolerations[:own_count],
        )


def _near(tolerations: Iterable[Toleration], taint: Taint) -> str:
    """A toleration that was perhaps meant for the taint."""
    return next((notation.toleration(item) for item in tolerations if item.key == taint.key), "")


def _taint_facts(taint: Taint, near: str) -> TaintFacts:
    return TaintFacts(
        key=taint.key,
        value=taint.value,
        effect=taint.effect,
        time_added=taint.time_added,
        near=near,
    )


def _readable_selector(rules: Rules) -> LabelSelector | None:
    """The namespace's selector; None where there is none, or one that the controller ignores."""
    if rules.namespace_selector is None or not rules.namespace_selector[1].strip():
        return None
    try:
        return selectors.parse_selector(rules.namespace_selector[1])
    except ValueError:
        return None  # the controller, too, lets a selector pass that it can't read


def _namespace_checks(rules: Rules, node: Node) -> Iterator[Check]:
    selector = _readable_selector(rules)
    if selector is None or rules.namespace_selector is None:
        return
    annotation, text = rules.namespace_selector
    failed = evidence_of(selectors.expression_failures(selector, node.labels))
    facts = NamespaceSelectorFacts(annotation=annotation, selector=text, failed=failed)
    yield Check(code="NamespaceNodeSelectorMismatch", passed=not failed, facts=facts)


def mismatches(placement: Placement) -> list[Reason]:
    """Every rule that keeps a new pod away, each taint by itself."""
    return [
        Reason(check.code, Source.COMPUTED, check.facts)
        for check in placement.checks
        if not check.passed
    ]


def exclusions(placement: Placement, node: Node) -> list[Reason]:
    """The same, with the node's health in place of its taints where no other taint is at work."""
    reasons = mismatches(placement)
    taints = [reason for reason in reasons if isinstance(reason.facts, TaintFacts)]
    if not taints or not all(_is_health_taint(reason.facts) for reason in taints):
        return reasons
    others = [reason for reason in reasons if reason not in taints]
    codes = dict.fromkeys(_health_code(reason.facts) for reason in taints)
    facts = health_facts(node)
    return others + [Reason(code, Source.COMPUTED, facts) for code in codes]


def _is_health_taint(facts: Facts) -> bool:
    return isinstance(facts, TaintFacts) and of_node_health(Taint(key=facts.key, effect=""))


def _health_code(facts: Facts) -> str:
    not_ready = isinstance(facts, TaintFacts) and facts.key == NOT_READY
    return "NodeNotReady" if not_ready else "NodeUnreachable"


def apart_from_health(reasons: Iterable[Reason]) -> list[Reason]:
    """The mismatches that remain when the node's own health taints are left out."""
    return [reason for reason in reasons if not _is_health_taint(reason.facts)]


def health_facts(node: Node | None) -> NodeHealthFacts:
    """What is known of a node's health; None stands for a node that no longer exists."""
    ready = node.ready if node else None
    taints = [f"{x.key}:{x.effect}" for x in (node.taints if node else ()) if of_node_health(x)]
    return NodeHealthFacts(
        exists=node is not None,
        status=ready.status if ready else None,
        reason=ready.reason if ready else "",
        message=ready.message if ready else "",
        since=ready.last_transition_time if ready else None,
        taints=tuple(taints),
        cordoned=bool(node and node.spec.unschedulable),
    )


def is_ready(health: NodeHealthFacts) -> bool:
    """Whether a node reports to be ready."""
    return health.status == "True"


def health_reason(health: NodeHealthFacts) -> Reason | None:
    """NodeNotReady where Ready is False, NodeUnreachable where it is Unknown or absent."""
    if is_ready(health):
        return None
    code = "NodeNotReady" if health.status == "False" else "NodeUnreachable"
    source = Source.COMPUTED if health.status is None else Source.REPORTED
    return Reason(code, source, health)
