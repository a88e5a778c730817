"""http-get against servers that we did not write."""

import sys
from pathlib import Path

import pytest
from network import free_port, their_server
from programs import Run, Stranger, linux

pytestmark = linux

BODY = bytes(range(256)) * 1000


@pytest.mark.parametrize("program", ["nginx", "lighttpd", "http.server"])
def test_files(stranger: Stranger, run: Run, tmp_path: Path, program: str) -> None:
    port = free_port()
    site = tmp_path / "site"
    site.mkdir()
    site.chmod(0o755)
    (site / "file.bin").write_bytes(BODY)
    config = tmp_path / "config"
    if program == "nginx":
        config.write_text(
            f"daemon off; pid {tmp_path}/pid; error_log {tmp_path}/log; user root;\nevents {{}}\n"
            f"http {{ access_log off; server {{ listen 127.0.0.1:{port}; root {site}; }} }}\n"
        )
        command = [stranger("nginx"), "-e", f"{tmp_path}/log", "-c", str(config)]
    elif program == "lighttpd":
        config.write_text(
            f'server.document-root = "{site}"\nserver.port = {port}\nserver.bind = "127.0.0.1"\n'
        )
        command = [stranger("lighttpd"), "-D", "-f", str(config)]
    else:
        command = [sys.executable, "-m", "http.server", str(port), "--bind", "127.0.0.1", "-d", str(site)]
    url = f"http://127.0.0.1:{port}/file.bin"
    saved = tmp_path / "saved"
    with their_server(command, port):
        assert run("http-get", url, text=False).stdout == BODY
        assert run("http-get", url, "-o", str(saved)).returncode == 0
        assert saved.read_bytes() == BODY
        part = run("http-get", "--range", "10-19", url, text=False).stdout
        assert part == (BODY if program == "http.server" else BODY[10:20])
        assert run("http-get", "-I", url).stdout.startswith("HTTP/1.")
        assert run("http-get", url + "nothing").returncode == 7
