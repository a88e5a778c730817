"""What a peer said, made harmless for XML and for Mermaid."""

import re
from html import escape

from pynetdb.terminal import safe_line

# XML 1.0 (section 2.2) has no way to write these at all; controls and surrogates are escaped before.
_NOT_IN_XML = re.compile("[\ufffe\uffff]")


def xml(text: str) -> str:
    """Return text for XML and HTML, also between quotes; controls are shown as escapes."""
    return escape(_NOT_IN_XML.sub("\ufffd", safe_line(text)))


def xml_lines(text: str) -> str:
    """Like `xml`, and line breaks stay."""
    return "\n".join(map(xml, text.split("\n")))


def mermaid(text: str) -> str:
    """Return text for a label of Mermaid: all but letters, digits and harmless signs become entity codes.

    A `;` or a newline would end the statement, `#` begin a code, `%%` a comment or a directive, `<` HTML.
    """
    return "".join(
        one if one.isalnum() or one in " .,_()/=+*-'" else f"#{ord(one)};" for one in safe_line(text)
    )


def mermaid_quoted(text: str) -> str:
    """Return text for a quoted string of Mermaid, which knows no escapes: a `_` for signs of its grammar."""
    return "".join(one if one.isalnum() or one in " .,_()/+-:" else "_" for one in safe_line(text))
