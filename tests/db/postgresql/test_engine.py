"""The way to a server: who is let in, what is said of it, what is never said."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest
from postgres import Server
from programs import PATIENCE, PYNETDB, Run, environment, held, posix

from pynetdb.db import open as open_database
from pynetdb.errors import CommandLineError, DatabaseError, DeadlineError, NetworkError
from pynetdb.narration import Call, Narrator, Observer


class Calls(Observer):
    def __init__(self) -> None:
        self.calls: list[Call] = []

    def on_call(self, call: Call) -> None:
        self.calls.append(call)


def test_what_it_is(opened: Any) -> None:
    engine = opened("create")
    assert engine.version.startswith("PostgreSQL ") and not engine.ensure_exists()
    assert "Unix-domain socket" in engine.remark
    assert not engine.owns_file("x")
    with pytest.raises(CommandLineError) as refused:
        engine.attach("x", "y.db")
    assert refused.value.hint == "attach"


@pytest.mark.parametrize(
    ("change", "told"),
    [
        (("/unit?", "/nope?"), 'database "nope" does not exist'),
        (("postgres@", "nobody-here:secret@"), 'role "nobody-here" does not exist'),
        (("host=", "host=/nowhere"), "No such file or directory"),
    ],
)
def test_who_is_not_let_in(place: str, change: tuple[str, str], told: str) -> None:
    with pytest.raises(NetworkError, match=told) as refused, open_database(place.replace(*change)):
        pass
    assert "secret" not in str(refused.value)


def test_a_wrong_password(postgresql: Server, place: str, run: Run, tmp_path: Path) -> None:
    """Of a role that needs one: by scram, in the file that the server reads anew."""
    hba = postgresql.folder / "data" / "pg_hba.conf"
    before = hba.read_text()
    postgresql.execute("CREATE ROLE guarded LOGIN PASSWORD 'Right-Pass'")
    try:
        hba.write_text("local all guarded scram-sha-256\n" + before)
        postgresql.execute("SELECT pg_reload_conf()")
        url = place.replace("postgres@", "guarded:{}@")
        end = time.monotonic() + PATIENCE
        while (done := run("db-query", url.format("Wrong-Pass"), "select 1")).returncode == 0:
            assert time.monotonic() < end  # The server reads it in a moment.
        assert done.returncode == 3 and "password authentication failed" in done.stderr
        assert run("db-query", place.replace("postgres@", "guarded@"), "select 1").returncode == 3
        good = run(
            "db-query",
            url.format("Right-Pass"),
            "select 1 as a",
            "-f",
            "csv",
            "--explain",
            "-v",
            "--trace",
            "t",
        )
        assert good.stdout == "a\n1\n"
        other = place.replace("postgres@", "guarded@")
        assert run("db-query", other, "select 2", "-f", "raw", env={"PGPASSWORD": "Right-Pass"}).stdout == "2"
        passfile = tmp_path / "pgpass"
        passfile.write_text("*:*:*:guarded:Right-Pass\n")
        passfile.chmod(0o600)
        assert (
            run("db-query", other, "select 3", "-f", "raw", env={"PGPASSFILE": str(passfile)}).stdout == "3"
        )
        for text in (done.stderr, good.stderr, Path("t").read_text()):
            assert "-Pass" not in text
    finally:
        hba.write_text(before)
        postgresql.execute("SELECT pg_reload_conf()")
        postgresql.execute("DROP ROLE guarded")
        Path("t").unlink(missing_ok=True)


def test_a_service(place: str, run: Run, tmp_path: Path) -> None:
    host = place.partition("host=")[2]
    (tmp_path / "services").write_text(f"[school]\nhost={host}\nuser=postgres\ndbname=unit\n")
    done = run(
        "db-create", "postgresql:///?service=school", env={"PGSERVICEFILE": str(tmp_path / "services")}
    )
    assert done.returncode == 0 and done.stdout.startswith(
        "postgresql:///?service=school: exists, 0 tables ("
    )


def test_explain(place: str) -> None:
    calls = Calls()
    with open_database(place, "write", Narrator([calls])) as engine:
        list(engine.query("select :x::int as one", {"x": 1}).text_blocks("csv"))
        list(engine.query("select 1 as one").text_blocks("csv"))
    told = [(call.who, call.call) for call in calls.calls]
    assert told[0] == ("sql", "connect") and calls.calls[0].arguments == [place]
    assert [call.arguments[0] for call in calls.calls if call.call == "sql"][-1] in ("COMMIT", "ROLLBACK")
    if sys.platform == "linux":
        words = {call for who, call in told if who == "libpq"}
        assert {"Parse", "Bind", "Execute", "CopyData", "CopyDone", "ReadyForQuery"} <= words


def test_explain_as_a_command_tells_it(place: str, run: Run) -> None:
    done = run("db-query", place, "select 7 as a", "--explain", "-f", "csv")
    assert "sql    connect(postgresql://" in done.stderr and "libpq" not in done.stderr
    done = run("db-query", place, "select 7 as a", "--explain", "-v", "-f", "csv")
    assert r"libpq  CopyData('7\x0a') = received  (rows, as text)" in done.stderr
    assert "nothing leaves it" in done.stderr


def test_options_that_this_engine_has_not(place: str, run: Run) -> None:
    done = run("db-create", place, "t", "a", "--strict")
    assert (done.returncode, done.stderr) == (
        2,
        "Error: --strict: tables of PostgreSQL are strict as they are\n",
    )
    done = run("db-query", place, "select 1", "--attach", "x=y.db")
    assert done.returncode == 2 and done.stderr.startswith("Error: --attach is for files of SQLite")


def test_without_psycopg(place: str, tmp_path: Path) -> None:
    (tmp_path / "psycopg").mkdir()
    (tmp_path / "psycopg" / "__init__.py").write_text("raise ImportError('gone')")
    env = environment()
    env["PYTHONPATH"] = f"{tmp_path}{os.pathsep}{env['PYTHONPATH']}"
    for command in (["db-query", place, "select 1"], ["db-create", place], ["db-insert", place, "t", "a=1"]):
        done = subprocess.run([*PYNETDB, *command], env=env, capture_output=True, text=True, check=False)
        assert (done.returncode, done.stdout) == (2, "")
        assert done.stderr == "Error: postgresql:// needs psycopg: pip install 'pynetdb[postgresql]'\n"


def test_nobody_else_imports_psycopg(tmp_path: Path) -> None:
    code = (
        "import sys\nfrom pynetdb.cli import main\n"
        "try: main(sys.argv[1:])\nexcept SystemExit: pass\nassert not any('psycopg' in name for name in sys.modules)"
    )
    command = [sys.executable, "-c", code, "db-query", ":memory:", "select 1"]
    subprocess.run(command, env=environment(), check=True, capture_output=True)


def test_a_lock_is_not_waited_for_for_ever(place: str, postgresql: Server) -> None:
    import psycopg

    postgresql.execute("CREATE TABLE t (a int)", "unit")
    with psycopg.connect(place) as holder, open_database(place, "write", None, 0.1) as engine:
        holder.execute("LOCK TABLE t")
        with pytest.raises(DatabaseError, match="locked by another program for longer than we wait"):
            engine.query("insert into t values (1)", write=True)


def test_a_budget_within_a_deadline_leaves_it_as_it_was(place: str, postgresql: Server) -> None:
    postgresql.execute("CREATE VIEW slow AS SELECT 1 AS a FROM pg_sleep(60)", "unit")
    with open_database(place) as engine, engine.limited(2.0):
        assert engine.measure("slow", 0.05)[0] is None
        with pytest.raises(DeadlineError):
            list(engine.query("select pg_sleep(60)").blocks())


@posix
def test_interrupted_in_the_middle_of_a_statement(place: str, postgresql: Server) -> None:
    """The server ends what it was at as well."""
    command = [*PYNETDB, "db-query", place, "select pg_sleep(55)"]
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE query LIKE '%pg_sleep(55)%' AND wait_event = 'PgSleep'"
    )
    with held(command, env=environment(), stderr=subprocess.PIPE) as process:
        end = time.monotonic() + PATIENCE
        while postgresql.execute(waiting) != [(1,)]:
            assert time.monotonic() < end
        process.send_signal(signal.SIGINT)
        assert process.wait(PATIENCE) == 130
        assert process.stderr is not None and process.stderr.read() == b""
    assert postgresql.execute(waiting) == [(0,)]


def test_a_connection_that_is_lost(place: str, postgresql: Server) -> None:
    with pytest.raises(NetworkError), open_database(place, "write") as engine:
        postgresql.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = 'unit' AND pid <> pg_backend_pid() AND application_name = 'pynetdb'"
        )
        engine.query("select 1")
    with open_database(place) as engine:
        assert json.loads(b"".join(engine.query("select 1 as a").text_blocks("json"))) == [{"a": 1}]
