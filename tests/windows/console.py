"""A console of its own for a command: `python console.py COMMAND...`; a line `c` on standard input is Ctrl-C there.

Started with CREATE_NO_WINDOW. `b` is Ctrl-Break; both go to all in that console. Its exit status is COMMAND's.
"""

import os
import signal
import subprocess
import sys

EVENTS = {"c": "CTRL_C_EVENT", "b": "CTRL_BREAK_EVENT"}


def main() -> int:
    for name in ("SIGINT", "SIGBREAK"):
        signal.signal(getattr(signal, name), lambda number, frame: None)
    with subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL) as command:
        for line in sys.stdin:
            os.kill(0, getattr(signal, EVENTS[line.strip()]))
        return command.wait()


if __name__ == "__main__":
    sys.exit(main())
