"""A password that stood on the command line, taken out of what every user of the machine can list."""

import sys
from collections.abc import Sequence
from contextlib import suppress

# https://man7.org/linux/man-pages/man5/proc_pid_stat.5.html: where the arguments are in memory. The fields
# are counted from 1, and the first two end with the last parenthesis.
_ARG_START, _ARG_END = 48 - 3, 49 - 3


def hide(secrets: Sequence[str]) -> None:
    """Overwrite texts in the arguments of this process, as `ps` shows them. Linux alone lets one."""
    if not any(secrets) or sys.platform != "linux":
        return
    # A courtesy: what shows it for the blink before cannot be helped either.
    with suppress(OSError, ValueError, IndexError):
        with open("/proc/self/stat", "rb") as file:
            fields = file.read().rpartition(b")")[2].split()
        start, end = int(fields[_ARG_START]), int(fields[_ARG_END])
        with open("/proc/self/mem", "r+b", buffering=0) as memory:
            memory.seek(start)
            before = arguments = memory.read(end - start)
            for secret in filter(None, secrets):
                raw = secret.encode()
                arguments = arguments.replace(raw, b"*" * len(raw))
            if arguments != before:
                memory.seek(start)
                memory.write(arguments)
