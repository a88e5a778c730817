"""What was meant by those who typed something else: tables of what they type."""

import os
import shlex
from pathlib import Path

import click
import pytest
from network import free_port
from programs import Run, Serve

from pynetdb import guesses
from pynetdb.cli import COMMANDS, pynetdb
from pynetdb.guesses import SYNONYMS, column_hint, guess_commands, place_among_messages
from pynetdb.wording import list_choices


@pytest.mark.parametrize(
    ("typed", "meant"),
    [
        ("http-server", "serve-http"),
        ("web-server", "serve-http"),
        ("web_server", "serve-http"),
        ("file-server", "serve-http"),
        ("serve-web", "serve-http"),
        ("echo-server", "serve-echo"),
        ("Echo-Server", "serve-echo"),
        ("serve_eco", "serve-echo"),
        ("sevre-echo", "serve-echo"),
        ("time-server", "serve-time"),
        ("ntp-server", "serve-time"),
        ("time-client", "time-query"),
        ("db-select", "db-query"),
        ("sql-query", "db-query"),
        ("db-import", "db-insert"),
        ("db-new", "db-create"),
        ("dbquery", "db-query"),
        ("curl", "http-get"),
        ("get", "http-get"),
        ("wget", "http-get"),
        ("web-get", "http-get"),
        ("udp-server", "udp-recv"),
        ("udp-listen", "udp-recv"),
        ("udp-receive", "udp-recv"),
        ("chat-sever", "chat-server"),
        ("wait-for", "wait"),
        ("diagram", "draw"),
        ("slect", "db-query"),
        ("man", "help"),
        ("demo", "tour"),
        ("nc", "echo-client, serve-echo, udp-send or udp-recv"),
        ("send", "echo-client, udp-send or chat-client"),
        ("server", "serve-echo, serve-http, serve-time, chat-server or udp-recv"),
        ("chat", "chat-client or chat-server"),
        ("db", "db-create, db-insert or db-query"),
    ],
)
def test_a_name_leads_to_the_right_command(typed: str, meant: str) -> None:
    assert list_choices(guess_commands(typed, COMMANDS)) == meant


@pytest.mark.parametrize("typed", ["xyzzy", "quit", "-", "\x1b[31m", "", "a" * 5000])
def test_what_is_near_nothing_leads_nowhere(typed: str) -> None:
    assert guess_commands(typed, COMMANDS) == []


def test_synonyms_are_of_commands_and_are_none_themselves() -> None:
    later: set[str] = set()
    assert {command for meant in SYNONYMS.values() for command in meant} <= {*COMMANDS, *later}
    assert not set(SYNONYMS) & set(COMMANDS)
    assert all(word == word.lower() for word in SYNONYMS)


@pytest.mark.parametrize(
    ("line", "hint"),
    [
        ("serve-echo 9000", "a port is given by -p 9000"),
        ("serve-time 123", "a port is given by -p 123"),
        ("udp-recv --quiet 9000 --count 1", "a port is given by -p 9000"),
        ("udp-recv 127.0.0.1:9", "a host is given by --host 127.0.0.1 -p 9"),
        ("serve-http . 8000", "a port is given by -p 8000"),
        ("chat-client localhost 9000", "a host is given by --host localhost -p 9000"),
        ("chat-client Ann", "--name Ann if that is you, --say Ann if you say it"),
        (
            "serve-echo --port 0 pynetdb echo-client --count 3 hi",
            "what is to run stands after --: pynetdb serve-echo --port 0 -- pynetdb echo-client --count 3 hi",
        ),
        (
            "serve-http . pynetdb http-get -I x",
            "what is to run stands after --: pynetdb serve-http . -- pynetdb http-get -I x",
        ),
        ("http-get localhost 80", "a port is part of the URL: http://localhost:80/"),
        (
            "db-query s.db select a from b",
            'SQL is one argument, in quotes: pynetdb db-query s.db "select ..."',
        ),
        ("db-query SELECT a from b", "the database comes first, then SQL in quotes"),
        ("ports http https", None),
        ("serve-echo surplus-word", None),
        ("serve-echo --nonsense", None),
        ("serve-echo 99999", None),
    ],
)
def test_a_wrong_command_line_leads_to_the_right_one(line: str, hint: str | None) -> None:
    name, *arguments = shlex.split(line)
    command = pynetdb.get_command(click.Context(pynetdb), name)
    assert command is not None
    found = guesses.usage_hint(command, arguments)
    assert found == hint if hint is None else found is not None and hint in found


def test_a_program_stands_after_two_dashes() -> None:
    command = pynetdb.get_command(click.Context(pynetdb), "serve-echo")
    assert command is not None
    program = "python" if os.name == "nt" else "sh"
    found = guesses.usage_hint(command, [program, "-c", "true"])
    assert found == f"what is to run stands after --: pynetdb serve-echo -- {program} -c true"


@pytest.mark.parametrize(
    ("columns", "meant"),
    [
        (["id INTEGER", "name TEXT"], "id:INTEGER name:TEXT"),
        (["id INTEGER PRIMARY KEY", "name TEXT NOT NULL"], "id:INTEGER:pk name:TEXT:notnull"),
        (["id", "INTEGER", "name", "TEXT"], "id:INTEGER name:TEXT"),
        (["id", "int,", "name", "varchar(10)"], "id:int 'name:varchar(10)'"),
        (["(id int, name text)"], "id:int name:text"),
        (["id", "integer", "primary", "key", "name", "text"], "id:integer:pk name:text"),
        (["first name INTEGER"], "'first name:INTEGER'"),
        (["born", "DATE"], "born:DATE"),
        # Names that a column may have.
        (["id", "text"], None),
        (["order date"], None),
        (["first name", "last name"], None),
        (["id:int", "name:text"], None),
        (["id"], None),
        ([], None),
    ],
)
def test_columns_as_sql_has_them(columns: list[str], meant: str | None) -> None:
    assert column_hint(columns) == meant


@pytest.mark.parametrize(
    ("messages", "meant"),
    [
        (("localhost", "9000", "hello"), "--host localhost -p 9000"),
        (("127.0.0.1:9000", "hello"), "--host 127.0.0.1 -p 9000"),
        (("localhost:9000",), "--host localhost -p 9000"),
        (("example.org", "80"), "--host example.org -p 80"),
        (("localhost", "hello"), "--host localhost"),
        (("hello", "world"), None),
        (("1", "2", "3"), None),
        (("localhost",), None),
        (("10:30",), None),
        ((), None),
    ],
)
def test_a_place_among_messages(messages: tuple[str, ...], meant: str | None) -> None:
    assert place_among_messages(messages) == meant


def test_a_host_among_messages_is_asked_about(run: Run, serve: Serve) -> None:
    port = str(serve("serve-echo").port)
    done = run("echo-client", "localhost", "9000", "hi", env={"PYNETDB_ECHO_CLIENT_PORT": port})
    assert "was --host" not in done.stderr, "the port was given"
    free = str(free_port())
    refused = run("udp-send", "localhost", free, "hi", "--quiet")
    assert "was --host" not in refused.stderr


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (
            ("db-query", "select * from students", "school.db"),
            "pynetdb db-query school.db 'select * from students'",
        ),
        (("db-query", "select", "a"), "the database comes first"),
        (("db-query", "select 1"), "DB and SQL are swapped"),
        (("db-insert", "students", "school.db", "id=1"), "DB comes first"),
        (("db-create", "students", "school.db", "id"), "DB comes first"),
        (("db-create", "school.db", "t", "id INTEGER"), "id:INTEGER"),
        (("db-insert", "x.db", "bank", "school.db"), "pynetdb db-insert DB bank --from school.db"),
        (("db-insert", "school.db", "school.db", "--create"), "pynetdb db-insert DB school --from school.db"),
        (("time-query", "localhost", "123"), "HOST:123"),
        (("serve-http", "8000"), "a port is given by -p"),
        (("serve-http", "pynetdb"), "stands after --"),
        (("serve-echo", "--port"), "see pynetdb serve-echo --help"),
        (("--port", "9", "serve-echo"), "options stand after their command"),
    ],
)
def test_one_line_with_one_hint(run: Run, tmp_path: Path, arguments: tuple[str, ...], said: str) -> None:
    (tmp_path / "school.db").touch()
    done = run(*arguments, cwd=tmp_path)
    assert done.returncode == 2
    assert said in done.stderr
    assert done.stderr.count("\n") == 1
    assert [path.name for path in tmp_path.iterdir()] == ["school.db"], "nothing was made"
