"""The pages of serve-http in a real browser: at two widths, light and dark, without scripts, and over TLS."""

from pathlib import Path

import pytest
from browser import browser
from programs import Serve, Stranger, posix

pytestmark = posix

LONG = "a name with so many words in it that no telephone has the room to show it in one line.html"


@pytest.fixture
def site(tmp_path: Path) -> Path:
    root = tmp_path / "site"
    (root / "my photos" / "raw").mkdir(parents=True)
    for name in ("IMG_10.jpg", "IMG_2.jpg", "notes.txt", LONG, "x" * 200):
        (root / "my photos" / name).write_bytes(b"x" * 1000)
    return root


@pytest.mark.parametrize(("width", "height"), [(390, 800), (1200, 800)])
def test_a_folder_and_what_is_missing(
    site: Path, tmp_path: Path, serve: Serve, stranger: Stranger, width: int, height: int
) -> None:
    server = serve("serve-http", str(site))
    grounds = set()
    with browser(stranger("chromium"), tmp_path / "profile") as page:
        for scheme in ("light", "dark"):
            page.call(
                "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}]
            )
            page.open(f"{server.ready['url']}/my%20photos/", width, height)
            page.until("document.title === 'my photos' && document.readyState === 'complete'")
            assert page.run("document.documentElement.scrollWidth") <= width
            shown = page.run("[...document.querySelectorAll('td.n a')].map(a => a.innerText)")
            assert shown[:2] == ["Parent folder", "raw/"]
            assert shown.index("IMG_2.jpg") < shown.index("IMG_10.jpg")
            icons = page.run(
                "[...document.querySelectorAll('td.n a')].map(a => getComputedStyle(a).backgroundImage)"
            )
            assert all(icon.startswith("url(") for icon in icons) and len(set(icons)) >= 5
            grounds.add(page.run("getComputedStyle(document.body).backgroundColor"))
        page.call("Emulation.setScriptExecutionDisabled", value=True)
        page.run(
            "document.querySelector('[name=filter]').value = 'IMG'; document.querySelector('form button').click()"
        )
        page.until("location.search === '?filter=IMG' && document.readyState === 'complete'")
        shown = page.run("[...document.querySelectorAll('tr:not(.up) td.n a')].map(a => a.innerText)")
        assert shown == ["IMG_2.jpg", "IMG_10.jpg"]
        page.open(f"{server.ready['url']}/my%20photos/missing.html", width, height)
        page.until("document.title === '404 nothing is here' && document.readyState === 'complete'")
        assert page.run("document.documentElement.scrollWidth") <= width
        assert page.run("document.querySelector('h1').innerText") == "/my photos/missing.html"
        page.run("document.querySelector('.none a').click()")
        page.until("document.title === 'my photos'")
    assert len(grounds) == 2


def test_a_folder_over_tls(site: Path, tmp_path: Path, serve: Serve, stranger: Stranger) -> None:
    server = serve("serve-http", str(site), "--self-signed")
    with browser(stranger("chromium"), tmp_path / "profile") as page:
        page.call("Security.enable")
        page.call("Security.setIgnoreCertificateErrors", ignore=True)
        page.open(f"{server.ready['url']}/my%20photos/", 390, 800)
        page.until("document.title === 'my photos' && location.protocol === 'https:'")
