"""The way to a server: libpq's login, step by step, and what protects the connection."""

from collections.abc import Callable, Mapping
from contextlib import ExitStack

import psycopg
from psycopg import pq

from pynetdb.db.postgresql.url import ConnectionUrl
from pynetdb.errors import CommandLineError, DeadlineError, NetworkError

# Seconds in which a server has to answer at all, where the user says nothing else.
_CONNECT_TIMEOUT = 10.0

Options = Mapping[str, str]
"""What a URL says, by libpq's names for it."""


def read_options(url: ConnectionUrl) -> Options:
    """Return what the URL says. Raises CommandLineError for one that libpq cannot read."""
    try:
        options = pq.Conninfo.parse(url.conninfo.encode())
    except psycopg.Error as error:
        # libpq's message has a piece of the URL, which may be one of the password.
        raise CommandLineError(f"{url.place}: cannot be read as a URL of PostgreSQL's") from error
    return {
        option.keyword.decode(): option.val.decode("utf-8", "replace")
        for option in options
        if option.val is not None
    }


def timeout_of(options: Options) -> float:
    """Return how many seconds connecting may take."""
    given = options.get("connect_timeout", "")
    return float(given) if given.isdigit() and int(given) else _CONNECT_TIMEOUT


def connect(url: ConnectionUrl, wait: Callable[[int, int], int]) -> "pq.abc.PGconn":
    """Return a connection that never blocks; `wait` waits for a socket as libpq's polling asks for it.

    Raises NetworkError for a server that cannot be reached or lets nobody in, and what `wait` raises.
    """
    joint = "&" if "?" in url.conninfo else "?"
    settings = "client_encoding=UTF8&fallback_application_name=pynetdb"
    pgconn = pq.PGconn.connect_start(f"{url.conninfo}{joint}{settings}".encode())
    with ExitStack() as undo:
        undo.callback(pgconn.finish)
        while True:
            bad = pgconn.status == pq.ConnStatus.BAD
            state = pq.PollingStatus.FAILED if bad else pgconn.connect_poll()
            if state == pq.PollingStatus.OK:
                break
            if state == pq.PollingStatus.FAILED:
                raise NetworkError(f"{url.place}: {describe_failure(pgconn)}")
            try:
                wait(pgconn.socket, state)
            except DeadlineError as error:
                raise DeadlineError(f"{url.place}: the server did not answer in time") from error
        pgconn.nonblocking = 1
        undo.pop_all()
    return pgconn


def describe_failure(pgconn: "pq.abc.PGconn") -> str:
    """Return libpq's message in one line, without what the place says already."""
    message = pgconn.get_error_message()
    lines = [line.strip() for line in message.splitlines() if line.strip()]
    # One line for each host that was tried, with a question below some; else what has happened comes first.
    tried = [line for line in lines if line.startswith("connection to server")]
    words = tried[-1] if tried else lines[0] if lines else "no reason is known"
    for mark in (" failed: FATAL: ", " failed: "):
        if words.startswith("connection to server") and mark in words:
            words = words.partition(mark)[2].strip()
            break
    return words.removeprefix("FATAL:").strip().rstrip(".")


def describe_security(pgconn: "pq.abc.PGconn") -> str:
    """Return in words what protects the connection, and what does not."""
    options = {option.keyword: (option.val or b"").decode("utf-8", "replace") for option in pgconn.info}
    if not pgconn.ssl_in_use:
        if pgconn.host.startswith(b"/") or not pgconn.host:
            return "a Unix-domain socket of this machine: nothing leaves it"
        return "not encrypted: who is on the way reads and changes everything"
    mode = options.get(b"sslmode", "prefer")
    if mode == "verify-full":
        return "TLS, the server's certificate and name are verified"
    if mode == "verify-ca":
        return "TLS, the server's certificate is verified, its name is not"
    return f"TLS, but the server's certificate is not verified (sslmode={mode}; verify-full does)"
