"""`pynetdb wait`: any server, ours or not, a file, their absence; then a command."""

import json
import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest
from fakes import fake
from network import free_port
from programs import PYNETDB, Run, Serve, Stranger, assert_clean, environment, held, posix


def test_all_must_hold_and_each_is_printed(run: Run, serve: Serve, tmp_path: Path) -> None:
    server = serve("serve-echo")
    absent = f"!127.0.0.1:{free_port()}"
    done = run("wait", server.ready["url"], absent, f"file:{tmp_path}", server.ready["url"])
    assert (done.returncode, done.stderr) == (0, "")
    said = {line.split(" after ")[0] for line in done.stdout.splitlines()}
    assert said == {f"{server.ready['url']} is there", f"{absent[1:]} is gone", f"file:{tmp_path} is there"}


def test_what_is_missing_at_the_deadline_is_named(run: Run, serve: Serve) -> None:
    server = serve("serve-echo")
    url, port = server.ready["url"], free_port()
    done = run("wait", "--timeout", "1s", url, f"localhost:{port}", f"!{url}", "file:no such file")
    assert done.returncode == 4
    assert done.stdout.startswith(f"{url} is there after ")
    assert done.stderr.startswith("Error: after 1 s still waiting for ")
    for missing in (
        f"localhost:{port} (connection refused)",
        f"!{url} (accepts connections)",
        "file:no such file (",
    ):
        assert missing in done.stderr
    assert done.stderr.count("\n") == 1


def start(*arguments: str, **more: object) -> "subprocess.Popen[str]":
    pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE, "text": True}
    return subprocess.Popen([*PYNETDB, "wait", *arguments], **{**pipes, "env": environment(), **more})  # type: ignore[call-overload,no-any-return]


def test_it_waits_until_a_server_comes_and_until_it_goes(tmp_path: Path) -> None:
    """Events order the test: the first look that failed is told, and only then things change."""
    path = tmp_path / "lock"
    path.touch()
    with start("--every", "5ms", "-v", f"!file:{path}") as waiting:
        assert waiting.stdout and waiting.stderr
        assert waiting.stderr.readline() == f"wait: !file:{path}: is there\n"
        path.unlink()
        assert waiting.stdout.readline().startswith(f"file:{path} is gone after ")
        assert waiting.wait(30) == 0
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        port = sock.getsockname()[1]
        with start("--every", "5ms", "-v", f":{port}") as waiting:
            assert waiting.stdout and waiting.stderr
            assert waiting.stderr.readline() == f"wait: :{port}: connection refused\n"
            sock.listen()
            assert waiting.stdout.readline().startswith(f":{port} is there after ")
            assert waiting.wait(30) == 0


def test_a_slow_place_does_not_hold_up_another(tmp_path: Path) -> None:
    with (
        fake(lambda sock: sock.recv(10_000) and sock.recv(1)) as port,
        start("--timeout", "60s", f"http://127.0.0.1:{port}/", f"file:{tmp_path}") as waiting,
    ):
        assert waiting.stdout
        assert waiting.stdout.readline().startswith(f"file:{tmp_path} is there")
        waiting.terminate()
        assert waiting.wait(30) in (-signal.SIGTERM, 1)


@pytest.mark.parametrize("format_", ["json", "jsonl", "csv", "tsv", "markdown"])
def test_every_format_has_what_came_and_what_is_missing(run: Run, format_: str, tmp_path: Path) -> None:
    done = run("wait", "--timeout", "1s", f"file:{tmp_path}", "file:missing", "-f", format_, cwd=tmp_path)
    assert done.returncode == 4
    if format_ == "json":
        there, missing = json.loads(done.stdout)
    elif format_ == "jsonl":
        there, missing = map(json.loads, done.stdout.splitlines())
        assert list(there) == ["target", "state", "seconds", "looks", "reason"]
    else:
        assert [word in done.stdout for word in ("target", "there", "missing", "no such file")] == [True] * 4
        return
    assert (there["target"], there["state"], there["looks"]) == (f"file:{tmp_path}", "there", 1)
    assert (missing["target"], missing["state"], missing["seconds"]) == ("file:missing", "missing", None)


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "Missing argument"),
        (("foo",), "TARGET 'foo': expected HOST:PORT"),
        (("7000",), "TARGET '7000': expected HOST:7000"),
        (("a:1", "--status", "20x"), "'20x': expected statuses"),
        (("a:1", "--status", "300-200"), "expected statuses"),
        (("a:1", "--every", "0"), "more than no time"),
        (("a:1", "--"), "without a COMMAND"),
        (("evil\x1b[31m\n:x",), "expected HOST:PORT"),
    ],
)
def test_a_wrong_command_line(run: Run, arguments: tuple[str, ...], complaint: str) -> None:
    done = run("wait", *arguments)
    assert (done.returncode, done.stdout) == (2, "")
    assert complaint in done.stderr and done.stderr.count("\n") == 1 and "\x1b" not in done.stderr


def test_the_statuses_of_a_url(run: Run, serve: Serve, tmp_path: Path) -> None:
    url = serve("serve-http", str(tmp_path)).ready["url"]
    assert run("wait", f"{url}/").returncode == 0
    refused = run("wait", "--timeout", "100ms", f"{url}/missing")
    assert refused.returncode == 4 and "(404 Not Found)" in refused.stderr
    assert run("wait", "--status", "200,404", f"{url}/missing").returncode == 0
    assert run("wait", f"!{url}/missing").returncode == 0


# -- COMMAND


def test_the_command_runs_afterwards_with_its_status(run: Run, tmp_path: Path) -> None:
    script = "import sys; print(sys.stdin.read()); sys.stderr.write('said'); sys.exit(41)"
    done = run("wait", f"file:{tmp_path}", "--", sys.executable, "-c", script, "-q", input="given")
    assert (done.returncode, done.stdout) == (41, "given\n")
    assert done.stderr.startswith(f"wait: file:{tmp_path} is there after ") and done.stderr.endswith("said")


def test_the_command_has_our_environment(run: Run, tmp_path: Path) -> None:
    script = "import os; print(os.environ['OF_THIS_TEST'], 'PATH' in os.environ)"
    done = run("wait", f"file:{tmp_path}", "--", sys.executable, "-c", script, env={"OF_THIS_TEST": "given"})
    assert (done.returncode, done.stdout) == (0, "given True\n")


def test_the_command_does_not_run_if_something_is_missing(run: Run, tmp_path: Path) -> None:
    done = run("wait", "--timeout", "100ms", "file:missing", "--", "touch", "ran", cwd=tmp_path)
    assert done.returncode == 4 and not (tmp_path / "ran").exists()


@posix
def test_a_command_that_is_not_there_or_no_program_or_comes_late(run: Run, tmp_path: Path) -> None:
    there = f"file:{tmp_path}"
    assert run("wait", there, "--", "no-such-program").returncode == 127
    assert " is one word: " in run("wait", there, "--", "no-such-program x").stderr
    (tmp_path / "plain").touch()
    assert run("wait", there, "--", str(tmp_path / "plain")).returncode == 126
    # What is waited for may be the COMMAND itself: it is looked for only afterwards.
    assert run("wait", there, "--", "sh", "-c", "kill -9 $$").returncode == 128 + 9


@posix
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT, signal.SIGHUP])
def test_a_signal_goes_to_the_command_first(number: int, tmp_path: Path) -> None:
    script = (
        "import signal, sys, time\n"
        f"signal.signal({int(number)}, lambda *a: sys.exit(77))\n"
        "print('ready', flush=True)\n"
        "time.sleep(60)"
    )
    with start(f"file:{tmp_path}", "--", sys.executable, "-c", script, stdin=subprocess.DEVNULL) as waiting:
        assert waiting.stdout and waiting.stderr
        assert waiting.stdout.readline() == "ready\n"
        waiting.send_signal(number)
        assert waiting.wait(30) == 77
        assert_clean(waiting.stderr.read())


@posix
def test_a_second_signal_kills_a_command_that_does_not_listen(tmp_path: Path) -> None:
    script = "trap 'echo caught' TERM; echo ready; while :; do sleep 0.01; done"
    with start(f"file:{tmp_path}", "--", "sh", "-c", script, stdin=subprocess.DEVNULL) as waiting:
        assert waiting.stdout
        assert waiting.stdout.readline() == "ready\n"
        waiting.terminate()
        assert waiting.stdout.readline() == "caught\n"
        waiting.terminate()
        assert waiting.wait(30) == 128 + 9


@posix
def test_interrupted_while_it_waits(tmp_path: Path) -> None:
    with start("-v", "file:missing", cwd=tmp_path) as waiting:
        assert waiting.stderr
        waiting.stderr.readline()
        waiting.send_signal(signal.SIGINT)
        assert waiting.wait(30) == 130
        # A busy machine may have said before that a look took long: nothing but that is told.
        assert all(line.startswith("wait: file:missing: ") for line in waiting.stderr)


def test_it_is_narrated(run: Run, serve: Serve, tmp_path: Path) -> None:
    server = serve("serve-echo")
    trace = tmp_path / "trace"
    done = run("wait", server.ready["url"], f"file:{tmp_path}", "--explain", "--trace", str(trace))
    assert done.returncode == 0
    assert "(the three-way handshake is done: somebody listens there)" in done.stderr
    calls = [json.loads(line)["call"] for line in trace.read_text().splitlines()]
    assert {"connect", "close", "stat"} <= set(calls) and len(calls) == len(done.stderr.splitlines())


# Servers that we did not write


def test_it_waits_for_strangers(run: Run, stranger: Stranger, tmp_path: Path) -> None:
    port = str(free_port())
    with held([stranger("ncat"), "-lk", "127.0.0.1", port], stdin=subprocess.DEVNULL):
        assert run("wait", f"127.0.0.1:{port}").returncode == 0
    assert run("wait", f"!127.0.0.1:{port}").returncode == 0
    port = str(free_port())
    server = [sys.executable, "-m", "http.server", "--bind", "127.0.0.1", "--directory", str(tmp_path), port]
    with held(server, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL):
        url = f"http://127.0.0.1:{port}/"
        assert run("wait", url, "--", "curl", "-sf", "-o", os.devnull, url).returncode == 0


def test_a_server_that_starts_later(stranger: Stranger, tmp_path: Path) -> None:
    path = tmp_path / "s"
    with start("-v", "--every", "10ms", f"unix:{path}") as waiting:
        assert waiting.stdout and waiting.stderr
        assert waiting.stderr.readline() == f"wait: unix:{path}: no such socket file\n"
        with held([stranger("ncat"), "-lkU", str(path)], stdin=subprocess.DEVNULL):
            assert waiting.wait(30) == 0


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_a_password_is_never_told(run: Run, scheme: str) -> None:
    url = f"{scheme}://bob:SEC@RET@127.0.0.1:{free_port()}/a@b"
    for arguments in ((url,), ("!" + url,), (url, "--json"), (url, "-v"), (url.replace("http", "ftp"),)):
        done = run("wait", "--timeout", "1s", *arguments)
        said = done.stdout + done.stderr
        assert "127.0.0.1" in said and ("/a@b" in said or "ftp" in said)
        assert "bob" not in said and "SEC" not in said and "RET" not in said


@pytest.mark.parametrize(
    ("option", "target"), [("-6", "127.0.0.1:{}"), ("-4", "[::1]:{}"), ("-4", "http://[::1]:{}/")]
)
def test_an_address_of_the_other_family_is_none(run: Run, serve: Serve, option: str, target: str) -> None:
    server = serve("serve-http", "--host", "::1" if "::1" in target else "127.0.0.1")
    place = target.format(server.port)
    assert run("wait", "--timeout", "30s", place).returncode == 0
    done = run("wait", "--timeout", "1s", option, place)
    assert (done.returncode, done.stdout) == (4, "") and "unknown host" in done.stderr
