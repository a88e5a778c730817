"""How a server is asked to stop on Windows, which has no SIGTERM: an event, Ctrl-C, the window's cross."""

import ctypes
import sys
import threading
from collections.abc import Callable
from ctypes import wintypes

# Elsewhere mypy reads no further: most names below exist on Windows alone.
assert sys.platform == "win32"

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel32.CreateEventW.argtypes = (ctypes.c_void_p, wintypes.BOOL, wintypes.BOOL, wintypes.LPCWSTR)
_kernel32.CreateEventW.restype = wintypes.HANDLE
_kernel32.OpenEventW.argtypes = (wintypes.DWORD, wintypes.BOOL, wintypes.LPCWSTR)
_kernel32.OpenEventW.restype = wintypes.HANDLE
_kernel32.SetEvent.argtypes = (wintypes.HANDLE,)
_kernel32.WaitForSingleObject.argtypes = (wintypes.HANDLE, wintypes.DWORD)
_kernel32.CloseHandle.argtypes = (wintypes.HANDLE,)

_EVENT_MODIFY_STATE = 0x0002
_INFINITE = 0xFFFFFFFF
_ERROR_ALREADY_EXISTS = 183

_ControlHandler = ctypes.WINFUNCTYPE(wintypes.BOOL, wintypes.DWORD)
_kernel32.SetConsoleCtrlHandler.argtypes = (ctypes.c_void_p, wintypes.BOOL)
_CLOSING = (2, 5, 6)  # CTRL_CLOSE_EVENT, CTRL_LOGOFF_EVENT, CTRL_SHUTDOWN_EVENT

# When its window is closed, Windows ends a process five seconds later, or as soon as its handler returns.
_CLOSE_TIMEOUT = 4.5


def event_name(pid: int) -> str:
    """Return the name of the event that stops the server with that process id, as .NET and C take it."""
    return f"Local\\pynetdb-stop-{pid}"


def set_stop_event(pid: int) -> bool:
    """Ask the server with that process id to stop; return whether there is one that can be asked."""
    event = _kernel32.OpenEventW(_EVENT_MODIFY_STATE, False, event_name(pid))
    if not event:
        return False
    try:
        return bool(_kernel32.SetEvent(event))
    finally:
        _kernel32.CloseHandle(event)


class StopRequests:
    """From its making until `close`, calls `stop` from other threads when this process is asked to stop.

    Asked by its event, or by the user who closes the window, logs off or shuts down. Ctrl-C and Ctrl-Break
    are signals: Python tells them itself.
    """

    def __init__(self, pid: int, stop: Callable[[], None]) -> None:
        self._stop = stop
        self._closed = threading.Event()
        # In a process group of our own Ctrl-C is ignored at first, as it is in the `&` children of a shell
        # elsewhere: we handle it all the same.
        _kernel32.SetConsoleCtrlHandler(None, False)
        self._handler = _ControlHandler(self._on_control)  # Kept here: Windows holds no reference.
        _kernel32.SetConsoleCtrlHandler(self._handler, True)
        self._event = _kernel32.CreateEventW(None, True, False, event_name(pid))
        if self._event and ctypes.get_last_error() == _ERROR_ALREADY_EXISTS:
            # Somebody made it before us, and may have set it: it is not ours.
            _kernel32.CloseHandle(self._event)
            self._event = None
        self._thread: threading.Thread | None = None
        if self._event:
            self._thread = threading.Thread(target=self._wait, daemon=True, name="stop event")
            self._thread.start()

    def close(self) -> None:
        """Listen no more; whoever waits at a closed window may end us now."""
        _kernel32.SetConsoleCtrlHandler(self._handler, False)
        self._closed.set()
        if self._thread is not None:
            _kernel32.SetEvent(self._event)
            self._thread.join()
            _kernel32.CloseHandle(self._event)

    def _wait(self) -> None:
        _kernel32.WaitForSingleObject(self._event, _INFINITE)
        if not self._closed.is_set():
            self._stop()

    def _on_control(self, kind: int) -> bool:
        if kind not in _CLOSING:
            return False  # Python's own handler is next.
        self._stop()
        self._closed.wait(_CLOSE_TIMEOUT)
        return True
