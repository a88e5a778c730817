"""psql, pg_dump and PgBouncer with us at the same database."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from network import free_port
from postgres import Server, binaries_or_skip, run_server
from programs import PATIENCE, Run, Serve, Stranger, held, linux

DATA = 'id,price,name,note\n1,1.10,"O\'Neil, ""x""",\\.\n2,,"a\nb",\\N\n3,123456789012345678901234567890,\U0001f600,\n'


@pytest.fixture
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    return tmp_path


def test_psql_reads_what_we_wrote_and_we_what_psql_wrote(here: Path, run: Run, postgresql: Server) -> None:
    url = postgresql.empty("both")
    Path("ours.csv").write_text(DATA)
    assert run("db-insert", url, "t", "--from", "ours.csv", "--create", "--pk", "id").returncode == 0
    psql = [*postgresql.program("psql"), "--dbname", "both", "--no-psqlrc", "--quiet", "--command"]
    subprocess.run([*psql, "\\copy (select * from t order by id) to 'theirs.csv' csv header"], check=True)
    assert run("db-insert", url, "u", "--from", "theirs.csv", "--create").returncode == 0
    # psql tells an empty text, which it quotes, from NULL; all else is the same.
    assert Path("theirs.csv").read_text().replace(',""\n', ",\n") == DATA
    done = run("db-query", url, "select * from u order by id", "-f", "csv")
    assert done.stdout == DATA
    subprocess.run([*psql, "create table w (like t)"], check=True)
    subprocess.run([*psql, "\\copy w from 'ours.csv' csv header"], check=True)
    assert run("db-query", url, "select * from w order by id", "-f", "csv").stdout == DATA


def test_a_dump_and_what_is_restored_from_it(here: Path, run: Run, postgresql: Server) -> None:
    url, other = postgresql.empty("dumped"), postgresql.empty("restored")
    Path("x.csv").write_text(DATA)
    assert (
        run(
            "db-create", url, "courses", "id:int:pk", "title:text:notnull", "fee:numeric(8,2):default=0"
        ).returncode
        == 0
    )
    assert run("db-insert", url, "courses", "title=Networks").returncode == 0
    assert run("db-insert", url, "t", "--from", "x.csv", "--create", "--pk", "id").returncode == 0
    dump = subprocess.run(
        [*postgresql.program("pg_dump"), "dumped"], check=True, capture_output=True, text=True
    ).stdout
    psql = [
        *postgresql.program("psql"),
        "--dbname",
        "restored",
        "--no-psqlrc",
        "--quiet",
        "--set",
        "ON_ERROR_STOP=1",
    ]
    subprocess.run(psql, input=dump, check=True, text=True, stdout=subprocess.DEVNULL)
    for arguments in (
        ["--schema"],
        ["select * from t order by id", "--json"],
        ["select * from courses", "--json"],
    ):
        assert run("db-query", other, *arguments).stdout == run("db-query", url, *arguments).stdout != ""
    assert run("db-insert", other, "courses", "title=Databases").returncode == 0
    assert run("db-query", other, "select max(id) from courses", "-f", "raw").stdout == "2"


@pytest.fixture
def bouncer(postgresql: Server, stranger: Stranger) -> Iterator[str]:
    """PgBouncer in front of the server, a connection a transaction; gives the folder of its socket."""
    program = stranger("pgbouncer")
    folder = Path(tempfile.mkdtemp(prefix="pynetdb-pb-"))
    as_user = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    try:
        (folder / "users").write_text('"postgres" ""\n')
        (folder / "ini").write_text(
            f"[databases]\n* = host={postgresql.folder}\n[pgbouncer]\nunix_socket_dir = {folder}\nlisten_addr =\n"
            f"auth_type = trust\nauth_file = {folder}/users\npool_mode = transaction\ndefault_pool_size = 1\n"
            "listen_port = 6432\n"
        )
        if as_user:
            for path in (folder, folder / "users", folder / "ini"):
                shutil.chown(path, "nobody")
        with held([program, "--quiet", str(folder / "ini")], stderr=subprocess.DEVNULL, **as_user) as process:
            end = time.monotonic() + PATIENCE
            while not (folder / ".s.PGSQL.6432").exists():
                assert process.poll() is None and time.monotonic() < end
                time.sleep(0.01)
            yield str(folder)
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@linux
def test_pgbouncer_in_transaction_mode(here: Path, run: Run, postgresql: Server, bouncer: str) -> None:
    postgresql.empty("bounced")
    url = f"postgresql://postgres@/bounced?host={bouncer}&port=6432"
    Path("x.csv").write_text("id,v\n" + "".join(f"{n},{n / 4}\n" for n in range(20_000)))
    done = run("db-create", url)
    assert done.returncode == 0, done.stderr
    assert run("db-create", url, "s", "id:int:pk", "a:text").returncode == 0
    done = run("db-insert", url, "t", "--from", "x.csv", "--create", "--pk", "id", "--batch-size", "7000")
    assert done.returncode == 0, done.stderr
    assert run("db-insert", url, "t", "--from", "x.csv", "--on-conflict", "update").returncode == 0
    assert run("db-query", url, "select * from t order by id", "-f", "csv").stdout.count("\n") == 20_001
    assert (
        run("db-query", url, "select count(*) from t where id < :n", "-P", "n:=10", "-f", "raw").stdout
        == "10"
    )
    done = run("db-query", url, "select pg_sleep(30)", "--timeout", "200ms")
    assert done.returncode == 4, done.stderr
    # The one connection behind it is free again.
    assert run("db-query", url, "update t set v = 0", "--write").returncode == 0
    assert "20000" in run("db-query", url).stdout
    assert run("db-query", url, "delete from t").returncode == 6


@pytest.fixture
def encrypted(stranger: Stranger) -> Iterator[tuple[int, str]]:
    """A server that speaks TLS over TCP, with a certificate of its own; gives its port and the certificate."""
    openssl = stranger("openssl")
    folder = Path(tempfile.mkdtemp(prefix="pynetdb-pt-"))
    try:
        subprocess.run(
            [openssl, "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", "-subj", "/CN=localhost",
             "-addext", "subjectAltName=DNS:localhost", "-keyout", "key.pem", "-out", "cert.pem"],
            cwd=folder, check=True, capture_output=True,
        )  # fmt: skip
        if os.geteuid() == 0:
            for path in (folder, folder / "key.pem", folder / "cert.pem"):
                shutil.chown(path, "nobody")
        port = free_port()
        settings = {"listen_addresses": "127.0.0.1", "port": str(port), "ssl": "on"}
        files = {"ssl_cert_file": str(folder / "cert.pem"), "ssl_key_file": str(folder / "key.pem")}
        with run_server(binaries_or_skip("system"), **settings, **files):
            yield port, str(folder / "cert.pem")
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@linux
def test_what_tls_verifies_is_told(run: Run, encrypted: tuple[int, str]) -> None:
    port, certificate = encrypted
    url = f"postgresql://postgres@localhost:{port}/postgres?sslmode="
    for mode, told in (
        ("disable", "not encrypted"),
        ("prefer", "the server's certificate is not verified (sslmode=prefer"),
        (f"verify-ca&sslrootcert={certificate}", "certificate is verified, its name is not"),
        (f"verify-full&sslrootcert={certificate}", "the server's certificate and name are verified"),
    ):
        done = run("db-query", url + mode, "select 1", "-f", "raw", "-v")
        assert (done.returncode, done.stdout) == (0, "1"), done.stderr
        assert told in done.stderr
        assert told in run("db-query", url + mode, "select 1", "--explain").stderr
    done = run("db-query", url + "verify-full&sslrootcert=system", "select 1")
    assert done.returncode == 3 and "certificate verify failed" in done.stderr


@linux
def test_a_journal_through_pgbouncer(here: Path, serve: Serve, postgresql: Server, bouncer: str) -> None:
    """Several statements on their way at once, and settings that end with their transaction."""
    postgresql.empty("bounced")
    server = serve("chat-server", "--journal", f"postgresql://postgres@/bounced?host={bouncer}&port=6432")
    members = [socket.create_connection(server.address, timeout=PATIENCE) for _ in range(10)]
    for number, member in enumerate(members):
        member.sendall(f"ADD m{number}\nMESSAGE hi\nQUIT\n".encode())
    for member in members:
        while member.recv(65536):
            pass
        member.close()
    server.stop()
    assert "journal" not in server.stderr
    rows = postgresql.execute("SELECT name, reason FROM members ORDER BY name", "bounced")
    assert rows == [(f"m{number}", "quit") for number in range(10)]
    assert postgresql.execute("SELECT count(*), max(lost) FROM messages, runs", "bounced") == [(10, 0)]
