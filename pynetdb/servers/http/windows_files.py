"""Files of a site on Windows: opened so that they can be replaced meanwhile, and known by one name each."""

import ctypes
import msvcrt
import os
import sys
from ctypes import wintypes

# Elsewhere mypy reads no further: most names below exist on Windows alone.
assert sys.platform == "win32"

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel32.CreateFileW.argtypes = (
    *(wintypes.LPCWSTR, wintypes.DWORD, wintypes.DWORD, ctypes.c_void_p),
    *(wintypes.DWORD, wintypes.DWORD, wintypes.HANDLE),
)
_kernel32.CreateFileW.restype = wintypes.HANDLE
_kernel32.CloseHandle.argtypes = (wintypes.HANDLE,)
_kernel32.GetLongPathNameW.argtypes = (wintypes.LPCWSTR, wintypes.LPWSTR, wintypes.DWORD)
_kernel32.GetLongPathNameW.restype = wintypes.DWORD
_kernel32.GetFinalPathNameByHandleW.argtypes = (
    *(wintypes.HANDLE, wintypes.LPWSTR, wintypes.DWORD, wintypes.DWORD),
)
_kernel32.GetFinalPathNameByHandleW.restype = wintypes.DWORD

_GENERIC_READ = 0x80000000
_SHARE_READ_WRITE_DELETE = 0x7
_OPEN_EXISTING = 3
_INVALID_HANDLE = wintypes.HANDLE(-1).value
_MAX_PATH = 32_768


def open_shared(path: str, *, exactly: bool) -> int:
    """Open a file for reading, and return its descriptor: it can be renamed and deleted as on other systems.

    `exactly` refuses one to which a link leads, or that has another name. Raises OSError.
    """
    handle = _kernel32.CreateFileW(
        path, _GENERIC_READ, _SHARE_READ_WRITE_DELETE, None, _OPEN_EXISTING, 0, None
    )
    if handle == _INVALID_HANDLE:
        raise ctypes.WinError(ctypes.get_last_error())
    if exactly and os.path.normcase(_final_path(handle)) != os.path.normcase(path):
        _kernel32.CloseHandle(handle)
        raise FileNotFoundError(path)
    # Text must not be translated, nor may COMMAND inherit it.
    return msvcrt.open_osfhandle(handle, os.O_RDONLY | os.O_BINARY | os.O_NOINHERIT)


def has_long_names(path: str) -> bool:
    """Say whether no part of the path is a second name, as `PROGRA~1` is of `Program Files`.

    Whoever judges a file by its name must see the one it has. Raises OSError.
    """
    buffer = ctypes.create_unicode_buffer(_MAX_PATH)
    if not _kernel32.GetLongPathNameW(path, buffer, _MAX_PATH):
        raise ctypes.WinError(ctypes.get_last_error())
    return os.path.normcase(buffer.value) == os.path.normcase(path)


def _final_path(handle: int) -> str:
    buffer = ctypes.create_unicode_buffer(_MAX_PATH)
    if not _kernel32.GetFinalPathNameByHandleW(handle, buffer, _MAX_PATH, 0):
        raise ctypes.WinError(ctypes.get_last_error())
    path = buffer.value
    if path.startswith("\\\\?\\UNC\\"):
        return "\\" + path[7:]
    return path.removeprefix("\\\\?\\")
