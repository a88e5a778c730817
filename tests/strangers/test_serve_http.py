"""Our file server and programs that we did not write: downloaders, load generators, a browser."""

import os
import re
import struct
import subprocess
from pathlib import Path

import pytest
from programs import Run, Serve, Stranger, posix

pytestmark = posix


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    (root / "sub").mkdir(parents=True)
    (root / "a b.txt").write_text("hello\n")
    (root / "sub" / "data.bin").write_bytes(os.urandom(300_000))
    return root


def said(*command: str, status: int = 0) -> bytes:
    done = subprocess.run(command, capture_output=True, timeout=100, check=False)
    assert done.returncode == status, (command, done.stdout[-500:], done.stderr[-500:])
    return done.stdout


def test_curl(site: Path, serve: Serve, stranger: Stranger, tmp_path: Path) -> None:
    curl, url = stranger("curl"), serve("serve-http", str(site)).ready["url"]
    data = (site / "sub" / "data.bin").read_bytes()
    assert said(curl, "-sf", f"{url}/a%20b.txt") == b"hello\n"
    assert said(curl, "-sf", "-r", "1000-1999", f"{url}/sub/data.bin") == data[1000:2000]
    part = tmp_path / "part"
    part.write_bytes(data[:100_000])
    said(curl, "-sf", "-C", "-", "-o", str(part), f"{url}/sub/data.bin")
    assert part.read_bytes() == data
    said(curl, "-sf", "-o", str(part), "-z", str(part), f"{url}/sub/data.bin")
    assert b"301" in said(curl, "-s", "-o", "/dev/null", "-w", "%{http_code}", f"{url}/sub")
    assert b"Nothing" not in said(curl, "-sfL", f"{url}/sub")
    assert said(curl, "-s", "-o", "/dev/null", "-w", "%{http_code}", "-d", "x=1", url) == b"405"
    assert said(curl, "-s", "-I", f"{url}/sub/data.bin").count(b"Content-Length: 300000") == 1
    # One connection for all of them.
    told = said(curl, "-sf", "-w", "%{num_connects}\n", *[f"{url}/a%20b.txt"] * 5)
    assert told.replace(b"hello\n", b"") == b"1\n0\n0\n0\n0\n"


def test_wget_mirrors_a_site(site: Path, serve: Serve, stranger: Stranger, tmp_path: Path) -> None:
    wget, server = stranger("wget"), serve("serve-http", str(site))
    said(
        wget,
        "-q",
        "-r",
        "-np",
        "-nH",
        "-P",
        str(tmp_path / "copy"),
        "-R",
        "index.html*",
        server.ready["url"] + "/",
    )
    for path in site.rglob("*.*"):
        assert (tmp_path / "copy" / path.relative_to(site)).read_bytes() == path.read_bytes()


def test_load_generators(site: Path, serve: Serve, stranger: Stranger) -> None:
    server = serve("serve-http", str(site))
    url = server.ready["url"] + "/a%20b.txt"
    told = said(stranger("ab"), "-q", "-n", "2000", "-c", "20", "-k", url).decode()
    assert re.search(r"Failed requests:\s+0\n", told) and re.search(r"Complete requests:\s+2000\n", told)
    told = said(stranger("ab"), "-q", "-n", "1000", "-c", "20", url).decode()
    assert re.search(r"Failed requests:\s+0\n", told)
    told = said(stranger("wrk"), "-t1", "-c20", "-d1s", url).decode()
    assert "Socket errors" not in told and "Non-2xx" not in told


def wave(seconds: int) -> bytes:
    """A sound that lasts so long, large enough to be asked for in parts."""
    rate = 44_100
    samples = b"\0\0" * rate * seconds
    head = struct.pack(
        "<4sI4s4sIHHIIHH4sI",
        b"RIFF",
        36 + len(samples),
        b"WAVE",
        b"fmt ",
        16,
        1,
        1,
        rate,
        rate * 2,
        2,
        16,
        b"data",
        len(samples),
    )
    return head + samples


PAGE = """<!DOCTYPE html><title>waiting</title><pre id="said"></pre>
<iframe id="frame" src="/list/"></iframe><audio id="sound" src="/sound.wav" preload="auto" muted></audio>
<script type="module" src="/app.mjs"></script>"""

SCRIPT = """
const said = document.getElementById("said"), told = {}
const tell = (what, value) => { told[what] = value; said.textContent = JSON.stringify(told) }
tell("module", true)
const frame = document.getElementById("frame")
const listing = () => {
  const document = frame.contentDocument
  if (!document || !document.querySelector("table")) return setTimeout(listing, 20)
  tell("names", [...document.querySelectorAll("td.n a")].map(a => a.textContent))
  const link = [...document.querySelectorAll("a")].find(a => a.textContent === "deep folder/")
  frame.onload = async () => {
    const inner = frame.contentDocument
    tell("followed", inner.title)
    const file = [...inner.querySelectorAll("td.n a")].find(a => a.textContent === "it's <b>.txt")
    tell("downloaded", await (await fetch(file.href)).text())
  }
  link.click()
}
listing()
const sound = document.getElementById("sound")
const seek = () => { sound.onseeked = () => tell("seeked", Math.round(sound.currentTime)); sound.currentTime = 50 }
if (sound.readyState >= 1) seek(); else sound.onloadedmetadata = seek
"""


def test_a_browser(tmp_path: Path, serve: Serve, stranger: Stranger, run: Run) -> None:
    """The listing read, a link followed, a file downloaded, a module script run, a sound played from the middle."""
    (tmp_path / "site" / "list" / "deep folder").mkdir(parents=True)
    (tmp_path / "site" / "list" / "deep folder" / "it's <b>.txt").write_text("downloaded")
    (tmp_path / "site" / "test.html").write_text(PAGE)
    (tmp_path / "site" / "app.mjs").write_text(SCRIPT)
    (tmp_path / "site" / "sound.wav").write_bytes(wave(60))
    server = serve("serve-http", str(tmp_path / "site"))
    dom = said(
        stranger("chromium"), "--headless", "--no-sandbox", "--disable-gpu", f"--user-data-dir={tmp_path / 'profile'}",
        "--autoplay-policy=no-user-gesture-required", "--virtual-time-budget=20000", "--dump-dom",
        f"{server.ready['url']}/test.html",
    ).decode()  # fmt: skip
    match = re.search(r'<pre id="said">(.*?)</pre>', dom, re.DOTALL)
    assert match, dom[:2000]
    told = match[1].replace("&lt;", "<").replace("&gt;", ">").replace("&amp;", "&")
    assert '"module":true' in told and '"deep folder/"' in told
    assert '"followed":"deep folder"' in told and '"downloaded":"downloaded"' in told
    assert '"seeked":50' in told
    server.stop()
    parts = [event for event in iter(lambda: next_event(server), None) if event["target"] == "/sound.wav"]
    assert 206 in {event["status"] for event in parts}


def next_event(server) -> "dict[str, object] | None":  # type: ignore[no-untyped-def]
    try:
        return server.event("request")
    except AssertionError:
        return None
