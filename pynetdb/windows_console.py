"""A console of Windows: told to obey escape sequences, its keys as the bytes of other terminals."""

import ctypes
import msvcrt
import sys
from collections.abc import Callable
from ctypes import wintypes

# Elsewhere mypy reads no further: most names below exist on Windows alone.
assert sys.platform == "win32"

_kernel32 = ctypes.WinDLL("kernel32", use_last_error=True)
_kernel32.GetConsoleMode.argtypes = (wintypes.HANDLE, ctypes.POINTER(wintypes.DWORD))
_kernel32.SetConsoleMode.argtypes = (wintypes.HANDLE, wintypes.DWORD)

_PROCESSED_OUTPUT = 0x1
_VIRTUAL_TERMINAL = 0x4

# What msvcrt says of a key without a character: one of these two, then its scan code.
_PREFIX = "\x00"
_PREFIX_OR_LETTER = "\xe0"
_SCAN_CODES = {
    "H": b"\x1b[A", "P": b"\x1b[B", "M": b"\x1b[C", "K": b"\x1b[D",
    "G": b"\x1b[H", "O": b"\x1b[F", "S": b"\x1b[3~",
}  # fmt: skip

CONTROL_C = "\x03"
_CONTROL_Z = "\x1a"
_END_OF_INPUT = b"\x04"


def obeys_escapes(descriptor: int) -> bool:
    """Have a console obey escape sequences (Windows 10 and newer); return whether it does.

    What says it is a terminal need not be a console: NUL says so as well.
    """
    try:
        handle = msvcrt.get_osfhandle(descriptor)
    except OSError:
        return False
    mode = wintypes.DWORD()
    if not _kernel32.GetConsoleMode(handle, ctypes.byref(mode)):
        return False
    return bool(_kernel32.SetConsoleMode(handle, mode.value | _PROCESSED_OUTPUT | _VIRTUAL_TERMINAL))


def read_key(getwch: Callable[[], str] = msvcrt.getwch, kbhit: Callable[[], bool] = msvcrt.kbhit) -> bytes:
    """Wait for a key, and return the bytes that other terminals send for it; b"" for one that has none.

    Ctrl-Z is the end of input here, as ^D is elsewhere. Raises KeyboardInterrupt for Ctrl-C, which is a
    character as long as we wait for one.
    """
    character = getwch()
    if character == CONTROL_C:
        raise KeyboardInterrupt
    if character == _CONTROL_Z:
        return _END_OF_INPUT
    if character == _PREFIX or (character == _PREFIX_OR_LETTER and kbhit()):
        code = getwch()
        if character == _PREFIX_OR_LETTER and code.islower():
            return (character + code).encode()  # Pasted: no key that means anything here has such a code.
        return _SCAN_CODES.get(code, b"")
    if "\ud800" <= character <= "\udbff":
        character += getwch()  # A character beyond the first plane comes as two halves.
    return character.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").encode()
