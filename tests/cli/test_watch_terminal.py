"""``--watch`` and ``--wait`` on a terminal: what somebody who sits before it sees."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import subprocess
import sys
import termios
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pyte
import pytest
import serve_watch as s
from serve_watch import PODS, WatchServer
from watched import PATIENCE

ALTERNATE, NORMAL = b"\x1b[?1049h", b"\x1b[?1049l"


@pytest.fixture
def server() -> Iterator[WatchServer]:
    with WatchServer(s.world()) as found:
        yield found


class _Screen(pyte.Screen):
    """After the last column, erasing begins with it: pyte stands beside it, terminals on it."""

    def erase_in_line(self, how: int = 0, private: bool = False) -> None:
        self.cursor.x = min(self.cursor.x, self.columns - 1)
        super().erase_in_line(how, private)

    def erase_in_display(self, how: int = 0, *rest: object, **more: object) -> None:
        self.cursor.x = min(self.cursor.x, self.columns - 1)
        super().erase_in_display(how, *rest, **more)


class Terminal:
    """A program on a terminal of its own."""

    def __init__(self, arguments: list[str], columns: int, lines: int, mute: bool) -> None:
        self.raw = b""
        self.screen = _Screen(columns, lines)
        self._stream = pyte.ByteStream(self.screen)
        self._end, theirs = pty.openpty()
        self._set_size(columns, lines)
        plain = ("COLUMNS", "LINES", "NO_COLOR")
        environment = {key: value for key, value in os.environ.items() if key not in plain}
        command = [sys.executable, "-m", "kubectl_ds", "explain", *arguments]
        self.process = subprocess.Popen(
            ["sh", "-c", 'exec "$@" 2>&-', "sh", *command] if mute else command,
            stdin=theirs,
            stdout=theirs,
            stderr=theirs,
            env={**environment, "TERM": "xterm-256color"},
            preexec_fn=os.setpgrp,  # as a job of a shell, which it may stop
        )
        os.close(theirs)

    def shown(self) -> list[str]:
        """The lines on the screen, down to the last that is not empty."""
        text = "\n".join(line.rstrip() for line in self.screen.display)
        return text.rstrip().splitlines()

    def resize(self, columns: int, lines: int) -> None:
        self.screen.resize(lines, columns)
        self._set_size(columns, lines)

    def until(self, there: Callable[[list[str]], object]) -> list[str]:
        """The screen once it is as wanted."""
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if there(self.shown()):
                return self.shown()
            self._read(0.05)
        raise AssertionError(f"it never came to be: {self.shown()}")

    def stopped(self) -> None:
        """Stop the program as ^Z does, and wait until it is."""
        self.process.send_signal(signal.SIGTSTP)
        end = time.monotonic() + PATIENCE
        while not os.waitid(os.P_PID, self.process.pid, os.WSTOPPED | os.WNOHANG):
            assert time.monotonic() < end, "it goes on"
            self._read(0.05)
        while self._ready(0.1):
            self._read(0)

    def write(self, text: bytes) -> None:
        """Write on the screen, as another program does."""
        self._stream.feed(text)

    def interrupted(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        while self._read(PATIENCE):
            pass
        return self.process.wait(PATIENCE)

    def close(self) -> None:
        self.process.kill()
        self.process.wait()
        os.close(self._end)

    def _read(self, seconds: float) -> bool:
        """Take what is there, or comes in time; False at the end."""
        if not self._ready(seconds):
            return True
        try:
            piece = os.read(self._end, 1 << 16)
        except OSError:  # the other end is closed
            return False
        self.raw += piece
        # pyte does not know the alternate screen: as there, the new one begins empty.
        self._stream.feed(
            piece.replace(ALTERNATE, b"\x1b[2J\x1b[H").replace(NORMAL, b"\x1b[2J\x1b[H")
        )
        return bool(piece)

    def _ready(self, seconds: float) -> bool:
        return bool(select.select([self._end], [], [], seconds)[0])

    def _set_size(self, columns: int, lines: int) -> None:
        fcntl.ioctl(self._end, termios.TIOCSWINSZ, struct.pack("HHHH", lines, columns, 0, 0))


@contextmanager
def terminal(
    server: WatchServer,
    home: Path,
    *arguments: str,
    columns: int = 80,
    lines: int = 12,
    mute: bool = False,
) -> Iterator[Terminal]:
    """A program on a terminal; a mute one has no stderr."""
    where = ["--kubeconfig", server.kubeconfig(home / "config"), "-n", "kube-system"]
    found = Terminal([*arguments, *where], columns, lines, mute)
    try:
        yield found
    finally:
        found.close()


def foot(shown: list[str]) -> str:
    return shown[-1].split("  ", 1)[-1] if shown else ""


def has(text: str) -> Callable[[list[str]], bool]:
    return lambda shown: any(text in line for line in shown)


class TestWatch:
    def test_is_painted_in_place(self, server: WatchServer, tmp_path: Path) -> None:
        with terminal(server, tmp_path, "agent", "--watch", "--color", "never") as seen:
            shown = seen.until(has("watching; Ctrl-C ends it"))
            assert shown[:5] == [
                "DaemonSet kube-system/agent: runs on 3 of 3 nodes, no gap",
                "",
                "     NODES  STATE      WHY",
                "  3  a b c  Available",
                "",
            ]
            server.put(s.pod("b", ready=False))
            shown = seen.until(has("Unready"))
            assert shown[0] == (
                "DaemonSet kube-system/agent: runs on 2 of 3 nodes, gaps: 1 Unready"
            )
            assert sum("DaemonSet" in line for line in shown) == 1
            server.put(s.pod("b"))
            shown = seen.until(lambda shown: has("no gap")(shown) and not has("Unready")(shown))
            assert sum("watching" in line for line in shown) == 1  # nothing of the longer is left

    def test_the_screen_is_given_back_with_the_last_answer(
        self, server: WatchServer, tmp_path: Path
    ) -> None:
        with terminal(server, tmp_path, "agent", "--watch") as seen:
            seen.until(has("watching"))
            assert seen.raw.startswith(ALTERNATE)
            assert seen.interrupted() == 130
            assert seen.raw.count(NORMAL) == 1
            after = seen.raw.partition(NORMAL)[2].decode()
            assert after.startswith("DaemonSet kube-system/agent: runs on 3 of 3 nodes, no gap\r\n")
            assert "Traceback" not in after
            for switched in (b"?25", b"?7"):  # the cursor, wrapping
                assert seen.raw.count(b"\x1b[" + switched + b"l") == 1
                assert seen.raw.rindex(b"\x1b[" + switched + b"h") > seen.raw.index(ALTERNATE)

    def test_without_stderr(self, server: WatchServer, tmp_path: Path) -> None:
        with terminal(server, tmp_path, "agent", "--watch", mute=True) as seen:
            seen.until(has("watching; Ctrl-C ends it"))
            assert seen.interrupted() == 130

    @pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT])
    def test_it_is_given_back_to_who_kills_it(
        self, server: WatchServer, tmp_path: Path, number: signal.Signals
    ) -> None:
        with terminal(server, tmp_path, "agent", "--watch") as seen:
            seen.until(has("watching"))
            assert seen.interrupted(number) == -number
            assert seen.raw.endswith(NORMAL)

    def test_it_is_given_back_while_it_is_stopped(
        self, server: WatchServer, tmp_path: Path
    ) -> None:
        with terminal(server, tmp_path, "agent", "--watch") as seen:
            seen.until(has("watching"))
            for _ in range(2):
                seen.stopped()
                assert seen.raw.endswith(NORMAL)
                assert seen.shown() == []
                seen.process.send_signal(signal.SIGCONT)
                seen.until(has("no gap"))
                seen.until(has("watching"))
                assert seen.raw.rindex(ALTERNATE) > seen.raw.rindex(NORMAL)
            assert seen.interrupted() == 130

    def test_what_others_write_is_painted_over(self, server: WatchServer, tmp_path: Path) -> None:
        with terminal(server, tmp_path, "agent", "--watch") as seen:
            before = seen.until(has("watching"))
            seen.write(b"\r\n" * 9 + b"please sign in")
            assert not has("no gap")(seen.shown())
            after = seen.until(has("no gap"))
            assert not has("please sign in")(after)
            assert after[:-1] == before[:-1]

    def test_until_the_first_answer(self, server: WatchServer, tmp_path: Path) -> None:
        go_on = server.hold(PODS)
        with terminal(server, tmp_path, "agent", "--watch") as seen:
            assert seen.until(len) == ["reading the cluster; Ctrl-C ends it"]
            go_on.set()
            assert not has("reading")(seen.until(has("watching")))

    def test_a_line_as_wide_as_the_window(self, server: WatchServer, tmp_path: Path) -> None:
        foot_line = "2026-11-21T08:00:00Z  watching; Ctrl-C ends it"
        with terminal(server, tmp_path, "agent", "--watch", columns=len(foot_line)) as seen:
            assert foot(seen.until(has("watching"))) == "watching; Ctrl-C ends it"
            seen.resize(57, 12)
            seen.until(has("DaemonSet kube-system/agent: runs on 3 of 3 nodes, no gap"))

    def test_a_line_that_is_wider_is_cut_and_says_so(
        self, server: WatchServer, tmp_path: Path
    ) -> None:
        with terminal(
            server, tmp_path, "agent", "--watch", "-o", "wide", columns=44, lines=30
        ) as seen:
            shown = seen.until(has("watching"))
            assert foot(shown) == "watching; Ctrl-C ends…"
            assert has("…")(shown[2:-1])
            assert max(map(len, shown)) == 44

    def test_what_does_not_fit_is_counted(self, server: WatchServer, tmp_path: Path) -> None:
        with terminal(server, tmp_path, "agent", "--watch", "-o", "wide", lines=7) as seen:
            shown = seen.until(has("watching"))
            assert len(shown) == 7
            # Of ten: headline, titles, three nodes, what is behind in three, two that are empty.
            assert shown[4] == "… 6 more lines; make the window taller"
            assert shown[5] == ""
            seen.resize(100, 20)
            shown = seen.until(has("agent-c-1"))
            assert not has("more lines")(shown)
            seen.resize(60, 7)
            seen.until(has("more lines; make the window taller"))

    def test_a_narrow_window_is_filled_anew(self, server: WatchServer, tmp_path: Path) -> None:
        server.put(s.pod("b", ready=False, waiting="ImagePullBackOff"))
        with terminal(server, tmp_path, "agent", "--watch", lines=30) as seen:
            wide = seen.until(has("watching"))
            seen.resize(44, 30)
            narrow = seen.until(lambda shown: len(shown) > len(wide) and has("watching")(shown))
            assert max(map(len, narrow)) <= 44
            assert seen.screen.cursor.y < 30

    def test_the_foot_says_what_may_not_be_watched(
        self, server: WatchServer, tmp_path: Path
    ) -> None:
        server.unwatchable = {PODS: 403}
        with terminal(server, tmp_path, "agent", "--watch", columns=100) as seen:
            assert foot(seen.until(has("may not watch"))) == (
                "may not watch pods: listing them every 10 seconds; Ctrl-C ends it"
            )

    def test_the_foot_says_that_the_server_is_lost(
        self, server: WatchServer, tmp_path: Path
    ) -> None:
        with terminal(server, tmp_path, "agent", "--watch") as seen:
            seen.until(has("watching"))
            server.stop()
            shown = seen.until(has("lost the connection"))
            assert foot(shown).startswith("lost the connection, trying again: can't reach http")
            assert has("no gap")(shown)
            server.start()
            seen.until(lambda shown: foot(shown).startswith("watching"))
            assert seen.interrupted() == 130
            after = seen.raw.partition(NORMAL)[2].decode()
            assert "warning: lost the connection" in after

    def test_one_that_is_deleted_leaves_the_last_answer(
        self, server: WatchServer, tmp_path: Path
    ) -> None:
        with terminal(server, tmp_path, "agent", "--watch") as seen:
            seen.until(has("watching"))
            server.delete(s.daemon_set())
            seen.until(has("was deleted"))
            after = seen.raw.partition(NORMAL)[2].decode()
            assert after.index("no gap") < after.index("error: the DaemonSet")

    def test_of_json_is_a_stream_even_there(self, server: WatchServer, tmp_path: Path) -> None:
        with terminal(server, tmp_path, "agent", "--watch", "-o", "json", lines=40) as seen:
            seen.until(has("kubectl-ds/v1"))
            assert ALTERNATE not in seen.raw


class TestWait:
    def test_progress_is_one_line_in_place(self, server: WatchServer, tmp_path: Path) -> None:
        server.put(s.pod("b", ready=False), s.pod("c", ready=False))
        with terminal(server, tmp_path, "agent", "--wait", columns=100) as seen:
            seen.until(has("has 2 gaps"))
            server.put(s.pod("b"))
            shown = seen.until(has("has 1 gap "))
            assert len(shown) == 1
            server.put(s.pod("c"))
            shown = seen.until(has("has no gap; 3 of 3"))
            assert shown[0] == "DaemonSet kube-system/agent: runs on 3 of 3 nodes, no gap"
            assert shown[-1] == "kube-system/agent has no gap; 3 of 3 nodes available"

    def test_of_several_the_line_tells_what_is_left_and_is_cut(
        self, server: WatchServer, tmp_path: Path
    ) -> None:
        server.put(s.daemon_set("other"), s.revision(of="other"), s.pod("a", of="other"))
        names = "agent", "other"
        with terminal(server, tmp_path, *names, "--wait", columns=50) as seen:
            (line,) = seen.until(has("of 2 done"))
            assert line.partition(": ")[2].startswith("1 of 2 done; kube-system/other has 2 ga")
            assert line.endswith("…")
            assert len(line) == 50 - len("^C")
