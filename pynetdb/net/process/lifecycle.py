"""A server's life as a process: ready line and file, -- COMMAND, signals, the last event."""

import os
import signal
import sys
from collections.abc import Callable, Sequence
from functools import partial
from types import FrameType
from typing import TYPE_CHECKING, NamedTuple, TypeVar

from pynetdb.net.addresses import Target, check_unix_path, is_loopback
from pynetdb.net.loop import MAX_SOCKETS
from pynetdb.net.network import Network
from pynetdb.net.process.reach import ReadyInfo, describe_place, reachable_urls, target_of
from pynetdb.net.process.reaper import Reaper, is_first_process
from pynetdb.net.server.answers import DEFAULT_RATE
from pynetdb.net.server.server import Bounds, Server
from pynetdb.net.server.service import Service

if TYPE_CHECKING:
    from pynetdb.net.process.child import Child
    from pynetdb.net.process.ready_file import ReadyFile
    from pynetdb.net.process.worker import Shared
    from pynetdb.net.tls import ServerTls, TlsFiles

# Descriptors beside those of clients: standard streams, listeners, selector, journal, files being sent.
_SPARE_DESCRIPTORS = 64

AnyServer = TypeVar("AnyServer", bound=Server)


class ServerOptions(NamedTuple):
    """The options that all servers share, as the command line gives them."""

    host: str = "127.0.0.1"
    port: int = 0
    unix: str | None = None
    count: int | None = None  # type: ignore[assignment] # hides tuple.count
    duration: float | None = None
    idle: float | None = None
    max_clients: int = 1000
    per_address: int | None = None
    answer_rate: float = DEFAULT_RATE
    ready_file: str | None = None
    command: Sequence[str] = ()
    workers: int = 1

    def server(self, service: Service, network: Network) -> Server:
        """Return the server that these options ask for, nothing bound yet.

        Raises CommandLineError for a fault that cannot happen to what it serves, and for a certificate that
        cannot be used.
        """
        tls = None if network.tls is None else self._tls(network.tls, network)
        if network.faults is not None:
            streams, datagrams = service.streams is not None, service.datagrams is not None
            network.faults.specs.require(streams=streams, datagrams=datagrams)
        if self.workers == 1:
            return self._build(Server, service, tls, network)
        from pynetdb.net.process.supervisor import Supervisor
        from pynetdb.net.process.worker import WorkerServer

        def make_worker(shared: "Shared", network: Network) -> WorkerServer:
            return self._build(partial(WorkerServer, shared), service, tls, network)

        return self._build(partial(Supervisor, make_worker, self.workers), service, tls, network)

    def _build(
        self,
        make: Callable[..., AnyServer],
        service: Service,
        tls: "ServerTls | None",
        network: Network,
    ) -> AnyServer:
        """Make a server with the connections and UDP sockets that TLS and faults ask for."""
        target = Target(self.host, self.port, self.unix)
        clients = _limit_clients(self.max_clients)
        bounds = Bounds(self.count, self.idle, clients, self.per_address, self.answer_rate)
        faults = network.faults
        if faults is None:
            if tls is None:
                return make(service, target, bounds, network)
            from pynetdb.net.server.tls_connection import secure_connections

            secured = secure_connections(tls, network)
            return make(service, target, bounds, network, secured, certificate=tls.certificate)
        from pynetdb.net.faults.connection import fault_connections
        from pynetdb.net.faults.server_sockets import fault_datagrams

        udp_sockets = fault_datagrams(faults, network, received=service.receives_only)
        if tls is None:
            return make(service, target, bounds, network, fault_connections(faults, network), udp_sockets)
        from pynetdb.net.faults.tls_connection import fault_secure_connections

        secured = fault_secure_connections(tls, faults, network)
        return make(service, target, bounds, network, secured, udp_sockets, certificate=tls.certificate)

    def _tls(self, files: "TlsFiles", network: Network) -> "ServerTls":
        from pynetdb.net.tls import ServerTls

        names: list[str] = []
        if files.self_signed and self.unix is None:
            from pynetdb.net.process.reach import reachable_hosts

            names = reachable_hosts(self.host, network.sockets)
        return ServerTls(files, names)


# Signals that end a process by default and that nobody sends to ask it to stop.
_OTHER_SIGNALS = ("SIGUSR1", "SIGUSR2", "SIGALRM", "SIGVTALRM", "SIGPROF", "SIGIO", "SIGXCPU")

# Seconds that the loop has to obey a second signal by itself, which leaves nothing behind. It is not away for
# so long but by a fault of ours; then the signal's handler ends whatever it does.
_ABORT_TIMEOUT = 0.5


class SecondSignal(BaseException):
    """The user said more than once that the server shall end: it does so now, wherever it is."""


class Lifecycle:
    """One run of a server, from the checks to the last event."""

    def __init__(self, server: Server, options: ServerOptions) -> None:
        self._server = server
        self._options = options
        self._child: Child | None = None
        self._served = False
        self._serving = False
        self._signals: list[int] = []
        self._taken: list[int] = []
        self._end_stop_requests: Callable[[], None] | None = None
        self._ready_file: ReadyFile | None = None
        self._socket_file: os.stat_result | None = None
        self._reaper: Reaper | None = None

    def run(self) -> int:
        """Serve until the end, and return the exit status. Errors are those of `serve`."""
        options, server = self._options, self._server
        server.events.watch(self._output_failed_in_thread)
        try:
            try:
                self._check()
                self._take_signals()
                server.service.prepare()
                if server.stopping is None:  # Else we were told to meanwhile.
                    server.open()
                    if options.unix is not None:
                        self._socket_file = os.lstat(options.unix)
                    self._announce()
                    if options.duration is not None:
                        server.loop.call_later(options.duration, self._time_is_up)
                    self._serving = True
                    server.run(self._server_finished)
            except SecondSignal:
                pass  # There is no COMMAND: that one would have got the signals.
            finally:
                self._serving = False
                if self._child is not None:
                    self._child.end()
                if self._ready_file is not None:
                    self._ready_file.remove()
                self._remove_socket_file()
                self._ignore_signals()
                server.close()
            if server.events:
                server.events.emit(server.service.last_event(server.stopping, server.summary()))
        finally:
            self._close_events()
            if self._end_stop_requests is not None:
                self._end_stop_requests()
        if server.failure is not None:
            raise server.failure
        if self._child is not None:
            return self._child.status
        return 128 + self._signals[-1] if len(self._signals) > 1 else 0

    def _check(self) -> None:
        """Find out what is wrong with the command line before anything is bound."""
        options = self._options
        if options.ready_file is not None:
            # First of all: whatever is wrong with the rest, a stale file must not be believed.
            from pynetdb.net.process.ready_file import ReadyFile

            self._ready_file = ReadyFile(options.ready_file)
        if options.command:
            from pynetdb.net.process.child import find

            find(options.command[0])
        if options.unix is not None:
            check_unix_path(options.unix)
        _allow_descriptors(options.max_clients + _SPARE_DESCRIPTORS)

    def _announce(self) -> None:
        """Tell everybody who waits that we are ready: we are."""
        server, options = self._server, self._options
        service = server.service
        target = Target("", 0, options.unix) if options.unix is not None else target_of(server.addresses[0])
        info = ReadyInfo(service.name, server.scheme, target)
        if server.events or self._ready_file is not None:
            self._tell_ready(info)
        self._announce_certificate()
        service.ready()
        if options.command:
            from pynetdb.net.process.child import Child

            environment = info.environment(service.client, os.environ, server.certificate)
            self._child = Child(options.command, environment, self._child_ended_in_thread, self._reaper)

    def _tell_ready(self, info: ReadyInfo) -> None:
        from pynetdb.events.life import Ready

        server, target = self._server, info.target
        place = describe_place(target, server.addresses, server.network.sockets)
        host, port = (None, None) if target.unix is not None else (target.host, target.port)
        serving, urls, public = "", [], False
        if server.service.serving and target.unix is None:
            serving = server.service.serving
            for address in server.addresses:
                urls += reachable_urls(address, server.scheme, server.network.sockets)
            public = not all(map(is_loopback, server.addresses))
        unique = tuple(dict.fromkeys(urls))
        ready = Ready(
            info.service, host, port, info.url, os.getpid(), target.unix, place, serving, unique, public
        )
        if self._ready_file is not None:
            self._ready_file.write(ready.to_json())
        server.events.emit(ready)

    def _announce_certificate(self) -> None:
        """Tell by what a certificate that nobody knows can be known."""
        certificate = self._server.certificate
        if certificate is not None and certificate.self_signed and self._server.events:
            from pynetdb.events.reach import CertificateMade

            self._server.events.emit(CertificateMade(certificate.sha256, certificate.pem))

    # The end: the server has served, and COMMAND, if there is one, has ended

    def _server_finished(self) -> None:
        self._served = True
        if self._child is None or not self._child.running:
            self._server.loop.stop()
        elif self._server.failure is not None:
            self._signal_child(signal.SIGTERM)

    def _child_ended_in_thread(self) -> None:
        self._server.loop.call_from_thread(self._child_ended)

    def _child_ended(self) -> None:
        if self._served:
            self._server.loop.stop()
        else:
            self._server.stop("command")

    def _output_failed_in_thread(self, error: OSError) -> None:
        self._server.loop.call_from_thread(self._output_failed)

    def _output_failed(self) -> None:
        """Nobody takes our results any more: without a COMMAND, for which we are here, we are done."""
        if not self._options.command:
            self._server.stop("output")

    def _close_events(self) -> None:
        """Let the subscribers finish. Of a COMMAND the status counts, whatever became of our own words."""
        try:
            self._server.events.close()
        except OSError:
            if self._child is None:
                raise

    def _time_is_up(self) -> None:
        self._signal_child(signal.SIGTERM)
        self._server.stop("for")

    def _signal_child(self, number: int) -> None:
        if self._child is not None:
            from pynetdb.net.process.child import OBEY

            self._child.pass_on(number)
            self._server.loop.call_later(OBEY, self._child.kill)

    # Signals

    def _take_signals(self) -> None:
        """Handle them ourselves: a shell starts `&` children with SIGINT ignored, which Python keeps."""
        self._taken += [signal.SIGINT, signal.SIGTERM]
        if sys.platform == "win32":
            self._taken.append(signal.SIGBREAK)
            self._take_stop_requests()
        hangup = getattr(signal, "SIGHUP", None)
        if hangup is not None and signal.getsignal(hangup) is not signal.SIG_IGN:  # nohup means what it says
            self._taken.append(hangup)
        # From a keyboard it asks as SIGINT does.
        self._taken += [signal.SIGQUIT] if hasattr(signal, "SIGQUIT") else []
        for number in self._taken:
            signal.signal(number, self._on_signal)
        if self._options.command:
            # What these mean is COMMAND's business, but they must not end us before it.
            for name in _OTHER_SIGNALS:
                if hasattr(signal, name):
                    signal.signal(getattr(signal, name), self._on_other_signal)
        if is_first_process():
            self._reaper = Reaper()
        signal.set_wakeup_fd(self._server.loop.wakeup_fileno(), warn_on_full_buffer=False)

    def _ignore_signals(self) -> None:
        """A signal while the process already ends must not change its status."""
        if len(self._signals) > 1 and hasattr(signal, "setitimer"):
            signal.setitimer(signal.ITIMER_REAL, 0)
        signal.set_wakeup_fd(-1)
        for number in self._taken:
            signal.signal(number, signal.SIG_IGN)

    def _on_signal(self, number: int, frame: FrameType | None) -> None:
        # Runs between two instructions of anything: leave a note for the loop.
        told = number
        if sys.platform == "win32" and number == signal.SIGBREAK:
            number = signal.SIGTERM  # Ctrl-Break: the one event that a program can send to another's group.
        self._signals.append(number)
        loop = self._server.loop
        if self._options.command or len(self._signals) == 1:
            loop.call_soon(lambda: self._obey(told))
        elif len(self._signals) == 2 and hasattr(signal, "setitimer"):
            loop.call_soon(self._server.abort)
            signal.signal(signal.SIGALRM, self._end_now)
            signal.setitimer(signal.ITIMER_REAL, _ABORT_TIMEOUT)
        else:
            self._end_now(number, frame)

    def _obey(self, number: int) -> None:
        if self._child is not None and self._child.running:
            self._signal_child(number)
        elif self._server.stopping is None:
            self._server.stop("signal")
        else:
            self._server.abort()

    def _on_other_signal(self, number: int, frame: FrameType | None) -> None:
        # By the loop: the signal may have come while COMMAND was started.
        self._server.loop.call_soon(lambda: self._tell_child(number))

    def _tell_child(self, number: int) -> None:
        if self._child is not None:
            self._child.tell(number)

    def _take_stop_requests(self) -> None:
        """Take for a SIGTERM what asks us to stop without a signal."""
        if sys.platform == "win32":
            from pynetdb.net.process.windows_stop import StopRequests

            def stop() -> None:
                loop.call_from_thread(lambda: self._on_signal(signal.SIGTERM, None))

            loop = self._server.loop
            self._end_stop_requests = StopRequests(os.getpid(), stop).close

    def _end_now(self, number: int, frame: FrameType | None) -> None:
        if self._serving:
            raise SecondSignal

    def _remove_socket_file(self) -> None:
        """Remove our socket file, unless another server has put its own there meanwhile."""
        path = self._options.unix
        if path is None or self._socket_file is None:
            return
        try:
            now = os.lstat(path)
            if (now.st_dev, now.st_ino) == (self._socket_file.st_dev, self._socket_file.st_ino):
                os.unlink(path)
        except FileNotFoundError:
            pass  # Somebody tidied up before us.


def serve(service: Service, options: ServerOptions, network: Network) -> int:
    """Serve until the end that the options, the user or COMMAND set, and return the exit status.

    Raises CommandLineError and NetworkError, CommandNotFoundError and CommandNotExecutableError, before
    anything is served; at the end OSError if nobody took our results and there was no COMMAND, and the
    server's `failure` if it has one.
    """
    return Lifecycle(options.server(service, network), options).run()


def _limit_clients(wanted: int) -> int:
    """Return how many clients can be served of so many; more are refused politely, as by --max-clients."""
    return min(wanted, MAX_SOCKETS - _SPARE_DESCRIPTORS) if MAX_SOCKETS else wanted


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
