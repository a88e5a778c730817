"""Threads: a refusal has a name, and running out of memory in one ends the process."""

import subprocess
import sys
import threading

import pytest
from programs import PATIENCE, environment, posix

from pynetdb.errors import PynetdbError
from pynetdb.threads import start_thread


def test_it_runs_beside_us_and_keeps_nobody() -> None:
    done = threading.Event()
    thread = start_thread(done.set, "testing")
    assert done.wait(PATIENCE)
    thread.join(PATIENCE)
    assert (thread.daemon, thread.name) == (True, "testing")


def test_a_refusal_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(thread: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(threading.Thread, "start", refuse)
    with pytest.raises(PynetdbError, match="no further thread, and this needs one: testing"):
        start_thread(print, "testing")


@posix
def test_out_of_memory_in_a_thread_ends_the_process() -> None:
    script = (
        "import threading\n"
        "from pynetdb.threads import start_thread\n"
        "def run(): raise MemoryError\n"
        "start_thread(run, 'testing')\n"
        "threading.Event().wait()\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script], stderr=subprocess.PIPE, env=environment(), timeout=PATIENCE
    )
    assert done.stderr == b"Error: out of memory\n"
    assert done.returncode == -15
