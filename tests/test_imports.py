"""What may import what, and what a quick answer must not load."""

from __future__ import annotations

import ast
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).parent.parent / "kubectl_ds"
ROOMS = {
    "core": {"core"},
    "words": {"words", "core"},
    "manual": {"manual", "words", "core"},
    "draw": {"draw", "manual", "words", "core"},
    "kube": {"kube", "core", "errors"},
    "read": {"read", "kube", "core", "errors"},
}
CORE_MAY_IMPORT = {"msgspec", "kubectl_ds"}
IMPURE = {
    "io", "logging", "os", "pathlib", "random", "shutil", "socket", "subprocess", "sys",
    "tempfile", "time", "urllib",
}  # fmt: skip


def imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            found.add(node.module or "")
    return found


def sources(room: str) -> list[Path]:
    return sorted((PACKAGE / room).glob("*.py"))


@pytest.mark.parametrize("path", sources("core"), ids=lambda path: path.name)
def test_the_core_is_pure(path: Path) -> None:
    tops = {name.split(".")[0] for name in imports(path)}
    outside = tops - sys.stdlib_module_names
    assert outside <= CORE_MAY_IMPORT
    assert not tops & IMPURE
    text = path.read_text()
    assert "print(" not in text
    assert ".now(" not in text
    assert "open(" not in text
    assert "Thread" not in text  # a lock is no effect that anybody sees


@pytest.mark.parametrize(
    "path", [path for room in ROOMS for path in sources(room)], ids=lambda path: path.name
)
def test_rooms_only_see_the_rooms_behind_them(path: Path) -> None:
    own = {name.split(".")[1] for name in imports(path) if name.startswith("kubectl_ds.")}
    assert own <= ROOMS[path.parent.name]


@pytest.mark.parametrize(
    "arguments",
    [["--version"], ["-h"], ["explain", "-h"], ["reasons", "-h"], ["options"], []],
    ids=" ".join,
)
def test_help_and_version_load_nothing_but_click(arguments: list[str]) -> None:
    program = (
        "import sys; from kubectl_ds.main import main; code = main(sys.argv[1:]); "
        "print(*sorted(sys.modules), sep='\\n', file=sys.stderr); sys.exit(code)"
    )
    command = [sys.executable, "-S", "-c", program, *arguments]
    environment = {"PYTHONPATH": ":".join(path for path in sys.path if path)}
    ended = subprocess.run(command, capture_output=True, text=True, env=environment, check=True)
    assert ended.stdout
    loaded = {name.split(".")[0] for name in ended.stderr.splitlines()}
    known = sys.stdlib_module_names | {"__main__", "click", "kubectl_ds"}
    assert {name for name in loaded - known if not name.startswith("_")} == set()
    own = {name for name in ended.stderr.splitlines() if name.startswith("kubectl_ds")}
    assert own == {
        "kubectl_ds", "kubectl_ds.cli", "kubectl_ds.errors", "kubectl_ds.main", "kubectl_ds.options",
    }  # fmt: skip


def test_a_saved_cluster_is_explained_without_the_kubernetes_package() -> None:
    recording = Path(__file__).parent / "data" / "recorded" / "quota_pods.json"
    program = (
        "import sys; from kubectl_ds.main import main; "
        f"main(['explain', '-A', '--from', {str(recording)!r}]); "
        "assert not {'kubernetes', 'urllib3', 'yaml'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


ONLY_FOR_TROUBLE = (
    "kubectl_ds.core.scheduling.",
    "kubectl_ds.core.running.unready",
    "kubectl_ds.core.running.ended",
    "kubectl_ds.core.unsettled",
    "kubectl_ds.words.by_code",
)


@pytest.mark.parametrize(
    ("recording", "trouble"),
    [pytest.param("cordoned", False, id="none"), pytest.param("insufficient_cpu", True, id="some")],
)
def test_the_rules_that_only_trouble_needs_are_loaded_where_there_is_some(
    recording: str, trouble: bool
) -> None:
    path = Path(__file__).parent / "data" / "recorded" / f"{recording}.json"
    program = (
        "import sys; from kubectl_ds.main import main; "
        f"main(['explain', '-A', '--all', '--from', {str(path)!r}]); "
        f"print(any(name.startswith({ONLY_FOR_TROUBLE!r}) for name in sys.modules))"
    )
    command = [sys.executable, "-c", program]
    ended = subprocess.run(command, check=True, capture_output=True, text=True)
    assert ended.stdout.splitlines()[-1] == str(trouble)


def test_a_code_is_looked_up_without_what_reads_clusters_or_makes_pages() -> None:
    program = (
        "import sys; from kubectl_ds.main import main; "
        "assert main(['reasons']) == main(['reasons', 'QuotaExceeded']) == 0; "
        "loaded = {name.split('.')[0] for name in sys.modules}; "
        "assert not {'kubernetes', 'urllib3', 'yaml', 'jinja2'} & loaded; "
        "own = {name.split('.')[1] for name in sys.modules if name.startswith('kubectl_ds.')}; "
        "assert not {'kube', 'read'} & own, own"
    )
    subprocess.run([sys.executable, "-c", program], check=True, capture_output=True)


def test_only_what_shows_the_manual_loads_it() -> None:
    for path in PACKAGE.rglob("*.py"):
        if "kubectl_ds.manual" in {".".join(name.split(".")[:2]) for name in imports(path)}:
            shown_by = ("manual", "manual_markdown", "manual_document", "reasons")
            assert path.parent.name == "manual" or path.stem in shown_by
