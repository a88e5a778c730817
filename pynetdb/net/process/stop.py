"""Asking a server of ours to stop gracefully, as its user does with Ctrl-C."""

import os
import signal
import sys


def ask_to_stop(pid: int) -> None:
    """Ask the server that told this process id when it was ready: by SIGTERM, or on Windows by its event.

    There one that cannot be asked is ended at once. Raises ProcessLookupError for a process that is gone.
    """
    if sys.platform == "win32":
        from pynetdb.net.process.windows_stop import set_stop_event

        if set_stop_event(pid):
            return
    os.kill(pid, signal.SIGTERM)
