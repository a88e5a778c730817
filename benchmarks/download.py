"""A sparse file of 5 GB, broken off three times and continued: `python benchmarks/download.py [GIGABYTES]`.

serve-http breaks each connection by a fault of its own, by a reset and by an end; http-get -C goes on each
time. What came down must have the file's SHA-256. It takes twice the file's size on the disk for a while.
"""

import hashlib
import os
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import peers

BREAKS = 3


def sha256(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make_sparse(path: Path, size: int) -> None:
    """Make a file of holes, with some bytes between them that tell places apart."""
    with open(path, "wb") as file:
        file.truncate(size)
        for place in range(0, size - 4096, size // 50):
            file.seek(place)
            file.write(os.urandom(4096))


def fetch(folder: str, url: str) -> int:
    command = [*peers.PYNETDB, "http-get", "-C", "-o", "got", "--quiet", url]
    environment = {**os.environ, "PYTHONPATH": str(peers.ROOT)}
    return subprocess.run(
        command, cwd=folder, env=environment, stderr=subprocess.DEVNULL, check=False
    ).returncode


def main() -> None:
    size = int(float(sys.argv[1] if len(sys.argv) > 1 else 5) * 1e9)
    with tempfile.TemporaryDirectory(dir=os.environ.get("PYNETDB_LARGE_TMP")) as folder:
        site, got = Path(folder) / "site", Path(folder) / "got"
        site.mkdir()
        make_sparse(site / "file", size)
        expected = sha256(site / "file")
        for fault, broken in (("reset-after", 3), ("close-after", 5)):
            port = peers.free_port()
            # A little more than a quarter each time, so that the fourth answer is whole.
            command = [*peers.PYNETDB, "serve-http", str(site), "--port", str(port), "--quiet"]
            with peers.server([*command, "--fault", f"{fault}={size // 4 + 100_000}"], port):
                began = time.monotonic()
                statuses = [fetch(folder, f"http://127.0.0.1:{port}/file") for _ in range(BREAKS + 1)]
                seconds = time.monotonic() - began
            assert statuses == [broken] * BREAKS + [0], statuses
            assert sha256(got) == expected, "it came down, but it is another file"
            print(
                f"{fault}: {size:,} bytes, broken {BREAKS} times, whole after {seconds:.0f} s, SHA-256 equal"
            )
            got.unlink()


if __name__ == "__main__":
    main()
