"""What an OSError from a socket means, in words a user can act on."""

import errno
import socket
from collections.abc import Iterator
from contextlib import contextmanager

from pynetdb.errors import CommandLineError, NetworkError, PynetdbError

_MESSAGES = {
    errno.ECONNREFUSED: "connection refused (is a server running there?)",
    errno.ECONNRESET: "the peer reset the connection",
    errno.ECONNABORTED: "the connection was aborted",
    errno.EPIPE: "the peer closed the connection while there was more to send",
    errno.ETIMEDOUT: "the network gave up: no answer",
    errno.EHOSTUNREACH: "no route to that host",
    errno.ENETUNREACH: "no route to that network",
    errno.ENETDOWN: "the network is down",
    errno.EADDRINUSE: "already in use",
    errno.EADDRNOTAVAIL: "this machine does not have that address",
    errno.EACCES: "permission denied",
    errno.EPERM: "permission denied",
    errno.EMSGSIZE: "the datagram is larger than one packet can be",
    errno.ENOENT: "no such socket file (is a server running there?)",
    errno.ENOTSOCK: "not a socket",
    errno.EMFILE: "too many open files",
    errno.ENFILE: "too many open files on this system",
    errno.EAFNOSUPPORT: "this system does not speak that address family",
}

_HINTS = {errno.EADDRINUSE: "address in use", errno.ECONNREFUSED: "connection refused"}


# Windows tells some errors of sockets by numbers of its own where Python's `errno` has C's.
_WINSOCK = {
    10004: errno.EINTR,
    10009: errno.EBADF,
    10013: errno.EACCES,
    10014: errno.EFAULT,
    10022: errno.EINVAL,
    10024: errno.EMFILE,
}


def number(error: OSError) -> int:
    """Return the number of `error` as `errno` names it, on every system."""
    return _WINSOCK.get(error.errno or 0, error.errno or 0)


def message(error: OSError) -> str:
    """Return what `error` means, without its number."""
    if isinstance(error, socket.gaierror):
        return "unknown host"
    return _MESSAGES.get(number(error)) or error.strerror or str(error)


@contextmanager
def network_errors(whom: str, transport: str = "tcp") -> Iterator[None]:
    """Turn an OSError of the block into a NetworkError that names `whom`, reached by `tcp` or `udp`."""
    try:
        yield
    except OSError as error:
        hint = _HINTS.get(error.errno or 0)
        raise NetworkError(f"{whom}: {message(error)}", hint=hint, about=f"{transport} {whom}") from error
    except UnicodeError as error:
        from pynetdb.net.host_names import HostNameError

        if isinstance(error, HostNameError):
            raise CommandLineError(f"{whom}: {error}") from error
        # a name that IDNA cannot encode: empty or over-long labels
        raise NetworkError(f"{whom}: unknown host") from error


def is_refused(error: NetworkError) -> bool:
    """Say whether the host was reached and nobody listened there, which may change."""
    return isinstance(error.__cause__, ConnectionRefusedError | FileNotFoundError)


def is_unknown_host(error: NetworkError) -> bool:
    """Say whether the name was the trouble, which waiting does not change.

    A resolver that cannot be reached just now (EAI_AGAIN) says nothing about the name.
    """
    cause = error.__cause__
    if isinstance(cause, socket.gaierror):
        return cause.errno != socket.EAI_AGAIN
    return isinstance(cause, ValueError)  # It cannot be a name: in most cases a UnicodeError.


_ABSENT = {
    getattr(errno, name)
    for name in (
        "ENOENT",
        "ENOTDIR",
        "ETIMEDOUT",
        "EHOSTUNREACH",
        "ENETUNREACH",
        "EHOSTDOWN",
        "ECONNRESET",
        "ENOTSOCK",
    )
    if hasattr(errno, name)
}


def is_absent(error: PynetdbError) -> bool:
    """Say whether nobody is there, as far as the network can tell; False for troubles of our own.

    A name that the resolver does not know has nobody behind it; one that it could not look up may have.
    """
    cause = error.__cause__
    if isinstance(error, NetworkError) and is_unknown_host(error):
        return True
    return isinstance(cause, ConnectionRefusedError) or (
        isinstance(cause, OSError) and not isinstance(cause, socket.gaierror) and cause.errno in _ABSENT
    )


def is_unusable_kind(error: NetworkError) -> bool:
    """Say whether somebody is there, with a Unix-domain socket of another kind (datagrams)."""
    cause = error.__cause__
    return isinstance(cause, OSError) and cause.errno == errno.EPROTOTYPE
