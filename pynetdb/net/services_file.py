"""What the system's own services file says (/etc/services, or what takes its place)."""

import socket


def system_port(name: str, protocol: str) -> int | None:
    """Return the port of a service for `tcp` or `udp`, or None if the system does not know the name."""
    try:
        return socket.getservbyname(name, protocol)
    except (OSError, UnicodeError, ValueError):  # Unknown, not encodable, with a NUL in it.
        return None


def system_name(port: int, protocol: str) -> str | None:
    """Return the name of a port (0-65535) for `tcp` or `udp`, or None if the system has none for it."""
    try:
        return socket.getservbyport(port, protocol)
    except OSError:
        return None
