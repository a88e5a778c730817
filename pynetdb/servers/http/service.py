"""The service of `serve-http`."""

from collections.abc import Collection
from typing import Any

from pynetdb.net.addresses import is_loopback
from pynetdb.net.server.server import Server
from pynetdb.net.server.service import Service
from pynetdb.servers.http.connection import HttpConnectionHandler
from pynetdb.servers.http.hosts import HostGuard
from pynetdb.servers.http.response import Application


class HttpService(Service):
    """Responds to requests, which are what is counted."""

    name = "serve-http"
    scheme = "http"
    client = ""  # `http-get` is always told its place, by a URL.
    counts_itself = True

    def __init__(
        self, application: Application, allowed_hosts: Collection[str] = (), serving: str = "files"
    ) -> None:
        """`allowed_hosts` are names by which we may be asked while we are bound to loopback.

        `serving` says in words what there is.
        """
        self.serving = serving
        self._handler = HttpConnectionHandler(application)
        self._allowed_hosts = allowed_hosts
        self.streams = self._handler

    def attached(self, server: Server) -> None:
        self._server = server
        self._handler.attach(server, bounded=server.bounds.count is not None)

    def ready(self) -> None:
        # Whoever serves others than this machine has names that we cannot know.
        server = self._server
        if server.target.unix is None and all(map(is_loopback, server.addresses)):
            self._handler.hosts = HostGuard([*self._allowed_hosts, server.target.host])

    def statistics(self) -> dict[str, Any]:
        return {"requests": self._handler.requests}
