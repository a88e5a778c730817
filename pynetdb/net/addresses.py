"""Names and numbers of places on a network: written, read and looked up."""

import socket
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, NamedTuple

from pynetdb.errors import CommandLineError, NetworkError, PynetdbError
from pynetdb.net.deadline import Deadline
from pynetdb.net.os_errors import network_errors
from pynetdb.net.services_file import system_port
from pynetdb.net.sockets import Sockets
from pynetdb.threads import start_thread

# struct sockaddr_un: 108 bytes on Linux, 104 on the BSDs and macOS, the last one a NUL.
MAX_UNIX_PATH = 103

WILDCARDS = ("", "0.0.0.0", "::")  # noqa: S104 - names of all interfaces, used only when asked for


class Target(NamedTuple):
    """A place to bind or to reach: host and port, or the path of a Unix-domain socket."""

    host: str
    port: int
    unix: str | None = None

    def __str__(self) -> str:
        return self.unix if self.unix is not None else format_host_port(self.host, self.port)


class Resolved(NamedTuple):
    """A socket address with what `socket.socket` must be told to use it."""

    family: int
    address: Any


def format_host_port(host: str, port: int) -> str:
    """Return `host:port`, an IPv6 address in its brackets."""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"


def format_address(address: Any) -> str:
    """Return a socket address as text: `127.0.0.1:9128`, `[::1]:9128` or a path.

    The client of a Unix-domain socket has no address: it is `unix`.
    """
    if isinstance(address, tuple):
        return format_host_port(str(address[0]), int(address[1]))
    if isinstance(address, bytes):
        return "@" + address[1:].decode("utf-8", "backslashreplace")
    return address or "unix"


def is_loopback(address: Any) -> bool:
    """Say whether a socket address is on this very machine."""
    return not isinstance(address, tuple) or str(address[0]).startswith(("127.", "::1", "::ffff:127."))


def split_host_port(text: str, port: int, protocol: str | None = None) -> Target:
    """Read `HOST`, `HOST:PORT`, `[IPv6]:PORT` or a bare IPv6 address; `port` if there is none.

    With a `protocol`, `tcp` or `udp`, the port may be the name of a service.

    Raises ValueError with what is wrong.
    """
    host, colon, tail = text.rpartition(":")
    if text.startswith("["):
        host, bracket, tail = text[1:].partition("]")
        if not bracket or (tail and not tail.startswith(":")):
            raise ValueError("expected [IPv6] or [IPv6]:PORT")
        colon, tail = tail[:1], tail[1:]
    elif not colon or ":" in host:
        return Target(_not_empty(text), port)
    if not colon:
        return Target(_not_empty(host), port)
    if protocol is not None and not tail.isdigit():
        number = service_port(tail, protocol)
        if number is None:
            raise ValueError(f"{tail!r} is neither a port nor a known service")
        tail = str(number)
    if not (tail.isascii() and tail.isdigit() and len(tail) <= 5 and 1 <= int(tail) <= 65535):
        raise ValueError(f"{tail!r} is not a port: expected 1 to 65535")
    return Target(_not_empty(host), int(tail))


def _not_empty(host: str) -> str:
    if not host:
        raise ValueError("expected HOST or HOST:PORT")
    return host


def service_port(name: str, protocol: str) -> int | None:
    """Return the port of a service for `tcp` or `udp`, or None if nobody knows the name."""
    port = system_port(name.lower(), protocol)
    if port is None:
        # A system without a services file: a slim container, Windows without network files.
        from pynetdb.services import lookup

        port = lookup(name, protocol)
    return port


def check_unix_path(path: str) -> None:
    """Raise CommandLineError for a path that cannot be a socket's, or a system without such sockets."""
    if not hasattr(socket, "AF_UNIX"):
        raise CommandLineError(
            f"{path}: this system has no Unix-domain sockets in Python", hint="socket file"
        )
    size = len(path.encode("utf-8", "surrogateescape"))
    if not path or "\0" in path:
        raise CommandLineError(f"{path!r}: expected the path of a socket file", hint="socket file")
    if size > MAX_UNIX_PATH:
        raise CommandLineError(
            f"{path}: {size} bytes, a socket's path may have {MAX_UNIX_PATH}", hint="socket file"
        )


def addresses_to_reach(target: Target, kind: int, sockets: Sockets, deadline: Deadline) -> list[Resolved]:
    """Return the addresses of `target` to try in turn; `kind` is SOCK_STREAM or SOCK_DGRAM.

    Raises NetworkError for an unknown host and DeadlineError when the resolver is too slow.
    """
    if target.unix is not None:
        check_unix_path(target.unix)
        return [Resolved(socket.AF_UNIX, target.unix)]
    host = target.host or "localhost"
    if host == "<broadcast>" and sockets.family != socket.AF_INET6:
        return [Resolved(socket.AF_INET, ("255.255.255.255", target.port))]
    found = _getaddrinfo_with_deadline(host, target.port, kind, sockets, deadline)
    return [Resolved(family, address) for family, _, _, _, address in found]


def addresses_to_bind(target: Target, kind: int, sockets: Sockets) -> list[Resolved]:
    """Return the addresses on which to serve `target`, without duplicates.

    The empty host is every interface of both families through one IPv6 socket where the system has
    IPv6, of IPv4 alone where it has not. Raises NetworkError for a name that is unknown.
    """
    if target.unix is not None:
        return [Resolved(socket.AF_UNIX, target.unix)]
    host = target.host
    if host == "":
        ipv6 = sockets.family == socket.AF_INET6 or (not sockets.family and _has_ipv6(sockets))
        host = "::" if ipv6 else "0.0.0.0"  # noqa: S104 - the user asked for all
    with network_errors(host), _family_errors(host, sockets):
        found = sockets.getaddrinfo("server", host, target.port, kind, socket.AI_PASSIVE)
    return list(dict.fromkeys(Resolved(family, address) for family, _, _, _, address in found))


def own_addresses(family: int, sockets: Sockets) -> list[str]:
    """Return the addresses of this machine by which a server on all interfaces can be reached.

    Connecting a UDP socket sends nothing: it only asks the kernel which of our addresses it would use.
    The two destinations are those of RFC 5737 and RFC 3849, for documentation.
    """
    found, probes = [], []
    if sockets.family != socket.AF_INET6:
        found.append("127.0.0.1")
        probes.append((socket.AF_INET, "192.0.2.1"))
    if family == socket.AF_INET6:
        found.append("::1")
        probes.append((socket.AF_INET6, "2001:db8::1"))
    for probe_family, destination in probes:
        try:
            with sockets.create(probe_family, socket.SOCK_DGRAM, "server") as probe:
                probe.connect((destination, 9))
                own = probe.getsockname()[0]
        except OSError:
            continue  # No route of that family: nothing to add.
        if own not in found:
            found.append(own)
    return found


def loopback_interfaces() -> list[str]:
    """Return the names of this machine's loopback interface, as far as the system names it as others do."""
    if not hasattr(socket, "if_nameindex"):
        return []
    return [name for _, name in socket.if_nameindex() if name in ("lo", "lo0", "loopback_0")]


def _has_ipv6(sockets: Sockets) -> bool:
    if not socket.has_ipv6:
        return False
    # Compiled in is not switched on: containers often have no IPv6 address at all.
    try:
        with sockets.create(socket.AF_INET6, socket.SOCK_DGRAM, "server") as probe:
            probe.bind(("::1", 0))
    except OSError:
        return False
    return True


@contextmanager
def _family_errors(whom: str, sockets: Sockets) -> Iterator[None]:
    """Say of a lookup that fails which addresses were looked for, if not for all."""
    try:
        yield
    except socket.gaierror as error:
        if not sockets.family:
            raise
        version = "IPv4" if sockets.family == socket.AF_INET else "IPv6"
        told = f"{whom}: unknown host, or one without an address of {version}"
        raise NetworkError(told, hint=f"{version} alone") from error


def _getaddrinfo_with_deadline(
    host: str, port: int, kind: int, sockets: Sockets, deadline: Deadline
) -> list[Any]:
    """getaddrinfo under a deadline. It cannot be interrupted, so a name is looked up in a thread."""
    whom = format_host_port(host, port)
    try:
        return sockets.getaddrinfo("client", host, port, kind, socket.AI_NUMERICHOST, quiet=True)
    except (OSError, UnicodeError):
        pass  # Not a number: a name, which may take the resolver's time.
    outcome: list[list[Any] | PynetdbError] = []

    def look_up() -> None:
        try:
            with network_errors(whom), _family_errors(whom, sockets):
                outcome.append(sockets.getaddrinfo("client", host, port, kind, 0))
        except PynetdbError as error:
            outcome.append(error)  # Raised in the thread that waits for it.

    thread = start_thread(look_up, f"the look-up of {host}")
    thread.join(deadline.remaining())
    if not outcome:
        raise deadline.passed()
    if isinstance(outcome[0], PynetdbError):
        raise outcome[0]
    return outcome[0]


def is_address(host: str) -> bool:
    """Say whether a host is an address of either family, which needs no resolver."""
    for family in (socket.AF_INET, socket.AF_INET6):
        try:
            socket.inet_pton(family, host)
        except (OSError, ValueError):
            continue
        return True
    return False
