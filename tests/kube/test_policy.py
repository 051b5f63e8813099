"""Rules of kubectl's ``kuberc`` and of client-go's exec.go on which plugins may run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from kubeconfigs import Home

from kubectl_ds.errors import ClusterError
from kubectl_ds.kube.policy import check_allowed

KUBERC = "apiVersion: kubectl.config.k8s.io/v1beta1\nkind: Preference\n"


def allow(home: Home, command: str = "/opt/login", **environ: str) -> None:
    check_allowed(command, "/opt/login", environ, home.path)


class TestWhichFile:
    def test_without_one_all_may_run(self, home: Home) -> None:
        allow(home)

    def test_in_the_home_directory(self, home: Home) -> None:
        path = home.write(".kube/kuberc", f"{KUBERC}credentialPluginPolicy: DenyAll\n")
        with pytest.raises(ClusterError, match=f'"/opt/login" is not allowed .* DenyAll in {path}'):
            allow(home)

    def test_the_variable_names_another(self, home: Home) -> None:
        home.write(".kube/kuberc", KUBERC)
        path = home.write("other", f"{KUBERC}credentialPluginPolicy: DenyAll\n")
        with pytest.raises(ClusterError, match=f"in {path}"):
            allow(home, KUBERC=path)

    @pytest.mark.parametrize("environ", [{"KUBERC": "off"}, {"KUBECTL_KUBERC": "False"}])
    def test_it_may_be_turned_off(self, home: Home, environ: dict[str, str]) -> None:
        home.write(".kube/kuberc", f"{KUBERC}credentialPluginPolicy: DenyAll\n")
        allow(home, **environ)

    def test_one_that_is_asked_for_must_be_there(self, home: Home) -> None:
        with pytest.raises(ClusterError, match="can't read the kuberc /gone"):
            allow(home, KUBERC="/gone")

    @pytest.mark.parametrize("text", ["a: {", f"{KUBERC}credentialPluginPolicy: [x]"])
    def test_a_damaged_one_is_not_passed_over(self, home: Home, text: str) -> None:
        home.write(".kube/kuberc", text)
        with pytest.raises(ClusterError, match="can't read the kuberc"):
            allow(home)

    def test_the_first_document_that_is_one_counts(self, home: Home) -> None:
        other = "kind: Other\n---\napiVersion: kubectl.config.k8s.io/v1alpha1\nkind: Preference\n"
        text = f"{other}---\n{KUBERC}credentialPluginPolicy: DenyAll\n---\n{KUBERC}"
        home.write(".kube/kuberc", text)
        with pytest.raises(ClusterError, match="DenyAll"):
            allow(home)


class TestPolicy:
    @pytest.mark.parametrize("policy", ["AllowAll", '""', "~"])
    def test_all_may_run(self, home: Home, policy: str) -> None:
        home.write(".kube/kuberc", f"{KUBERC}credentialPluginPolicy: {policy}\n")
        allow(home)

    def test_an_unknown_one_is_an_error(self, home: Home) -> None:
        home.write(".kube/kuberc", f"{KUBERC}credentialPluginPolicy: DenyMost\n")
        with pytest.raises(ClusterError, match="unknown credentialPluginPolicy: DenyMost"):
            allow(home)

    @pytest.mark.parametrize(
        ("entry", "command", "allowed"),
        [
            pytest.param({"command": "/opt/login"}, "/opt/login", True, id="path"),
            pytest.param({"name": "/opt/login"}, "/opt/login", True, id="by its old field"),
            pytest.param({"command": "login"}, "login", True, id="bare name"),
            pytest.param({"command": "/opt/login"}, "login", True, id="where a name leads"),
            pytest.param({"command": "login"}, "/opt/login", False, id="a name of another one"),
            pytest.param({"command": "/opt/other"}, "/opt/login", False, id="another path"),
            pytest.param({"command": ""}, "/opt/login", False, id="empty"),
        ],
    )
    def test_a_list(self, home: Home, entry: dict[str, Any], command: str, allowed: bool) -> None:
        lines = "".join(f"- {key}: '{value}'\n" for key, value in entry.items())
        text = f"credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n{lines}"
        home.write(".kube/kuberc", KUBERC + text)
        if allowed:
            allow(home, command)
            return
        with pytest.raises(ClusterError, match="is not allowed"):
            allow(home, command)

    def test_a_name_is_looked_for_on_the_path(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        binary = Path(home.write("bin/login", "#!/bin/sh\n"))
        binary.chmod(0o755)
        monkeypatch.setenv("PATH", str(binary.parent))
        text = "credentialPluginPolicy: Allowlist\ncredentialPluginAllowlist:\n- command: login\n"
        home.write(".kube/kuberc", KUBERC + text)
        check_allowed(str(binary), str(binary), {}, home.path)
