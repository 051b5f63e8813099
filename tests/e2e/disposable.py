"""A disposable cluster, by way of ``kubectl proxy``: any kubeconfig's credentials, plain HTTP here."""

from __future__ import annotations

import json
import os
import subprocess
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

KUBECONFIG = "KUBECTL_DS_E2E_KUBECONFIG"
DISPOSABLE = "KUBECTL_DS_E2E_DISPOSABLE"
WITHOUT = f"no cluster: {KUBECONFIG} names no kubeconfig"
REFUSED = (
    f"{KUBECONFIG} is set, and {DISPOSABLE} is not `yes`: these tests create and delete nodes, "
    "namespaces and classes; set it only for a cluster that may be thrown away"
)

Object = dict[str, Any]


class Api:
    """The cluster's API."""

    def __init__(self, address: str) -> None:
        self._address = address

    def __call__(
        self, method: str, path: str, body: Object | None = None, *, may_fail: bool = False
    ) -> Any:
        """Send a request; a patch is a merge patch. What may fail gives None where it does."""
        kind = "application/merge-patch+json" if method == "PATCH" else "application/json"
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(
            self._address + path, data, {"Content-Type": kind}, method=method
        )
        try:
            with urllib.request.urlopen(request, timeout=60) as answer:
                return json.loads(answer.read() or b"{}")
        except urllib.error.HTTPError as error:
            if may_fail:
                return None
            raise AssertionError(f"{method} {path}: {error.read().decode()[:500]}") from None


@contextmanager
def proxied(kubeconfig: str) -> Iterator[Api]:
    """The API behind a kubeconfig, until the block ends."""
    command = ["kubectl", "proxy", "--port=0", f"--kubeconfig={kubeconfig}"]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as proxy:
        try:
            assert proxy.stdout is not None
            address = proxy.stdout.readline().rsplit(maxsplit=1)[-1]
            yield Api(f"http://{address}")
        finally:
            proxy.terminate()


def kubeconfig() -> str:
    """The kubeconfig to use, or nothing."""
    return os.environ.get(KUBECONFIG, "")


def is_disposable() -> bool:
    """Whether the user says that the cluster may be thrown away."""
    return os.environ.get(DISPOSABLE) == "yes"
