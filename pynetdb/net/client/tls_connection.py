"""A connection within TLS to a server that we chose, on the loop."""

import ssl
from typing import Any, NamedTuple

from pynetdb.net.client.tls import make_context
from pynetdb.net.faults.connection import FaultyConnection
from pynetdb.net.server.connection import ConnectionHandler
from pynetdb.net.server.tls_connection import TlsConnection


class ClientTls(NamedTuple):
    """TLS as a client speaks it with one server."""

    context: ssl.SSLContext
    server_name: str

    @classmethod
    def trusting(cls, server_name: str, authorities: str | None, hint: str) -> "ClientTls":
        """Trust a file of certificates (PEM), or those that the system trusts; `hint` is that of an error.

        Raises CommandLineError for a file that has none.
        """
        # The dot of a complete name is for the resolver alone (RFC 6066 section 3).
        return cls(make_context(authorities, hint), server_name.rstrip("."))


class TlsClientConnection(TlsConnection):
    """A Connection that encrypts, and is the client: it speaks first, once told to `begin`."""

    __slots__ = ()

    @staticmethod
    def _choose_context(tls: Any, handler: ConnectionHandler) -> tuple[ssl.SSLContext, str | None]:
        return tls.context, tls.server_name

    def begin(self) -> None:
        """Begin the handshake."""
        self.advance()


class FaultyTlsClientConnection(TlsClientConnection, FaultyConnection):
    """The same on a bad line."""

    __slots__ = ()
