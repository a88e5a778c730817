"""COMMAND: whatever happens to us, to it, or around us, it is not left alone."""

import os

import pytest

if os.name != "posix":
    # Process groups, terminals, signals: what Windows has in their place is tested in tests/windows.
    pytest.skip("platform: needs a POSIX system", allow_module_level=True)


import pty
import re
import select
import signal
import subprocess
import sys
import time
from pathlib import Path

from processes import running, wait_for
from programs import PATIENCE, PYNETDB, ROOT, Stranger, assert_clean, environment, linux, posix

SERVERS = {
    "echo": ("serve-echo",),
    "http": ("serve-http",),
    "chat": ("chat-server",),
    "time": ("serve-time",),
    "udp": ("udp-recv",),
}


def host(*server: str, **more: object) -> "subprocess.Popen[bytes]":
    command = [*PYNETDB, *server]
    return subprocess.Popen(command, stderr=subprocess.PIPE, env=environment(), **more)  # type: ignore[call-overload]


def until_gone(pid: int) -> None:
    end = time.monotonic() + PATIENCE
    while running(pid):
        assert time.monotonic() < end, f"{pid} lives"
        time.sleep(0.01)


def on_a_terminal(script: str, typed: bytes, expected: bytes) -> bytes:
    """Run a shell script whose controlling terminal is one of ours; type, and read until what is expected."""
    child, terminal = pty.fork()
    if not child:
        os.environ.update(environment())
        os.chdir(ROOT)
        os.execvp("bash", ["bash", "-c", script, "bash", *PYNETDB])
    seen = b""
    try:
        os.write(terminal, typed)
        while expected not in seen:
            assert select.select([terminal], [], [], PATIENCE)[0], seen
            seen += os.read(terminal, 4096)
    finally:
        os.close(terminal)
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return seen


@linux
@pytest.mark.parametrize(
    "script",
    [
        'echo x | "$@" serve-echo -p 0 -q -- sh -c \'read a </dev/tty; echo "got<$a>"\'',
        'while read x; do "$@" serve-time -p 0 -q -- sh -c \'read a </dev/tty; echo "got<$a>"\'; done <<< one',
        '"$@" udp-recv -p 0 -q -- sh -c \'stty -echo </dev/tty; read a </dev/tty; echo "got<$a>"\' </dev/null',
    ],
)
def test_a_command_may_ask_the_terminal_wherever_standard_input_comes_from(script: str) -> None:
    on_a_terminal(script, b"hello\n", b"got<hello>")


# All of them with one server, and each server with one: what they do is the same code.
SIGNALS = [
    *[(SERVERS["echo"], number) for number in ("KILL", "QUIT", "USR1", "ALRM", "TERM", "INT", "HUP", "SEGV")],
    *[(server, "USR2") for server in SERVERS.values()],
]
TAILS = [
    *[
        (SERVERS["echo"], tail)
        for tail in ("| head -1", "2>&1 >/dev/null | head -1", ">&-", "2>&-", "> /dev/full", "2> /dev/full")
    ],
    *[(server, "| head -c 0") for server in SERVERS.values()],
]


@linux
@pytest.mark.parametrize(("server", "number"), SIGNALS)
def test_no_signal_leaves_it_an_orphan(server: tuple[str, ...], number: str, tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    script = f"echo $$ > {noted}.new; mv {noted}.new {noted}; exec sleep 600"
    with host(*server, "-p", "0", "-q", "--", "sh", "-c", script) as process:
        wait_for(noted)
        process.send_signal(getattr(signal, f"SIG{number}"))
        status = process.wait(PATIENCE)
        until_gone(int(noted.read_text()))
        assert process.stderr is not None
        assert_clean(process.stderr.read().decode())
    if number not in ("KILL", "SEGV"):
        assert status == 128 + getattr(signal, f"SIG{number}")


@posix
def test_what_a_signal_means_is_its_own_business(tmp_path: Path) -> None:
    noted = tmp_path / "pid"
    script = f"trap 'echo told; exit 5' USR1; echo $$ > {noted}; while :; do sleep 0.01; done"
    with host("serve-echo", "-p", "0", "-q", "--", "sh", "-c", script, stdout=subprocess.PIPE) as process:
        wait_for(noted)
        process.send_signal(signal.SIGUSR1)
        assert process.wait(PATIENCE) == 5
        assert process.stdout is not None and process.stdout.read() == b"told\n"


@posix
@pytest.mark.parametrize(("server", "tail"), TAILS)
def test_the_status_is_its_own_whoever_reads_ours(server: tuple[str, ...], tail: str) -> None:
    inner = "sleep 0.2; exit 3"
    script = f'"$@" -p 0 -f jsonl -v -- sh -c \'{inner}\' {tail}; echo "status ${{PIPESTATUS[0]}}" >&3'
    done = subprocess.run(
        ["bash", "-c", "exec 3>&1; " + script, "bash", *PYNETDB, *server],
        capture_output=True,
        text=True,
        env=environment(),
        timeout=PATIENCE,
    )
    assert "status 3\n" in done.stdout, done.stdout
    assert_clean(done.stderr)


@linux
@pytest.mark.parametrize(
    ("limit", "expected"),
    [
        # As an unprivileged user, whose processes and threads are counted together.
        ("NPROC=0", "no further thread"),
        ("CALL=clone3", "no further thread"),
        ("CALL=clone,fork,vfork", "no further process"),
    ],
)
def test_a_refused_thread_or_process_is_one_line_and_leaves_nothing(
    limit: str, expected: str, stranger: Stranger, tmp_path: Path
) -> None:
    script = f"touch {tmp_path}/started; sleep 600"
    command = [*PYNETDB, "serve-echo", "-p", "0", "-q", "--", "sh", "-c", script]
    if limit.startswith("NPROC"):
        tool = [stranger("prlimit"), "--nproc=0"]
        if os.geteuid() == 0:
            os.chmod(tmp_path, 0o777)
            tool = [stranger("setpriv"), "--reuid=65534", "--clear-groups", "--inh-caps=-all", *tool]
    else:
        calls = limit.partition("=")[2]
        tool = [stranger("strace"), "-f", "-qq", "-o", "/dev/null", f"-einject={calls}:error=EAGAIN"]
    env = environment(PYTHONDONTWRITEBYTECODE="1")
    probe = [*tool, sys.executable, "-c", f"open({str(ROOT / 'setup.cfg')!r})"]
    if subprocess.run(probe, capture_output=True, env=env, cwd=ROOT).returncode:
        pytest.skip("platform: nobody but root may run the program here")
    done = subprocess.run(
        [*tool, *command], capture_output=True, text=True, env=env, timeout=PATIENCE, cwd=ROOT
    )
    assert_clean(done.stderr)
    assert done.returncode == 1
    assert re.fullmatch(rf"Error: .*{expected}.*\n", done.stderr), done.stderr
    assert not (tmp_path / "started").exists()


@linux
def test_as_the_first_process_it_waits_for_everybodys_children(stranger: Stranger) -> None:
    """In a container: COMMAND leaves a child behind, which must not stay a zombie, and its status is kept."""
    if os.geteuid() != 0:
        pytest.skip("platform: only root may make namespaces everywhere")
    inner = (
        "(sleep 0.1 & ) ; sleep 0.5; "
        "for stat in /proc/[0-9]*/stat; do cat $stat 2>/dev/null; done | grep -c ' Z ' ; exit 3"
    )
    command = [*PYNETDB, "serve-echo", "-p", "0", "-q", "--", "sh", "-c", inner]
    unshare = [stranger("unshare"), "--fork", "--pid", "--mount-proc"]
    done = subprocess.run(
        [*unshare, *command], capture_output=True, text=True, env=environment(), timeout=PATIENCE
    )
    assert (done.returncode, done.stdout) == (3, "0\n"), done.stderr
    assert_clean(done.stderr)


@linux
@pytest.mark.parametrize(
    "client",
    [("echo-client", "--timeout", "60s"), ("chat-client", "--name", "a", "--timeout", "60s"), ("tour",)],
)
def test_as_the_first_process_a_client_ends_when_it_is_told_to(
    client: tuple[str, ...], stranger: Stranger
) -> None:
    if os.geteuid() != 0:
        pytest.skip("platform: only root may make namespaces everywhere")
    import socket

    with socket.socket() as silent:
        silent.bind(("127.0.0.1", 0))
        silent.listen()
        port = () if client == ("tour",) else ("--port", str(silent.getsockname()[1]))
        command = [
            stranger("unshare"),
            "--fork",
            "--pid",
            "--mount-proc",
            "--kill-child",
            *PYNETDB,
            *client,
            *port,
        ]
        with subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
        ) as done:
            assert done.stdout is not None
            if port:
                silent.accept()[0].detach()
            else:
                assert done.stdout.readline()
            children = Path(f"/proc/{done.pid}/task/{done.pid}/children")
            while not (first := children.read_text().split()):
                time.sleep(0.01)
            # Until Python has taken over there is nobody to obey: `sh` would not either.
            while "pynetdb" not in Path(f"/proc/{first[0]}/cmdline").read_text():
                time.sleep(0.01)
            os.kill(int(first[0]), signal.SIGTERM)
            assert done.wait(20) == 128 + signal.SIGTERM
            assert done.stderr is not None
            assert_clean(done.stderr.read().decode())
