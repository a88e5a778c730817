"""The pages that we write ourselves: what stands around a listing, and in place of what is not there."""

import re

from pynetdb.servers.http.listing import Entry, Tally, View
from pynetdb.servers.http.pages import error_page, page_end, page_start


def tally(*entries: Entry) -> Tally:
    made = Tally()
    made.add(entries)
    return made


def test_a_folder_has_its_name_as_title_and_a_way_up() -> None:
    start = page_start("holidays", ["my pictures", "holidays"], View())
    assert "<title>holidays</title>" in start and 'href="../"' in start
    assert '<a href="/my%20pictures/">my pictures/</a>holidays/' in start
    assert 'href="../"' not in page_start("site", [], View())


def test_the_filter_is_a_form_that_keeps_the_order() -> None:
    start = page_start("x", [], View("size", True, 'a"&b'))
    assert 'value="a&quot;&amp;b"' in start and "<script" not in start
    assert (
        '<input type="hidden" name="sort" value="size"><input type="hidden" name="order" value="desc">'
        in start
    )
    assert "?sort=size&amp;order=asc&amp;filter=a%22%26b" in start and 'aria-sort="descending"' in start
    assert '<a href="./">Show all</a>' in start
    assert "Show all" not in page_start("x", [], View())


def test_the_last_line_counts_what_is_shown() -> None:
    end = page_end(tally(Entry("f", False, 1, 0.0), Entry("d", True, 0, 0.0)), [], View())
    assert "1 folder, 1 file, 1 B" in end and re.search(r"UTC[+-]\d\d:\d\d\.", end)
    assert "Nothing is here." in page_end(tally(), [], View())
    assert "No name here has “&lt;b&gt;” in it." in page_end(tally(), [], View(filter="<b>"))


def test_an_error_has_its_path_and_a_way_up() -> None:
    page = error_page(404, "nothing is here", ["a<b", "\x1b"], directory=False)
    assert "<title>404 nothing is here</title>" in page and ">Nothing is here.<" in page
    assert '<a href="/a%3Cb/">a&lt;b/</a>\\e</h1>' in page
    assert '<a href="/a%3Cb/">Up to /a&lt;b/</a>' in page
    assert '<a href="/">Up to /</a>' in error_page(404, "nothing is here", [], directory=True)
