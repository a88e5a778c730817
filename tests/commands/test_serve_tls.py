"""TLS on `serve-http`, `serve-echo` and `chat-server`: certificates, handshakes, faults, silence."""

import json
import os
import re
import socket
import ssl
import subprocess
import urllib.request
from pathlib import Path

import pytest
from network import connect, receive, receive_all
from programs import PYNETDB, Run, Serve, Served, environment

pytestmark = pytest.mark.usefixtures("openssl")


@pytest.fixture(scope="module")
def openssl() -> str:
    from shutil import which

    program = which("openssl")
    if program is None and (os.name == "nt" or os.environ.get("CI") != "true"):
        pytest.skip("openssl is not installed")
    assert program
    return program


def trusting(server: Served, *alpn: str) -> ssl.SSLContext:
    """A client's context that trusts the certificate of this very server."""
    context = ssl.create_default_context(cadata=server.event("certificate")["pem"])
    if alpn:
        context.set_alpn_protocols(list(alpn))
    return context


def secure(server: Served, context: ssl.SSLContext, name: str = "127.0.0.1") -> ssl.SSLSocket:
    return context.wrap_socket(connect(server), server_hostname=name)


def make_files(openssl: str, folder: Path, *more: str) -> tuple[str, str]:
    cert, key = str(folder / "cert.pem"), str(folder / "key.pem")
    subprocess.run(
        [openssl, "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes",
         "-subj", "/CN=t", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", key, "-out", cert, *more],
        check=True, capture_output=True,
    )  # fmt: skip
    return cert, key


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3])
def test_an_echo_within_tls(serve: Serve, version: ssl.TLSVersion) -> None:
    server = serve("serve-echo", "--self-signed", "--greeting", "hi")
    assert server.ready["url"] == f"tls://127.0.0.1:{server.port}"
    context = trusting(server, "http/1.1")
    context.minimum_version = context.maximum_version = version
    with secure(server, context) as sock:
        assert sock.version() == {771: "TLSv1.2", 772: "TLSv1.3"}[version]
        assert sock.selected_alpn_protocol() is None  # Echo has no name there.
        assert receive(sock, 3) == b"hi\n"
        for data in (b"a", os.urandom(300_000), b"end"):
            sock.sendall(data)
            assert receive(sock, len(data)) == data
        # It says that it is done, and we hear what it still owes, and that it is done too.
        raw = sock.unwrap()
        assert raw.recv(1) == b""


def test_the_certificate_is_known_by_what_was_printed(serve: Serve) -> None:
    server = serve("serve-echo", "--self-signed")
    told = server.event("certificate")
    with secure(server, ssl.create_default_context(cadata=told["pem"])) as sock:
        der = sock.getpeercert(binary_form=True)
        names = sock.getpeercert()
    assert der is not None and names is not None
    import hashlib

    assert told["sha256"].replace(":", "").lower() == hashlib.sha256(der).hexdigest()
    assert re.fullmatch(r"(?:[0-9A-F]{2}:){31}[0-9A-F]{2}", told["sha256"])
    alternatives = {value for _, value in names["subjectAltName"]}
    assert {"localhost", "127.0.0.1"} <= alternatives


def test_a_site_within_tls(serve: Serve, tmp_path: Path) -> None:
    large = os.urandom(3_000_000)
    (tmp_path / "large").write_bytes(large)
    (tmp_path / "small").write_bytes(b"small")
    server = serve("serve-http", str(tmp_path), "--self-signed")
    assert server.ready["url"] == f"https://127.0.0.1:{server.port}"
    context = trusting(server, "h2", "http/1.1")
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))
    with opener.open(f"{server.ready['url']}/large", timeout=30) as reply:
        assert reply.read() == large
    with secure(server, context, "localhost") as sock:
        assert sock.selected_alpn_protocol() == "http/1.1"
        request = b"GET /%b HTTP/1.1\r\nHost: localhost\r\n%b\r\n"
        # A file that stands between two others keeps its place.
        sock.sendall(
            request % (b"small", b"")
            + request % (b"large", b"")
            + request % (b"small", b"Connection: close\r\n")
        )
        got = receive_all(sock)
    assert got.count(b"HTTP/1.1 200 OK") == 3 and large in got and got.endswith(b"small")
    assert got.index(b"small") < got.index(large[:100])


def test_a_room_and_its_page_within_tls(serve: Serve) -> None:
    server = serve("chat-server", "--self-signed", "--web", "0")
    context = trusting(server)
    web = server.event("web")["url"]
    assert web.startswith("https://127.0.0.1:")
    opener = urllib.request.build_opener(urllib.request.HTTPSHandler(context=context))
    with opener.open(web, timeout=30) as reply:
        assert b"<script" in reply.read()
    with secure(server, context) as sock:
        sock.sendall(b"ADD Ann\n")
        assert receive(sock, 8) == b"NEW Ann\n"


def test_files(serve: Serve, tmp_path: Path, openssl: str) -> None:
    cert, key = make_files(openssl, tmp_path)
    context = ssl.create_default_context(cafile=cert)
    for options in (["--cert", cert, "--key", key], ["--cert", str(tmp_path / "both.pem")]):
        (tmp_path / "both.pem").write_text(Path(cert).read_text() + Path(key).read_text())
        server = serve("serve-echo", *options)
        with secure(server, context) as sock:
            sock.sendall(b"x")
            assert sock.recv(9) == b"x"


def test_what_is_no_certificate_is_said_before_anything_is_served(
    run: Run, tmp_path: Path, openssl: str
) -> None:
    cert, key = make_files(openssl, tmp_path)
    (tmp_path / "other").mkdir()
    _, other = make_files(openssl, tmp_path / "other")
    subprocess.run([openssl, "ec", "-in", key, "-aes256", "-passout", "pass:x", "-out", tmp_path / "locked.pem"],
                   check=True, capture_output=True)  # fmt: skip
    subprocess.run([openssl, "pkcs8", "-topk8", "-in", key, "-passout", "pass:x", "-out", tmp_path / "locked8.pem"],
                   check=True, capture_output=True)  # fmt: skip
    (tmp_path / "locked-both.pem").write_text(Path(cert).read_text() + (tmp_path / "locked8.pem").read_text())
    (tmp_path / "empty.pem").write_text("")
    (tmp_path / "bad.pem").write_text("-----BEGIN CERTIFICATE-----\n!!!\n-----END CERTIFICATE-----\n")
    for options, told in (
        (["--cert", "missing.pem", "--key", key], "missing.pem: no such file"),
        (["--cert", cert, "--key", "missing.pem"], "missing.pem: no such file"),
        (["--cert", cert], "no key in it"),
        (["--cert", cert, "--key", other], "the key is not that of the certificate"),
        (["--cert", cert, "--key", str(tmp_path / "locked.pem")], "locked.pem: the key is encrypted"),
        (["--cert", cert, "--key", str(tmp_path / "locked8.pem")], "locked8.pem: the key is encrypted"),
        (["--cert", str(tmp_path / "locked-both.pem")], "locked-both.pem: the key is encrypted"),
        (["--cert", cert, "--key", cert], "no key in it"),
        (["--cert", str(tmp_path / "empty.pem"), "--key", key], "no certificate in it"),
        (["--cert", str(tmp_path / "bad.pem"), "--key", key], "bad.pem: "),
        (["--key", key], "--key is for --cert"),
        (["--cert", cert, "--self-signed"], "--self-signed makes a certificate"),
        (["--self-signed", "--udp"], "--udp has no connections"),
    ):
        done = run("serve-echo", "--port", "0", *options)
        assert done.returncode == 2 and told in done.stderr and done.stderr.count("\n") == 1, done.stderr


def test_without_openssl_or_cryptography_it_says_what_is_missing(run: Run, tmp_path: Path) -> None:
    try:
        import cryptography  # noqa: F401
    except ImportError:
        done = run("serve-echo", "--port", "0", "--self-signed", env={"PATH": str(tmp_path)})
        assert done.returncode == 2 and "pip install 'pynetdb[tls]'" in done.stderr


def test_who_does_not_speak_tls_is_told_and_the_operator_why(serve: Serve) -> None:
    server = serve("serve-echo", "--self-signed")
    context = trusting(server)
    with connect(server) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        receive_all(sock)
    assert "plain HTTP" in server.event("closed")["error"]
    with connect(server) as sock:
        sock.sendall(b"hello, is anybody there?\n")
        receive_all(sock)
    assert server.event("closed")["error"].startswith("TLS: ")
    with connect(server) as sock:
        sock.sendall(b"\x16\x03\x01")
        sock.shutdown(socket.SHUT_WR)
        assert receive_all(sock) == b""
    assert "during the TLS handshake" in server.event("closed")["error"]
    strict = ssl.create_default_context()
    with pytest.raises(ssl.SSLCertVerificationError):
        secure(server, strict)
    assert server.event("closed")["error"]  # Its alert, or the reset that came before it.
    with secure(server, context) as sock:
        sock.sendall(b"x")
        assert sock.recv(1) == b"x"


def test_who_asks_for_http_is_told_to_ask_for_https(serve: Serve, tmp_path: Path) -> None:
    server = serve("serve-http", str(tmp_path), "--self-signed")
    with connect(server) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
        head, _, body = receive_all(sock).partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 400 ") and body == b"this is https, not http: ask for https://\n"
    assert f"Content-Length: {len(body)}".encode() in head


def test_silence_is_not_for_ever(serve: Serve) -> None:
    server = serve("serve-echo", "--self-signed", "--idle", "300ms")
    with secure(server, trusting(server)) as sock:
        assert receive_all(sock) in (b"", b"(reset)")
    assert server.event("closed")["error"] == "idle"


def test_one_client_too_many_hears_no_plain_words(serve: Serve, tmp_path: Path) -> None:
    server = serve("serve-http", str(tmp_path), "--self-signed", "--max-clients", "1")
    with secure(server, trusting(server)), connect(server) as sock:
        assert receive_all(sock) == b""


@pytest.mark.parametrize(
    "faults",
    [["split=7"], ["delay=20ms"], ["rate=300kB"], ["stall=200ms@2000"], ["split=1000", "delay=1ms..5ms"]],
    ids=str,
)
def test_faults_happen_to_the_records_and_nothing_is_lost(
    serve: Serve, tmp_path: Path, faults: list[str]
) -> None:
    data = os.urandom(60_000)
    (tmp_path / "file").write_bytes(data)
    options = [word for fault in faults for word in ("--fault", fault)]
    server = serve("serve-http", str(tmp_path), "--self-signed", *options, "--seed", "1")
    with secure(server, trusting(server)) as sock:
        sock.sendall(b"GET /file HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        assert receive_all(sock).endswith(data)
    assert server.event("fault")["fault"]


@pytest.mark.parametrize("fault", ["close-after=3000", "reset-after=3000", "corrupt=1%"])
def test_a_connection_that_a_fault_breaks_is_seen_to_be_broken(
    serve: Serve, tmp_path: Path, fault: str
) -> None:
    (tmp_path / "file").write_bytes(bytes(200_000))
    server = serve("serve-http", str(tmp_path), "--self-signed", "--fault", fault, "--seed", "1")
    with pytest.raises((ssl.SSLError, OSError)), secure(server, trusting(server)) as sock:
        sock.sendall(b"GET /file HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        while sock.recv(1 << 16):
            pass
        raise ssl.SSLEOFError  # Some Pythons say an end that nobody announced.


def test_who_reads_slowly_keeps_the_server_small_and_gets_everything(serve: Serve, tmp_path: Path) -> None:
    size = 30_000_000
    with open(tmp_path / "large", "wb") as file:
        file.truncate(size)
    server = serve("serve-http", str(tmp_path), "--self-signed")
    with secure(server, trusting(server)) as sock:
        sock.sendall(b"GET /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
        first = sock.recv(1000)
        # The server is at our side of the kernel's buffers now, and answers others.
        with secure(server, ssl._create_unverified_context()) as other:
            other.sendall(b"HEAD /large HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n")
            assert b"Content-Length: 30000000" in receive_all(other)
        from processes import resident_memory

        if os.path.isdir("/proc"):
            assert resident_memory(server.pid) < 60 << 20
        rest = receive_all(sock)
        assert len(first) + len(rest) > size


def test_explain_tells_of_the_handshake(serve: Serve) -> None:
    server = serve("serve-echo", "--self-signed", "--explain")
    with secure(server, trusting(server)) as sock:
        sock.sendall(b"x")
        assert sock.recv(1) == b"x"
    server.stop()
    told = server.stderr
    for words in (
        "ClientHello",
        "ServerHello",
        "Certificate",
        "Finished",
        "#1     TLS handshake() = TLSv1.3, ",
    ):
        assert words in told, words
    assert "who we are, signed" in told


def test_a_command_finds_a_server_that_it_can_trust(tmp_path: Path) -> None:
    show = (
        "import json, os; print(json.dumps({k: v for k, v in os.environ.items() if k.startswith('PYNETDB')}))"
    )
    done = subprocess.run(
        [*PYNETDB, "serve-http", str(tmp_path), "--port", "0", "--self-signed", "-q", "--", PYNETDB[0], "-c", show],
        capture_output=True, text=True, env=environment(PYNETDB_HTTP_GET_CACERT="another"), check=True,
    )  # fmt: skip
    found = json.loads(done.stdout)
    assert found["PYNETDB_URL"].startswith("https://127.0.0.1:")
    assert len(found["PYNETDB_HTTP_GET_CACERT"]) == 95


def test_http_get_trusts_a_file_a_fingerprint_and_what_a_server_around_it_says(
    serve: Serve, run: Run, tmp_path: Path
) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "a.txt").write_text("hello\n")
    server = serve("serve-http", str(tmp_path / "site"), "--self-signed")
    told = server.event("certificate")
    (tmp_path / "trusted.pem").write_text(told["pem"])
    url = f"{server.ready['url']}/a.txt"
    for trusted in (str(tmp_path / "trusted.pem"), told["sha256"], told["sha256"].replace(":", "").lower()):
        done = run("http-get", url, "--cacert", trusted)
        assert (done.returncode, done.stdout) == (0, "hello\n"), done.stderr
    wrong = told["sha256"][:-1] + ("0" if told["sha256"][-1] != "0" else "1")
    for options, status, words in (
        ([], 3, "the certificate is not trusted"),
        (["--cacert", wrong], 3, "the certificate's SHA-256 is "),
        (["--cacert", "missing.pem"], 2, "missing.pem: "),
        (["--cacert", str(tmp_path / "site" / "a.txt")], 2, "in it"),
    ):
        done = run("http-get", url, *options)
        assert done.returncode == status and words in done.stderr and not done.stdout
    around = [*PYNETDB, "serve-http", str(tmp_path / "site"), "--port", "0", "--self-signed", "-q", "--"]
    inside = ["sh", "-c", f"exec {PYNETDB[0]} -m pynetdb http-get $PYNETDB_URL/a.txt"]
    if os.name == "posix":
        shown = subprocess.run(
            [*around, *inside], capture_output=True, text=True, env=environment(), check=True
        )
        assert shown.stdout == "hello\n"
