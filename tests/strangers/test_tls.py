"""TLS of ours and clients that we did not write: curl, and `openssl s_client` as a test of what we refuse."""

import subprocess
from pathlib import Path

import pytest
from programs import Serve, Stranger


@pytest.fixture
def trusted(tmp_path: Path) -> Path:
    return tmp_path / "trusted.pem"


def test_curl(tmp_path: Path, trusted: Path, serve: Serve, stranger: Stranger) -> None:
    (tmp_path / "site").mkdir()
    (tmp_path / "site" / "file.txt").write_text("hello\n")
    server = serve("serve-http", str(tmp_path / "site"), "--self-signed")
    trusted.write_text(server.event("certificate")["pem"])
    url = f"https://localhost:{server.port}/file.txt"
    for version in ("--tlsv1.2", "--tlsv1.3"):
        done = subprocess.run(
            [stranger("curl"), "-sS", version, "--cacert", trusted, url, url],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert done.stdout == "hello\nhello\n", done.stderr
    done = subprocess.run([stranger("curl"), "-sS", url], capture_output=True, text=True, timeout=60)
    assert done.returncode == 60  # It trusts nobody whom it does not know.


def s_client(program: str, port: int, *options: str, said: bytes = b"") -> str:
    done = subprocess.run(
        [program, "s_client", "-connect", f"127.0.0.1:{port}", *options],
        input=said,
        capture_output=True,
        timeout=60,
    )
    return (done.stdout + done.stderr).decode("latin-1")


@pytest.mark.parametrize("version", ["-tls1", "-tls1_1"])
def test_nothing_older_than_tls_1_2(serve: Serve, stranger: Stranger, version: str) -> None:
    server = serve("serve-echo", "--self-signed")
    # Security level 0: the client would not offer it otherwise.
    told = s_client(stranger("openssl"), server.port, version, "-cipher", "ALL:@SECLEVEL=0")
    assert "Cipher is (NONE)" in told
    assert "newer than TLS 1.1" in server.event("closed")["error"]


@pytest.mark.parametrize("cipher", ["AES128-SHA", "ECDHE-ECDSA-AES128-SHA", "NULL", "aNULL"])
def test_no_cipher_without_forward_secrecy_and_authentication(
    serve: Serve, stranger: Stranger, cipher: str
) -> None:
    server = serve("serve-echo", "--self-signed")
    told = s_client(stranger("openssl"), server.port, "-tls1_2", "-cipher", f"{cipher}:@SECLEVEL=0")
    assert "Cipher is (NONE)" in told


def test_no_renegotiation_and_no_compression(serve: Serve, stranger: Stranger) -> None:
    server = serve("serve-echo", "--self-signed")
    told = s_client(stranger("openssl"), server.port, "-tls1_2", said=b"R\n")
    assert "Cipher is ECDHE" in told and "Compression: NONE" in told
    assert "no renegotiation" in told.lower() or "no_renegotiation" in told.lower()


def test_resumption(serve: Serve, stranger: Stranger, tmp_path: Path) -> None:
    server = serve("serve-echo", "--self-signed")
    openssl, kept = stranger("openssl"), str(tmp_path / "session")
    assert "New, TLSv1.2" in s_client(openssl, server.port, "-tls1_2", "-sess_out", kept)
    assert "Reused, TLSv1.2" in s_client(openssl, server.port, "-tls1_2", "-sess_in", kept)
