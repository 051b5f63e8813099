"""What client-go ``tools/clientcmd/validation.go`` refuses, and what this program can't do."""

from __future__ import annotations

from typing import Any

import pytest
from kubeconfigs import EXEC, SECRET, Home, config

from kubectl_ds.errors import ClusterError


class TestRefused:
    @pytest.mark.parametrize(
        ("user", "message"),
        [
            pytest.param(
                {"auth-provider": {"name": "gcp", "config": {"access-token": SECRET}}},
                'auth-provider "gcp", which is not supported',
                id="auth-provider",
            ),
            pytest.param(
                {"token": SECRET, "username": "u", "password": SECRET},
                "a token and a password",
                id="two ways to log in",
            ),
            pytest.param(
                {"client-certificate-data": "Yw=="}, "without a client-key", id="no client key"
            ),
            pytest.param(
                {"client-certificate-data": SECRET, "client-key-data": SECRET},
                'client-certificate-data of the user "x" is not valid base64',
                id="no base64",
            ),
            pytest.param({"exec": {**EXEC, "command": ""}}, "has no command", id="no command"),
            pytest.param(
                {"exec": {**EXEC, "apiVersion": "client.authentication.k8s.io/v1alpha1"}},
                "only .*/v1 and .*/v1beta1 are left",
                id="old plugin",
            ),
            pytest.param(
                {"exec": {**EXEC, "apiVersion": "client.authentication.k8s.io/v1"}},
                "needs an interactiveMode",
                id="v1 without interactiveMode",
            ),
        ],
    )
    def test_user(self, home: Home, user: dict[str, Any], message: str) -> None:
        home.kubeconfig(config("x", user=user))
        with pytest.raises(ClusterError, match=message) as caught:
            home.resolve()
        assert SECRET not in str(caught.value)

    @pytest.mark.parametrize(
        ("cluster", "message"),
        [
            pytest.param({"server": ""}, 'the cluster "x" has no server', id="no server"),
            pytest.param({"server": "ftp://x"}, "is no server address", id="scheme"),
            pytest.param({"server": "https://a:b:c"}, "is no server address", id="port"),
            pytest.param(
                {"server": f"https://me:{SECRET}@x"}, '"x" is no server address', id="password"
            ),
            pytest.param({"proxy-url": "gopher://x"}, 'proxy-url of the cluster "x"', id="proxy"),
            pytest.param({"proxy-url": f"http://u:{SECRET}@[x"}, "is no URL of a", id="odd proxy"),
            pytest.param({"proxy-url": "http://x:y"}, "is no URL of a proxy", id="proxy's port"),
            pytest.param({"certificate-authority": "a\0b"}, "can't read .*a b", id="odd path"),
            pytest.param(
                {"certificate-authority-data": "Yw==", "certificate-authority": "x"},
                "has both certificate-authority and certificate-authority-data",
                id="two authorities",
            ),
            pytest.param(
                {"certificate-authority-data": "Yw==", "insecure-skip-tls-verify": True},
                "keep only one",
                id="authority and no verification",
            ),
        ],
    )
    def test_cluster(self, home: Home, cluster: dict[str, Any], message: str) -> None:
        home.kubeconfig(config("x", cluster=cluster))
        with pytest.raises(ClusterError, match=message) as caught:
            home.resolve()
        assert SECRET not in str(caught.value)

    def test_a_token_flag_makes_the_auth_provider_needless(self, home: Home) -> None:
        home.kubeconfig(config("x", user={"auth-provider": {"name": "gcp"}}))
        assert home.resolve(token=SECRET).user.token == SECRET


class TestServer:
    @pytest.mark.parametrize(
        ("server", "expected"),
        [
            ("https://x", "https://x"),
            ("HTTPS://x:6443/", "https://x:6443"),
            ("https://rancher/k8s/clusters/c-1/?a=b#c", "https://rancher/k8s/clusters/c-1"),
            ("localhost:8080", "http://localhost:8080"),
            ("10.0.0.1", "http://10.0.0.1"),
            ("https://[::1]:6443", "https://[::1]:6443"),
        ],
    )
    def test_address(self, home: Home, server: str, expected: str) -> None:
        assert home.resolve(server=server).server == expected
