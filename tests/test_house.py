"""The house keeps its floors: every command complete, every import paid only by who needs it."""

import ast
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import click
import pytest
from programs import PYNETDB, ROOT, Serve, environment, posix

from pynetdb.cli import COMMANDS, pynetdb

PACKAGE = ROOT / "pynetdb"
SOURCES = sorted(PACKAGE.rglob("*.py"))


def name_of(path: Path) -> str:
    return str(path.relative_to(ROOT))


def commands() -> Iterator[tuple[str, click.Command]]:
    context = click.Context(pynetdb)
    for name in COMMANDS:
        command = pynetdb.get_command(context, name)
        assert command is not None
        yield name, command


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_its_file_its_tests_its_page_and_its_line_in_the_readme(command: str) -> None:
    module = command.replace("-", "_")
    assert (PACKAGE / "commands" / f"{module}.py").is_file()
    assert (ROOT / "tests" / "commands" / f"test_{module}.py").is_file()
    assert (ROOT / "docs" / "commands" / f"{command}.md").is_file()
    assert f"\n| [{command}](" in (ROOT / "README.md").read_text("utf-8")


def test_every_file_of_a_command_is_in_the_list() -> None:
    files = {path.stem.replace("_", "-") for path in (PACKAGE / "commands").glob("*.py")} - {"--init--"}
    assert files == set(COMMANDS)


@pytest.mark.parametrize(("name", "command"), list(commands()), ids=COMMANDS)
def test_every_command_and_option_has_help(name: str, command: click.Command) -> None:
    assert command.name == name
    assert command.help
    for parameter in command.params:
        if isinstance(parameter, click.Option):
            sentence = (parameter.help or "").split("  [default: ")[0]
            assert sentence.endswith("."), f"{name} {parameter.opts}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_every_file_tells_its_one_reason_in_its_first_line(path: Path) -> None:
    docstring = ast.get_docstring(ast.parse(path.read_text("utf-8")))
    assert docstring, "no docstring"
    assert docstring.splitlines()[0].endswith((".", ":")), docstring.splitlines()[0]


MAX_LINES = 400
MAX_LINES_OF_A_COMMAND = 119
MAX_LINES_OF_A_FUNCTION = 60


@pytest.mark.parametrize("path", [*SOURCES, *sorted((ROOT / "benchmarks").glob("*.py"))], ids=name_of)
def test_a_file_can_be_read_in_one_go(path: Path) -> None:
    most = MAX_LINES_OF_A_COMMAND if path.parent.name == "commands" else MAX_LINES
    assert len(path.read_text("utf-8").splitlines()) <= most


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_a_function_can_be_seen_at_once(path: Path) -> None:
    """One that is longer says why in its docstring, in a sentence that begins with "Long because"."""
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.FunctionDef):
            lines = (node.end_lineno or node.lineno) - node.lineno + 1
            excused = "Long because" in (ast.get_docstring(node) or "")
            assert lines <= MAX_LINES_OF_A_FUNCTION or excused, f"{node.name}: {lines} lines"


# Modules whose tests are those of another file, because what they do shows only there.
TESTED_BY = {
    "db/load_options.py": "db/test_load.py",
    # What the tour shows is checked by the tour itself.
    "lessons": "commands/test_tour.py",
    # Conversations with a peer: over real sockets, as the command that leads them.
    "clients/chat/conversation.py": "commands/test_chat_client.py",
    "clients/chat/screen.py": "commands/test_chat_client.py",
    "clients/http/connecting.py": "commands/test_http_get.py",
    "clients/http/exchange.py": "clients/http/test_fetch.py",
    "clients/http/narration.py": "commands/test_http_get.py",
    "http_params.py": "commands/test_http_get.py",
    # Each is written here, and read back there.
    "protocols/http/heads.py": "protocols/http/test_responses.py",
    # What each format makes of results shows in results.
    "results/formats.py": "results/test_results.py",
    "clients/wait/waiter.py": "commands/test_wait.py",
    "net/client/tls.py": "commands/test_http_get.py",
    "net/client/udp_segmentation.py": "commands/test_udp_send.py",
    "results/statements.py": "commands/test_db_query.py",
    "servers/chat/room.py": "commands/test_chat_server.py",
    "servers/chat/session.py": "commands/test_chat_server.py",
    # A shared room as a whole: over real brokers.
    "servers/chat/audience.py": "servers/chat/test_broker_link.py",
    "servers/chat/broker_connection.py": "servers/chat/test_broker_link.py",
    "protocols/chat/room_scripts.py": "servers/chat/test_broker_link.py",
    "protocols/chat/shared_facts.py": "protocols/chat/test_shared_room.py",
    "events/rooms.py": "servers/chat/test_broker_link.py",
    "net/client/tls_connection.py": "test_room_params.py",
    "servers/http/connection.py": "commands/test_serve_http.py",
    "servers/http/service.py": "commands/test_serve_http.py",
    "net/tls.py": "commands/test_serve_tls.py",
    "net/self_signed.py": "commands/test_serve_tls.py",
    "net/server/tls_narration.py": "commands/test_serve_tls.py",
    "net/faults/tls_connection.py": "commands/test_serve_tls.py",
    "tls_params.py": "commands/test_serve_tls.py",
    "site_params.py": "commands/test_serve_site.py",
    "servers/http/state.py": "commands/test_serve_http.py",
    "servers/http/style.py": "strangers/test_http_pages.py",
    "servers/time.py": "commands/test_serve_time.py",
    "protocols/time/ports.py": "commands/test_serve_time.py",
    # The life that all servers share, with its signals and children: as serve-echo lives it.
    "net/process": "commands/test_serve_echo.py",
    "net/server/binding.py": "commands/test_serve_echo.py",
    "net/server/listener.py": "commands/test_serve_echo.py",
    "net/server/server.py": "commands/test_serve_echo.py",
    "net/server/service.py": "commands/test_serve_echo.py",
    # Words for the calls of the narrated socket, which is their only caller.
    "net/explanations.py": "net/test_narrated_socket.py",
    # What a server says and what is said to it: as the engine has it from a real one.
    "db/postgresql/connection.py": "db/postgresql/test_engine.py",
    "db/postgresql/errors.py": "db/postgresql/test_insert.py",
    "db/postgresql/export.py": "db/postgresql/test_query.py",
    "db/postgresql/login.py": "db/postgresql/test_engine.py",
    "db/postgresql/parameters.py": "db/postgresql/test_query.py",
    "db/postgresql/plan.py": "db/postgresql/test_query.py",
    "db/postgresql/store_rows.py": "db/postgresql/test_store.py",
    "db/postgresql/store_sql.py": "db/postgresql/test_store.py",
    "db/postgresql/trace.py": "db/postgresql/test_engine.py",
    "db/postgresql/types.py": "db/postgresql/test_query.py",
    "db/postgresql/upsert.py": "db/postgresql/test_insert.py",
    # A protocol: what it promises is tested with the engine that keeps it.
    "db/constraints.py": "db/sqlite/test_schema.py",
    "db/engine.py": "db/sqlite/test_engine.py",
    "observers.py": "test_narration.py",
    "misplaced.py": "test_guesses.py",
    # Option groups: as commands have them.
    "params.py": "test_cli.py",
    # Pages and pictures as a whole: as they come out of the command, and in a browser.
    "draw/page.py": "commands/test_draw.py",
    "draw/picture.py": "commands/test_draw.py",
    "draw/style.py": "commands/test_draw.py",
    "draw/timeline_page.py": "commands/test_draw.py",
    "results/waiting.py": "commands/test_wait.py",
    "data_options.py": "commands/test_db_insert.py",
    "query_options.py": "results/test_statements.py",
    # Records without logic: each is made by its servers, and shown in their tests.
    "events/chat.py": "commands/test_chat_server.py",
    "events/connections.py": "commands/test_serve_echo.py",
    "events/exchange.py": "commands/test_echo_client.py",
    "events/response.py": "commands/test_http_get.py",
    "events/sample.py": "commands/test_time_query.py",
    "events/life.py": "commands/test_serve_echo.py",
    "events/reach.py": "results/test_qr.py",
    "events/receiving.py": "commands/test_udp_recv.py",
    "events/services.py": "commands/test_serve_http.py",
    "events/faults.py": "net/faults/test_faults.py",
    # A protocol without logic: its engines are tested.
    "db/store.py": "db/sqlite/test_store.py",
    "db/sqlite/store_sql.py": "journal/test_schema.py",
    "net/network.py": "net/test_sockets.py",
    # The servers' options, each tried by its variable.
    "server_params.py": "test_environment.py",
    # Every UDP server on all interfaces goes through it.
    "net/packet_info.py": "net/server/test_answers.py",
}
TESTED_MODULES = [path for path in SOURCES if path.name not in ("__init__.py", "__main__.py")]


@pytest.mark.parametrize("path", TESTED_MODULES, ids=name_of)
def test_every_module_has_its_tests_in_the_same_place(path: Path) -> None:
    module = path.relative_to(PACKAGE)
    mirror = ROOT / "tests" / module.parent / f"test_{module.name}"
    if not mirror.is_file():
        other = TESTED_BY.get(module.as_posix()) or TESTED_BY.get(module.parent.as_posix())
        assert other, f"{name_of(mirror)} is missing"
        assert (ROOT / "tests" / other).is_file(), other


def test_the_exceptions_are_modules_that_are_there() -> None:
    assert [name for name in TESTED_BY if not (PACKAGE / name).exists()] == []


def test_no_test_imports_another() -> None:
    for path in sorted((ROOT / "tests").rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            names = [node.module or ""] if isinstance(node, ast.ImportFrom) else []
            names += [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            assert not any(re.match(r"test_|conftest", name) for name in names), name_of(path)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_no_drawer_for_leftovers(path: Path) -> None:
    assert not re.search(r"util|helper|common|misc", path.stem)


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_catches_everything(path: Path) -> None:
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        if isinstance(node, ast.ExceptHandler):
            caught = ast.unparse(node.type) if node.type else "everything"
            assert not re.search(r"\b(Exception|BaseException|everything)\b", caught), f"line {node.lineno}"


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_nothing_is_left_to_do(path: Path) -> None:
    assert not re.search(r"TODO|FIXME|XXX", path.read_text("utf-8"))


ONLY_IN = {
    "socket": "net",
    "selectors": "net",
    "select": "net",
    "psycopg": "db/postgresql/",
    "sqlite3": "db/sqlite",
    "tabulate": "results",
    "hiredis": "protocols/valkey",
}


@pytest.mark.parametrize("path", SOURCES, ids=name_of)
def test_low_doors(path: Path) -> None:
    place = path.relative_to(PACKAGE).parts[0].removesuffix(".py")
    inside = path.relative_to(PACKAGE).as_posix()
    for node in ast.walk(ast.parse(path.read_text("utf-8"))):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        modules += [node.module or ""] if isinstance(node, ast.ImportFrom) else []
        for module in modules:
            top = module.split(".")[0]
            assert (inside + "/").startswith(ONLY_IN.get(top, "")), f"{top} is for {ONLY_IN.get(top)} alone"
            for engine in ("sqlite", "postgresql"):
                if inside != "db/__init__.py" and not inside.startswith(f"db/{engine}/"):
                    assert not module.startswith(f"pynetdb.db.{engine}"), "nobody asks which engine it is"
            if place == "protocols":
                assert top not in {"socket", "time", "random", "os", "io", "pathlib"}, (
                    "protocols are arithmetic"
                )


def imported(*arguments: str) -> set[str]:
    """The modules that a run of the command imports, ours and what comes after them."""
    done = subprocess.run(
        [sys.executable, "-X", "importtime", *PYNETDB[1:], *arguments],
        capture_output=True,
        text=True,
        env=environment(COVERAGE_PROCESS_START="", COVERAGE_PROCESS_CONFIG=""),
    )
    lines = [line for line in done.stderr.splitlines() if line.startswith("import time:")]
    names = [line.rsplit("|", 1)[1].strip() for line in lines]
    # What the interpreter reads before belongs to its installation.
    return set(names[names.index("pynetdb") :])


HEAVY = {
    "asyncio",
    "http",
    "email",
    "tabulate",
    "importlib.metadata",
    "sqlite3",
    "ssl",
    "socket",
    "selectors",
    "subprocess",
}


@pytest.mark.parametrize(
    "arguments", [("--version",), ("--help",), ("serve-echo", "--help"), ("tour", "--help")]
)
def test_help_is_cheap(arguments: tuple[str, ...]) -> None:
    assert not imported(*arguments) & HEAVY


def test_a_networking_command_does_not_import_the_database(tmp_path: Path) -> None:
    found = imported("serve-echo", "--port", "0", "--for", "10ms")
    assert "pynetdb.net.server.server" in found
    assert not {"sqlite3", "tabulate", "asyncio", "email", "subprocess", "shutil", "threading"} & found - {
        "threading"
    }
    assert not {name for name in found if name.startswith("pynetdb.db")}


def test_a_chat_room_of_its_own_imports_nothing_of_shared_ones() -> None:
    found = imported("chat-server", "--port", "0", "--for", "10ms")
    assert "pynetdb.servers.chat.room" in found
    assert not {"hiredis", "ssl", "secrets"} & found
    assert not {name for name in found if "valkey" in name or "shared" in name or "broker" in name}


def test_the_narration_is_imported_only_when_it_is_wanted() -> None:
    assert "pynetdb.net.narrated_socket" not in imported("serve-echo", "--port", "0", "--for", "10ms")
    assert "pynetdb.net.narrated_socket" in imported(
        "serve-echo", "--port", "0", "--for", "10ms", "--explain"
    )


# How many modules of ours each start may read. What makes one longer is to be read when it is needed; a start
# that is longer for a reason has its new number here.
START = {
    "--version": 7,
    "--help": 30,
    "serve-echo -q --port 0 --for 1ms": 46,
    "serve-echo --port 0 --for 1ms": 50,
    "serve-http . -q --port 0 --for 1ms": 81,
    "chat-server -q --port 0 --for 1ms": 63,
    "serve-time -q --port 0 --for 1ms": 53,
    "db-query shop.db -f csv VALUES(1)": 43,
    "db-insert shop.db goods name=pear": 50,
    "time-query 127.0.0.1:{serve-time}": 43,
    "echo-client hello --port {serve-echo}": 40,
    "http-get http://127.0.0.1:{serve-http}/": 58,
}
# Nor does any of these starts need one of them: each costs up to three milliseconds.
NOT_AT_START = {"base64", "csv", "difflib", "hashlib", "html", "ipaddress", "locale", "shutil", "tempfile"}


@posix
@pytest.mark.parametrize("line", START)
def test_a_start_reads_no_more_than_it_needs(line: str, serve: Serve, tmp_path: Path) -> None:
    db = tmp_path / "shop.db"
    run = [sys.executable, *PYNETDB[1:], "db-create", str(db), "goods", "name"]
    subprocess.run(run, env=environment(), capture_output=True, check=True)
    words = line.replace("shop.db", str(db)).split()
    if peer := re.search(r"{(.*)}", line):
        port = str(serve(peer[1]).port)
        words = [word.replace(peer[0], port) for word in words]
    found = imported(*words)
    ours = {name for name in found if name.startswith("pynetdb") and "windows_" not in name}
    assert len(ours) <= START[line], sorted(ours)
    needless = found & (HEAVY - {"socket", "selectors", "sqlite3"} | NOT_AT_START)
    # Click asks for the size of the terminal, and for translations of its headings.
    assert not needless - ({"locale", "shutil"} if line == "--help" else set())
    if line.startswith(("serve-echo -q", "db-")):  # Without an audience no event is made.
        assert "dataclasses" not in found


def test_what_one_system_needs_is_imported_there_alone() -> None:
    """Every module that is not for Windows by its name, read by an interpreter of its own."""
    names = [
        ".".join(path.relative_to(ROOT).with_suffix("").parts).removesuffix(".__init__")
        for path in SOURCES
        if not path.name.startswith(("windows_", "__main__"))
    ]
    script = f"import sys; [__import__(name) for name in {names!r}]; print(*sys.modules)"
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True, cwd=ROOT
    )
    modules = set(done.stdout.split())
    foreign = {"fcntl", "grp", "pwd", "resource", "termios", "tty"}
    if sys.platform != "win32":
        foreign = {"_winapi", "ctypes.wintypes", "msvcrt", "winreg"}
        foreign |= {name for name in modules if name.rpartition(".")[2].startswith("windows_")}
    assert not modules & foreign
