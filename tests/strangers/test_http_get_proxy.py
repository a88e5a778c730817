"""http-get through tinyproxy, there and back, in the clear and within TLS."""

import hashlib
import ssl
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from network import free_port, their_server
from programs import Run, Serve, Stranger, linux

pytestmark = linux


@pytest.fixture
def proxy(stranger: Stranger, tmp_path: Path) -> Iterator[str]:
    with running(stranger, tmp_path) as place:
        yield place


@contextmanager
def running(stranger: Stranger, folder: Path, *lines: str) -> Iterator[str]:
    """tinyproxy, for this machine; gives its place."""
    port = free_port()
    configuration = folder / "tinyproxy.conf"
    settings = [f"Port {port}", "Listen 127.0.0.1", "Allow 127.0.0.1", "Timeout 30", *lines]
    configuration.write_text(
        "\n".join([*settings, f'LogFile "{folder}/tinyproxy.log"', "LogLevel Connect", ""])
    )
    with their_server([stranger("tinyproxy"), "-d", "-c", str(configuration)], port):
        yield f"127.0.0.1:{port}"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    folder = tmp_path / "site"
    folder.mkdir()
    (folder / "f").write_bytes(b"body\n")
    return folder


def log(folder: Path) -> str:
    return (folder / "tinyproxy.log").read_text()


def test_in_the_clear(proxy: str, run: Run, serve: Serve, site: Path, tmp_path: Path) -> None:
    server = serve("serve-http", str(site))
    url = f"http://127.0.0.1:{server.port}/f"
    done = run("http-get", "-v", "--explain", url, env={"http_proxy": f"http://{proxy}/"})
    assert done.stdout == "body\n"
    assert f"http-get: through the proxy {proxy} (http_proxy)\n" in done.stderr
    assert f"client request(GET {url} HTTP/1.1) = sent" in done.stderr
    assert f"client proxy(127.0.0.1, http_proxy) = {proxy}" in done.stderr
    assert f"GET {url} HTTP/1.1" in log(tmp_path)
    assert run("http-get", "-i", "--proxy", proxy, url).stdout.lower().count("\nvia: ") == 1


def test_not_through_it(proxy: str, run: Run, serve: Serve, site: Path, tmp_path: Path) -> None:
    server = serve("serve-http", str(site))
    url = f"http://127.0.0.1:{server.port}/f"
    for env, flags in (
        ({"HTTP_PROXY": proxy}, ()),
        ({"https_proxy": proxy}, ()),
        ({"http_proxy": proxy}, ("--no-proxy",)),
        ({"http_proxy": proxy, "no_proxy": "localhost, 127.0.0.0/8"}, ()),
    ):
        assert run("http-get", *flags, url, env=env).stdout == "body\n"
    done = run("http-get", "-v", url, env={"http_proxy": proxy, "no_proxy": "*"})
    assert "http-get: 127.0.0.1 is in no_proxy, asked directly (http_proxy)\n" in done.stderr
    assert "GET" not in log(tmp_path)


def test_within_tls(
    proxy: str, stranger: Stranger, run: Run, serve: Serve, site: Path, tmp_path: Path
) -> None:
    key, certificate = str(tmp_path / "key"), str(tmp_path / "certificate")
    make = f"req -x509 -newkey rsa:2048 -nodes -days 1 -subj /CN=x -addext subjectAltName=IP:127.0.0.1 -keyout {key} -out {certificate}"
    subprocess.run([stranger("openssl"), *make.split()], check=True, capture_output=True)
    server = serve("serve-http", str(site), "--cert", certificate, "--key", key)
    url = f"https://127.0.0.1:{server.port}/f"
    by_proxy = {"https_proxy": proxy}
    done = run("http-get", "-v", "--explain", "--cacert", certificate, url, env=by_proxy)
    assert done.stdout == "body\n"
    assert f"client request(CONNECT 127.0.0.1:{server.port} HTTP/1.1) = sent" in done.stderr
    assert f"CONNECT 127.0.0.1:{server.port}" in log(tmp_path)
    digest = ssl.PEM_cert_to_DER_cert(Path(certificate).read_text())
    pinned = ":".join(f"{byte:02X}" for byte in hashlib.sha256(digest).digest())
    assert run("http-get", "--cacert", pinned, url, env=by_proxy).stdout == "body\n"
    refused = run("http-get", "--cacert", "0" * 64, url)
    assert refused.returncode == 3 and "SHA-256 is" in refused.stderr
    assert run("http-get", url, env=by_proxy).returncode == 3
    for wrong, told in (("/nowhere", "No such file"), (key, "no certificates")):
        done = run("http-get", "--cacert", wrong, url)
        assert done.returncode == 2 and told in done.stderr and "--cacert" in done.stderr
    missing = run("http-get", url, env={"SSL_CERT_FILE": "/nowhere"})
    assert missing.returncode == 3 and "SSL_CERT_FILE names /nowhere, which is not there" in missing.stderr


def test_credentials_and_refusals(
    stranger: Stranger, run: Run, serve: Serve, site: Path, tmp_path: Path
) -> None:
    server = serve("serve-http", str(site))
    url = f"http://127.0.0.1:{server.port}/f"
    with running(stranger, tmp_path, "BasicAuth user secret", "ConnectPort 563") as place:
        assert run("http-get", "--proxy", f"http://user:secret@{place}", url).stdout == "body\n"
        assert run("http-get", "--proxy", place, url).returncode == 7
        tunnel = url.replace("http:", "https:")
        refused = run("http-get", "--proxy", f"user:secret@{place}", "-v", tunnel)
        assert (
            refused.returncode == 7 and f"{place}: the proxy does not connect to 127.0.0.1:" in refused.stderr
        )
        assert "secret" not in refused.stderr
        by_hand = ("-H", "Proxy-Authorization: Basic dXNlcjpzZWNyZXQ=")
        assert ": 403 " in run("http-get", "--proxy", place, *by_hand, tunnel).stderr
        unasked = run("http-get", "--proxy", place, tunnel)
        assert unasked.returncode == 7 and ": 407 " in unasked.stderr
    gone = run("http-get", "--proxy", place, url)
    assert gone.returncode == 3 and f"{place}: connection refused" in gone.stderr


def test_a_proxy_that_cannot_be_one(run: Run) -> None:
    done = run("http-get", "http://h/", env={"http_proxy": "socks5://u:secret@h:1"})
    assert done.returncode == 2 and "http_proxy: a proxy of socks5://, expected http://" in done.stderr
    assert "secret" not in done.stderr


def test_a_proxy_that_speaks_something_else(run: Run, stranger: Stranger) -> None:
    from fakes import fake

    for answer, status in ((b"220 smtp\r\n", 5), (b"HTTP/1.1 503 Busy\r\n\r\n", 3), (b"", 5)):
        with fake(lambda sock, answer=answer: (sock.recv(65536), sock.sendall(answer))) as port:
            done = run("http-get", "--proxy", f"127.0.0.1:{port}", "https://h.invalid/")
        assert done.returncode == status and done.stderr.startswith(f"Error: 127.0.0.1:{port}: the proxy")
