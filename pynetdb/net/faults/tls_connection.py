"""A connection within TLS on a bad line: faults happen to the records, as on any wire."""

from collections.abc import Callable
from functools import partial

from pynetdb.net.faults.connection import FaultyConnection
from pynetdb.net.faults.faults import Faults
from pynetdb.net.network import Network
from pynetdb.net.server.connection import Connection
from pynetdb.net.server.tls_connection import TlsConnection
from pynetdb.net.tls import ServerTls


class FaultyTlsConnection(TlsConnection, FaultyConnection):
    """Encrypts, and passes the records through the gate of a faulty connection."""

    __slots__ = ()


def fault_secure_connections(tls: ServerTls, faults: Faults, network: Network) -> Callable[..., Connection]:
    """Return what makes connections for a Server."""
    return partial(FaultyTlsConnection, tls, network, faults, network)
