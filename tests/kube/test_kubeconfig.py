"""Rules of client-go ``tools/clientcmd`` (loader.go, client_config.go, validation.go)."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from kubeconfigs import EXEC, SECRET, Home, authorization, config, encoded

from kubectl_ds.errors import ClusterError, InputError, NotFound, UsageError
from kubectl_ds.kube import credentials
from kubectl_ds.kube.kubeconfig import home_directory


class TestWhichFiles:
    def test_flag_means_that_file_alone(self, home: Home) -> None:
        home.kubeconfig(config("home"))
        environ = home.environ(home.write("env", config("env")))
        flag = home.write("flag", config("flag"))
        assert home.resolve(environ, kubeconfig=flag).context == "flag"
        with pytest.raises(NotFound, match='no context "env" in'):
            home.resolve(environ, kubeconfig=flag, context="env")

    def test_flag_with_a_missing_file_is_an_error(self, home: Home) -> None:
        home.kubeconfig(config("home"))
        with pytest.raises(NotFound, match=r"no such file: /gone \(--kubeconfig\)"):
            home.resolve(kubeconfig="/gone")

    def test_variable_beats_home(self, home: Home) -> None:
        home.kubeconfig(config("home"))
        assert home.resolve(home.environ(home.write("env", config("env")))).context == "env"

    def test_empty_variable_is_an_unset_one(self, home: Home) -> None:
        home.kubeconfig(config("home"))
        assert home.resolve({"KUBECONFIG": ""}).context == "home"

    def test_empty_missing_and_repeated_entries_are_skipped(self, home: Home) -> None:
        path = home.write("env", config("env"))
        assert home.resolve(home.environ("", "/gone", path, path, "")).context == "env"

    @pytest.mark.parametrize("content", ["", "---\n", "# nothing\n", "{}"])
    def test_an_empty_file_is_no_obstacle(self, home: Home, content: str) -> None:
        paths = home.write("a", content), home.write("b", config("b"))
        assert home.resolve(home.environ(*paths)).context == "b"

    def test_only_the_first_yaml_document_counts(self, home: Home) -> None:
        home.kubeconfig(json.dumps(config("first")) + "\n---\nkind: Deployment\n")
        assert home.resolve().context == "first"


class TestMerge:
    def test_the_first_current_context_wins(self, home: Home) -> None:
        paths = home.write("a", config("a")), home.write("b", config("b"))
        assert home.resolve(home.environ(*paths)).server == "https://a.example"

    def test_an_empty_current_context_does_not_count(self, home: Home) -> None:
        paths = home.write("a", config("a", current="")), home.write("b", config("b"))
        assert home.resolve(home.environ(*paths)).context == "b"

    def test_context_cluster_and_user_may_come_from_three_files(self, home: Home) -> None:
        parts = [home.write(key, {key: config("x")[key]}) for key in ("clusters", "users")]
        last = {"contexts": config("x")["contexts"], "current-context": "x"}
        found = home.resolve(home.environ(*parts, home.write("last", last)))
        assert (found.context, found.user_name, found.server) == ("x", "x", "https://x.example")

    def test_of_two_entries_with_one_name_the_first_wins_whole(self, home: Home) -> None:
        first = home.write("a", config("x", cluster={"server": "https://first"}))
        second = home.write(
            "b", config("x", user={"token": SECRET}, cluster={"proxy-url": "http://p"})
        )
        found = home.resolve(home.environ(first, second))
        assert found.server == "https://first"
        assert (found.user.token, found.cluster.proxy_url) == (None, None)

    def test_paths_are_relative_to_their_own_file(self, home: Home) -> None:
        for name in ("ca", "crt", "key"):
            home.write(f"deep/keys/{name}", "")
        user = {
            "client-certificate": "keys/crt",
            "client-key": "./keys/../keys/key",
            "tokenFile": "keys/token",
            "exec": {**EXEC, "command": "bin/login"},
        }
        path = home.write(
            "deep/config", config("x", user=user, cluster={"certificate-authority": "keys/ca"})
        )
        found = home.resolve(home.environ(home.write("other", config("y", current="")), path))
        keys = home.path / "deep" / "keys"
        assert found.cluster.certificate_authority == str(keys / "ca")
        assert found.user.client_certificate == str(keys / "crt")
        assert found.user.client_key == str(keys / "key")
        assert found.user.token_file == str(keys / "token")
        assert found.user.exec is not None
        assert found.user.exec.command == str(home.path / "deep" / "bin" / "login")

    def test_a_bare_command_is_left_for_the_path(self, home: Home) -> None:
        home.kubeconfig(config("x", user={"exec": EXEC}))
        exec_entry = home.resolve().user.exec
        assert exec_entry is not None
        assert exec_entry.command == "login"


class TestFlags:
    def test_each_overrides_what_the_files_say(self, home: Home) -> None:
        home.kubeconfig(config("a", "b", "c", context={"namespace": "apps"}))
        found = home.resolve(context="b", cluster="c", user="a", namespace="logging")
        assert (found.context, found.server) == ("b", "https://c.example")
        assert (found.user_name, found.namespace) == ("a", "logging")

    def test_a_server_needs_no_kubeconfig(self, home: Home) -> None:
        found = home.resolve(server="https://1.2.3.4:6443/", token=SECRET)
        assert (found.server, found.user.token) == ("https://1.2.3.4:6443", SECRET)

    def test_a_server_clears_the_tls_server_name(self, home: Home) -> None:
        home.kubeconfig(config("x", cluster={"tls-server-name": "old"}))
        assert home.resolve().cluster.tls_server_name == "old"
        assert home.resolve(server="https://new").cluster.tls_server_name is None
        found = home.resolve(server="https://new", tls_server_name="new")
        assert found.cluster.tls_server_name == "new"

    def test_skipping_verification_drops_the_authority(self, home: Home) -> None:
        home.kubeconfig(config("x", cluster={"certificate-authority-data": encoded("pem")}))
        cluster = home.resolve(insecure_skip_tls_verify=True).cluster
        assert cluster.insecure_skip_tls_verify
        assert cluster.certificate_authority_data is None

    def test_an_authority_turns_verification_on(self, home: Home) -> None:
        home.kubeconfig(config("x", cluster={"insecure-skip-tls-verify": True}))
        path = home.write("ca", "")
        cluster = home.resolve(certificate_authority=path).cluster
        assert (cluster.certificate_authority, cluster.insecure_skip_tls_verify) == (path, False)

    def test_a_certificate_replaces_the_data_of_one(self, home: Home) -> None:
        data = {"client-certificate-data": encoded("c"), "client-key-data": encoded("k")}
        home.kubeconfig(config("x", user=data))
        path = home.write("pem", "")
        user = home.resolve(client_certificate=path, client_key=path).user
        assert (user.client_certificate, user.client_certificate_data) == (path, None)
        assert (user.client_key, user.client_key_data) == (path, None)

    def test_paths_are_relative_to_the_working_directory(
        self, home: Home, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        home.kubeconfig(config("x"))
        path = home.write("elsewhere/ca", "")
        monkeypatch.chdir(home.path / "elsewhere")
        assert home.resolve(certificate_authority="ca").cluster.certificate_authority == path

    def test_a_token_beats_a_token_file(self, home: Home) -> None:
        home.kubeconfig(config("x", user={"tokenFile": home.write("token", "old")}))
        assert authorization(home.resolve(token=SECRET)) == f"Bearer {SECRET}"


class TestNamespace:
    @pytest.mark.parametrize(
        ("context", "flag", "pod", "expected"),
        [
            pytest.param("apps", "logging", True, "logging", id="flag"),
            pytest.param("apps", None, True, "apps", id="context"),
            pytest.param("default", None, True, "default", id="context says default"),
            pytest.param(None, None, True, "monitoring", id="in a pod, its own"),
            pytest.param(None, None, False, "default", id="nothing said"),
        ],
    )
    def test_first_of(
        self, home: Home, context: str | None, flag: str | None, pod: bool, expected: str
    ) -> None:
        home.kubeconfig(config("x", context={"namespace": context}))
        found = home.resolve(home.pod() if pod else {}, namespace=flag)
        assert (found.context, found.namespace) == ("x", expected)

    def test_a_pod_may_be_told_its_namespace(self, home: Home) -> None:
        assert home.resolve(home.pod(POD_NAMESPACE="told")).namespace == "told"


class TestInCluster:
    def test_without_a_kubeconfig(self, home: Home) -> None:
        found = home.resolve(home.pod())
        assert (found.server, found.context) == ("https://10.0.0.1:443", "")
        assert found.cluster.certificate_authority == str(home.path / "serviceaccount/ca.crt")
        assert authorization(found) == f"Bearer {SECRET}"

    def test_an_ipv6_address_is_bracketed(self, home: Home) -> None:
        found = home.resolve(home.pod(KUBERNETES_SERVICE_HOST="fd00::1"))
        assert found.server == "https://[fd00::1]:443"

    def test_a_kubeconfig_comes_first(self, home: Home) -> None:
        home.kubeconfig(config("x"))
        assert home.resolve(home.pod()).server == "https://x.example"

    def test_a_server_of_nobodys_choice_does_not_count(self, home: Home) -> None:
        """Source: merged_client_builder.go: what equals the defaults is no configuration."""
        home.kubeconfig(config("x", cluster={"server": "http://localhost:8080"}))
        assert home.resolve(home.pod()).server == "https://10.0.0.1:443"
        assert home.resolve().server == "http://localhost:8080"
        home.kubeconfig(config("x", cluster={"server": "http://master"}))
        environ = {"KUBERNETES_MASTER": "http://master"}
        assert home.resolve(home.pod(**environ)).server == "https://10.0.0.1:443"

    def test_a_token_and_an_authority_of_ones_own(self, home: Home) -> None:
        path = home.write("ca", "")
        found = home.resolve(home.pod(), token="t", certificate_authority=path)
        assert (found.server, authorization(found)) == ("https://10.0.0.1:443", "Bearer t")
        assert found.cluster.certificate_authority == path

    @pytest.mark.parametrize(
        ("flags", "message"),
        [
            ({"as_user": "jane"}, "a pod's own cluster can't be asked with --as"),
            ({"request_timeout": 5.0}, "can't be asked with .*--request-timeout"),
            ({"disable_compression": True}, "can't be asked with .*--disable-compression"),
            (
                {"client_certificate": "pem", "client_key": "pem"},
                "--client-certificate needs a kubeconfig in a pod",
            ),
            ({"client_key": "key"}, "--client-key needs a kubeconfig"),
            ({"tls_server_name": "x"}, "--tls-server-name needs a kubeconfig"),
        ],
    )
    def test_flags_that_kubectl_does_not_heed_there(
        self,
        home: Home,
        monkeypatch: pytest.MonkeyPatch,
        flags: dict[str, Any],
        message: str,
    ) -> None:
        monkeypatch.chdir(home.path)
        home.write("pem", "")
        with pytest.raises(ClusterError, match=message):
            home.resolve(home.pod(), **flags)

    def test_a_timeout_of_none_is_no_timeout(self, home: Home) -> None:
        assert home.resolve(home.pod(), request_timeout=0.0).server == "https://10.0.0.1:443"

    def test_a_user_that_is_not_used_must_be_usable(self, home: Home) -> None:
        """Source: client_config.go, ConfirmUsable, comes first."""
        home.kubeconfig(config("x", user={"as-groups": ["dev"]}, cluster={"server": ""}))
        with pytest.raises(UsageError, match="add --as"):
            home.resolve(home.pod())

    def test_nor_a_user(self, home: Home) -> None:
        home.kubeconfig({"users": config("x")["users"]})
        with pytest.raises(ClusterError, match="--user needs a kubeconfig in a pod"):
            home.resolve(home.pod(), user="x")


class TestImpersonation:
    def test_all_of_a_kubeconfig(self, home: Home) -> None:
        user = {
            "as": "jane",
            "as-uid": "42",
            "as-groups": ["dev", "ops"],
            "as-user-extra": {"acme.com/Scope%": ["a", "b"]},
        }
        home.kubeconfig(config("x", user=user))
        assert credentials.impersonation(home.resolve().user) == [
            ("Impersonate-User", "jane"),
            ("Impersonate-Uid", "42"),
            ("Impersonate-Group", "dev"),
            ("Impersonate-Group", "ops"),
            ("Impersonate-Extra-acme.com%2FScope%25", "a"),
            ("Impersonate-Extra-acme.com%2FScope%25", "b"),
        ]

    def test_extras_of_the_flags_come_over_those_of_the_kubeconfig(self, home: Home) -> None:
        extra = {"team": ["a"], "scope": ["b"]}
        home.kubeconfig(config("x", user={"as": "jane", "as-user-extra": extra}))
        user = home.resolve(as_user_extra=("scope=c=d", "scope=e", "new=")).user
        assert user.as_user_extra == {"team": ("a",), "scope": ("c=d", "e"), "new": ("",)}

    def test_an_extra_without_a_value_is_not_passed_over(self, home: Home) -> None:
        home.kubeconfig(config("x", user={"as": "jane"}))
        with pytest.raises(UsageError, match='"scope" is no --as-user-extra; give KEY=VALUE'):
            home.resolve(as_user_extra=("scope",))

    def test_each_flag_replaces_its_own(self, home: Home) -> None:
        home.kubeconfig(config("x", user={"as": "jane", "as-groups": ["dev"]}))
        user = home.resolve(as_user="joe", as_uid="7").user
        assert (user.as_user, user.as_uid, user.as_groups) == ("joe", "7", ("dev",))
        assert home.resolve(as_groups=("a", "b")).user.as_groups == ("a", "b")

    @pytest.mark.parametrize("flags", [{"as_uid": "7"}, {"as_groups": ("dev",)}])
    def test_nobody_without_a_user(self, home: Home, flags: dict[str, Any]) -> None:
        home.kubeconfig(config("x"))
        with pytest.raises(UsageError, match="add --as"):
            home.resolve(**flags)


class TestNotFound:
    @pytest.mark.parametrize(
        ("flags", "message"),
        [
            ({"context": "prdo"}, 'no context "prdo" in .*; did you mean "prod"?'),
            ({"cluster": "stagin"}, 'no cluster "stagin" in .*; did you mean "staging"?'),
            ({"user": "zzz"}, 'no user "zzz" in .*; there are: prod, staging'),
        ],
    )
    def test_names_the_nearest(self, home: Home, flags: dict[str, Any], message: str) -> None:
        home.kubeconfig(config("staging", "prod"))
        with pytest.raises(NotFound, match=message):
            home.resolve(**flags)

    def test_what_a_flag_replaces_need_not_be_there(self, home: Home) -> None:
        home.kubeconfig({"contexts": config("x")["contexts"], "current-context": "x"})
        found = home.resolve(server="https://y", token="t")
        assert (found.server, found.user.token, found.context) == ("https://y", "t", "x")
        named = 'the context "x" names the {0} "x", which is not in .*/config; there are none'
        with pytest.raises(NotFound, match=named.format("user")):
            home.resolve(server="https://y")
        with pytest.raises(NotFound, match=named.format("cluster")):
            home.resolve(token="t")
        with pytest.raises(NotFound, match='no user "z"'):
            home.resolve(server="https://y", token="t", user="z")

    def test_an_entry_may_have_no_name(self, home: Home) -> None:
        document = config("")
        home.kubeconfig(document)
        assert home.resolve().server == "https://.example"

    @pytest.mark.parametrize("part", ["contexts", "clusters", "users"])
    def test_a_dangling_name_is_never_passed_over(self, home: Home, part: str) -> None:
        home.kubeconfig({**config("x"), part: None})
        with pytest.raises(
            NotFound, match=f'(no|names the) {part[:-1]} "x".* in .*; there are none'
        ):
            home.resolve(home.pod())

    @pytest.mark.parametrize(
        ("user", "cluster"),
        [
            pytest.param({}, {"certificate-authority": "gone"}, id="authority"),
            pytest.param({"client-certificate": "gone", "client-key": "gone"}, {}, id="client"),
        ],
    )
    def test_names_the_missing_file(
        self, home: Home, user: dict[str, Any], cluster: dict[str, Any]
    ) -> None:
        home.kubeconfig(config("x", user=user, cluster=cluster))
        with pytest.raises(NotFound, match=r"no such file: .*/\.kube/gone \(c.* of the .* \"x\"\)"):
            home.resolve()


class TestNothingConfigured:
    def test_no_kubeconfig(self, home: Home) -> None:
        with pytest.raises(ClusterError, match=r"no cluster is configured in .*/\.kube/config; "):
            home.resolve()

    def test_the_environment_may_name_a_server(self, home: Home) -> None:
        """Source: client_config.go, getDefaultServer."""
        environ = {"KUBERNETES_MASTER": "https://master"}
        assert home.resolve(environ).server == "https://master"
        home.kubeconfig(config("x", cluster={"server": ""}))
        assert home.resolve(environ).server == "https://master"
        home.kubeconfig(config("x"))
        assert home.resolve(environ).server == "https://x.example"

    def test_home_is_what_the_environment_says(self) -> None:
        assert home_directory({"HOME": "/home/jane"}) == Path("/home/jane")
        assert home_directory({}) == Path()

    def test_no_current_context(self, home: Home) -> None:
        home.kubeconfig(config("a", "b", current=""))
        with pytest.raises(ClusterError, match="choose one with --context: a, b"):
            home.resolve()

    def test_a_context_without_a_cluster(self, home: Home) -> None:
        home.kubeconfig(config("x", context={"cluster": None}))
        with pytest.raises(ClusterError, match='the context "x" names no cluster'):
            home.resolve()


class TestDamaged:
    @pytest.mark.parametrize(
        ("content", "message"),
        [
            pytest.param(f"users:\n- token: '{SECRET}\n", "not valid YAML at line", id="quote"),
            pytest.param(f"a: *{SECRET}", "not valid YAML at line 1", id="alias"),
            pytest.param(
                SECRET, "damaged: the whole file should be a mapping, not text", id="text"
            ),
            pytest.param("\x00\x01", "not valid YAML", id="binary"),
            pytest.param(
                "users: [{name: x, user: {token: 1234}}]",
                r"damaged: users\[0\].user.token should be text, not a number$",
                id="wrong type",
            ),
            pytest.param("kind: Deployment", "its kind is Deployment", id="another kind"),
            pytest.param("users: [{name: x}, {name: x}]", '"x" is there twice', id="twice"),
            pytest.param("apiVersion: v2", "its apiVersion is v2", id="another version"),
            pytest.param("kind: config", "its kind is config", id="kind in small letters"),
            pytest.param(
                "preferences: 5", "preferences should be a mapping, not a", id="preferences"
            ),
            pytest.param(
                f"clusters: [{{cluster: {{insecure-skip-tls-verify: {SECRET}}}}}]",
                r"clusters\[0\].cluster.insecure-skip-tls-verify should be true or false, not text$",
                id="no truth",
            ),
            pytest.param("users: {a: b}", "users should be a list, not a mapping$", id="no list"),
            pytest.param(
                f"users: [{{user: {{auth-provider: {{config: {{{SECRET}: [1]}}}}}}}}]",
                r"users\[0\].user.auth-provider.config\[...\] should be text, not a list$",
                id="below a key of the user's own",
            ),
            pytest.param(
                "contexts: [null]", r"contexts\[0\] should be a mapping, not empty$", id="none"
            ),
            pytest.param(
                f"users: [{{name: x, user: {{client-key-data: {SECRET}}}}}]",
                'client-key-data of the user "x" is not valid base64',
                id="no base64",
            ),
            pytest.param(
                "clusters: [{name: x, cluster: {certificate-authority-data: Y Q==}}]",
                "certificate-authority-data of .* is not valid base64",
                id="a blank in base64",
            ),
            pytest.param(
                "clusters: [{name: x, cluster: {certificate-authority-data: YWJj==}}]",
                "certificate-authority-data of .* is not valid base64",
                id="too much padding",
            ),
            pytest.param(
                "extensions: [{name: e, extension: {}}, {name: e, extension: {}}]",
                '"e" is there twice',
                id="extension twice",
            ),
        ],
    )
    def test_says_where_and_no_secret(self, home: Home, content: str, message: str) -> None:
        home.kubeconfig(content)
        with pytest.raises(InputError, match=message) as caught:
            home.resolve()
        assert "/.kube/config" in str(caught.value)
        assert SECRET not in str(caught.value)

    def test_a_directory_is_none(self, home: Home) -> None:
        with pytest.raises(InputError, match="can't read the kubeconfig"):
            home.resolve(kubeconfig=str(home.path))
