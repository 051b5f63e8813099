"""Rules of Go's ``golang.org/x/net/http/httpproxy``."""

from __future__ import annotations

import pytest
from kubeconfigs import Home, config

from kubectl_ds.errors import ClusterError
from kubectl_ds.kube.proxies import from_environment


class TestProxy:
    def test_proxy_url_beats_the_environment(self, home: Home) -> None:
        home.kubeconfig(config("x", cluster={"proxy-url": "http://own:3128"}))
        environ = {"HTTPS_PROXY": "http://env:3128", "NO_PROXY": "*"}
        assert home.resolve(environ).proxy == "http://own:3128"

    def test_that_is_no_url(self, home: Home) -> None:
        home.kubeconfig(config("x"))
        with pytest.raises(ClusterError, match="HTTPS_PROXY or HTTP_PROXY is no URL of a proxy"):
            home.resolve({"HTTPS_PROXY": "http://p:port"})

    @pytest.mark.parametrize("scheme", ["http", "https", "socks5"])
    def test_kinds_of_proxies(self, home: Home, scheme: str) -> None:
        """Source: client-go helpers.go, parseProxyURL, and Go's net/http."""
        home.kubeconfig(config("x", cluster={"proxy-url": f"{scheme}://p:1"}))
        assert home.resolve().proxy == f"{scheme}://p:1"
        environ = {"HTTPS_PROXY": f"{scheme}://p:2"}
        assert home.resolve(environ, server="https://y", cluster="x").proxy == f"{scheme}://p:1"
        home.kubeconfig(config("x"))
        assert home.resolve(environ).proxy == f"{scheme}://p:2"

    def test_only_the_environment_knows_socks5h(self, home: Home) -> None:
        home.kubeconfig(config("x"))
        assert home.resolve({"HTTPS_PROXY": "socks5h://p"}).proxy == "socks5h://p"
        home.kubeconfig(config("x", cluster={"proxy-url": "socks5h://p"}))
        with pytest.raises(ClusterError, match="no URL of a proxy"):
            home.resolve()

    @pytest.mark.parametrize(
        ("server", "environ", "expected"),
        [
            ("https://x", {"HTTPS_PROXY": "http://p"}, "http://p"),
            ("https://x", {"https_proxy": "p:3128"}, "http://p:3128"),
            ("https://x", {"HTTP_PROXY": "http://p"}, ""),
            ("http://x", {"HTTP_PROXY": "http://p"}, "http://p"),
            ("https://localhost", {"HTTPS_PROXY": "http://p"}, ""),
            ("https://127.0.0.5:6443", {"HTTPS_PROXY": "http://p"}, ""),
            ("https://[::1]:6443", {"HTTPS_PROXY": "http://p"}, ""),
            ("https://[::ffff:127.0.0.1]", {"HTTPS_PROXY": "http://p"}, ""),
            ("https://x", {"HTTPS_PROXY": "socks5://p:1080"}, "socks5://p:1080"),
            ("https://x", {"ALL_PROXY": "socks5://p:1080"}, ""),
            ("https://x", {"HTTPS_PROXY": "", "https_proxy": "http://p"}, "http://p"),
        ],
    )
    def test_from_the_environment(
        self, server: str, environ: dict[str, str], expected: str
    ) -> None:
        assert from_environment(server, environ) == expected

    @pytest.mark.parametrize(
        ("exception", "server", "excepted"),
        [
            ("*", "https://api.example.com", True),
            ("example.com", "https://api.example.com", True),
            ("example.com", "https://example.com", True),
            ("ample.com", "https://example.com", False),
            (".example.com", "https://example.com", False),
            ("*.example.com", "https://api.example.com", True),
            ("a, example.com:6443 ,b", "https://example.com:6443", True),
            ("example.com:6443", "https://example.com", False),
            ("10.0.0.0/8", "https://10.1.2.3", True),
            ("10.0.0.0/8", "https://11.1.2.3", False),
            ("fd00::/8", "https://[fd00::1]:6443", True),
            ("fd00::1", "https://[fd00::1]:6443", True),
            ("10.0.0.0/8", "https://a.example.com", False),
            ("10.1.2.3:6443", "https://10.1.2.3:6443", True),
            ("10.1.2.3:6443", "https://10.1.2.3", False),
            ("[fd00::1]:6443", "https://[fd00::1]:6443", True),
            ("[fd00::1]:6443", "https://[fd00::1]", False),
            (".3", "https://10.1.2.3", False),
            ("*ample.com", "https://example.com", False),
            ("*.example.com", "https://example.com", False),
            ("*.example.com:6443", "https://api.example.com:6443", True),
            (":443", "https://example.com", False),
            ("example.com:https", "https://example.com", False),
            ("Example.COM", "https://EXAMPLE.com", True),
            ("", "https://x", False),
        ],
    )
    def test_exceptions(self, exception: str, server: str, excepted: bool) -> None:
        environ = {"HTTPS_PROXY": "http://p", "NO_PROXY": exception}
        assert (from_environment(server, environ) == "") == excepted
