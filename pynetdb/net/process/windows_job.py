"""A job object of Windows: a process, and whatever it starts, which end together."""

import ctypes
import subprocess
import sys
from collections.abc import Mapping, Sequence
from ctypes import wintypes

from pynetdb.net.process.windows_command import command_line

# Elsewhere mypy reads no further: most names below exist on Windows alone.
assert sys.platform == "win32"

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel32.CreateJobObjectW.argtypes = (ctypes.c_void_p, wintypes.LPCWSTR)
_kernel32.CreateJobObjectW.restype = wintypes.HANDLE
_kernel32.SetInformationJobObject.argtypes = (wintypes.HANDLE, ctypes.c_int, ctypes.c_void_p, wintypes.DWORD)
_kernel32.AssignProcessToJobObject.argtypes = (wintypes.HANDLE, wintypes.HANDLE)
_kernel32.TerminateJobObject.argtypes = (wintypes.HANDLE, wintypes.UINT)
_kernel32.CloseHandle.argtypes = (wintypes.HANDLE,)
_ntdll = ctypes.WinDLL("ntdll")
_ntdll.NtResumeProcess.argtypes = (wintypes.HANDLE,)

# A process must not run before it is in its job: what it starts earlier is outside.
_CREATE_SUSPENDED = 0x00000004

_EXTENDED_LIMIT_INFORMATION = 9
_KILL_ON_JOB_CLOSE = 0x2000


class _BasicLimits(ctypes.Structure):
    _fields_ = (
        ("process_time", ctypes.c_int64),
        ("job_time", ctypes.c_int64),
        ("flags", wintypes.DWORD),
        ("minimum_working_set", ctypes.c_size_t),
        ("maximum_working_set", ctypes.c_size_t),
        ("active_processes", wintypes.DWORD),
        ("affinity", ctypes.c_size_t),
        ("priority_class", wintypes.DWORD),
        ("scheduling_class", wintypes.DWORD),
    )


class _ExtendedLimits(ctypes.Structure):
    _fields_ = (
        ("basic", _BasicLimits),
        ("io_counters", ctypes.c_uint64 * 6),
        ("process_memory", ctypes.c_size_t),
        ("job_memory", ctypes.c_size_t),
        ("peak_process_memory", ctypes.c_size_t),
        ("peak_job_memory", ctypes.c_size_t),
    )


class Job:
    """An empty job. If we are killed, Windows closes it for us and ends all that is in it."""

    def __init__(self) -> None:
        """Raises OSError."""
        self._handle = _kernel32.CreateJobObjectW(None, None)
        if not self._handle:
            raise ctypes.WinError(ctypes.get_last_error())
        limits = _ExtendedLimits()
        limits.basic.flags = _KILL_ON_JOB_CLOSE
        size = ctypes.sizeof(limits)
        if not _kernel32.SetInformationJobObject(
            self._handle, _EXTENDED_LIMIT_INFORMATION, ctypes.byref(limits), size
        ):
            error = ctypes.WinError(ctypes.get_last_error())
            self.close()
            raise error

    def start(
        self, path: str, arguments: Sequence[str], environment: Mapping[str, str]
    ) -> "subprocess.Popen[bytes]":
        """Start a program in it. Raises OSError and CommandNotExecutableError."""
        process = subprocess.Popen(
            command_line(path, arguments), env=dict(environment), creationflags=_CREATE_SUSPENDED
        )
        handle = int(process._handle)  # type: ignore[attr-defined]
        if not _kernel32.AssignProcessToJobObject(self._handle, handle):
            error = ctypes.WinError(ctypes.get_last_error())
            process.kill()
            raise error
        # subprocess has closed the handle of its first thread, which ResumeThread would want.
        _ntdll.NtResumeProcess(handle)
        return process

    def terminate(self, status: int) -> None:
        """End all that is in it at once, each with that exit status."""
        if self._handle:
            _kernel32.TerminateJobObject(self._handle, status)

    def close(self) -> None:
        """End what is left in it."""
        if self._handle:
            _kernel32.CloseHandle(self._handle)
            self._handle = None
