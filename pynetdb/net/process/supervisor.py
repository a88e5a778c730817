"""A server that is one place and several processes: the parent binds, is told and obeyed, workers serve."""

import gc
import os
import pickle
import signal
import socket
import sys
import warnings
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from typing import Any, cast

from pynetdb.errors import PynetdbError
from pynetdb.net.loop import READ
from pynetdb.net.network import Network
from pynetdb.net.process.child import end_with_parent
from pynetdb.net.process.shared_counter import Tally, Tokens
from pynetdb.net.process.worker import LENGTH, Shared, WorkerServer, run_worker
from pynetdb.net.server.connection import ConnectionHandler
from pynetdb.net.server.server import SHUTDOWN_TIMEOUT, Server

# How long the workers may take beyond what each gives its clients; then they hang, or somebody froze them.
_WORKER_TIMEOUT = 1.0

# Read from a worker at a time.
_PIECE = 1 << 18

MakeWorker = Callable[[Shared, Network], WorkerServer]


class _Worker:
    """A worker, as its parent knows it."""

    def __init__(self, pid: int, control: socket.socket) -> None:
        self.pid = pid
        self.control = control
        self.unread = b""
        self.summary: dict[str, Any] | None = None


class Supervisor(Server):
    """Binds, starts workers that accept on the same sockets, and stands for them all.

    One socket that all inherit, not one each with SO_REUSEPORT: there a worker that stops takes with it who
    waits in its queue, and a second server could join the port unnoticed. `make` makes a worker's server, in
    its process. A worker that ends by itself ends them all: `failure` says so.
    """

    def __init__(self, make: MakeWorker, workers: int, *args: Any, **settings: Any) -> None:
        super().__init__(*args, **settings)
        self._make = make
        self._number = workers
        self._sockets: list[socket.socket] = []
        self._workers: list[_Worker] = []
        self._ended: list[_Worker] = []
        self._shared: Shared | None = None
        self._killing = False

    def open(self) -> None:
        """Bind, listen and start the workers. Raises NetworkError, and PynetdbError without processes."""
        super().open()
        count = self.bounds.count
        try:
            self._shared = Shared(
                Tokens(self.bounds.max_clients), None if count is None else Tokens(count), Tally()
            )
            if count is not None:
                self.loop.register(cast(Any, self._shared.served), READ, self._served)
            # What there is by now is every worker's: its collector need not look at it, nor copy it.
            gc.freeze()
            for number in range(1, self._number + 1):
                self._start(number, self._shared)
        except OSError as error:
            raise PynetdbError(f"cannot start {self._number} workers: {error.strerror}") from error

    def stop(self, reason: str) -> None:
        """Have the workers stop gracefully, then end `run`."""
        if self.stopping is not None:
            return
        self.stopping = reason
        self._close_sockets()
        for worker in self._workers:
            with suppress(OSError):  # It is gone already.
                worker.control.send(b"\0")
        self.loop.call_later(SHUTDOWN_TIMEOUT + _WORKER_TIMEOUT, self._kill)
        self._finish_after_workers()

    def abort(self) -> None:
        """End the workers at once, and `run`."""
        self._kill()
        self.loop.stop()

    def close(self) -> None:
        """Let go of every socket and worker; works in any state."""
        self._close_sockets()
        self._kill()
        for worker in list(self._workers):
            self._end(worker)
        if self._shared is not None:
            if self._shared.allowed is not None:
                self.loop.unregister(cast(Any, self._shared.served))
                self._shared.allowed.close()
            self._shared.places.close()
            self._shared.served.close()
            self._shared = None
        super().close()

    def summary(self) -> dict[str, Any]:
        """Return the statistics of all workers together."""
        values = super().summary()
        for worker in self._ended:
            for name, value in (worker.summary or {}).items():
                if name != "seconds":
                    values[name] = values.get(name, 0) + value
        return values

    def _listen(self, sock: socket.socket, handler: ConnectionHandler) -> None:
        self._sockets.append(sock)  # The workers accept.

    def _close_sockets(self) -> None:
        for sock in self._sockets:
            sock.close()
        self._sockets.clear()

    def _close_idle_connections(self, idle: float) -> None:
        """The workers do, who have them: here nothing is to be woken for."""

    # Workers

    def _start(self, number: int, shared: Shared) -> None:
        ours, theirs = self.network.sockets.pair()
        arrange = end_with_parent()
        # What a signal means to a worker is decided before it can get one.
        blocked = signal.pthread_sigmask(signal.SIG_BLOCK, signal.valid_signals())
        try:
            with warnings.catch_warnings():
                # Python 3.12 warns of threads: ours wait for something to write, and hold nothing.
                warnings.simplefilter("ignore", DeprecationWarning)
                pid = os.fork()
            if not pid:
                ours.close()
                self._become_worker(number, shared, theirs, arrange)
        except OSError:
            ours.close()
            raise
        finally:
            theirs.close()
            signal.pthread_sigmask(signal.SIG_SETMASK, blocked)
        worker = _Worker(pid, ours)
        ours.setblocking(False)
        self._workers.append(worker)
        self.loop.register(ours, READ, partial(self._hear, worker))

    def _become_worker(
        self, number: int, shared: Shared, control: socket.socket, arrange: Callable[[], None] | None
    ) -> None:
        """Be a worker, and never return."""
        status = 1
        try:
            if arrange is not None:
                arrange()
            self._forget_parent()
            run_worker(
                partial(self._make, shared), self.network, number, self._number, self._sockets, control
            )
            status = 0
        finally:
            if sys.exc_info()[0] is not None:
                sys.excepthook(*sys.exc_info())
            # Nothing of the parent's is to be finished here, neither its buffers nor its files.
            os._exit(status)

    def _forget_parent(self) -> None:
        """In a new worker: leave to the parent what is its own."""
        signal.set_wakeup_fd(-1)
        for number in signal.valid_signals():
            if callable(signal.getsignal(number)):
                # What the parent handles it obeys for all, also when the keyboard speaks to the whole group.
                signal.signal(number, signal.SIG_DFL if number == signal.SIGCHLD else signal.SIG_IGN)
        signal.pthread_sigmask(signal.SIG_SETMASK, ())
        self.loop.abandon()
        for worker in self._workers:
            worker.control.close()

    def _hear(self, worker: _Worker, events: int) -> None:
        try:
            data = worker.control.recv(_PIECE)
        except (BlockingIOError, ConnectionResetError):
            return
        if not data:
            self._end(worker)
            return
        unread = worker.unread + data
        at = 0
        while len(unread) - at >= LENGTH.size:
            size = LENGTH.unpack_from(unread, at)[0]
            if len(unread) - at - LENGTH.size < size:
                break
            at += LENGTH.size
            self._take(worker, pickle.loads(unread[at : at + size]))  # noqa: S301 - our own child says it
            at += size
        worker.unread = unread[at:]

    def _take(self, worker: _Worker, message: Any) -> None:
        """Tell what a worker said: an event, how many it had to leave out, or its figures at the end."""
        if isinstance(message, dict):
            worker.summary = message
        elif isinstance(message, int):
            from pynetdb.events.life import Gap

            self.events.emit(Gap(message))
        else:
            self.events.emit(message)

    def _end(self, worker: _Worker) -> None:
        """A worker has ended, or is about to."""
        self.loop.unregister(worker.control)
        worker.control.close()
        self._workers.remove(worker)
        self._ended.append(worker)
        code = 0
        with suppress(ChildProcessError):  # As the first process we have a reaper, which was faster.
            code = os.waitstatus_to_exitcode(os.waitpid(worker.pid, 0)[1])
        if worker.summary is None and self.failure is None and not self._killing:
            how = f"by signal {-code}" if code < 0 else f"with status {code}"
            self.failure = PynetdbError(f"worker {worker.pid} ended {how}; it should not have")
            self.stop("worker")
        if self.stopping is not None:
            self._finish_after_workers()

    def _finish_after_workers(self) -> None:
        if not self._workers:
            self._finished()

    def _kill(self) -> None:
        self._killing = True
        for worker in self._workers:
            with suppress(ProcessLookupError):
                os.kill(worker.pid, signal.SIGKILL)

    def _served(self, events: int) -> None:
        if self._shared is not None:
            self.remaining -= self._shared.served.read()
            if self.remaining <= 0:
                self.stop("count")
