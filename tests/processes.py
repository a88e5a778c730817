"""What a process holds: its memory, its descriptors, whether it lives (Linux, from /proc)."""

import os
import re
import time
from contextlib import suppress
from pathlib import Path


def peak_memory(pid: int) -> int:
    """Bytes of memory that the process has ever held at a time."""
    return _status(pid, "VmHWM")


def resident_memory(pid: int) -> int:
    """Bytes of memory that the process holds now."""
    return _status(pid, "VmRSS")


def descriptors(pid: int) -> set[int]:
    """The descriptors that are open in the process."""
    return {int(name) for name in os.listdir(f"/proc/{pid}/fd")}


def sockets_open_in(pid: int) -> int:
    """How many sockets are open in the process; one that it closes meanwhile does not count."""
    found = 0
    for number in descriptors(pid):
        with suppress(FileNotFoundError):
            found += os.readlink(f"/proc/{pid}/fd/{number}").startswith("socket:")
    return found


def running(pid: int) -> bool:
    """Whether the process lives; one that nobody has waited for yet does not."""
    try:
        return "Z" not in Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0]
    except OSError:
        return False


def wait_for(path: Path, patience: float = 60) -> None:
    """Wait until a process has made the file."""
    end = time.monotonic() + patience
    while not path.exists():
        assert time.monotonic() < end, f"{path} did not appear"
        time.sleep(0.01)


def _status(pid: int, field: str) -> int:
    text = Path(f"/proc/{pid}/status").read_text()
    return int(re.findall(rf"{field}:\s+(\d+) kB", text)[0]) * 1024
