"""`python -m pynetdb`, and the command itself: ^C is heeded before anything of ours is imported."""

import gc
import os
import signal
import sys


def main() -> None:
    """Run the command line, and exit with its status."""
    gc.disable()  # Imports make no garbage; the command line looks for it again once a command begins.
    # Until the boundary of the command line stands, an interrupt ends us as it ends any program: at once, and
    # without a traceback.
    if signal.getsignal(signal.SIGINT) is signal.default_int_handler:
        signal.signal(signal.SIGINT, signal.SIG_DFL)
    try:
        from pynetdb.cli import main as run
    except (MemoryError, SystemError, ImportError, OSError) as error:
        # A limit of this process's (`ulimit -v`, `ulimit -n`) that does not even let the program be read.
        if isinstance(error, ModuleNotFoundError):
            raise  # That is our bug.
        known = "" if isinstance(error, SystemError) else str(error)
        sys.exit(f"Error: {known or 'out of memory'}")
    try:
        run()
    except (MemoryError, SystemError):
        # Said without a further thought, for which there may be no room.
        os.write(2, b"Error: out of memory\n")
        os._exit(1)


if __name__ == "__main__":
    main()
