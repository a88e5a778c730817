"""Commands run as a user runs them, servers held for a test, strangers' processes ended."""

import json
import os
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from queue import Queue
from typing import Any

import pytest

from pynetdb.net.process.stop import ask_to_stop

linux = pytest.mark.skipif(sys.platform != "linux", reason="platform: needs Linux")
posix = pytest.mark.skipif(os.name != "posix", reason="platform: needs a POSIX system")
windows = pytest.mark.skipif(sys.platform != "win32", reason="platform: needs Windows")


def _runs_under_wine() -> bool:
    """Whether this Windows is wine, which says so itself."""
    if sys.platform != "win32":
        return False
    import ctypes

    return hasattr(ctypes.WinDLL("ntdll"), "wine_get_version")


WINE = _runs_under_wine()


def unlike_wine(difference: str) -> pytest.MarkDecorator:
    """Skip under wine what holds on Windows itself; `difference` says what wine does."""
    return pytest.mark.skipif(WINE, reason=f"platform: wine {difference}")


ROOT = Path(__file__).resolve().parents[1]
PYNETDB = [sys.executable, "-m", "pynetdb"]
PATIENCE = 60.0


def environment(**more: str) -> dict[str, str]:
    """A clean environment: none of the variables that change what a command says."""
    kept = {
        k: v
        for k, v in os.environ.items()
        if not k.startswith("PYNETDB_")
        and not k.lower().endswith("_proxy")
        and k not in ("NO_COLOR", "COLUMNS", "PYTHONDONTWRITEBYTECODE")
    }
    # Compiled once, whatever this shell is set to: thousands of interpreters start in a run.
    kept["PYTHONPYCACHEPREFIX"] = str(ROOT / ".pytest_cache" / "bytecode")
    python_path = os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))
    # A socket that a command forgets to close is a warning of its interpreter, and `run` looks for it.
    return {**kept, "PYTHONPATH": python_path, "PYTHONWARNINGS": "error::ResourceWarning", **more}


def assert_clean(complaint: str) -> None:
    """A traceback is always a bug, and so is what an interpreter says in its last breath."""
    for sign in ("Traceback", "Exception ignored", "ResourceWarning"):
        assert sign not in complaint, complaint


Run = Callable[..., "subprocess.CompletedProcess[Any]"]


Serve = Callable[..., "Served"]
Stranger = Callable[[str], str]


class Served:
    """A server of ours that is ready, with the JSON lines that it writes."""

    def __init__(self, arguments: Sequence[str], folder: Path, prefix: Sequence[str], **more: Any) -> None:
        self.complaints = folder / f"stderr-{id(self)}"
        with open(self.complaints, "wb") as stderr:
            env = environment(**more.pop("env", {}))
            self.process = subprocess.Popen(
                [*prefix, *PYNETDB, *arguments, "--format", "jsonl"],
                stdin=subprocess.DEVNULL,
                stdout=subprocess.PIPE,
                stderr=stderr,
                env=env,
                **more,
            )
        self._lines: Queue[bytes | None] = Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()
        self.ready = self.event("ready")
        self.port: int = self.ready["port"]
        self.address = (self.ready["host"], self.port)
        self.pid: int = self.ready["pid"]

    def event(self, name: str) -> dict[str, Any]:
        """The next event of that name."""
        while (line := self._lines.get(timeout=PATIENCE)) is not None:
            event: dict[str, Any] = json.loads(line)
            if event["event"] == name:
                return event
        self.process.wait(PATIENCE)
        raise AssertionError(f"no event {name!r}; status {self.process.returncode}: {self.stderr}")

    @property
    def stderr(self) -> str:
        """All that it told. Only at its end is all of it there: it is written in the background."""
        assert self.process.poll() is not None, "it has not ended: stop it first, or wait for its words"
        return self.complaints.read_text("utf-8", "replace")

    def wait(self) -> int:
        """Its exit status, once it has ended by itself."""
        status = self.process.wait(PATIENCE)
        self._reader.join(PATIENCE)
        return status

    def stop(self, *statuses: int) -> None:
        """Stop it as a user would, unless it has ended; look at how it took that: with 0, if not told."""
        if self.process.poll() is None:
            with suppress(ProcessLookupError):
                ask_to_stop(getattr(self, "pid", self.process.pid))
        try:
            assert self.wait() in (statuses or (0,)), self.stderr
        finally:
            if self.process.poll() is None:
                self.process.kill()
                self.process.wait()
            if self.process.stdout:
                self._reader.join(PATIENCE)
                self.process.stdout.close()
        assert_clean(self.stderr)

    def _read(self) -> None:
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self._lines.put(line)
        self._lines.put(None)


@contextmanager
def held(command: Sequence[str], **more: Any) -> Iterator["subprocess.Popen[bytes]"]:
    """A stranger's process for the length of the block; ended by its own id."""
    with subprocess.Popen(command, **more) as process:
        try:
            yield process
        finally:
            if process.poll() is None:
                process.terminate()
                try:
                    process.wait(10)
                except subprocess.TimeoutExpired:
                    process.kill()
