"""--journal and --fault on the command line."""

from pathlib import Path

import pytest
from programs import Run, Serve, linux

from pynetdb.net.faults.specs import FORMS

NETWORKING = (
    "serve-echo",
    "echo-client",
    "serve-http",
    "http-get",
    "chat-server",
    "chat-client",
    "serve-time",
)
NETWORKING += ("time-query", "udp-send", "udp-recv")
INJECTING = ("serve-echo", "serve-http", "chat-server", "serve-time", "udp-send", "udp-recv")


@pytest.mark.parametrize("command", NETWORKING)
def test_who_has_them(run: Run, command: str) -> None:
    help_text = run(command, "--help").stdout
    assert "--journal FILE.db" in help_text
    assert ("--fault SPEC" in help_text) == (command in INJECTING)


@linux
@pytest.mark.parametrize(("workers", "repeatable"), [("1", True), ("2", False)])
def test_a_seed_is_promised_where_it_repeats_anything(
    run: Run, tmp_path: Path, workers: str, repeatable: bool
) -> None:
    """Which of several workers gets a connection is chance."""
    journal = str(tmp_path / "j.db")
    faults = ("--fault", "delay=1ms", "--workers", workers, "--journal", journal)
    done = run("serve-http", ".", "-p", "0", "--for", "50ms", *faults)
    assert done.returncode == 0
    assert "serve-http: faults of ours: delay=1ms" in done.stderr
    assert ("--seed" in done.stderr) == repeatable
    recorded = run("db-query", journal, "select count(seed) as seeds from runs", "--format", "csv").stdout
    assert recorded == f"seeds\n{int(repeatable)}\n"


@pytest.mark.parametrize("command", INJECTING)
def test_a_wrong_fault_lists_the_right_ones(run: Run, command: str) -> None:
    more = ["x"] if command == "udp-send" else []
    done = run(command, *more, "--fault", "lose=10%")
    assert done.returncode == 2
    assert all(form in done.stderr for form in FORMS)
    assert done.stderr.startswith("Error: --fault 'lose=10%': expected one of ")
    assert done.stderr.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["serve-echo", "--fault", "drop=1%"], "--fault drop: it happens to datagrams"),
        (["serve-echo", "--udp", "--fault", "rate=1kB"], "--fault rate: it happens to connections"),
        (["udp-recv", "--fault", "refuse=1%"], "--fault refuse: it happens to connections"),
        (["udp-send", "x", "--fault", "stall=1s"], "--fault stall: it happens to connections"),
        (["serve-time", "--protocol", "time", "--udp", "--fault", "split=1"], "--fault split: it happens to"),
        (["serve-echo", "--seed", "1"], "--seed is for --fault"),
        (["serve-echo", "--journal-bodies"], "--journal-bodies is for --journal"),
        (["serve-echo", "--journal", ":memory:"], "in memory"),
        (["serve-echo", "--journal", "mongodb://me:secret@x/"], "mongodb://: no database of that kind"),
    ],
    ids=" ".join,
)
def test_what_does_not_go_together(run: Run, arguments: list[str], complaint: str) -> None:
    done = run(*arguments)
    assert done.returncode == 2
    assert complaint in done.stderr
    assert "secret" not in done.stderr


@pytest.mark.parametrize("command", NETWORKING)
def test_a_journal_that_is_none_is_refused_before_anything_starts(
    run: Run, command: str, tmp_path: Path
) -> None:
    path = tmp_path / "notes.txt"
    path.write_text("my notes")
    more = {
        "http-get": ["http://127.0.0.1:1/"],
        "udp-send": ["x"],
        "chat-client": ["--name", "Ann", "--listen"],
    }
    done = run(command, *more.get(command, []), "--journal", str(path))
    assert done.returncode == 6
    assert done.stderr == f"Error: {path}: not a SQLite database, expected a journal\n"
    assert done.stdout == ""
    assert path.read_text() == "my notes"
    assert [entry.name for entry in tmp_path.iterdir()] == ["notes.txt"]


def test_a_seed_that_was_chosen_is_told(serve: Serve) -> None:
    server = serve("serve-echo", "--fault", "delay=1ms")
    server.stop()
    assert "serve-echo: faults of ours: delay=1ms (--seed " in server.stderr
    server = serve("serve-echo", "--fault", "delay=1ms", "--seed", "5")
    server.stop()
    assert "--seed" not in server.stderr
