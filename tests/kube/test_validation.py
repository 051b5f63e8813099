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
                {"tokenFile": "token", "username": "u", "password": SECRET},
                "a token and a password",
                id="a token file and a password",
            ),
            pytest.param(
                {"exec": EXEC, "auth-provider": {"name": "oidc"}},
                "a credential plugin and an auth-provider",
                id="plugin and auth-provider",
            ),
            pytest.param(
                {"exec": {**EXEC, "env": [{"value": SECRET}]}},
                "has an env without a name",
                id="plugin's env",
            ),
            pytest.param(
                {"auth-provider": {"name": "oidc", "config": {"client-id": SECRET}}},
                'the auth-provider of the user "x" has no idp-issuer-url',
                id="oidc without issuer",
            ),
            pytest.param(
                {"auth-provider": {"name": "oidc", "config": {"idp-issuer-url": "https://i"}}},
                "has no client-id",
                id="oidc without client",
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

    def test_a_password_alone_is_no_way_to_log_in(self, home: Home) -> None:
        home.kubeconfig(config("x", user={"tokenFile": "token", "password": SECRET}))
        assert home.resolve().user.password == SECRET

    def test_an_unknown_auth_provider_also_with_a_token(self, home: Home) -> None:
        """Source: client-go rest/transport.go: the provider is looked up in any case."""
        home.kubeconfig(config("x", user={"auth-provider": {"name": "gcp"}}))
        with pytest.raises(ClusterError, match="which is not supported"):
            home.resolve(token=SECRET)


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
            ("https://x:", "https://x"),
            ("https://x//a//../b/", "https://x/b"),
            ("https://x/a%20b", "https://x/a%20b"),
            ("localhost:8080/", "http://localhost:8080"),
        ],
    )
    def test_address(self, home: Home, server: str, expected: str) -> None:
        assert home.resolve(server=server).server == expected

    @pytest.mark.parametrize(
        "server",
        [
            pytest.param("10.0.0.1:6443/api", id="a path, no scheme"),
            pytest.param(" https://x", id="blank"),
            pytest.param("https://good\n.example", id="line break"),
            pytest.param("https://good.example\\@other.example", id="two hosts"),
            pytest.param("https://a b", id="blank in the host"),
            pytest.param("https:///x", id="no host"),
            pytest.param("https://x:0", id="port 0"),
            pytest.param("https://x:65536", id="no port"),
        ],
    )
    def test_no_address(self, home: Home, server: str) -> None:
        with pytest.raises(ClusterError, match="is no server address"):
            home.resolve(server=server)
