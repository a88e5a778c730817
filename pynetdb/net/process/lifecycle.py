"""A server's life as a process: ready line and file, -- COMMAND, signals, final statistics."""

import os
import signal
import socket
from collections.abc import Sequence
from types import FrameType
from typing import TYPE_CHECKING, Any, NamedTuple

from pynetdb.narration import Narrator
from pynetdb.net.addresses import WILDCARDS, Target, check_unix_path, joined, own_addresses
from pynetdb.net.process.child import OBEY, Child, find
from pynetdb.net.process.ready_file import ReadyFile
from pynetdb.net.server.server import Bounds, Server

if TYPE_CHECKING:
    from pynetdb.net.server.server import Report

# Descriptors beside those of clients: standard streams, listeners, selector, journal, files being sent.
_SPARE_DESCRIPTORS = 64


class Hosting(NamedTuple):
    """The options that all servers share, as the command line gives them."""

    host: str = "127.0.0.1"
    port: int = 0
    unix: str | None = None
    limit: int | None = None
    duration: float | None = None
    idle: float | None = None
    max_clients: int = 1000
    ready_file: str | None = None
    command: Sequence[str] = ()

    def server(self, name: str, narrator: Narrator, report: "Report") -> Server:
        """Return the server that these options ask for, nothing bound yet."""
        target = Target(self.host, self.port, self.unix)
        return Server(name, target, Bounds(self.limit, self.idle, self.max_clients), narrator, report)


class Ready(NamedTuple):
    """Where an open server can be reached."""

    service: str
    scheme: str
    target: Target

    @property
    def url(self) -> str:
        """A URL for clients on this machine."""
        if self.target.unix is not None:
            return f"unix://{os.path.abspath(self.target.unix)}"
        return f"{self.scheme}://{joined(self.reachable_host, self.target.port)}"

    @property
    def reachable_host(self) -> str:
        """The host that a client on this machine can use: all interfaces are no destination."""
        host = self.target.host
        if host == "::":
            return "::1"
        return "127.0.0.1" if host in WILDCARDS else host

    def event(self) -> dict[str, Any]:
        """Return the ready event, which is the ready file too."""
        unix = self.target.unix
        place = (
            {"host": self.target.host, "port": self.target.port}
            if unix is None
            else {"host": None, "port": None}
        )
        event = {"event": "ready", "service": self.service, **place, "url": self.url, "pid": os.getpid()}
        return event if unix is None else {**event, "unix": unix}

    def environment(self, client: str) -> dict[str, str]:
        """Return what COMMAND finds in its environment.

        Besides the three documented variables our own client command finds its defaults, so that
        `pynetdb serve-echo -p 0 -- pynetdb echo-client hello` reaches this very server.
        """
        prefix = "PYNETDB_" + client.upper().replace("-", "_")
        if self.target.unix is not None:
            return {
                "PYNETDB_URL": self.url,
                "PYNETDB_UNIX": self.target.unix,
                f"{prefix}_UNIX": self.target.unix,
            }
        host, port = self.reachable_host, str(self.target.port)
        return {
            "PYNETDB_HOST": host,
            "PYNETDB_PORT": port,
            "PYNETDB_URL": self.url,
            f"{prefix}_HOST": host,
            f"{prefix}_PORT": port,
        }


def reachable_urls(server: Server, address: Any, scheme: str) -> list[str]:
    """Return the URLs by which a bound address can be reached, first the one for this machine."""
    target = _target(address)
    urls = [Ready(server.name, scheme, target).url]
    if target.host in WILDCARDS:
        urls += [f"{scheme}://{place}" for place in _own_places(server, target)]
    return list(dict.fromkeys(urls))


def _own_places(server: Server, target: Target) -> list[str]:
    """Return `host:port` for each address of this machine, for a target that is all of them."""
    family = socket.AF_INET6 if target.host == "::" else socket.AF_INET
    return [joined(host, target.port) for host in own_addresses(family, server.sockets)]


class _Life:
    """One run of a server, from the checks to the last line."""

    def __init__(self, server: Server, hosting: Hosting, scheme: str, client: str) -> None:
        self._server = server
        self._hosting = hosting
        self._scheme = scheme
        self._client = client
        self._child: Child | None = None
        self._served = False
        self._signals: list[int] = []
        self._taken: list[int] = []
        self._ready_file: ReadyFile | None = None
        self._socket_file: os.stat_result | None = None
        server.finished = self._server_finished

    def run(self) -> int:
        hosting, server = self._hosting, self._server
        try:
            self._check()
            self._take_signals()
            server.open()
            if hosting.unix is not None:
                self._socket_file = os.lstat(hosting.unix)
            self._announce()
            if hosting.duration is not None:
                server.loop.call_later(hosting.duration, self._time_is_up)
            server.run()
        finally:
            if self._child is not None:
                self._child.end()
            if self._ready_file is not None:
                self._ready_file.remove()
            self._remove_socket_file()
            self._ignore_signals()
            server.close()
        self._say_goodbye()
        if self._child is not None:
            return self._child.status
        return 128 + self._signals[-1] if len(self._signals) > 1 else 0

    def _check(self) -> None:
        """Find out what is wrong with the command line before anything is bound."""
        hosting = self._hosting
        if hosting.command:
            find(hosting.command[0])
        if hosting.unix is not None:
            check_unix_path(hosting.unix)
        if hosting.ready_file is not None:
            self._ready_file = ReadyFile(hosting.ready_file)
        _allow_descriptors(hosting.max_clients + _SPARE_DESCRIPTORS)

    def _announce(self) -> None:
        """Tell everybody who waits that we are ready: we are."""
        server, hosting = self._server, self._hosting
        target = Target("", 0, hosting.unix) if hosting.unix is not None else _target(server.addresses[0])
        ready = Ready(server.name, self._scheme, target)
        if self._ready_file is not None:
            self._ready_file.write(ready.event())
        server.report.talk(f"{server.name}: listening on {self._place(target)} (Ctrl-C stops)")
        if server.report.format == "jsonl":
            server.report.event(ready.event())
        if server.ready is not None:
            server.ready()
        if hosting.command:
            self._child = Child(hosting.command, ready.environment(self._client), self._child_ended_in_thread)

    def _place(self, target: Target) -> str:
        if target.unix is not None:
            return str(target)
        if target.host not in WILDCARDS:
            return " and ".join(dict.fromkeys(str(_target(address)) for address in self._server.addresses))
        reach = _own_places(self._server, target)
        return f"{target}, which is every interface: {', '.join(reach)}"

    # The end: the server has served, and COMMAND, if there is one, has ended

    def _server_finished(self) -> None:
        self._served = True
        if self._child is None or not self._child.running:
            self._server.loop.stop()

    def _child_ended_in_thread(self) -> None:
        self._server.loop.call_from_thread(self._child_ended)

    def _child_ended(self) -> None:
        if self._served:
            self._server.loop.stop()
        else:
            self._server.stop("command")

    def _time_is_up(self) -> None:
        if self._child is not None:
            self._tell_child(signal.SIGTERM)
        self._server.stop("for")

    def _tell_child(self, number: int) -> None:
        if self._child is not None:
            self._child.pass_on(number)
            self._server.loop.call_later(OBEY, self._child.kill)

    def _say_goodbye(self) -> None:
        server = self._server
        summary = server.summary()
        if server.goodbye is not None:
            server.goodbye(summary)
            return
        if server.report.format == "jsonl":
            server.report.event({"event": "stopped", "reason": server.stopping, **summary})
        parts = []
        if summary["connections"] or not summary["datagrams"]:
            parts.append(_plural(summary["connections"], "connection"))
        if "requests" in summary:
            parts.append(_plural(summary["requests"], "request"))
        if summary["datagrams"]:
            parts.append(_plural(summary["datagrams"], "datagram"))
        if summary["refused"]:
            parts.append(f"{summary['refused']} refused")
        parts.append(f"{_plural(summary['bytes_received'], 'byte')} in, {summary['bytes_sent']} out")
        server.report.talk(f"{server.name}: stopped after {', '.join(parts)}")

    # Signals

    def _take_signals(self) -> None:
        """Handle them ourselves: a shell starts `&` children with SIGINT ignored, which Python keeps."""
        self._taken += [signal.SIGINT, signal.SIGTERM]
        hangup = getattr(signal, "SIGHUP", None)
        if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:  # nohup means what it says
            self._taken.append(hangup)
        for number in self._taken:
            signal.signal(number, self._signal)
        signal.set_wakeup_fd(self._server.loop.wakeup_fileno(), warn_on_full_buffer=False)

    def _ignore_signals(self) -> None:
        """A signal while the process already ends must not change its status."""
        signal.set_wakeup_fd(-1)
        for number in self._taken:
            signal.signal(number, signal.SIG_IGN)

    def _signal(self, number: int, frame: FrameType | None) -> None:
        # Runs between two instructions of anything: only leave a note for the loop.
        self._server.loop.call_soon(lambda: self._signal_on_loop(number))

    def _signal_on_loop(self, number: int) -> None:
        self._signals.append(number)
        if self._child is not None and self._child.running:
            self._tell_child(number)
        elif len(self._signals) == 1:
            self._server.stop("signal")
        else:
            self._server.abort()

    def _remove_socket_file(self) -> None:
        """Remove our socket file, unless another server has put its own there meanwhile."""
        path = self._hosting.unix
        if path is None or self._socket_file is None:
            return
        try:
            now = os.lstat(path)
            if (now.st_dev, now.st_ino) == (self._socket_file.st_dev, self._socket_file.st_ino):
                os.unlink(path)
        except FileNotFoundError:
            pass  # Somebody tidied up before us.


def host(server: Server, hosting: Hosting, *, scheme: str, client: str) -> int:
    """Serve until the end that the options, the user or COMMAND set, and return the exit status.

    `scheme` is the URL's, `client` our own command that talks to this server. Raises CommandLineError
    and NetworkError, CommandNotFoundError and CommandNotExecutableError, before anything is served.
    """
    return _Life(server, hosting, scheme, client).run()


def _target(address: Any) -> Target:
    return Target(str(address[0]), int(address[1]))


def _allow_descriptors(wanted: int) -> None:
    """Raise our soft limit as far as the clients that were asked for need it, and the hard one allows."""
    try:
        import resource
    except ImportError:
        return  # Windows has no such limit.
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if soft != resource.RLIM_INFINITY and soft < wanted:
        most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
        if most > soft:
            resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _plural(number: int, noun: str) -> str:
    return f"{number} {noun}" + ("" if number == 1 else "s")
