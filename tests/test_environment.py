"""Options from the environment: every option of every command, by its long name, and typed words beat it."""

from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from click.core import ParameterSource
from programs import PYNETDB, Run, Serve, posix

from pynetdb.cli import COMMANDS, pynetdb
from pynetdb.environment import Settings, apply_environment, long_name, variables
from pynetdb.param_types import ByteCount, Duration, Port, Workers


def command_called(name: str) -> click.Command:
    command = pynetdb.get_command(click.Context(pynetdb), name)
    assert command is not None
    return command


def every_option() -> Iterator[tuple[str, click.Option]]:
    for name in COMMANDS:
        for parameter in command_called(name).params:
            if isinstance(parameter, click.Option):
                yield name, parameter


OPTIONS = list(every_option())
each_option = pytest.mark.parametrize(
    ("command", "option"), OPTIONS, ids=[f"{name}-{long_name(option)}" for name, option in OPTIONS]
)


def sample(option: click.Option) -> str:
    """A value that the option takes and that is not its default."""
    if option.name == "at":
        return "2012-11-28T19:30:19Z"
    if option.name == "status":
        return "404"
    match option.type:
        case Duration():
            return "7s"
        case ByteCount():
            return "4096"
        case Port():
            return "4711"
        case Workers():
            return "3"
        case click.Choice():
            return str([*option.type.choices][-1])
        case click.IntRange() | click.FloatRange():
            return "3" if option.type.max is None or option.type.max >= 3 else "2"
        case _ if option.type is click.INT:
            return "5"
        case _:
            return "name=two words"


def parse(command: str, words: list[str], environment: dict[str, str]) -> click.Context:
    """What the command gets of these words, as `pynetdb` would read them there."""
    found = command_called(command)
    words = words + [
        "x" for parameter in found.params if isinstance(parameter, click.Argument) and parameter.required
    ]
    parent = click.Context(pynetdb)
    parent.default_map = {command: Settings(found, words, environment).values}
    return found.make_context(command, list(words), parent=parent)


def variable(command: str, option: str) -> str:
    return f"PYNETDB_{command}_{option}".upper().replace("-", "_")


@each_option
def test_every_option_has_the_variable_of_its_long_name(command: str, option: click.Option) -> None:
    assert option.name is not None
    key = long_name(option)
    if option.is_flag:
        for value in (True, False):
            found = parse(command, [], {variable(command, key): str(int(value))})
            assert found.params[option.name] is value
        for no in option.secondary_opts:
            assert parse(command, [], {variable(command, no.lstrip("-")): "1"}).params[option.name] is False
            assert parse(command, [], {variable(command, no.lstrip("-")): "0"}).params[option.name] is True
        return
    value = sample(option)
    typed = parse(command, [f"--{key}", value], {}).params[option.name]
    found = parse(command, [], {variable(command, key): value})
    assert found.params[option.name] == typed != parse(command, [], {}).params[option.name]
    assert found.get_parameter_source(option.name) is ParameterSource.DEFAULT_MAP


@each_option
def test_what_is_typed_beats_it(command: str, option: click.Option) -> None:
    assert option.name is not None
    key = long_name(option)
    environment = {
        name: "0" if option.is_flag else "8" for name, _ in variables(option, variable(command, ""))
    }
    words = [f"--{key}"] + ([] if option.is_flag else [sample(option)])
    found = parse(command, words, environment)
    assert found.params[option.name] == parse(command, words, {}).params[option.name]
    assert found.get_parameter_source(option.name) is ParameterSource.COMMANDLINE


@pytest.mark.parametrize(
    ("command", "option"),
    [pair for pair in OPTIONS if pair[1].multiple],
    ids=lambda value: getattr(value, "name", value),
)
def test_every_repeatable_one_takes_a_value_a_line(command: str, option: click.Option) -> None:
    assert option.name is not None
    key, one, two = long_name(option), "a=b c", "d=e  f"
    typed = parse(command, [f"--{key}", one, f"--{key}", two], {}).params[option.name]
    assert len(typed) == 2
    for text in (f"{one}\n{two}", f"{one}\n{two}\n"):
        assert parse(command, [], {variable(command, key): text}).params[option.name] == typed


@each_option
def test_the_parameters_own_name_is_no_variable(command: str, option: click.Option) -> None:
    """click's automatic variables were made from it: PYNETDB_SERVE_ECHO_FOR_."""
    name = option.name or ""
    if name.replace("_", "-") != long_name(option):
        assert variable(command, name) not in [each for each, _ in variables(option, variable(command, ""))]


@pytest.mark.parametrize(
    ("command", "words", "environment", "gone"),
    [
        ("echo-client", ["--port", "7"], {"unix": "/s"}, "unix"),
        ("echo-client", ["--host", "::1"], {"unix": "/s"}, "unix"),
        ("echo-client", ["--udp"], {"unix": "/s"}, "unix"),
        ("echo-client", ["--unix", "/s"], {"port": "7"}, "port"),
        ("serve-echo", ["--port", "0"], {"unix": "/s"}, "unix"),
        ("serve-echo", ["--udp"], {"greeting": "hi"}, "greeting"),
        ("chat-client", ["-p", "9"], {"unix": "/s"}, "unix"),
        ("time-query", ["a:1"], {"port": "7", "host": "b"}, "port"),
        ("time-query", ["a:1"], {"port": "7", "host": "b"}, "host"),
        ("udp-send", ["--rate", "5", "x"], {"interval": "1s"}, "interval"),
        ("udp-send", ["x"], {"file": "f"}, "file_"),
        ("echo-client", ["x"], {"size": "5"}, "size"),
        ("ports", ["-f", "csv"], {"json": "1"}, "json_"),
        ("ports", ["-q"], {"verbose": "1"}, "verbose"),
        ("db-query", ["db", "select 1"], {"schema": "1"}, "schema"),
    ],
)
def test_a_rival_that_is_typed_leaves_it_no_say(
    command: str, words: list[str], environment: dict[str, str], gone: str
) -> None:
    settings = Settings(
        command_called(command), words, {variable(command, key): text for key, text in environment.items()}
    )
    assert gone not in settings.values
    assert Settings(
        command_called(command), [], {variable(command, key): text for key, text in environment.items()}
    ).values


def test_rivals_are_options_and_arguments_that_exist() -> None:
    from pynetdb.environment import _LOWERS_A_GUARD, _RIVALS

    known = {long_name(option) for _, option in OPTIONS}
    for name in COMMANDS:
        known |= {p.name or "" for p in command_called(name).params if isinstance(p, click.Argument)}
    assert {name for sides in _RIVALS for side in sides for name in side} <= known
    assert known >= _LOWERS_A_GUARD


@pytest.mark.parametrize(
    ("variable", "value", "line", "told"),
    [
        ("SERVE_ECHO_FAULT", "drop=999", "serve-echo", "--fault "),
        ("SERVE_HTTP_HEADER", "x", "serve-http", "--header 'x'"),
        ("HTTP_GET_RANGE", "z", "http-get http://127.0.0.1:1/", "--range: 'z'"),
        ("TIME_QUERY_ZONE", "Nowhere", "time-query", "--zone 'Nowhere'"),
        ("DB_QUERY_ATTACH", "zz", "db-query :memory: x", "--attach 'zz'"),
        ("SERVE_ECHO_TRACE", "none/t", "serve-echo", "--trace none/t"),
    ],
)
def test_so_does_one_that_is_found_later(
    run: Run, tmp_path: Path, variable: str, value: str, line: str, told: str
) -> None:
    env = {f"PYNETDB_{variable}": value}
    done = run(*line.split(), env=env, cwd=tmp_path)
    assert done.returncode == 2 and done.stderr.startswith(f"Error: PYNETDB_{variable}: {told}")
    option = told.split()[0].rstrip(":")
    typed = run(*line.split(), option, value, env=env, cwd=tmp_path)
    assert typed.returncode == 2 and typed.stderr.startswith(f"Error: {told}")


def test_a_wrong_value_names_its_variable(run: Run) -> None:
    done = run("serve-echo", env={"PYNETDB_SERVE_ECHO_FOR": "soon"})
    assert done.returncode == 2
    assert (
        done.stderr.startswith("Error: PYNETDB_SERVE_ECHO_FOR: ")
        and "'soon' is not a duration" in done.stderr
    )


@pytest.mark.parametrize(
    ("command", "name", "value"),
    [
        ("db-query :memory: -q", "WRITE", "1"),
        ("http-get http://127.0.0.1:1/ -q", "INSECURE", "yes"),
        ("serve-http -p 0 --for 10ms -q", "HIDDEN", "1"),
        ("serve-http -p 0 --for 10ms -q", "FOLLOW_SYMLINKS", "1"),
        ("serve-http -p 0 --for 10ms -q", "ALLOW_HOST", "*"),
        ("serve-http -p 0 --for 10ms -q", "HOST", "0.0.0.0"),
        ("udp-send x -q", "BROADCAST", "true"),
    ],
)
def test_a_guard_that_it_lowers_is_said(run: Run, command: str, name: str, value: str) -> None:
    words = command.split()
    key = variable(words[0], name)
    said = f"pynetdb {words[0]}: --{name.lower().replace('_', '-')} comes from {key}\n"
    assert said in run(*words, env={key: value}).stderr
    if value in ("1", "yes", "true"):
        assert said not in run(*words, env={key: "0"}).stderr
    assert "comes from" not in run(*words).stderr


def test_apply_environment_sets_the_defaults_of_the_command_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PYNETDB_PORTS_FORMAT", "csv")
    monkeypatch.setenv("PYNETDB_PORTSX_FORMAT", "json")
    ctx = click.Context(pynetdb)
    settings = apply_environment(ctx, command_called("ports"), [])
    assert ctx.default_map == {"ports": {"format_": "csv"}}
    assert settings.variables == {"format_": "PYNETDB_PORTS_FORMAT"}


# Servers around commands


@posix
def test_inside_a_unix_socket_a_typed_place_is_reached(serve: Serve, run: Run, tmp_path: Path) -> None:
    (tmp_path / "inner").mkdir()
    (tmp_path / "inner" / "a.txt").write_text("INNER\n")
    http = serve("serve-http", str(tmp_path / "inner"))
    echo = serve("serve-echo", "--greeting", "INNER")
    for server, client in [
        (("serve-http", str(tmp_path)), ("http-get", f"http://127.0.0.1:{http.port}/a.txt")),
        (("serve-echo",), ("echo-client", "-p", str(echo.port))),
    ]:
        if client[0] == "echo-client":
            echo.process.poll()
            client = (*client, "--count", "1", "hi")
        socket_file = str(tmp_path / f"{server[0]}.sock")
        done = run(*server, "--unix", socket_file, "-q", "--", *PYNETDB, *client)
        assert done.returncode in (0, 5), done.stderr
        assert "INNER" in done.stdout + done.stderr


@posix
def test_inside_a_server_a_typed_time_server_is_asked(run: Run) -> None:
    inner = '"$@" time-query $PYNETDB_HOST:$PYNETDB_PORT --json'
    done = run("serve-time", "-q", "-p", "0", "--", "sh", "-c", inner, "sh", *PYNETDB)
    assert (done.returncode, '"server"' in done.stdout) == (0, True), done.stderr


@posix
@pytest.mark.parametrize("outer", [("--unix", "u.sock"), ("-p", "0")])
@pytest.mark.parametrize("inner", [("--unix", "v.sock"), ("-p", "0")])
def test_a_server_in_a_server_is_the_one_that_its_command_reaches(
    run: Run, tmp_path: Path, outer: tuple[str, ...], inner: tuple[str, ...]
) -> None:
    server = [*PYNETDB, "serve-echo", "-q", *inner, "--greeting", "INNER", "--count", "1"]
    client = [*PYNETDB, "echo-client", "--expect", "INNER"]
    done = run("serve-echo", "-q", *outer, "--greeting", "OUTER", "--", *server, "--", *client, cwd=tmp_path)
    assert done.stdout == "INNER\n", done.stderr
