"""Situations set up in a real cluster, each explained live."""

from __future__ import annotations

import json
import signal
import subprocess
import threading

import pytest

from tests.e2e.disposable import Object
from tests.e2e.world import World

pytestmark = pytest.mark.e2e

OK = ("Available",)
EVERYWHERE = [{"operator": "Exists"}]
ADMISSION = "apis/admissionregistration.k8s.io/v1"
SURGE = {"rollingUpdate": {"maxSurge": 1, "maxUnavailable": 0}}


def requests(**amounts: str) -> Object:
    return {"resources": {"requests": {k.replace("__", "/"): v for k, v in amounts.items()}}}


def port(number: int, **more: str) -> Object:
    return {"ports": [{"containerPort": number, "hostPort": number, **more}]}


def quota(world: World, hard: Object, **spec: object) -> None:
    path = f"api/v1/namespaces/{world.name}"
    content: Object = {"spec": {"hard": hard, **spec}}
    world.make(path, "ResourceQuota", "resourcequotas", "q", content)
    counted = f"/{path}/resourcequotas/q"
    world.until(lambda: (world._api("GET", counted)["status"] or {}).get("used") is not None)


def limits(world: World, **item: Object | str) -> None:
    path = f"api/v1/namespaces/{world.name}"
    world.make(path, "LimitRange", "limitranges", "l", {"spec": {"limits": [item]}})


class TestPlacement:
    def test_all_is_well(self, world: World) -> None:
        world.namespace()
        world.node("a")
        world.node("b", cordoned=True)
        world.node("c", taints=("soft:PreferNoSchedule",))
        world.daemon_set()
        world.expect({"a": OK, "b": OK, "c": OK})
        assert world.explain()["statusBehind"] == []

    def test_taint(self, world: World) -> None:
        world.namespace()
        world.node("a")
        world.node("b", taints=("dedicated=gpu:NoSchedule",))
        world.daemon_set()
        world.expect({"a": OK, "b": ("Excluded", "UntoleratedTaint")})

    def test_selector(self, world: World) -> None:
        world.namespace()
        world.node("a", labels={"disk": "ssd"})
        world.node("b")
        world.daemon_set(selector={"scene": world.name, "disk": "ssd"})
        world.expect({"a": OK, "b": ("Excluded", "NodeSelectorMismatch")})

    def test_no_node_at_all(self, world: World) -> None:
        world.namespace()
        world.node("a")
        world.daemon_set(selector={"scene": "no-such-scene"})
        world.expect({"a": ("Excluded", "NodeSelectorMismatch")})
        assert "NoNodeDesired" in [x["code"] for x in world.explain()["findings"]]

    def test_affinity(self, world: World) -> None:
        world.namespace()
        world.node("a", labels={"gen": "5"})
        world.node("b", labels={"gen": "3"})
        term = {"matchExpressions": [{"key": "gen", "operator": "Gt", "values": ["4"]}]}
        required = {"nodeSelectorTerms": [term]}
        affinity = {"nodeAffinity": {"requiredDuringSchedulingIgnoredDuringExecution": required}}
        world.daemon_set(pod={"affinity": affinity})
        world.expect({"a": OK, "b": ("Excluded", "NodeAffinityMismatch")})

    def test_node_name(self, world: World) -> None:
        world.namespace()
        a = world.node("a")
        world.node("b")
        world.daemon_set(pod={"nodeName": a})
        world.expect({"a": OK, "b": ("Excluded", "NodeNameMismatch")})

    def test_not_ready(self, world: World) -> None:
        world.namespace()
        world.node("a")
        world.node("b", ready="False")
        world.daemon_set()
        world.expect({"a": OK, "b": ("Excluded", "NodeNotReady")})

    def test_not_ready_and_tolerated(self, world: World) -> None:
        world.namespace()
        world.node("a")
        world.node("b", ready="False")
        world.daemon_set(pod={"tolerations": EVERYWHERE})
        world.expect({"a": OK, "b": ("Unready", "NodeNotReady")})

    def test_taint_added_later(self, world: World) -> None:
        world.namespace()
        world.node("a")
        b = world.node("b")
        world.daemon_set()
        world.settle(available=2)
        taint = {"key": "maint", "effect": "NoSchedule"}
        world.patch(f"api/v1/nodes/{b}", {"spec": {"taints": [taint]}})
        world.expect({"a": OK, "b": ("Misscheduled", "UntoleratedTaint")})


class TestCreation:
    def test_quota_of_pods(self, world: World) -> None:
        world.namespace()
        for name in "abc":
            world.node(name)
        quota(world, {"pods": "0"})
        world.daemon_set()
        world.expect(dict.fromkeys("abc", ("Missing", "QuotaExceeded")))

    def test_quota_of_cpu(self, world: World) -> None:
        world.namespace()
        for name in "abc":
            world.node(name)
        quota(world, {"requests.cpu": "250m"})
        world.daemon_set(container=requests(cpu="100m"))
        world.until(lambda: _codes(world) == ["Available", "Available", "QuotaExceeded"])

    def test_quota_that_wants_limits(self, world: World) -> None:
        world.namespace()
        world.node("a")
        quota(world, {"limits.cpu": "2"})
        world.daemon_set()
        world.expect({"a": ("Missing", "QuotaRequiresResources")})

    def test_quota_of_another_class(self, world: World) -> None:
        world.namespace()
        world.node("a")
        quota(world, {"pods": "0"}, scopes=["BestEffort"])
        world.daemon_set(container=requests(cpu="10m"))
        world.daemon_set(name="careless")
        world.expect({"a": OK})
        world.expect({"a": ("Missing", "QuotaExceeded")}, name="careless")

    def test_limit_range(self, world: World) -> None:
        world.namespace()
        world.node("a")
        limits(world, type="Container", max={"memory": "64Mi"})
        world.daemon_set(container=requests(memory="128Mi") | {"image": "agent:ok"})
        world.expect({"a": ("Missing",)})
        codes = world.verdicts()["a"]
        assert {"LimitRangeViolation", "InvalidPodSpec"} & set(codes), codes

    def test_limit_range_ratio(self, world: World) -> None:
        world.namespace()
        world.node("a")
        limits(world, type="Container", maxLimitRequestRatio={"cpu": "2"})
        both = {"requests": {"cpu": "100m"}, "limits": {"cpu": "1"}}
        world.daemon_set(container={"resources": both})
        world.expect({"a": ("Missing", "LimitRangeViolation")})

    def test_pod_security(self, world: World) -> None:
        world.namespace()
        labels = {"pod-security.kubernetes.io/enforce": "baseline"}
        world.patch(f"api/v1/namespaces/{world.name}", {"metadata": {"labels": labels}})
        world.node("a")
        world.daemon_set(pod={"hostNetwork": True})
        world.expect({"a": ("Missing", "PodSecurityViolation")})

    def test_service_account(self, world: World) -> None:
        world.namespace()
        world.node("a")
        world.daemon_set(pod={"serviceAccountName": "nobody"})
        world.expect({"a": ("Missing", "ServiceAccountMissing")})

    def test_priority_class(self, world: World) -> None:
        world.namespace()
        world.node("a")
        world.daemon_set(pod={"priorityClassName": f"{world.name}-none"})
        world.expect({"a": ("Missing", "PriorityClassMissing")})

    def test_runtime_class(self, world: World) -> None:
        world.namespace()
        world.node("a")
        world.daemon_set(pod={"runtimeClassName": f"{world.name}-none"})
        world.expect({"a": ("Missing", "RuntimeClassMissing")})

    def test_admission_policy(self, world: World) -> None:
        world.namespace()
        world.node("a")
        here = {"namespaceSelector": {"matchLabels": {"kubernetes.io/metadata.name": world.name}}}
        rule = {"apiGroups": [""], "apiVersions": ["v1"], "operations": ["CREATE"]}
        policy = {
            "matchConstraints": {**here, "resourceRules": [{**rule, "resources": ["pods"]}]},
            "validations": [{"expression": "false", "message": "no pods on a Friday"}],
        }
        binding = {"policyName": world.name, "validationActions": ["Deny"]}
        kind = "ValidatingAdmissionPolicy"
        resource = "validatingadmissionpolicies"
        world.make(ADMISSION, kind, resource, world.name, {"spec": policy})
        resource = "validatingadmissionpolicybindings"
        world.make(ADMISSION, f"{kind}Binding", resource, world.name, {"spec": binding})
        probe: Object = {"spec": {"containers": [{"name": "c", "image": "c"}]}}
        world.until(lambda: _is_refused(world, probe))
        world.daemon_set()
        world.expect({"a": ("Missing", "AdmissionPolicyDenied")})

    def test_terminating_namespace(self, world: World) -> None:
        world.namespace()
        world.node("a")
        path = f"api/v1/namespaces/{world.name}"
        held = {"finalizers": ["example.com/wait"]}
        world.make(path, "ConfigMap", "configmaps", "held", {}, held)
        world.daemon_set(pod={"nodeName": "elsewhere"})
        world._api("DELETE", f"/{path}")
        assert world.explain()["notChecked"] is not None
        codes = [finding["code"] for finding in world.explain()["findings"]]
        assert {"NamespaceTerminating", "DaemonSetDeleting"} & set(codes), codes
        world.patch(f"{path}/configmaps/held", {"metadata": {"finalizers": None}})


def _is_refused(world: World, content: Object) -> bool:
    """Whether a policy has come into force, which takes the API server a moment."""
    path = f"/api/v1/namespaces/{world.name}/pods"
    head = {"apiVersion": "v1", "kind": "Pod", "metadata": {"generateName": "probe-"}}
    return world._api("POST", f"{path}?dryRun=All", {**head, **content}, may_fail=True) is None


class TestScheduling:
    def test_cpu_and_memory(self, world: World) -> None:
        world.namespace()
        world.node("big")
        full = world.node("full", cpu="1", memory="128Mi")
        world.pod("eater", full, **requests(cpu="900m", memory="100Mi"))
        world.daemon_set(container=requests(cpu="300m", memory="64Mi"))
        world.expect({"big": OK, "full": ("Pending", "InsufficientCPU", "InsufficientMemory")})
        (node,) = [x for x in world.explain()["nodes"] if x["node"] == full]
        memory = next(x for x in node["reasons"] if x["code"] == "InsufficientMemory")
        evidence = memory["evidence"]
        assert (evidence["requested"], evidence["free"]) == ("64Mi", "28Mi")
        assert evidence["largest"][0]["pod"] == f"{world.name}/eater"

    def test_a_named_resource(self, world: World) -> None:
        world.namespace()
        world.node("gpu", example_com__gpu="2", **{"example.com/gpu": "2"})
        world.node("plain")
        amount = {"example.com/gpu": "1"}
        world.daemon_set(container={"resources": {"requests": amount, "limits": amount}})
        world.expect({"gpu": OK, "plain": ("Pending", "InsufficientResource")})

    def test_a_pod_that_may_evict_nobody(self, world: World) -> None:
        world.namespace()
        path = "apis/scheduling.k8s.io/v1"
        content: Object = {"value": 1000, "preemptionPolicy": "Never"}
        world.make(path, "PriorityClass", "priorityclasses", world.name, content)
        full = world.node("full", cpu="1")
        world.pod("eater", full, **requests(cpu="800m"))
        world.daemon_set(container=requests(cpu="500m"), pod={"priorityClassName": world.name})
        world.expect({"full": ("Pending", "InsufficientCPU")})
        (node,) = [x for x in world.explain()["nodes"] if x["node"] == full]
        preemption = node["reasons"][0]["evidence"]["preemption"]
        assert (preemption["policy"], preemption["helps"]) == ("Never", False)
        assert f"{world.name}/eater" in preemption["candidates"] or preemption["lower"] > 5

    def test_pods(self, world: World) -> None:
        world.namespace()
        full = world.node("full", pods="1")
        world.pod("eater", full)
        world.daemon_set()
        world.expect({"full": ("Pending", "TooManyPods")})

    def test_host_port(self, world: World) -> None:
        world.namespace()
        world.node("a")
        b = world.node("b")
        world.pod("holder", b, **port(9100))
        world.daemon_set(container=port(9100))
        world.expect({"a": OK, "b": ("Pending", "HostPortConflict")})

    def test_host_port_of_one_address(self, world: World) -> None:
        world.namespace()
        b = world.node("b")
        world.pod("holder", b, **port(53, hostIP="127.0.0.1"))
        world.daemon_set(container=port(53))
        world.daemon_set(container=port(53, hostIP="127.0.0.2"), name="other")
        world.expect({"b": ("Pending", "HostPortConflict")})
        world.expect({"b": OK}, name="other")

    def test_no_such_scheduler(self, world: World) -> None:
        world.namespace()
        world.node("a")
        world.daemon_set(pod={"schedulerName": f"{world.name}-none"})
        world.expect({"a": ("Pending", "SchedulerAbsent")})

    def test_gates(self, world: World) -> None:
        world.namespace()
        world.node("a")
        world.daemon_set(pod={"schedulingGates": [{"name": "example.com/wait"}]})
        world.expect({"a": ("Pending", "SchedulingGated")})

    def test_no_such_claim(self, world: World) -> None:
        world.namespace()
        world.node("a")
        claim = {"name": "data", "persistentVolumeClaim": {"claimName": "none"}}
        world.daemon_set(pod={"volumes": [claim]})
        world.expect({"a": ("Pending", "VolumeMissing")})

    def test_a_volume_of_another_zone(self, world: World) -> None:
        world.namespace()
        world.node("a", labels={"topology.kubernetes.io/zone": "z1"})
        world.node("b", labels={"topology.kubernetes.io/zone": "z2"})
        zone = {"key": "topology.kubernetes.io/zone", "operator": "In", "values": ["z1"]}
        amount = {"storage": "1Gi"}
        volume = {
            "capacity": amount,
            "accessModes": ["ReadWriteMany"],
            "hostPath": {"path": "/x"},
            "storageClassName": world.name,
            "nodeAffinity": {"required": {"nodeSelectorTerms": [{"matchExpressions": [zone]}]}},
        }
        world.make("api/v1", "PersistentVolume", "persistentvolumes", world.name, {"spec": volume})
        claim = {
            "accessModes": ["ReadWriteMany"],
            "storageClassName": world.name,
            "volumeName": world.name,
            "resources": {"requests": amount},
        }
        path = f"api/v1/namespaces/{world.name}"
        content = {"spec": claim}
        world.make(path, "PersistentVolumeClaim", "persistentvolumeclaims", "data", content)
        use = {"name": "data", "persistentVolumeClaim": {"claimName": "data"}}
        world.daemon_set(pod={"volumes": [use]})
        world.expect({"a": OK, "b": ("Pending", "VolumeNodeAffinity")})

    def test_distance(self, world: World) -> None:
        world.namespace()
        a = world.node("a")
        world.node("b")
        path = f"api/v1/namespaces/{world.name}"
        spec = {"nodeName": a, "containers": [{"name": "c", "image": "c:ok"}]}
        marks = {"labels": {"loud": "yes"}}
        world.make(path, "Pod", "pods", "loud", {"spec": spec}, marks)
        term = {
            "labelSelector": {"matchLabels": {"loud": "yes"}},
            "topologyKey": "kubernetes.io/hostname",
        }
        rule = {"requiredDuringSchedulingIgnoredDuringExecution": [term]}
        world.daemon_set(pod={"affinity": {"podAntiAffinity": rule}})
        world.expect({"a": ("Pending", "PodAntiAffinity"), "b": OK})

    def test_runtime_class_with_a_selector(self, world: World) -> None:
        world.namespace()
        world.node("a")
        content = {"handler": "x", "scheduling": {"nodeSelector": {"sandbox": "yes"}}}
        path = "apis/node.k8s.io/v1"
        world.make(path, "RuntimeClass", "runtimeclasses", world.name, content)
        world.daemon_set(pod={"runtimeClassName": world.name})
        world.expect({"a": ("Pending", "NodeSelectorMismatch")})
        codes = [finding["code"] for finding in world.explain()["findings"]]
        assert "PodDiffersFromTemplate" in codes


class TestRunning:
    @pytest.mark.parametrize(
        ("image", "code"),
        [
            ("crash", "CrashLoopBackOff"),
            ("oom", "OOMKilled"),
            ("missing", "ImagePullBackOff"),
            ("config", "CreateContainerConfigError"),
            ("creating", "ContainerCreating"),
            ("notready", "NotReady"),
        ],
    )
    def test_container(self, world: World, image: str, code: str) -> None:
        world.namespace()
        world.node("a")
        world.daemon_set(image)
        world.expect({"a": ("Unready", code)})

    def test_min_ready_seconds(self, world: World) -> None:
        world.namespace()
        world.node("a")
        world.daemon_set(minReadySeconds=600)
        world.expect({"a": ("Unready", "MinReadySeconds")})

    def test_kubelet_rejects(self, world: World) -> None:
        world.namespace()
        world.node("a")
        world.daemon_set("reject")
        world.expect({"a": ("Failed", "KubeletRejected")})

    def test_stuck_on_a_finalizer(self, world: World) -> None:
        world.namespace()
        a = world.node("a")
        marks = {"labels": {"app": "agent"}, "finalizers": ["example.com/wait"]}
        template = {"metadata": marks, "spec": {"containers": [{"name": "c", "image": "c:ok"}]}}
        world.daemon_set()
        world.patch_daemon_set({"template": template})
        world.settle(available=1)
        world.until(lambda: world.verdicts()["a"] == OK)
        world.delete_pod_on(a)
        world.expect({"a": ("Terminating", "ReplacementWaitsForTermination")})

    def test_stuck_on_its_kubelet(self, world: World) -> None:
        world.namespace()
        a = world.node("a")
        world.daemon_set(pod={"terminationGracePeriodSeconds": 1})
        world.settle(available=1)
        world.hold(a)
        world.delete_pod_on(a)
        world.expect({"a": ("Terminating", "StuckTerminating")})

    def test_an_orphan_is_adopted(self, world: World) -> None:
        world.namespace()
        a = world.node("a")
        path = f"api/v1/namespaces/{world.name}"
        spec: Object = {"nodeName": a, "containers": [{"name": "c", "image": "c:ok"}]}
        world.make(path, "Pod", "pods", "orphan", {"spec": spec}, {"labels": {"app": "agent"}})
        world.daemon_set(updateStrategy={"type": "OnDelete"})
        world.settle(available=1)
        assert [pod["metadata"]["name"] for pod in world.pods()] == ["orphan"]
        world.expect({"a": ("Outdated", "OnDelete")})


class TestRollout:
    def test_stuck(self, world: World) -> None:
        world.namespace()
        for name in "abc":
            world.node(name)
        world.daemon_set()
        world.settle(available=3)
        world.image("missing")
        world.until(lambda: _codes(world) == ["ImagePullBackOff", *2 * ["WaitingForBudget"]])

    def test_on_delete(self, world: World) -> None:
        world.namespace()
        world.node("a")
        world.daemon_set(updateStrategy={"type": "OnDelete"})
        world.settle(available=1)
        world.image("2ok")
        world.expect({"a": ("Outdated", "OnDelete")})

    def test_surge_that_can_not_fit(self, world: World) -> None:
        world.namespace()
        world.node("a")
        world.node("b")
        world.daemon_set(updateStrategy=SURGE, container=port(9100))
        world.settle(available=2)
        world.image("2ok")
        world.until(lambda: _codes(world) == ["SurgePodPending", "WaitingForSurgeBudget"])

    def test_surge_stuck(self, world: World) -> None:
        world.namespace()
        world.node("a")
        world.node("b")
        world.daemon_set(updateStrategy=SURGE)
        world.settle(available=2)
        world.image("crash")
        world.until(lambda: _codes(world) == ["SurgePodNotReady", "WaitingForSurgeBudget"])

    def test_blocked_by_a_quota(self, world: World) -> None:
        world.namespace()
        world.node("a")
        world.node("b")
        world.daemon_set()
        world.settle(available=2)
        quota(world, {"pods": "2"})
        world.node("c")
        world.expect({"a": OK, "b": OK, "c": ("Missing", "QuotaExceeded")})
        world.image("2ok")
        held = ("Outdated", "BlockedByCreateFailure")
        world.expect({"a": held, "b": held, "c": ("Missing", "QuotaExceeded")})


def wanted(document: Object) -> Object:
    """The states of a world's nodes; others, of other worlds, want no pod of this one."""
    return {state: count for state, count in document["states"].items() if state != "Excluded"}


class TestFollowing:
    def test_wait_for_the_end_of_a_rollout(self, world: World) -> None:
        world.namespace()
        for name in "abc":
            world.node(name)
        world.daemon_set()
        world.settle(available=3)
        world.image("2ok")
        done = subprocess.run(
            world.command("agent", "--wait", "--timeout", "80s"), capture_output=True, text=True
        )
        assert done.returncode == 0, done.stderr
        document = json.loads(done.stdout)
        assert wanted(document) == {"Available": 3}
        assert document["rollout"]["updated"] == 3

    def test_wait_until_the_time_is_up(self, world: World) -> None:
        world.namespace()
        world.node("a")
        world.daemon_set("crash")
        done = subprocess.run(
            world.command("agent", "--wait", "--timeout", "6s"), capture_output=True, text=True
        )
        assert done.returncode == 1
        assert wanted(json.loads(done.stdout)) == {"Unready": 1}
        assert "error: after 6s " in done.stderr

    def test_watch(self, world: World) -> None:
        """The last answer of a watch is that of a fresh look, whatever happened in between."""
        world.namespace()
        world.node("a")
        world.daemon_set()
        world.settle(available=1)
        command = world.command("agent", "--watch")
        found: list[Object] = []
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watch:
            try:
                assert watch.stdout is not None
                lines = watch.stdout
                threading.Thread(target=lambda: found.extend(map(json.loads, lines))).start()
                world.node("b")
                world.image("crash")
                world.until(lambda: bool(found) and "Unready" in found[-1]["states"])
                world.image("ok")
                world.until(lambda: wanted(found[-1]) == {"Available": 2})
            finally:
                watch.send_signal(signal.SIGINT)
        assert watch.returncode == 130
        assert found[-1]["states"] == world.explain()["states"]


def _codes(world: World) -> list[str]:
    return sorted(codes[1] if len(codes) > 1 else codes[0] for codes in world.verdicts().values())
