"""Programs that know nothing of chat as members of our room."""

import subprocess

import pytest
from programs import Serve, Stranger, held, posix

pytestmark = posix


@pytest.mark.parametrize("program", ["nc", "ncat", "socat", "telnet"])
def test_a_member_by_hand(stranger: Stranger, serve: Serve, program: str) -> None:
    server = serve("chat-server")
    path, port = stranger(program), str(server.port)
    commands = {
        "nc": [path, "127.0.0.1", port],
        "ncat": [path, "-C", "127.0.0.1", port],  # CR LF
        "socat": [path, "-", f"TCP:127.0.0.1:{port}"],
        "telnet": [path, "127.0.0.1", port],
    }
    with held(commands[program], stdin=subprocess.PIPE, stdout=subprocess.PIPE, bufsize=0) as member:
        assert member.stdin and member.stdout

        def type_(words: str) -> None:
            assert member.stdin
            member.stdin.write(words.encode())

        def expect(*lines: str) -> None:
            assert member.stdout
            for line in lines:
                said = member.stdout.readline()
                while program == "telnet" and said.startswith((b"Trying", b"Connected", b"Escape")):
                    said = member.stdout.readline()
                assert said.decode().rstrip("\r\n") == line

        type_("ADD member\n")
        expect("NEW member")
        type_("MESSAGE Grüße\nPRIVATE member\npsst\n")
        expect("MESSAGE member", "Grüße", "PRIVATE member", "psst")
        type_("private nobody\nhi\n")
        expect("PRIVATE *server*", "nobody here is called nobody")
        assert server.event("joined")["name"] == "member"
        type_("quit\n")
        expect("GOODBYE")
        assert server.event("left")["reason"] == "quit"


@pytest.mark.parametrize(
    ("program", "options"), [("nc", ["-N"]), ("ncat", ["-C"]), ("socat", ["-t", "10", "-"])]
)
def test_the_words_of_a_pipe(stranger: Stranger, serve: Serve, program: str, options: list[str]) -> None:
    """The book's way: the last MESSAGE has no newline."""
    server = serve("chat-server")
    where = [f"TCP:127.0.0.1:{server.port}"] if program == "socat" else ["127.0.0.1", str(server.port)]
    done = subprocess.run(
        [stranger(program), *options, *where],
        input=b"ADD member\nMESSAGE hi",
        stdout=subprocess.PIPE,
        timeout=60,
        check=True,
    )
    assert done.stdout == b"NEW member\nMESSAGE member\nhi\n"
