"""Journals of commands, beside what an outside client counted; read by programs that are not ours."""

import json
import signal
import socket
import subprocess
import threading
from pathlib import Path

import pytest
from journals import assert_intact, contents, read, value
from processes import wait_for
from programs import PATIENCE, PYNETDB, Run, Serve, Stranger, environment, posix
from textbook_chat import TextbookClient


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "j.db"


def test_echo_connections_row_for_row(serve: Serve, journal_place: str) -> None:
    server = serve("serve-echo", "--journal", journal_place)
    counted = []
    for number in range(100):
        message = b"x" * (number + 1)
        with socket.create_connection(server.address) as client:
            client.sendall(message)
            assert client.recv(len(message), socket.MSG_WAITALL) == message
            host, port = client.getsockname()
            counted.append((f"{host}:{port}", number + 1, number + 1, "closed"))
    server.stop()
    assert (
        read(journal_place, "SELECT peer, bytes_in, bytes_out, ending FROM connections ORDER BY number")
        == counted
    )
    assert read(journal_place, "SELECT command, reason, lost, url FROM runs") == [
        ("serve-echo", "signal", 0, f"tcp://127.0.0.1:{server.port}")
    ]
    assert_intact(journal_place)


def test_sqlite_reads_meanwhile(serve: Serve, path: Path, stranger: Stranger) -> None:
    sqlite3 = stranger("sqlite3")
    server = serve("serve-echo", "--journal", str(path))
    with socket.create_connection(server.address):
        while True:
            asked = [sqlite3, "-readonly", path, "SELECT count(*) FROM connections WHERE closed IS NULL"]
            done = subprocess.run(asked, capture_output=True, text=True, timeout=PATIENCE, check=True)
            if done.stdout == "1\n":
                break


def test_requests_and_their_durations(
    serve: Serve, journal_place: str, tmp_path: Path, stranger: Stranger
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a.txt").write_text("hello\n")
    server = serve("serve-http", str(tmp_path / "site"), "--journal", journal_place, "--fault", "delay=30ms")
    url = f"http://127.0.0.1:{server.port}"
    targets = [f"/a.txt?n={number}" for number in range(100)] + ["/none", "/a.txt?token=secret"]
    asked = [f"{url}{target}" for target in targets]
    subprocess.run([stranger("curl"), "-s", *asked], stdout=subprocess.DEVNULL, timeout=PATIENCE, check=True)
    server.stop()
    found = read(journal_place, "SELECT method, target, status, bytes, role FROM requests ORDER BY id")
    assert found[:100] == [("GET", target, 200, 6, "server") for target in targets[:100]]
    assert found[100][1:3] == ("/none", 404)
    assert found[101][1:3] == ("/a.txt?token=***", 200)
    # What the fault held back counts: it is when the answer has left.
    assert value(journal_place, "SELECT min(seconds) FROM requests") >= 0.03
    assert read(journal_place, "SELECT fault, times FROM fault_counts") == [("delay", 102)]
    assert value(journal_place, "SELECT count(*) FROM requests JOIN connections USING (run_id)") == 102
    assert b"secret" not in contents(journal_place)


def test_bodies_when_asked(run: Run, serve: Serve, journal_place: str, tmp_path: Path) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a.txt").write_text("hello\n")
    (tmp_path / "site" / "b.bin").write_bytes(b"x" * 3_000_000)
    server = serve("serve-http", str(tmp_path / "site"), "--journal", journal_place, "--journal-bodies")
    for name in ("a.txt", "b.bin"):
        url = f"http://me:pw@127.0.0.1:{server.port}/{name}"
        assert (
            run("http-get", url, "-q", "-o", str(tmp_path / "out"), "--journal", journal_place).returncode
            == 0
        )
        run(
            "http-get", url, "-q", "-o", str(tmp_path / "out"), "--journal", journal_place, "--journal-bodies"
        )
    server.stop()
    assert read(journal_place, "SELECT role, bytes, length(body) FROM requests ORDER BY run_id, id") == [
        ("server", 6, 6),
        ("server", 6, 6),
        ("server", 3_000_000, 65536),
        ("server", 3_000_000, 65536),
        ("client", 6, None),
        ("client", 6, 6),
        ("client", 3_000_000, None),
        ("client", 3_000_000, 65536),
    ]
    assert "pw" not in repr(read(journal_place, "SELECT target FROM requests"))


@posix
def test_a_chat_and_its_history_after_a_restart(serve: Serve, journal_place: str) -> None:
    first = serve("chat-server", "--journal", journal_place, "--rate", "0", status=-signal.SIGKILL)
    with socket.create_connection(first.address, timeout=PATIENCE) as ann:
        ann.sendall(
            b"ADD Ann\n" + b"".join(b"MESSAGE line %d\n" % n for n in range(50)) + b"PRIVATE Ann\npsst\n"
        )
        heard = b""
        while b"psst" not in heard:
            heard += ann.recv(65536)
        while value(journal_place, "SELECT count(*) FROM messages") < 51:
            pass
        first.process.kill()  # Not even a farewell: what was said a moment ago is kept all the same.
        first.wait()

    second = serve("chat-server", "--journal", journal_place, "--history", "2")
    eve = TextbookClient(second.address, "Eve")
    eve.expect(
        "==> Eve has joined the chat room", *(f"==> *history* [private]: Ann: line {n}" for n in (48, 49))
    )
    eve.quit()
    eve.expect("goodbye")
    eve.close()
    second.stop()
    assert read(journal_place, "SELECT name, reason FROM members WHERE run_id = 2") == [("Eve", "quit")]
    assert (
        value(journal_place, "SELECT count(*) FROM messages WHERE recipient IS NOT NULL AND text IS NOT NULL")
        == 0
    )
    assert_intact(journal_place)


def test_a_chat_of_many_row_for_row(serve: Serve, journal_place: str) -> None:
    server = serve("chat-server", "--journal", journal_place, "--rate", "0")
    members = [socket.create_connection(server.address, timeout=PATIENCE) for _ in range(20)]
    for number, member in enumerate(members):
        member.sendall(
            f"ADD m{number}\n".encode() + b"".join(b"MESSAGE %d\n" % n for n in range(25)) + b"QUIT\n"
        )
    for member in members:
        while member.recv(65536):
            pass
        member.close()
    server.stop()
    assert read(journal_place, "SELECT sender, messages FROM talkers ORDER BY 1") == sorted(
        (f"m{n}", 25) for n in range(20)
    )
    assert value(journal_place, "SELECT count(*) FROM members WHERE reason = 'quit'") == 20
    assert_intact(journal_place)


def test_the_token_of_the_page_is_nowhere(serve: Serve, path: Path, stranger: Stranger) -> None:
    server = serve("chat-server", "--web", "0", "--journal", str(path), "--journal-bodies", "--verbose")
    url = server.event("web")["url"]
    token = url.rstrip("/").rpartition("/")[2]
    curl = stranger("curl")
    say = f"{url}say?session=nobody-has-this-key"
    for more in (["-o", "/dev/null", url], ["-o", "/dev/null", "-d", "MESSAGE hi", say]):
        subprocess.run([curl, "-s", *more], timeout=PATIENCE, check=True)
    assert server.event("request")["target"] == "/***/"
    server.stop()
    assert read(path, "SELECT target, status FROM requests") == [
        ("/***/", 200),
        ("/***/say?session=***", 403),
    ]
    assert token.encode() not in path.read_bytes()
    assert b"nobody-has" not in path.read_bytes()
    assert server.stderr.count(token) == server.stderr.count("in a browser, open")


def test_datagrams_of_both_sides_agree(run: Run, serve: Serve, journal_place: str) -> None:
    server = serve("udp-recv", "--journal", journal_place, "--count", "2000", "--quiet")
    where = ["--port", str(server.port), "--journal", journal_place]
    sent = run("udp-send", "x" * 20, "--sequence", "--rate", "4000", "--count", "2000", "--json", *where)
    assert server.wait() == 0
    told = json.loads(sent.stdout)
    both = "SELECT count(*), sum(bytes), count(DISTINCT sequence) FROM datagrams WHERE direction = ?"
    assert read(journal_place, both, "sent")[0][:2] == (2000, told["bytes"])
    assert read(journal_place, both, "received")[0][::2] == (2000, 2000)
    assert json.loads(value(journal_place, "SELECT summary FROM exchanges"))["sent"] == 2000
    assert_intact(journal_place)


def test_the_time(run: Run, serve: Serve, journal_place: str) -> None:
    server = serve("serve-time", "--skew", "5s", "--journal", journal_place)
    run("time-query", f"127.0.0.1:{server.port}", "--samples", "3", "--journal", journal_place)
    server.stop()
    assert value(journal_place, "SELECT count(*) FROM answers WHERE protocol = 'ntp'") == 3
    offsets = [offset for (offset,) in read(journal_place, "SELECT offset_s FROM offset_over_time")]
    assert len(offsets) == 3
    assert all(abs(offset - 5) < 1 for offset in offsets)


def test_several_commands_write_to_one_journal_at_once(run: Run, serve: Serve, journal_place: str) -> None:
    server = serve("serve-echo", "--journal", journal_place)
    where = ["--port", str(server.port), "--journal", journal_place]

    def ask() -> None:
        for _ in range(3):
            assert run("echo-client", "hi", *where).returncode == 0

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    server.stop()
    assert value(journal_place, "SELECT count(*) FROM connections") == 24
    assert value(journal_place, "SELECT count(*) FROM runs WHERE ended IS NOT NULL AND lost = 0") == 13
    assert_intact(journal_place)


def test_a_lock_held_by_somebody_costs_nothing(serve: Serve, path: Path) -> None:
    import sqlite3
    from contextlib import closing

    server = serve("serve-echo", "--journal", str(path))
    with closing(sqlite3.connect(path, isolation_level=None)) as other:
        other.execute("BEGIN IMMEDIATE")
        for _ in range(10):
            with socket.create_connection(server.address) as client:
                client.sendall(b"x")
                assert client.recv(1) == b"x"
        other.execute("ROLLBACK")
    server.stop()
    assert value(path, "SELECT count(*) FROM connections WHERE ending = 'closed'") == 10
    assert "journal" not in server.stderr


@posix
def test_killed_in_the_middle_it_is_whole_and_nothing_older_is_missing(
    serve: Serve, journal_place: str
) -> None:
    server = serve("serve-echo", "--journal", journal_place, status=-signal.SIGKILL)
    for _ in range(50):
        with socket.create_connection(server.address) as client:
            client.sendall(b"x")
            client.recv(1)
    # An eye on the file, as a second command would have it, says when they are written.
    while value(journal_place, "SELECT count(*) FROM connections WHERE closed IS NOT NULL") < 50:
        pass
    server.process.send_signal(signal.SIGKILL)
    server.wait()
    assert value(journal_place, "SELECT count(*) FROM connections") == 50
    assert value(journal_place, "SELECT ended FROM runs") is None
    assert_intact(journal_place)


@posix
def test_a_disk_without_room_does_not_stop_the_server(path: Path, tmp_path: Path) -> None:
    """The limit is on the size of a file, which is how a quota is met."""
    ready, complaints = tmp_path / "ready", tmp_path / "stderr"
    served = [*PYNETDB, "serve-echo", "--port", "0", "--ready-file", str(ready), "--journal", str(path)]
    script = "import resource, os, sys, signal; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); "
    script += (
        "resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, 200_000)); os.execv(sys.argv[1], sys.argv[1:])"
    )
    with open(complaints, "wb") as stderr:
        command = [PYNETDB[0], "-c", script, *served]
        process = subprocess.Popen(command, stderr=stderr, env=environment())
    try:
        wait_for(ready)
        port = json.loads(ready.read_text())["port"]
        while b"journal" not in complaints.read_bytes():
            with socket.create_connection(("127.0.0.1", port)) as client:
                client.sendall(b"x")
                assert client.recv(1) == b"x"
        with socket.create_connection(("127.0.0.1", port)) as client:
            client.sendall(b"still here")
            assert client.recv(100) == b"still here"
        process.terminate()
        assert process.wait(PATIENCE) == 0
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()
    told = [line for line in complaints.read_text().splitlines() if line.startswith("journal")]
    assert len(told) == 2
    assert "could not be recorded" in told[1]
    assert_intact(path)
