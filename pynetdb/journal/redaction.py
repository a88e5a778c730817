"""What never enters a journal: passwords in URLs, and the values of parameters that are secrets by name."""

import re
from urllib.parse import unquote_plus

# Up to the last @ of the authority: a password may hold one. The second is a URL within a parameter's value.
_USERINFO = re.compile(
    r"(?<=://)[^/?#\s]*@|(?:(?<=%3A%2F%2F)|(?<=:%2F%2F))(?:(?!%2F|%3F|%23|%26)[^/?#&\s])*(?:@|%40)",
    re.IGNORECASE,
)

# A parameter up to its value, in a query, a form or a fragment, or encoded in the value of another one.
_PARAMETER = re.compile(
    r"(?:^(?!/)|[?&;#]|%3F|%26|%3B|%23)"
    r"(?P<name>(?:(?!%3D|%3F|%26|%3B|%23)[^=?&;#\s])*)"
    r"(?:=|(?P<encoded>%3D))",
    re.IGNORECASE,
)
_VALUE = re.compile(r"[^&;#\s]*")
_ENCODED_VALUE = re.compile(r"(?:(?!%26|%3B|%23)[^&;#\s])*", re.IGNORECASE)

# Anywhere in a name, and as one of its words: `apiKey`, `X-Amz-Signature`, `user[password]`; but no `monkey`.
_PARTS = re.compile(
    "token|passw|passphrase|pwd|secret|session|signature|credential|auth|apikey|accesskey|privatekey|code|jwt",
)
_WORDS = frozenset(("hmac", "key", "otp", "pass", "pw", "sid", "sig", "sso", "state"))
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+")


def redact(text: str) -> str:
    """Return `text` with `***` in place of the userinfo of URLs and of the values of secret parameters."""
    if "@" in text or "%40" in text:
        text = _USERINFO.sub("***@", text)
    if "=" not in text and "%3" not in text:
        return text
    parts: list[str] = []
    written = at = 0
    while (parameter := _PARAMETER.search(text, at)) is not None:
        at = parameter.end()
        if _is_secret(parameter["name"]):
            value = (_VALUE if parameter["encoded"] is None else _ENCODED_VALUE).match(text, at)
            parts += (text[written:at], "***")
            written = at = at if value is None else value.end()
    return "".join((*parts, text[written:]))


def _is_secret(name: str) -> bool:
    # Encoded once more where it stands in the value of another.
    name = unquote_plus(unquote_plus(name))
    words = _WORD.findall(name)
    return not _WORDS.isdisjoint(map(str.lower, words)) or bool(_PARTS.search("".join(words).lower()))
