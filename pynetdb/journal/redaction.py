"""What never enters a journal: passwords in URLs, and the values of parameters that are secrets by name."""

import re

_USERINFO = re.compile(r"(?<=://)[^/?#\s@]*@")

# `token=`, `api_key=`, `X-Amz-Signature=`, `session=`: wherever a query or a form can hold them.
_SECRET = re.compile(
    r"((?:^|[?&;])[\w.\-]*(?:token|passw|pwd|secret|session|signature|credential|auth|api[-_]?key|code)[\w.\-]*=)"
    r"[^&;#\s]*",
    re.IGNORECASE,
)


def redact(text: str) -> str:
    """Return `text` with `***` in place of the userinfo of URLs and of the values of secret parameters."""
    if "@" in text:
        text = _USERINFO.sub("***@", text)
    if "=" in text:
        text = _SECRET.sub(r"\1***", text)
    return text
