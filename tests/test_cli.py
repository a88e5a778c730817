"""The frame: help, version, environment, one line for an error, closed pipes."""

import os
import signal
import subprocess
from pathlib import Path

import click
import pytest
from programs import PYNETDB, Run, Serve, assert_clean, environment, posix

from pynetdb import __version__
from pynetdb.cli import COMMANDS, pynetdb
from pynetdb.param_types import NewFile


def one_line(complaint: str) -> str:
    assert complaint.startswith("Error: "), complaint
    assert complaint.count("\n") == 1, complaint
    return complaint


def test_version(run: Run) -> None:
    assert run("--version").stdout == f"pynetdb {__version__}\n"


@pytest.mark.parametrize("option", ["-h", "--help"])
def test_help_lists_every_command(run: Run, option: str) -> None:
    done = run(option)
    assert done.returncode == 0
    for command in COMMANDS:
        assert f"\n  {command} " in done.stdout


@pytest.mark.parametrize("command", COMMANDS)
@pytest.mark.parametrize("option", ["-h", "--help"])
def test_every_command_helps(run: Run, command: str, option: str) -> None:
    done = run(command, option)
    assert done.returncode == 0
    assert done.stdout.startswith(
        f"Usage: python -m pynetdb {command}".replace("python -m pynetdb", "pynetdb")
    )


def test_without_arguments_it_helps(run: Run) -> None:
    done = run()
    assert (done.returncode, done.stdout) == (2, "")
    assert "Type first:" in done.stderr
    for command in COMMANDS:
        assert command in done.stderr.split("Commands:")[1]
    lines = done.stderr.splitlines()
    assert len(lines) <= 24 and max(map(len, lines)) <= 80, "it fits the smallest terminal"


@pytest.mark.parametrize(
    ("word", "meant"),
    [
        ("serve-eco", "did you mean serve-echo"),
        ("serve_echo", "did you mean serve-echo"),
        ("xyzzy", "no such command 'xyzzy'"),
    ],
)
def test_a_wrong_command_is_answered_with_the_right_one(run: Run, word: str, meant: str) -> None:
    done = run(word)
    assert done.returncode == 2
    assert meant in one_line(done.stderr)


@pytest.mark.parametrize(
    "arguments",
    [
        ("--nonsense",),
        ("serve-echo", "--prot", "1"),
        ("serve-echo", "--port", "99999"),
        ("serve-echo", "--port", "no-such-service"),
        ("serve-echo", "--for", "5 parsecs"),
        ("serve-echo", "--count", "0"),
        ("serve-echo", "--format", "xml"),
        ("serve-echo", "--"),
        ("serve-echo", "--udp", "--greeting", "x"),
        ("serve-echo", "surplus\nargument\x1b[31m"),
        ("echo-client", "--timeout", "0", "x"),
        ("echo-client", "--port", "0", "x"),
        ("echo-client", "--size", "5", "x"),
        ("echo-client", "--udp"),
        ("echo-client", ""),
        ("echo-client", "--udp", "--size", "65508"),
        ("tour", "no-such-chapter"),
    ],
)
def test_a_wrong_command_line_is_one_line_and_status_2(run: Run, arguments: tuple[str, ...]) -> None:
    done = run(*arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert "\x1b" not in one_line(done.stderr)


def test_a_port_of_ours_names_the_command_that_serves_there(run: Run) -> None:
    for arguments, server in (
        (("echo-client", "hi"), "pynetdb serve-echo starts one"),
        (("echo-client", "--udp", "hi"), "pynetdb serve-echo --udp starts one"),
        (("udp-send", "--reply", "hi"), "pynetdb udp-recv starts one"),
        (("chat-client", "--name", "Ann", "--say", "hi"), "pynetdb chat-server starts one"),
        (("time-query", "--protocol", "time"), "pynetdb serve-time --protocol time starts one"),
    ):
        # An address of this machine on which nobody serves, so that the port may be the real one.
        address = "127.90.91.92"
        where = (f"{address}:1037",) if arguments[0] == "time-query" else ("--host", address)
        done = run(*arguments, *where)
        assert done.returncode == 3
        assert server in one_line(done.stderr)
    assert "starts one" not in run("echo-client", "--port", "1", "hi").stderr


def test_a_dash_for_the_output_is_standard_output_everywhere(run: Run, serve: Serve, tmp_path: Path) -> None:
    assert run("db-query", ":memory:", "select 1", "--trace", "t.jsonl", cwd=tmp_path).returncode == 0
    url = f"http://127.0.0.1:{serve('serve-http', str(tmp_path)).port}/t.jsonl"
    lines = {
        "db-query": ("db-query", ":memory:", "select 1 as one", "-f", "csv"),
        "draw": ("draw", "t.jsonl"),
        "http-get": ("http-get", url),
    }
    context = click.Context(pynetdb)
    commands = [command for name in COMMANDS if (command := pynetdb.get_command(context, name))]
    assert set(lines) == {
        command.name for command in commands if any("--output" in option.opts for option in command.params)
    }
    for line in lines.values():
        plain = run(*line, cwd=tmp_path)
        named = run(*line, "-o", "-", cwd=tmp_path)
        assert (named.returncode, named.stdout, named.stderr) == (0, plain.stdout, "") and plain.stdout
        assert "- is standard output" in " ".join(run(line[0], "--help").stdout.split())
    assert [path.name for path in tmp_path.iterdir()] == ["t.jsonl"]


def test_options_come_from_the_environment(run: Run) -> None:
    done = run("serve-echo", env={"PYNETDB_SERVE_ECHO_PORT": "99999"})
    assert done.returncode == 2
    assert "99999 is not a port" in one_line(done.stderr)


def test_the_command_after_two_dashes_keeps_its_own_options(run: Run) -> None:
    done = run("serve-echo", "--port", "0", "--quiet", "--", "echo", "--port", "--", "--help")
    assert (done.returncode, done.stdout) == (0, "--port -- --help\n")


WRITTEN = {"trace", "journal", "ready_file", "draw"}


@pytest.mark.parametrize("name", COMMANDS)
def test_a_dash_is_no_file_to_write(run: Run, tmp_path: Path, name: str) -> None:
    command = pynetdb.get_command(click.Context(pynetdb), name)
    assert command
    options = [parameter for parameter in command.params if isinstance(parameter, click.Option)]
    assert all(isinstance(option.type, NewFile) for option in options if option.name in WRITTEN)
    for parameter in options:
        if isinstance(parameter.type, NewFile):
            done = run(name, parameter.opts[0], "-", cwd=tmp_path)
            assert (done.returncode, done.stdout) == (2, "")
            assert (
                f"'{parameter.opts[0]}': - is a stream, expected a file: ./- is one of that name"
                in done.stderr
            )
    assert list(tmp_path.iterdir()) == []


def test_a_dash_is_no_database_to_make(run: Run, tmp_path: Path) -> None:
    for command in (("db-create", "-", "t", "a"), ("db-insert", "-", "t", "a=1")):
        done = run(*command, cwd=tmp_path)
        assert (done.returncode, done.stdout) == (2, "")
        assert "./- is one of that name" in done.stderr
    assert list(tmp_path.iterdir()) == []
    assert run("db-create", "./-", "t", "a", cwd=tmp_path).returncode == 0
    assert [path.name for path in tmp_path.iterdir()] == ["-"]


@posix
@pytest.mark.parametrize(
    "arguments", [("--help",), ("--version",), ("serve-echo", "-h"), ("tour", "echo", "-q")]
)
def test_a_full_disk_is_status_1(arguments: tuple[str, ...]) -> None:
    if not os.path.exists("/dev/full"):
        pytest.skip("platform: no /dev/full")
    with open("/dev/full", "w") as full:
        done = subprocess.run(
            [*PYNETDB, *arguments], stdout=full, stderr=subprocess.PIPE, text=True, env=environment()
        )
    assert done.returncode == 1
    assert one_line(done.stderr) == "Error: standard output: No space left on device\n"


@posix
@pytest.mark.parametrize("arguments", ["--help", "--version", "serve-echo --help"])
def test_a_closed_standard_output_is_status_1(arguments: str) -> None:
    script = f'"$@" {arguments} >&-'
    done = subprocess.run(
        ["sh", "-c", script, "sh", *PYNETDB], capture_output=True, text=True, env=environment()
    )
    assert done.returncode == 1
    assert one_line(done.stderr) == "Error: standard output: Bad file descriptor\n"


@posix
def test_all_standard_descriptors_closed_takes_none_of_them_for_a_socket(serve: Serve) -> None:
    server = serve("serve-echo")
    script = '"$@" <&- >&- 2>&-'
    command = [*PYNETDB, "echo-client", "--port", str(server.port), "hello"]
    done = subprocess.run(["sh", "-c", script, "sh", *command], env=environment())
    assert done.returncode == 1
    # What was meant for standard output did not reach the server.
    server.stop()
    assert server.event("stopped")["bytes_received"] == 5


@posix
def test_a_reader_that_leaves_is_no_error() -> None:
    read_end, write_end = os.pipe()
    os.close(read_end)
    with open(write_end, "wb") as pipe:
        done = subprocess.run(
            [*PYNETDB, "--help"], stdout=pipe, stderr=subprocess.PIPE, text=True, env=environment()
        )
    assert (done.returncode, done.stderr) == (0, "")


@posix
def test_a_server_whose_reader_leaves_ends_quietly(serve: Serve) -> None:
    command = [*PYNETDB, "serve-echo", "--port", "0", "--format", "jsonl"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as server:
        assert server.stdout and server.stderr
        server.stdout.readline()
        server.stdout.close()
        server.terminate()  # Its last event has nowhere to go.
        assert server.wait(30) == 0
        assert_clean(server.stderr.read())


@posix
def test_interrupting_a_client_is_130(serve: Serve) -> None:
    server = serve("serve-echo")
    command = [*PYNETDB, "echo-client", "--port", str(server.port), "--count", "2", "--interval", "60s", "x"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environment()
    ) as client:
        assert client.stdout and client.stderr
        assert client.stdout.readline() == "x\n"
        client.send_signal(signal.SIGINT)
        assert client.wait(30) == 130
        assert client.stderr.read() == ""


def test_no_colour_and_no_escapes_where_no_terminal_is(run: Run) -> None:
    assert "\x1b" not in run("tour", "echo").stdout
