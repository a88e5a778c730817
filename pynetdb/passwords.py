"""Passwords in the URLs of a text, which are never shown."""

import re

# RFC 3986 section 3.2: a password ends at the last `@` in front of a slash. Behind that only a URL of the web
# has another one; in any other a slash in between is one of a password that nobody has escaped.
_WEB = re.compile(r"\b((?:http|ws)s?://[^\s/?#:@]*):[^\s/?#]*@", re.IGNORECASE)
_OTHER = re.compile(r"\b((?!(?:http|ws)s?:)[a-z][a-z0-9+.-]*://[^\s/?#:@]*):\S*@", re.IGNORECASE)
_SETTING = re.compile(r"([?&][^\s=&]*pass[^\s=&]*=)[^\s&'\"]*", re.IGNORECASE)

# Up to the last @ of the authority (RFC 3986 3.2): a password may hold one that nobody has encoded.
_USERINFO = re.compile(r"(?<=://)[^/?#\s]*@")


def hide_passwords(text: str) -> str:
    """Return a text with `***` in place of the passwords of the URLs in it."""
    for pattern in (_WEB, _OTHER):
        text = pattern.sub(r"\1:***@", text)
    return _SETTING.sub(r"\1***", text)


def without_userinfo(text: str) -> str:
    """Return a text whose URLs have lost what stands before their hosts: the user and the password."""
    return _USERINFO.sub("", text) if "@" in text else text
