"""Programs side by side on one machine: built, started, pinned to a core, measured, ended.

Servers run on core 0 and the load on core 1, as the figures in ../shared/bench/MEASURED.md were taken.
"""

import os
import shutil
import socket
import statistics
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[1]
BENCH = Path(os.environ.get("PYNETDB_BENCH") or ROOT.parent / "shared" / "bench")
BUILD = ROOT / "benchmarks" / ".build"
# What the installed script does.
PYNETDB = [sys.executable, "-c", "from pynetdb.__main__ import main; main()"]


def built(source: str, *libraries: str) -> str:
    """Compile a C program of ../shared/bench, once, and return its path."""
    return built_as(Path(source).stem, source, (), *libraries)


def built_as(name: str, source: str, changes: Iterable[tuple[str, str]], *libraries: str) -> str:
    """Compile a C program of ../shared/bench with some of its words replaced, once, and return its path."""
    program = BUILD / name
    if not program.exists():
        text = (BENCH / source).read_text()
        for old, new in changes:
            assert text.count(old) == 1, f"{source} has changed: {old}"
            text = text.replace(old, new)
        BUILD.mkdir(exist_ok=True)
        command = ["cc", "-O2", "-x", "c", "-o", program, "-", *libraries]
        subprocess.run(command, input=text.encode(), check=True)
    return str(program)


def free_port() -> int:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        return int(sock.getsockname()[1])


def on_core(core: int) -> Callable[[], None]:
    """What a child does first: stay on that core."""
    return lambda: os.sched_setaffinity(0, {core}) if hasattr(os, "sched_setaffinity") else None


def available(commands: dict[str, Sequence[str]]) -> dict[str, Sequence[str]]:
    """The peers whose program is installed; the others are named, so that nobody misses them silently."""
    found = {name: command for name, command in commands.items() if shutil.which(command[0])}
    for name in commands.keys() - found.keys():
        print(f"not installed, left out: {name}", file=sys.stderr)
    return found


@contextmanager
def server(command: Iterable[str], port: int) -> Any:
    """A server on core 0 for the length of the block, once it takes connections."""
    words = [word.replace("PORT", str(port)) for word in command]
    with ExitStack() as stack:
        process = stack.enter_context(
            subprocess.Popen(
                words,
                preexec_fn=on_core(0),
                process_group=0,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                env={**os.environ, "PYTHONPATH": str(ROOT)},
            )
        )
        try:
            deadline = time.monotonic() + 10
            while True:
                try:
                    socket.create_connection(("127.0.0.1", port), 0.5).close()
                    break
                except OSError:
                    if time.monotonic() > deadline or process.poll() is not None:
                        raise
                    time.sleep(0.02)
            yield process
        finally:
            os.killpg(process.pid, 9)


def cpu_seconds(pid: int) -> float:
    """The time that the threads of a process have run so far, in the kernel too, to the nanosecond."""
    threads = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(thread.read_text().split()[0]) for thread in threads) / 1e9


def resident(pid: int) -> int:
    """Bytes of memory that a process holds."""
    return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def rotated(names: Sequence[str], turn: int) -> list[str]:
    """The names in an order that differs from round to round: nobody is always first."""
    start = turn * 3 % len(names)
    return [*names[start:], *names[:start]]


def ratios(values: Sequence[float], reference: Sequence[float]) -> float:
    """The median of the paired ratios."""
    return statistics.median(value / other for value, other in zip(values, reference, strict=True))


def machine() -> str:
    """One line that says where the figures were taken."""
    with open("/proc/cpuinfo") as file:
        model = next(
            (line.split(":")[1].strip() for line in file if line.startswith("model name")), "unknown"
        )
    return f"Python {sys.version.split()[0]}, {os.cpu_count()} cores, {model}, Linux {os.uname().release}"
