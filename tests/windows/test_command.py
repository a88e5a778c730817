"""`-- COMMAND` on Windows: found by PATHEXT, run without a shell, ended with all that it started."""

import ctypes
import os
import subprocess
import sys
import time
from pathlib import Path

import pytest
from programs import Run, environment, windows

pytestmark = windows
SYNCHRONIZE = 0x100000
WAIT_TIMEOUT = 258
SERVER = ("serve-echo", "--port", "0", "--quiet")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A folder with programs in it."""
    path = tmp_path / "Ordner mit Ümlaut"
    (path / "folder").mkdir(parents=True)
    (path / "tool.bat").write_text("@echo %1\r\n@exit /b 5\r\n", newline="")
    (path / "text.txt").write_text("no program")
    (path / "broken.exe").write_text("no program either")
    return path


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("none", 127),
        ("./tool", 5),
        ("./TOOL.BAT", 5),
        ("./text.txt", 126),
        ("./broken", 126),
        ("./folder", 126),
    ],
)
def test_a_command_is_found_as_a_shell_would(run: Run, folder: Path, name: str, status: int) -> None:
    done = run(*SERVER, "--", name, "word", cwd=folder)
    assert done.returncode == status
    assert (done.stdout.strip() == '"word"') is (status == 5)


def test_it_is_found_on_the_path(run: Run, folder: Path) -> None:
    path = f"{folder}{os.pathsep}{os.environ['PATH']}"
    assert run(*SERVER, "--", "tool", "word", env={"PATH": path}).returncode == 5


@pytest.mark.parametrize("word", ["a&echo INJECTED", "x^y", "a|b", "a b"])
def test_no_word_is_obeyed_by_a_shell(run: Run, folder: Path, word: str) -> None:
    assert run(*SERVER, "--", "./tool", word, cwd=folder).stdout == f'"{word}"\n'


@pytest.mark.parametrize("word", ["%PATH%", 'a"b'])
def test_a_word_that_cannot_be_quoted_is_refused(run: Run, folder: Path, word: str) -> None:
    done = run(*SERVER, "--", "./tool", word, cwd=folder)
    assert done.returncode == 126 and "a batch file cannot be given" in done.stderr


@pytest.mark.parametrize("status", [0, 7, 255, 0xC0000005])
def test_its_status_is_handed_on(run: Run, status: int) -> None:
    program = f"import os; os._exit({status - (1 << 32) if status >= 1 << 31 else status})"
    done = run(*SERVER, "--", sys.executable, "-c", program)
    assert done.returncode & 0xFFFFFFFF == status


# It starts a child, writes down its process id, and stays if there is a second word.
TREE = """
import os, subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(100)"])
with open(sys.argv[1], "w") as file:
    file.write(str(child.pid))
time.sleep(100 if sys.argv[2:] else 0)
os._exit(0)
"""


def lives(pid: int) -> bool:
    """Whether a process runs."""
    kernel32 = ctypes.windll.kernel32
    handle = kernel32.OpenProcess(SYNCHRONIZE, False, pid)
    if not handle:
        return False
    try:
        return kernel32.WaitForSingleObject(handle, 0) == WAIT_TIMEOUT
    finally:
        kernel32.CloseHandle(handle)


@pytest.mark.parametrize("stays", [[], ["stay"]])
def test_nothing_that_it_started_is_left(run: Run, tmp_path: Path, stays: list[str]) -> None:
    file = tmp_path / "pid"
    bound = ("--for", "3s") if stays else ()
    done = run(*SERVER, *bound, "--", sys.executable, "-c", TREE, str(file), *stays)
    # Ended by us it has the status that SIGTERM gives elsewhere.
    assert done.returncode == (128 + 15 if stays else 0)
    assert not lives(int(file.read_text()))


def test_nothing_is_left_of_a_server_that_was_killed(tmp_path: Path) -> None:
    file = tmp_path / "pid"
    command = [sys.executable, "-m", "pynetdb", *SERVER, "--", sys.executable, "-c", TREE, str(file), "stay"]
    with subprocess.Popen(command, env=environment()) as server:
        end = time.monotonic() + 60
        while not (file.exists() and file.read_text()):
            assert time.monotonic() < end
        assert lives(int(file.read_text()))
        server.kill()
    while lives(int(file.read_text())):
        assert time.monotonic() < end
