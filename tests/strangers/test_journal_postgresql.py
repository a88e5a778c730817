"""Journals on a server: several machines at once, and what the server's troubles cost, which is nothing."""

import os
import re
import socket
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
from journals import read, value
from postgres import Server, binaries_or_skip, run_server
from programs import PYNETDB, Run, Serve, Served, environment, linux

pytestmark = linux


@pytest.fixture(scope="module")
def own_server() -> Iterator[Server]:
    """One that may be stopped, and forgets nothing that it has said yes to."""
    with run_server(binaries_or_skip("system"), synchronous_commit="on") as server:
        yield server


@pytest.fixture
def place(postgresql: Server) -> str:
    return postgresql.empty("journal")


def echo(server: Served, times: int) -> None:
    """Connect so many times, and see that the service is as it should be."""
    for _ in range(times):
        with socket.create_connection(server.address, timeout=30) as client:
            client.sendall(b"x")
            assert client.recv(1) == b"x"


def wait_until(place: str, sql: str, expected: object) -> None:
    """Look until a query has that value."""
    while value(place, sql) != expected:
        pass


CLOSED = "SELECT count(*) FROM connections WHERE ending = 'closed'"


def test_several_servers_at_once(serve: Serve, place: str) -> None:
    servers = [serve("serve-echo", "--journal", place) for _ in range(3)]
    for turn in range(40):
        echo(servers[turn % 3], turn % 3 + 1)
    for server in servers:
        server.stop()
        assert "journal" not in server.stderr
    counts = "SELECT url, count(*), sum(bytes_in) FROM connections JOIN runs ON runs.id = run_id GROUP BY 1"
    assert sorted(read(place, counts)) == sorted(
        (f"tcp://127.0.0.1:{server.port}", count, count)
        for server, count in zip(servers, (14, 26, 39), strict=True)
    )
    assert value(place, "SELECT count(*) FROM runs WHERE ended IS NOT NULL AND lost = 0") == 3
    assert read(place, "SELECT * FROM pynetdb_batches") == []


@pytest.mark.parametrize("at_once", [False, True])
def test_the_database_goes_and_comes_back_while_the_service_goes_on(
    serve: Serve, own_server: Server, at_once: bool
) -> None:
    place = own_server.empty("journal")
    server = serve("serve-echo", "--journal", place)
    echo(server, 10)
    wait_until(place, CLOSED, 10)
    own_server.stop(at_once)
    try:
        # Until it has tried in vain.
        while b"is kept as long as there is room" not in server.complaints.read_bytes():
            echo(server, 5)
    finally:
        own_server.start()
    echo(server, 10)
    server.stop()
    assert server.stderr.count("\njournal ") == 1
    made = re.search(r"stopped after (\d+) connections", server.stderr)
    assert made is not None
    assert value(place, CLOSED) == int(made[1]) > 20
    assert read(place, "SELECT lost, reason FROM runs") == [(0, "signal")]


def test_a_database_that_stays_away_costs_rows_and_nothing_else(serve: Serve, own_server: Server) -> None:
    place = own_server.empty("journal")
    server = serve("serve-echo", "--journal", place)
    own_server.stop(at_once=True)
    try:
        echo(server, 10)
        server.stop()
    finally:
        own_server.start()
    assert re.search(r"journal postgresql://.* \d\d events could not be recorded \(", server.stderr)
    assert "No such file" in server.stderr or "Connection refused" in server.stderr


@pytest.mark.parametrize("command", ["serve-echo", "serve-http", "udp-recv", "chat-server"])
def test_a_database_that_cannot_be_reached_is_said_before_anything_starts(
    run: Run, place: str, command: str, tmp_path: Path
) -> None:
    ready = tmp_path / "ready"
    for url, complaint in (
        (place.replace("/journal", "/nowhere"), 'database "nowhere" does not exist'),
        ("postgresql://ann:Hidden-Pass@127.0.0.1:1/x", "Connection refused"),
        ("postgresql://ann:Hidden-Pass@nowhere.invalid/x", "nowhere.invalid"),
    ):
        done = run(command, "--port", "0", "--ready-file", str(ready), "--journal", url, "--explain")
        assert (done.returncode, done.stdout) == (3, "")
        assert complaint in done.stderr and done.stderr.count("\n") == 1
        assert "Hidden" not in done.stderr
    assert not ready.exists()


def test_a_wrong_password(run: Run, own_server: Server) -> None:
    place = own_server.empty("journal")
    hba = own_server.data / "pg_hba.conf"
    hba.write_text("local all guarded scram-sha-256\n" + hba.read_text())
    own_server.execute("CREATE ROLE guarded LOGIN PASSWORD 'Right-Pass'")
    own_server.stop()
    own_server.start()
    done = run("serve-echo", "--port", "0", "--journal", place.replace("postgres@", "guarded:Hidden-Pass@"))
    assert done.returncode == 3
    assert "password authentication failed" in done.stderr and "Pass" not in done.stderr
    own_server.execute("GRANT ALL ON SCHEMA public TO guarded", "journal")
    url = place.replace("postgres@", "guarded:Right-Pass@")
    command = ["serve-echo", "--port", "0", "--explain", "--trace", "trace", "--journal", url, "--", "cat"]
    shown = run(*command, "/proc/self/stat", cwd=own_server.folder)
    assert shown.returncode == 0
    assert "Right-Pass" not in shown.stderr + (own_server.folder / "trace").read_text()
    assert value(place, "SELECT count(*) FROM runs WHERE reason = 'command'") == 1


def test_a_password_leaves_the_list_of_processes(serve: Serve, place: str) -> None:
    url = place.replace("postgres@", "postgres:Hidden-Pass@")
    server = serve("serve-echo", "--journal", url)
    shown = Path(f"/proc/{server.process.pid}/cmdline").read_bytes()
    server.stop()
    assert b"postgres:***********@" in shown and b"Hidden" not in shown


def test_tables_of_somebody_else(run: Run, place: str, postgresql: Server) -> None:
    postgresql.execute("CREATE TABLE messages (words text)", "journal")
    done = run("chat-server", "--port", "0", "--journal", place)
    assert (done.returncode, done.stdout) == (6, "")
    assert "messages: there already, and somebody else's" in done.stderr
    assert read(place, "SELECT relname FROM pg_class WHERE relnamespace = 'public'::regnamespace") == [
        ("messages",)
    ]


def test_without_psycopg(place: str, tmp_path: Path) -> None:
    (tmp_path / "psycopg").mkdir()
    (tmp_path / "psycopg" / "__init__.py").write_text("raise ImportError('gone')")
    env = environment()
    env["PYTHONPATH"] = f"{tmp_path}{os.pathsep}{env['PYTHONPATH']}"
    for command in (["serve-echo", "-p", "0"], ["udp-send", "x", "-p", "9"]):
        words = [*PYNETDB, *command, "--journal", place]
        done = subprocess.run(words, env=env, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "Error: postgresql:// needs psycopg: pip install 'pynetdb[postgresql]'\n"


def test_it_is_read_as_a_file_is(run: Run, place: str, tmp_path: Path) -> None:
    """What db-query says of both is the same, but for what took how long."""
    outputs = []
    targets = "select role, method, target, status, requests, bytes from targets"
    requests = "select id, run_id, role, target, error, status, body from requests order by id"
    for journal in (place, str(tmp_path / "j.db")):
        run("http-get", "http://127.0.0.1:9/", "--journal", journal)
        for form, query in (("csv", targets), ("json", requests)):
            done = run("db-query", journal, query, "-f", form)
            assert done.returncode == 0
            outputs.append(done.stdout)
    assert outputs[:2] == outputs[2:]
    assert "127.0.0.1:9" in outputs[0]
