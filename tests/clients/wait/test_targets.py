"""Each kind of place, looked at once: there, not there, and what cannot be told."""

import socket
from pathlib import Path

import pytest
from fakes import fake
from programs import posix

from pynetdb.clients.wait.targets import Finding, parse_condition
from pynetdb.net.client.stream import Stream
from pynetdb.net.deadline import Deadline
from pynetdb.net.network import Network


def look(text: str) -> Finding:
    return parse_condition(text).place.look(Network(), Deadline(20, text))


@pytest.mark.parametrize(
    "text",
    [
        "",
        "!",
        "foo",
        "!foo",
        "/tmp/x",
        "tcp://",
        "tcp://host",
        "host:",
        "::1:80",
        "host:70000",
        "host:0",
        "host:no-such-service",
        "udp://host:1",
        "ftp://host/x",
        "http://",
        "http://host:99999/",
        "unix:",
        "file:",
        "file://",
        "a b:80",
        "host:80/x",
        "host:-1",
    ],
)
def test_what_is_no_target(text: str) -> None:
    with pytest.raises(ValueError, match="expected|known|host"):
        parse_condition(text)


@posix
def test_a_path_too_long_for_a_socket() -> None:
    with pytest.raises(ValueError, match=r"^unix:/x+: \d+ bytes"):
        parse_condition("unix:/" + "x" * 200)


@pytest.mark.parametrize(
    "form", ["127.0.0.1:{}", "tcp://127.0.0.1:{}", "TCP://127.0.0.1:{}/", "localhost:{}", ":{}"]
)
def test_a_port(form: str) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        text = form.format(listening.getsockname()[1])
        assert look(text) == (True, "accepts connections")
    assert look(text) == (False, "connection refused")


def test_ipv6_and_a_service_by_name() -> None:
    if not socket.has_ipv6:
        pytest.skip("platform: no IPv6")
    with socket.create_server(("::1", 0), family=socket.AF_INET6) as listening:
        assert look(f"[::1]:{listening.getsockname()[1]}").there
    assert vars(parse_condition("[::1]:http").place)["_target"] == ("::1", 80, None)


def test_a_name_that_nobody_knows_has_nobody_behind_it() -> None:
    assert look("no-such-host.invalid:80") in [(False, "unknown host"), (None, "unknown host")]
    assert look("a..b:80") == (False, "unknown host")


def test_a_port_that_is_connected_to_itself_has_no_server() -> None:
    with socket.socket() as sock:
        sock.bind(("127.0.0.1", 0))
        sock.connect(sock.getsockname())
        target = parse_condition("127.0.0.1:1")
        assert Stream(sock, vars(target.place)["_target"], Deadline(5, "x")).is_to_itself()


@pytest.mark.skipif(not hasattr(socket, "AF_UNIX"), reason="platform: no Unix-domain sockets")
def test_a_unix_socket(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    assert look("unix:s") == (False, "no such socket file")
    with socket.socket(socket.AF_UNIX) as listening:
        listening.bind("s")
        assert look("unix:s").there is False  # Nobody listens yet.
        listening.listen()
        assert look("unix:s").there
        assert look("unix://s").there
    assert look("unix:s") == (False, "connection refused")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as datagrams:
        datagrams.bind("d")
        assert look("unix:d").there
    (tmp_path / "file").touch()
    assert look("unix:file").there is False


def test_a_file(tmp_path: Path) -> None:
    place = tmp_path / "a b"
    assert look(f"file:{place}") == (False, "no such file")
    place.touch()
    assert look(f"file:{place}") == look(f"file://{place}") == (True, "is there")
    assert look(f"file:{place}/x") == (False, "no such file")


def answer(text: bytes) -> object:
    def talk(sock: socket.socket) -> None:
        sock.recv(10_000)
        sock.sendall(text)

    return talk


@pytest.mark.parametrize(
    ("reply", "finding"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n", (True, "200 OK")),
        (b"HTTP/1.0 302 Found\r\nLocation: mailto:x\r\n\r\n", (True, "302 Found")),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n", (True, "204 No Content")),
        (b"HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nRetry-After: 9\r\n\r\n", (False, "503 Busy")),
        (b"HTTP/1.1 404 \r\nContent-Length: 0\r\n\r\n", (False, "404")),
    ],
)
def test_a_url(reply: bytes, finding: tuple[bool, str]) -> None:
    with fake(answer(reply)) as port:  # type: ignore[arg-type]
        assert look(f"http://127.0.0.1:{port}/") == finding


def test_what_is_no_http_is_neither_there_nor_gone() -> None:
    with fake(answer(b"SSH-2.0-OpenSSH\r\n")) as port:  # type: ignore[arg-type]
        url = f"127.0.0.1:{port}/"
        assert look(f"http://{url}").there is None
        assert look(f"https://{url}").there is None
    assert look(f"http://{url}") == (False, "connection refused")


def test_the_statuses_that_are_wanted() -> None:
    with fake(answer(b"HTTP/1.1 401 No\r\nContent-Length: 0\r\n\r\n")) as port:  # type: ignore[arg-type]
        wanted = parse_condition(f"http://127.0.0.1:{port}/", ((200, 299), (401, 401)))
        assert wanted.place.look(Network(), Deadline(20, "x")).there
