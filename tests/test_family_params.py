"""-4 and -6: every server and client has them, and pairs still need no other option."""

import socket

import click
import pytest
from programs import Run, Serve

from pynetdb.cli import COMMANDS, pynetdb


def has_ipv6() -> bool:
    try:
        with socket.socket(socket.AF_INET6) as sock:
            sock.bind(("::1", 0))
    except OSError:
        return False
    return True


ipv6 = pytest.mark.skipif(not has_ipv6(), reason="platform: no IPv6 here")


def test_every_networking_command_has_them() -> None:
    context = click.Context(pynetdb)
    for name in COMMANDS:
        command = pynetdb.get_command(context, name)
        assert command is not None
        options = {option for parameter in command.params for option in parameter.opts}
        if "--journal" in options:
            assert {"-4", "--ipv4", "-6", "--ipv6"} <= options, name


@ipv6
def test_a_pair_over_ipv6(run: Run, serve: Serve) -> None:
    server = serve("serve-echo", "-6")
    assert server.ready["host"] == "::1"
    assert run("echo-client", "-6", "-p", str(server.port), "hello").stdout == "hello\n"


@ipv6
def test_all_interfaces_of_one_family(run: Run, serve: Serve) -> None:
    for family, good, other in (("-6", "::1", "127.0.0.1"), ("-4", "127.0.0.1", "::1")):
        port = str(serve("serve-echo", family, "--host", "").port)
        assert run("echo-client", "--host", good, "-p", port, "hello").stdout == "hello\n"
        assert run("echo-client", "--host", other, "-p", port, "hello").returncode == 3


@pytest.mark.parametrize("command", ["echo-client", "serve-echo", "udp-send"])
def test_an_address_of_the_other_family(run: Run, command: str) -> None:
    words = ["x"] if command != "serve-echo" else []
    done = run(command, "-6", "--host", "127.0.0.1", *words)
    assert done.returncode == 3
    assert "unknown host, or one without an address of IPv6 (-6)" in done.stderr


def test_both_are_a_contradiction(run: Run) -> None:
    done = run("http-get", "-4", "-6", "http://127.0.0.1:1/")
    assert done.returncode == 2 and "exclude each other" in done.stderr
