"""The tour shows what is true, and says so when it is not."""

import codecs
import os
import re
import shlex
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from programs import PATIENCE, PYNETDB, Run, assert_clean, environment, posix

from pynetdb.lessons import CHAPTERS, children
from pynetdb.lessons import stage as module
from pynetdb.lessons.stage import Stage
from pynetdb.results.output import Output


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_every_chapter_holds(run: Run, chapter: str) -> None:
    done = run("tour", chapter)
    assert done.returncode == 0, done.stdout
    assert f"== {chapter}: " in done.stdout
    assert "FAILED" not in done.stdout
    assert done.stdout.splitlines()[-1].endswith(" checks, all of them hold.")


def test_explained(run: Run) -> None:
    done = run("tour", "echo", "--explain")
    assert done.returncode == 0
    for call in ("server bind(", "server accept(", "client connect(", "#1     recv(", "server recvfrom("):
        assert call in done.stderr


def test_quiet_shows_the_verdict_alone(run: Run) -> None:
    lines = run("tour", "echo", "--quiet").stdout.splitlines()
    assert [line for line in lines if line.strip()] == [
        "== echo: bytes out, the same bytes back ==",
        "12 checks, all of them hold.",
    ]


def test_a_claim_that_does_not_hold_is_counted_and_shown(capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage(Output(), explain=False)
    stage.check(True, "water is wet")
    stage.check(False, "the moon is made of cheese")
    assert (stage.checks, stage.failures) == (2, 1)
    assert "FAILED  the moon is made of cheese" in capsys.readouterr().out


def test_a_failed_check_is_status_1(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    import click.testing

    from pynetdb.commands.tour import tour
    from pynetdb.errors import PynetdbError
    from pynetdb.lessons import echo

    monkeypatch.setattr(echo, "play", lambda stage: stage.check(False, "never"))
    result = click.testing.CliRunner().invoke(tour, ["echo"])
    assert isinstance(result.exception, PynetdbError)
    assert str(result.exception) == "1 of 1 checks failed"


def test_a_command_that_hangs_does_not_hang_the_tour(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(module, "_PATIENCE", 10)
    stage = Stage(Output(), explain=False)
    with stage.server("serve-echo") as server:
        hanging = stage.run(
            "echo-client", "--port", server.port, "--interval", "60s", "--count", "2", "x", timeout=1.0
        )
    assert hanging.status == -1
    assert "FAILED  the command ends within 1 s" in capsys.readouterr().out


def test_a_server_that_does_not_start_is_a_failed_check(capsys: pytest.CaptureFixture[str]) -> None:
    stage = Stage(Output(), explain=False)
    with stage.server("serve-echo", "--nonsense"):
        pass
    assert stage.failures == 2


def test_the_tour_is_drawn(run: Run, tmp_path: Path) -> None:
    page = tmp_path / "tour.html"
    done = run("tour", "echo", "udp", "draw", "--quiet", "--draw", str(page))
    assert done.returncode == 0, done.stdout
    text = page.read_text("utf-8")
    assert text.count("<h3>") >= 5 and "<script" not in text
    assert "<h2>echo: bytes out, the same bytes back</h2>" in text and "5 bytes &#x27;hello&#x27;" in text
    assert run("tour", "echo", "--draw", str(tmp_path / "no" / "x.html")).stdout == ""


def test_every_command_is_run_as_it_is_shown(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    ran: list[list[str]] = []
    real = subprocess.Popen

    def popen(command: list[str], **more: object) -> object:
        ran.append(command)
        return real(command, **more)  # type: ignore[call-overload]

    monkeypatch.setattr(children.subprocess, "Popen", popen)
    stage = Stage(Output(), explain=True)
    with stage.folder(), stage.server("serve-echo") as server:
        stage.write("a file", "one\ntwo\n")
        stage.run("echo-client", "--port", server.port, "two words", "", "it's")
        stage.run("ports", "echo")
        stage.run("serve-echo", "--port", "0", "--", "pynetdb", "echo-client", "hello")
    stage = Stage(Output(), explain=False)
    stage.run(
        "serve-echo", "--port", "0", "--quiet", "--", "pynetdb", "echo-client", "x" * 30, "y" * 30, "z" * 30
    )
    shown = capsys.readouterr().out
    prompts = re.findall(r"^\$ ((?:[^\n]*\\\n)*[^\n]*)$", shown, re.MULTILINE)
    typed = [
        shlex.split(line.replace("\\\n", " ").removesuffix(" &")) for line in prompts if line != "kill %1"
    ]
    python = [sys.executable, "-m", "pynetdb"]
    expected = [
        [part for word in line for part in (python if word == "pynetdb" else [word])] for line in typed
    ]
    assert ran == expected
    assert "(Written in a file:)\n  one\n  two\n" in shown
    assert len(ran) == 5
    assert stage.failures == 0


def test_chapters_are_listed(run: Run) -> None:
    shown = run("tour", "--help").stdout
    for name, about in CHAPTERS.items():
        assert re.search(rf"^  {name} +{re.escape(about)}$", shown, re.MULTILINE)


def test_the_end_says_what_next(run: Run) -> None:
    end = run("tour", "draw").stdout.split("What next:")[1]
    assert "pynetdb tour draw --step" in end


def test_step_needs_somebody_who_presses_keys(run: Run) -> None:
    done = run("tour", "--step")
    assert (done.returncode, done.stdout) == (2, "")
    assert "--step" in done.stderr


def on_a_terminal(
    arguments: list[str], keys: str = "", columns: int = 80, interrupt_after: str | None = None, **more: str
) -> tuple[int, str]:
    """What a terminal of that width shows, and the exit status; each key is pressed where one is asked for."""
    import fcntl
    import pty
    import struct
    import termios

    pid, descriptor = pty.fork()
    if pid == 0:
        os.execve(sys.executable, [*PYNETDB, *arguments], environment(TERM="xterm", **more))
    fcntl.ioctl(descriptor, termios.TIOCSWINSZ, struct.pack("HHHH", 24, columns, 0, 0))
    # A piece may end in the middle of a character.
    decoder = codecs.getincrementaldecoder("utf-8")("replace")
    shown = ""
    asked = 0
    while True:
        try:
            piece = os.read(descriptor, 65536)
        except OSError:  # Linux's way to say that the other side is closed.
            piece = b""
        if not piece:
            break
        shown += decoder.decode(piece)
        while asked < min(shown.count("(a key runs it"), len(keys)):
            os.write(descriptor, keys[asked].encode())
            asked += 1
        if interrupt_after is not None and interrupt_after in shown:
            os.write(descriptor, b"\x03")
            interrupt_after = None
    os.close(descriptor)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]), shown.replace("\r", "")


@posix
def test_step_waits_for_a_key_before_each_command() -> None:
    status, shown = on_a_terminal(["tour", "draw", "--step"], keys=" " * 9)
    assert status == 0
    assert shown.count("(a key runs it, q leaves)") == shown.count("$ pynetdb") > 3
    status, shown = on_a_terminal(["tour", "echo", "--step"], keys=" q")
    assert status == 0
    assert shown.count("(a key runs it, q leaves)") == 2
    assert "listening" in shown and "is there after" not in shown and "What next" not in shown
    assert_clean(shown)


@posix
@pytest.mark.parametrize("explain", [(), ("--explain",)])
def test_no_line_is_broken_by_the_terminal(explain: tuple[str, ...]) -> None:
    status, shown = on_a_terminal(["tour", "echo", "draw", *explain])
    assert status == 0
    lines = re.sub(r"\x1b\[\d*m", "", shown).splitlines()
    assert [line for line in lines if len(line) > 80 and " " in line[4:76].strip()] == []
    # Nor is a picture: its arrows reach from one end to the other, or, where something else happened before
    # they arrived, to their number.
    assert re.search(r"│── 5 bytes 'hello' ─+(▶| \(\d\) )│\n", shown)
    assert "\x1b[2m" not in shown, "an explanation is not dim: it is the lesson"


@posix
def test_without_colours() -> None:
    assert "\x1b" not in on_a_terminal(["tour", "echo"], NO_COLOR="1")[1]


@posix
@pytest.mark.parametrize("moment", ["== echo", "listening on", "ten million", "serve-echo --udp"])
def test_an_interrupt_ends_it_and_its_children_without_a_word(moment: str) -> None:
    # In the middle of an import it is the interpreter's own file that stays open.
    status, shown = on_a_terminal(["tour", "echo"], interrupt_after=moment, PYTHONWARNINGS="")
    assert status == 130
    assert_clean(shown)
    found = re.findall(r"listening on 127\.0\.0\.1:(\d+)", shown)
    for port in found:
        done = subprocess.run(
            [*PYNETDB, "echo-client", "--port", port, "x"],
            capture_output=True,
            env=environment(),
            timeout=PATIENCE,
        )
        assert done.returncode in (3, 4), "the server is gone"


@posix
def test_a_tour_that_is_terminated_takes_its_server_along() -> None:
    command = [*PYNETDB, "tour", "echo"]
    with subprocess.Popen(
        command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, env=environment()
    ) as process:
        assert process.stdout and process.stderr
        seen = b""
        while b"listening on" not in seen:
            seen += process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        process.stdout.read()  # Until nobody holds the other end.
        assert process.wait(PATIENCE) == -signal.SIGTERM
        assert_clean(process.stderr.read().decode())


@posix
def test_a_reader_that_has_seen_enough() -> None:
    script = '"$@" tour echo | head -3'
    done = subprocess.run(
        ["bash", "-c", f"set -o pipefail; {script}", "sh", *PYNETDB],
        capture_output=True,
        text=True,
        env=environment(),
    )
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.count("\n") == 3


@posix
@pytest.mark.parametrize("lines", [0, 1, 5, 12])
def test_an_audience_that_leaves_ends_it_at_once(lines: int) -> None:
    """`tour | head -5`, and `less` with q: no server of ours stays, and nobody waits for one."""
    with subprocess.Popen(
        [*PYNETDB, "tour"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env=environment(),
        start_new_session=True,
    ) as process:
        assert process.stdout is not None and process.stderr is not None
        for _ in range(lines):
            process.stdout.readline()
        process.stdout.close()
        assert process.wait(20) == 0
        assert_clean(process.stderr.read().decode())
