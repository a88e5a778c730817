"""A habit of UDP sockets on Windows, switched off: errors that belong to somebody else's datagram."""

import ctypes
import socket
import sys
from ctypes import wintypes

# Elsewhere mypy reads no further: most names below exist on Windows alone.
assert sys.platform == "win32"

# mswsock.h: _WSAIOW(IOC_VENDOR, 12). Python's own `ioctl` knows three codes, and this is none of them.
_SIO_UDP_CONNRESET = 0x9800000C

_WSAIoctl = ctypes.WinDLL("ws2_32").WSAIoctl
_WSAIoctl.argtypes = (
    ctypes.c_void_p,
    wintypes.DWORD,
    ctypes.c_void_p,
    wintypes.DWORD,
    ctypes.c_void_p,
    wintypes.DWORD,
    ctypes.POINTER(wintypes.DWORD),
    ctypes.c_void_p,
    ctypes.c_void_p,
)


def ignore_closed_ports(sock: socket.socket) -> bool:
    """Have no `recvfrom` fail because an earlier answer of ours found its port closed (WSAECONNRESET).

    Return whether Windows agreed.
    """
    off, returned = wintypes.BOOL(False), wintypes.DWORD()
    code = _WSAIoctl(
        *(sock.fileno(), _SIO_UDP_CONNRESET),
        *(ctypes.byref(off), ctypes.sizeof(off), None, 0, ctypes.byref(returned), None, None),
    )
    return bool(code == 0)
