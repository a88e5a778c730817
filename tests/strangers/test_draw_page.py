"""Pages of `draw` in a real browser: on a phone and a screen, in light and dark, and on paper."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from browser import Page, browser
from programs import Run, Serve, Stranger, linux
from traces import journal, moment, run_row

JOURNAL = {
    "runs": [run_row()],
    "requests": [
        (1, moment(n / 10), "server", f"/{n % 20}<b>", 200 + 204 * (n % 5 == 0), 999, 0.01) for n in range(90)
    ],
    "messages": [
        (1, moment(n), name, 9) for n in range(9) for name in ("Ann", "</svg><script>alert(1)</script>")
    ],
    "faults": [(1, moment(5), "drop")],
}


@pytest.fixture
def traces(run: Run, serve: Serve, tmp_path: Path) -> list[str]:
    """What an echo left behind, at the server and at the client."""
    server, client = str(tmp_path / "server.jsonl"), str(tmp_path / "client.jsonl")
    echo = serve("serve-echo", "--count", "1", "--trace", server)
    said = ("hello", "<script>alert(1)</script>")
    assert run("echo-client", "--port", str(echo.port), *said, "--trace", client).returncode == 0
    assert echo.wait() == 0
    return [client, server]


@pytest.fixture
def page(stranger: Stranger, tmp_path: Path) -> Iterator[Page]:
    with browser(stranger("chromium"), tmp_path / "profile") as made:
        yield made


@linux
def test_pages_fit_a_phone_and_a_screen_in_light_and_dark_and_on_paper(
    page: Page, run: Run, traces: list[str], tmp_path: Path
) -> None:
    page.call("Runtime.enable")
    for name, arguments in (("sequence", traces), ("timeline", [journal(tmp_path / "j.db", **JOURNAL)])):
        path = tmp_path / f"{name}.html"
        assert run("draw", *arguments, "-o", str(path)).returncode == 0
        for width in (390, 1200):
            page.open(path.as_uri(), width, 900)
            page.until("document.readyState == 'complete'")
            assert page.run("document.documentElement.scrollWidth") <= width
            assert page.run("document.querySelectorAll('svg').length") > 1
            assert page.run("performance.getEntriesByType('resource').length") == 0
            # No two labels of one row lie on each other's lifeline header, and no text is cut off to the right.
            assert page.run(
                "[...document.querySelectorAll('svg text')].every(t => t.getBBox().x + t.getBBox().width"
                " <= t.ownerSVGElement.viewBox.baseVal.width + 1)"
            )
        colours = set()
        for scheme in ("light", "dark"):
            page.call(
                "Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}]
            )
            colours.add(page.run("getComputedStyle(document.body).backgroundColor"))
        assert colours == {"rgb(255, 255, 255)", "rgb(20, 23, 28)"}
        page.call(
            "Emulation.setEmulatedMedia",
            media="print",
            features=[{"name": "prefers-color-scheme", "value": "dark"}],
        )
        assert page.run("getComputedStyle(document.body).backgroundColor") == "rgb(255, 255, 255)"
        assert page.call("Page.printToPDF")["data"].startswith("JVBERi")
        page.call("Emulation.setEmulatedMedia", media="", features=[])


@linux
def test_pointing_at_an_arrow_tells_what_it_is(
    page: Page, run: Run, traces: list[str], tmp_path: Path
) -> None:
    path = tmp_path / "x.html"
    assert run("draw", *traces, "-o", str(path)).returncode == 0
    page.open(path.as_uri(), 1200, 900)
    page.until("document.readyState == 'complete'")
    told = page.run("[...document.querySelectorAll('.arrow.data title')].map(t => t.textContent)")
    assert len(told) == 4
    assert told[0].startswith(
        "5 bytes\nclient send(5 bytes b'hello') = 5\n(all of it is in the kernel's buffer"
    )
    assert "#1 recv(262144) = 5 bytes b'hello'\n(less than asked for" in told[0]
