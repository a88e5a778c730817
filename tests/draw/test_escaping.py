"""What peers say cannot become XML, Mermaid or a command of a terminal."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from pynetdb.draw.escaping import mermaid, mermaid_quoted, xml, xml_lines


@given(st.text())
def test_any_text_is_text_in_xml(text: str) -> None:
    parsed = ElementTree.fromstring(f'<a b="{xml(text)}">{xml(text)}</a>')
    assert parsed.text == parsed.get("b") or not parsed.text
    assert len(parsed) == 0


@given(st.text())
def test_nothing_that_means_something_to_mermaid_is_left(text: str) -> None:
    codes = mermaid(text).split("#")
    assert not set("".join(codes)) & set('"%<>{}|\n\r`\\')
    assert all(code.partition(";")[0].isdigit() for code in codes[1:])
    assert ";" not in codes[0]
    assert not set(mermaid_quoted(text)) & set('"#;%<>{}[]|\n`\\')


def test_examples() -> None:
    assert xml("<b>\x1b\ufffe'\"&") == "&lt;b&gt;\\e\ufffd&#x27;&quot;&amp;"
    assert xml_lines("a<\nb\r") == "a&lt;\nb\\r"
    assert mermaid("end; #1 %%") == "end#59; #35;1 #37;#37;"
    assert mermaid_quoted('a"b [c]') == "a_b _c_"
