"""chat-client: for scripts, for people, with strangers' servers."""

import json
import os
import re
import shlex
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from programs import PATIENCE, PYNETDB, ROOT, Run, Serve, Served, Stranger, assert_clean, environment, posix
from textbook_chat import TextbookClient, textbook_server


@contextmanager
def scripted(*answers: bytes, after: str = "close") -> Iterator[int]:
    """A server that answers each piece it receives with the next of `answers`, then closes, or stalls."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        done = threading.Event()

        def serve() -> None:
            sock, _ = listener.accept()
            with sock:
                for answer in answers:
                    if not sock.recv(4096):
                        return
                    sock.sendall(answer)
                if after == "stall":
                    done.wait(PATIENCE)

        thread = threading.Thread(target=serve)
        thread.start()
        try:
            yield listener.getsockname()[1]
        finally:
            done.set()
            thread.join(PATIENCE)


class Client:
    """A client that is held, with its lines."""

    def __init__(self, server: Served, *arguments: str) -> None:
        self.process = subprocess.Popen(
            [*PYNETDB, "chat-client", "--port", str(server.port), *arguments],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            env=environment(),
        )

    def line(self) -> str:
        assert self.process.stdout
        return self.process.stdout.readline().removesuffix("\n")

    def until(self, line: str) -> None:
        while (said := self.line()) != line:
            assert said, f"ended without {line!r}"

    def type(self, text: str) -> None:
        assert self.process.stdin
        self.process.stdin.write(text)
        self.process.stdin.flush()

    def end(self) -> tuple[int, str]:
        """Close its input, and return its status and what it said on standard error."""
        complaint = self.process.communicate(timeout=PATIENCE)[1]
        assert_clean(complaint)
        return self.process.returncode, complaint


# For scripts


def test_say_says_and_leaves(serve: Serve, run: Run) -> None:
    server = serve("chat-server")
    done = run("chat-client", "--port", str(server.port), "--name", "joe", "--say", "hello", "--say", "bye")
    assert done.returncode == 0
    assert done.stdout == "==> joe has joined the chat room\n==> joe: hello\n==> joe: bye\n"
    assert server.event("left")["reason"] == "quit"


def test_the_four_sentences_and_the_events(serve: Serve, run: Run) -> None:
    server = serve("chat-server", "--motd", "hi there")
    people = Client(server, "--name", "ann", "--listen")
    people.until("==> ann has joined the chat room")
    events = Client(server, "--name", "eve", "--listen", "--format", "jsonl")
    people.until("==> eve has joined the chat room")
    assert json.loads(events.line())["event"] == "joined"
    assert json.loads(events.line())["event"] == "notice"
    port = str(server.port)
    assert run("chat-client", "--port", port, "--name", "Joe", "--say", "hi").returncode == 0
    assert run("chat-client", "--port", port, "--name", "Joe", "--to", "ANN", "--say", "psst").returncode == 0
    assert run("chat-client", "--port", port, "--name", "Joe", "--to", "eve", "--say", "hush").returncode == 0
    assert [people.line() for _ in range(6)] == [
        "==> Joe has joined the chat room",
        "==> Joe: hi",
        "==> Joe has left the chat room",
        "==> Joe has joined the chat room",
        "==> Joe [private]: psst",
        "==> Joe has left the chat room",
    ]
    heard = [json.loads(events.line()) for _ in range(8)]
    assert [(event["event"], event["name"], event["text"]) for event in heard] == [
        ("joined", "Joe", None),
        ("message", "Joe", "hi"),
        ("left", "Joe", None),
        ("joined", "Joe", None),
        ("left", "Joe", None),
        ("joined", "Joe", None),
        ("private", "Joe", "hush"),
        ("left", "Joe", None),
    ]
    assert all(set(event) == {"event", "name", "text", "time"} for event in heard)
    server.stop()
    for client in (people, events):
        status, complaint = client.end()
        assert status == 3
        assert f"Error: 127.0.0.1:{port}: the server is gone" in complaint


def test_a_pipe_is_a_message_a_line_and_its_end_is_quit(serve: Serve, run: Run) -> None:
    server = serve("chat-server", "--rate", "0")
    said = "".join(f"line {number}\n" for number in range(2000)) + "the last, without an end"
    done = run("chat-client", "--port", str(server.port), "--name", "joe", "--format", "jsonl", input=said)
    events = [json.loads(line) for line in done.stdout.splitlines()]
    assert done.returncode == 0
    assert [event["text"] for event in events if event["event"] == "message"] == said.splitlines()
    assert events[-1]["event"] == "goodbye"


def test_the_users_language(serve: Serve, run: Run) -> None:
    server = serve("chat-server")
    lines = "private joe:how are you?\nPrivate joe\nprivate nobody:x\n/who\n\nquit\nnever said\n"
    done = run("chat-client", "--port", str(server.port), "--name", "joe", input=lines)
    assert done.returncode == 0
    assert done.stdout.splitlines() == [
        "==> joe has joined the chat room",
        "==> joe [private]: how are you?",
        "==> *server*: nobody here is called nobody",
        "==> joe: ",
    ]
    assert done.stderr.splitlines() == ["to one alone: private NAME:TEXT", "here, as far as seen: joe"]


def test_a_line_that_is_too_long_is_not_said(serve: Serve, run: Run) -> None:
    server = serve("chat-server")
    port = str(server.port)
    done = run("chat-client", "--port", port, "--name", "joe", input="x" * 4089 + "\nshort\n")
    assert done.stdout.splitlines()[1:] == ["==> joe: short"]
    assert "not said: a line of 4089 bytes, expected at most 4088" in done.stderr
    assert run("chat-client", "--port", port, "--name", "joe", "--say", "x" * 4089).returncode == 2


def test_a_text_of_several_lines_is_several_messages(serve: Serve, run: Run) -> None:
    server = serve("chat-server")
    done = run("chat-client", "--port", str(server.port), "--name", "joe", "--say", "one\nQUIT\n\ntwo")
    assert done.stdout.splitlines()[1:] == ["==> joe: one", "==> joe: QUIT", "==> joe: ", "==> joe: two"]


def test_what_peers_say_cannot_command_the_terminal(run: Run) -> None:
    hostile = b"NEW joe\nMESSAGE e\x1b]0;x\x07vil\n\x1b[2J\xff\xe2\x80\xae\nGOODBYE\n"
    with scripted(hostile, after="stall") as port:
        done = run("chat-client", "--port", str(port), "--name", "joe", "--listen")
    assert (done.returncode, done.stdout) == (
        0,
        "==> joe has joined the chat room\n==> e\\e]0;x\\x07vil: \\e[2J\\xff\\u202e\n",
    )


@posix
def test_a_standard_input_that_is_closed_is_an_end(serve: Serve) -> None:
    server = serve("chat-server")
    command = f"'{PYNETDB[0]}' -m pynetdb chat-client --port {server.port} --name joe <&-"
    done = subprocess.run(
        ["sh", "-c", command], capture_output=True, text=True, env=environment(), check=True
    )
    assert (done.stdout, done.stderr) == ("==> joe has joined the chat room\n", "")
    assert server.event("left")["reason"] == "quit"


def test_names_are_not_asked_for_without_a_terminal(run: Run) -> None:
    done = run("chat-client", "--say", "x")
    assert (done.returncode, done.stdout) == (2, "")


# Statuses


@pytest.mark.parametrize("name", ["a b", "*server*", "x" * 21, "JOE"])
def test_a_refused_name_is_status_7(serve: Serve, run: Run, name: str) -> None:
    server = serve("chat-server")
    with socket.create_connection(server.address) as joe:
        joe.sendall(b"ADD joe\n")
        server.event("joined")
        done = run("chat-client", "--port", str(server.port), "--name", name, "--say", "x")
    assert (done.returncode, done.stdout) == (7, "")
    assert re.fullmatch(r"Error: 127\.0\.0\.1:\d+: .*name.*\n", done.stderr)


def test_an_unknown_recipient_is_status_7(serve: Serve, run: Run) -> None:
    server = serve("chat-server", "--motd", "nobody here is called so")
    done = run("chat-client", "--port", str(server.port), "--name", "joe", "--say", "x", "--to", "nobody")
    assert done.returncode == 7
    assert "nobody here is called nobody" in done.stderr


def test_nobody_there_is_status_3(run: Run) -> None:
    done = run("chat-client", "--port", "1", "--name", "joe", "--say", "x")
    assert done.returncode == 3
    assert "connection refused" in done.stderr


@pytest.mark.parametrize("answers", [[b""], [b"NEW joe\n"], [b"NEW joe\nMESS"]])
def test_a_server_that_goes_is_status_3(run: Run, answers: list[bytes]) -> None:
    with scripted(*answers) as port:
        done = run("chat-client", "--port", str(port), "--name", "joe", "--listen")
    assert done.returncode == 3
    assert "the server is gone" in done.stderr


def test_a_server_that_does_not_let_us_in_is_status_4(run: Run) -> None:
    with scripted(b"NEW somebody else\n", after="stall") as port:
        done = run("chat-client", "--port", str(port), "--name", "joe", "--say", "x", "--timeout", "200ms")
    assert done.returncode == 4
    assert "not let in within 0.2 s (--timeout)" in done.stderr


def test_a_line_without_an_end_is_status_5(run: Run) -> None:
    with scripted(b"NEW joe\n" + b"x" * 70_000, after="stall") as port:
        done = run("chat-client", "--port", str(port), "--name", "joe", "--listen")
    assert done.returncode == 5


def test_a_server_without_goodbye_is_left_all_the_same(run: Run) -> None:
    with scripted(b"NEW joe\n", b"", after="stall") as port:
        done = run("chat-client", "--port", str(port), "--name", "joe")
    assert done.returncode == 0


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((), "--name"),
        (("--name", ""), "expected a name"),
        (("--name", "a\nQUIT"), "expected a name"),
        (("--name", "joe", "--to", "ann"), "--say"),
        (("--name", "joe", "--say", "x", "--to", ""), "expected a name"),
    ],
)
def test_a_wrong_command_line_is_status_2(run: Run, arguments: tuple[str, ...], words: str) -> None:
    done = run("chat-client", *arguments)
    assert done.returncode == 2
    assert words in done.stderr


@posix
def test_an_interrupt_is_status_130(serve: Serve) -> None:
    server = serve("chat-server")
    client = Client(server, "--name", "joe", "--listen")
    client.until("==> joe has joined the chat room")
    client.process.send_signal(signal.SIGINT)
    assert client.end()[0] == 130
    assert server.event("left")["name"] == "joe"


# The textbook's programs


def test_at_the_textbooks_server_beside_its_client(run: Run) -> None:
    """The server adds an empty line to our MESSAGE, and takes one recv for one command."""
    with textbook_server() as port:
        old = TextbookClient(("127.0.0.1", port), "old")
        old.expect("==> old has joined the chat room")
        done = run(
            "chat-client", "--port", str(port), "--name", "new", input="one\ntwo\nprivate new:self\nquit\n"
        )
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines() == [
            "==> new has joined the chat room",
            "==> new: one",
            "==> new: two",
            "==> new [private]: self",
        ]
        # What kills the old client: the line that its server adds (it does so without us, too).
        old._thread.join(PATIENCE)
        assert isinstance(old.failure, IndexError)
        old._sock.close()


# Coming back


def test_reconnect(tmp_path: Path) -> None:
    first = Served(["chat-server", "--port", "0"], tmp_path, ())
    client = Client(first, "--name", "joe", "--reconnect", "--format", "jsonl")
    assert json.loads(client.line())["event"] == "joined"
    first.stop()
    client.type("said meanwhile\n")
    second = Served(["chat-server", "--port", str(first.port)], tmp_path, ())
    assert json.loads(client.line())["event"] == "joined"
    assert json.loads(client.line())["text"] == "said meanwhile"
    status, complaint = client.end()
    assert status == 0
    assert "trying again in" in complaint
    second.stop()


def test_reconnect_does_not_hide_that_nobody_was_there(run: Run) -> None:
    assert run("chat-client", "--port", "1", "--name", "joe", "--reconnect", input="").returncode == 3


# For people


class Terminal:
    """A real terminal, in tmux."""

    def __init__(self, tmux: str, folder: Path, command: list[str]) -> None:
        self._tmux = [tmux, "-S", str(folder / "tmux")]
        env = environment(TERM="xterm-256color", LC_ALL="C.UTF-8")
        words = shlex.join(command)
        shown = f"{words}; echo status=$?; sleep 60"
        subprocess.run(
            [*self._tmux, "-f", "/dev/null", "new-session", "-d", "-x", "60", "-y", "24", shown],
            check=True,
            env=env,
            cwd=ROOT,
        )

    def keys(self, *keys: str) -> None:
        subprocess.run([*self._tmux, "send-keys", *keys], check=True)

    def screen(self) -> list[str]:
        done = subprocess.run([*self._tmux, "capture-pane", "-p"], check=True, capture_output=True, text=True)
        return done.stdout.rstrip("\n").split("\n")

    def wait(self, shows: Callable[[list[str]], bool]) -> list[str]:
        """Look until the screen is so; a terminal tells nobody when it has drawn."""
        end = time.monotonic() + PATIENCE
        while not shows(screen := self.screen()):
            assert time.monotonic() < end, "\n".join(screen)
        return screen

    def close(self) -> None:
        subprocess.run([*self._tmux, "kill-server"], check=False)


@posix
def test_a_half_typed_line_survives_what_arrives(
    stranger: Stranger, serve: Serve, tmp_path: Path, run: Run
) -> None:
    server = serve("chat-server")
    port = str(server.port)
    terminal = Terminal(
        stranger("tmux"), tmp_path, [*PYNETDB, "chat-client", "--port", port, "--name", "joe"]
    )
    try:
        terminal.wait(lambda screen: any("joe has joined" in line for line in screen))
        terminal.keys("-l", "half a l")
        terminal.wait(lambda screen: screen[-1] == "> half a l")
        says = [word for number in range(10) for word in ("--say", f"message {number}")]
        assert run("chat-client", "--port", port, "--name", "ann", *says).returncode == 0
        screen = terminal.wait(lambda screen: any("ann has left" in line for line in screen))
        assert screen[-1] == "> half a l"
        assert sum("half" in line for line in screen) == 1
        told = [line[6:] for line in screen[:-1]]
        assert told == [
            "==> joe has joined the chat room",
            "==> ann has joined the chat room",
            *(f"==> ann: message {number}" for number in range(10)),
            "==> ann has left the chat room",
        ]
        assert all(re.match(r"\d\d:\d\d ==> ", line) for line in screen[:-1])
        terminal.keys("-l", "ine")
        terminal.keys("Home")
        terminal.keys("-l", "a ")
        terminal.keys("Enter")
        screen = terminal.wait(lambda screen: any("==> joe: a half a line" in line for line in screen))
        assert screen[-1].rstrip() == ">"
        # History, completion, a private line to oneself, who is here; a line longer than the screen.
        terminal.keys("Up")
        terminal.wait(lambda screen: screen[-1] == "> a half a line")
        terminal.keys("C-u")
        terminal.keys("-l", "private jo")
        terminal.keys("Tab")
        terminal.wait(lambda screen: screen[-1] == "> private joe:")
        terminal.keys("-l", "psst")
        terminal.keys("Enter")
        terminal.wait(lambda screen: any("==> joe [private]: psst" in line for line in screen))
        terminal.keys("-l", "/who")
        terminal.keys("Enter")
        terminal.wait(lambda screen: any("here, as far as seen: joe" in line for line in screen))
        terminal.wait(lambda screen: any("here now: joe" in line for line in screen))
        terminal.keys("-l", "x" * 100)
        terminal.wait(lambda screen: screen[-1] == "> " + "x" * 57)
        terminal.keys("C-u")
        terminal.keys("-l", "quit")
        terminal.keys("Enter")
        screen = terminal.wait(lambda screen: screen[-1] == "status=0")
        assert not any(line.startswith(">") for line in screen)
    finally:
        terminal.close()


@posix
def test_the_name_is_asked_for_and_the_servers_end_is_clear(
    stranger: Stranger, serve: Serve, tmp_path: Path
) -> None:
    server = serve("chat-server")
    terminal = Terminal(stranger("tmux"), tmp_path, [*PYNETDB, "chat-client", "--port", str(server.port)])
    try:
        terminal.wait(lambda screen: any("Name:" in line for line in screen))
        terminal.keys("-l", "joe")
        terminal.keys("Enter")
        terminal.wait(lambda screen: any("joe has joined" in line for line in screen))
        terminal.keys("-l", "unfinished")
        terminal.wait(lambda screen: screen[-1] == "> unfinished")
        server.stop()
        screen = terminal.wait(lambda screen: screen[-1] == "status=3")
        assert any("the server is gone" in line for line in screen)
    finally:
        terminal.close()


@posix
def test_the_end_of_input_and_echo_are_restored(stranger: Stranger, serve: Serve, tmp_path: Path) -> None:
    server = serve("chat-server")
    command = [*PYNETDB, "chat-client", "--port", str(server.port), "--name", "joe"]
    script = tmp_path / "script"
    script.write_text(f"{' '.join(command)}; stty -a | tr ' ' '\\n' | grep -x echo\n")
    terminal = Terminal(stranger("tmux"), tmp_path, ["sh", str(script)])
    try:
        terminal.wait(lambda screen: screen[-1] == ">")
        terminal.keys("C-d")
        terminal.wait(lambda screen: screen[-2:] == ["echo", "status=0"])
    finally:
        terminal.close()


def test_nothing_is_read_that_is_not_asked_for(serve: Serve, run: Run) -> None:
    """--say leaves standard input alone."""
    server = serve("chat-server")
    read, write = os.pipe()
    try:
        os.write(write, b"not ours\n")
        subprocess.run(
            [*PYNETDB, "chat-client", "--port", str(server.port), "--name", "joe", "--say", "x"],
            stdin=read,
            check=True,
            timeout=PATIENCE,
            env=environment(),
            stdout=subprocess.DEVNULL,
        )
        assert os.read(read, 100) == b"not ours\n"
    finally:
        os.close(read)
        os.close(write)


# Links that die, terminals that are left


def test_a_dead_link_is_noticed(serve: Serve, run: Run) -> None:
    server = serve("chat-server")
    told = run("chat-client", "--port", str(server.port), "--name", "joe", "--say", "hi", "--explain").stderr
    assert "setsockopt(SOL_SOCKET, SO_KEEPALIVE, 1)" in told


def test_what_a_room_says_before_it_confirms_the_name_is_shown(run: Run) -> None:
    words = b"MESSAGE ann\nhello, who is it?\nNEW bob\nPRIVATE ann\npsst\nLEFT bob\nNEW joe\n"
    with scripted(words, b"GOODBYE\n") as port:
        done = run("chat-client", "--port", str(port), "--name", "joe", input="quit\n")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.splitlines() == [
        "==> ann: hello, who is it?",
        "==> bob has joined the chat room",
        "==> ann [private]: psst",
        "==> bob has left the chat room",
        "==> joe has joined the chat room",
    ]


def test_a_goodbye_before_the_name_is_confirmed_is_the_end(run: Run) -> None:
    with scripted(b"GOODBYE\n", after="stall") as port:
        done = run("chat-client", "--port", str(port), "--name", "joe", "--say", "x")
    assert done.returncode == 3 and "said goodbye before it let us in" in done.stderr


@pytest.mark.parametrize("name", [b"\xff", b"j\xc3", b"a\x1b[31m", b"a\tb"])
def test_a_name_that_is_no_text_is_found_out_at_once(run: Run, name: bytes) -> None:
    done = run("chat-client", "--name", name, "--say", "x")
    assert done.returncode == 2 and "expected a name" in done.stderr


@posix
def test_back_in_the_foreground_the_terminal_is_ours_again(serve: Serve) -> None:
    import pty
    import select
    import termios

    server = serve("chat-server")
    child, terminal = pty.fork()
    if not child:
        os.environ.update(environment(TERM="xterm", NO_COLOR="1"))
        os.chdir(ROOT)
        command = [*PYNETDB, "chat-client", "--name", "joe", "--port", str(server.port)]
        os.execv(command[0], command)

    def read_until(words: bytes) -> None:
        seen = b""
        while words not in seen:
            assert select.select([terminal], [], [], PATIENCE)[0], seen
            seen += os.read(terminal, 4096)

    def is_ours() -> bool:
        return not termios.tcgetattr(terminal)[3] & (termios.ICANON | termios.ECHO)

    try:
        read_until(b"joe has joined")
        assert is_ours()
        os.write(terminal, b"half")
        read_until(b"half")
        os.kill(child, signal.SIGSTOP)
        # As the shell has it while a job is stopped.
        changed = termios.tcgetattr(terminal)
        changed[3] |= termios.ICANON | termios.ECHO
        termios.tcsetattr(terminal, termios.TCSANOW, changed)
        assert not is_ours()
        os.kill(child, signal.SIGCONT)
        read_until(b"> half")
        assert is_ours()
        os.write(terminal, b" a line\r")
        read_until(b"joe: half a line")
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
        os.close(terminal)
