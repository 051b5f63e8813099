"""Outdated: why a pod of an older revision is still there."""

from __future__ import annotations

from kubectl_ds.core import facts as f
from kubectl_ds.manual.entry import Entry

_OLD = "agent-x7k2p"
_NEW = "agent-p9d4w"
_NO_PORT = "node(s) didn't have free ports for the requested pod ports"
_BACK_OFF = "back-off 40s restarting failed container"
_UPDATE = "DaemonSet controller: pkg/controller/daemon/update.go (rollingUpdate)"
_MANAGE = "DaemonSet controller: pkg/controller/daemon/daemon_controller.go (podsShouldBeOnNode)"
_STATUS = "kubectl rollout status daemonset/DAEMONSET -n NAMESPACE --watch=false"
_HISTORY = "kubectl rollout history daemonset/DAEMONSET -n NAMESPACE"
_EVENTS = "kubectl events --for daemonset/DAEMONSET -n NAMESPACE"
_DESCRIBE_NEW = "kubectl describe pod NEW_POD -n NAMESPACE"
_BLOCKERS = "kubectl ds explain DAEMONSET -n NAMESPACE -o json"
_ALL = "rollout.blockers in it has every node that counts, with its state and code."

ENTRIES = {
    "OnDelete": Entry(
        how="With updateStrategy OnDelete the controller never replaces a pod for being old. When "
        "somebody deletes one, the new one is of the current revision.",
        source=_UPDATE,
        look=(
            _HISTORY,
            "kubectl get pods -n NAMESPACE -L controller-revision-hash -o wide",
        ),
        example=f.OldPodFacts(pod=_OLD, revision="6d9f7c5b8", current_revision="7c4d8b9f6"),
    ),
    "BlockedByCreateFailure": Entry(
        how="A sync in which a pod could not be created or deleted ends before the rolling update. "
        "So one refused pod on any node holds up the rollout on all nodes.",
        source="DaemonSet controller: pkg/controller/daemon/daemon_controller.go (updateDaemonSet)",
        look=(
            _EVENTS,
            "The code in the message has an entry of its own: it is the one to solve.",
        ),
        example=f.BlockedFacts(
            code="QuotaExceeded",
            nodes=3,
            message='pods "…" is forbidden: exceeded quota: team, requested: pods=1, '
            "used: pods=20, limited: pods=20",
        ),
    ),
    "SurgePodPending": Entry(
        how="With maxSurge the new pod comes up beside the old one, which goes when the new one is "
        "available. The scheduler finds no room for both on the node.",
        source=_MANAGE,
        look=(
            _DESCRIBE_NEW,
            "What two pods on one node can't share: a host port, room for both requests, a volume "
            "for one pod alone, anti-affinity to each other.",
        ),
        example=f.SurgeFacts(
            pod=_NEW,
            code="HostPortConflict",
            message=f"0/5 nodes are available: 1 {_NO_PORT}.",
            evidence=f.PortFacts(
                pod=_NEW,
                text=_NO_PORT,
                ports=(
                    f.PortHolder(
                        port=9100,
                        protocol="TCP",
                        host_ip="0.0.0.0",  # noqa: S104 - an address in evidence
                        holder=f"logging/{_OLD}",
                        container="agent",
                    ),
                ),
            ),
            never=True,
        ),
    ),
    "SurgePodNotReady": Entry(
        how="With maxSurge the old pod stays until the new one beside it is available, or until it "
        "is itself no longer ready. The new one is bound and not ready.",
        source=_MANAGE,
        look=(
            _DESCRIBE_NEW,
            "kubectl logs NEW_POD -n NAMESPACE --all-containers",
        ),
        example=f.SurgeFacts(
            pod=_NEW,
            code="CrashLoopBackOff",
            message=_BACK_OFF,
            evidence=f.ContainerFacts(
                pod=_NEW,
                container="agent",
                init=False,
                image="example.com/agent:2.4.1",
                reason="CrashLoopBackOff",
                message=_BACK_OFF,
                restarts=3,
                exit_code=1,
                exit_reason="Error",
            ),
        ),
    ),
    "SurgePodMinReady": Entry(
        how="With maxSurge the old pod stays until the new one beside it has been ready for "
        "minReadySeconds.",
        source=_MANAGE,
        look=(
            "kubectl get daemonset DAEMONSET -n NAMESPACE -o yaml",
            "kubectl get pod NEW_POD -n NAMESPACE -o yaml",
            "The seconds start at lastTransitionTime of the condition Ready.",
        ),
        example=f.SurgeFacts(pod=_NEW, code="", message=""),
    ),
    "WaitingForSurgeBudget": Entry(
        how="At most maxSurge nodes (a percentage is one of the wanted pods, rounded up) may have "
        "a new pod that is not available beside the old one. An old pod that is not available gets "
        "its replacement at once.",
        source=_UPDATE,
        look=(
            _BLOCKERS,
            _ALL,
            _STATUS,
        ),
        example=f.BudgetFacts(
            limit=1,
            used=1,
            blockers=(f.Blocker(node="worker-1", state="Outdated", code="SurgePodNotReady"),),
            stalled_by=(),
            pod=_OLD,
        ),
    ),
    "WaitingForBudget": Entry(
        how="An available old pod is deleted only while fewer nodes than maxUnavailable (a "
        "percentage is one of the wanted pods, rounded up) count as unavailable. A node counts "
        "where it has no live pod or more than one, or where its one pod is not available; so does "
        "one that is down and wants no pod any more, as long as it has one. Old pods that are not "
        "available go at once.",
        source=_UPDATE,
        look=(
            _BLOCKERS,
            _ALL,
            _STATUS,
            "Where as many nodes are broken for good as maxUnavailable allows, the rollout ends "
            "there.",
        ),
        example=f.BudgetFacts(
            limit=1,
            used=1,
            blockers=(f.Blocker(node="worker-1", state="Unready", code="CrashLoopBackOff"),),
            stalled_by=(),
            pod=_OLD,
        ),
    ),
    "NextInLine": Entry(
        how="The rolling update has budget left, so the controller replaces pods on some of the "
        "outdated nodes at its next sync. Which ones is left to chance.",
        source=_UPDATE,
        look=(
            _STATUS,
            _EVENTS,
        ),
        example=f.BudgetFacts(limit=2, used=1, blockers=(), stalled_by=(), pod=_OLD),
    ),
}
