"""Hosts with their ports, as Host and targets name them (RFC 3986 section 3.2)."""

import re

# RFC 3986 section 3.2.2: what a registered name holds beside escapes.
_NAME = rb"[A-Za-z0-9\-._~!$&'()*+,;=]"
_PERCENT = rb"%[0-9A-Fa-f]{2}"
# The user name and password that RFC 9110 section 4.2.4 deprecates are not in it. Each part begins with
# another character than the part before it can hold: no input can make the match backtrack.
_HOST = (
    rb"(?:" + _NAME + rb"+(?:" + _PERCENT + _NAME + rb"*)*|(?:" + _PERCENT + _NAME + rb"*)+"
    rb"|\[([0-9A-Fa-f:.]+)\])(?::[0-9]*)?"
)
# Those that few requests need are compiled when one comes.
_GROUP = rb"[0-9A-Fa-f]{1,4}"
_OCTET = rb"(?:25[0-5]|2[0-4][0-9]|1[0-9]{2}|[1-9]?[0-9])"
_IPV4 = _OCTET + rb"(?:\." + _OCTET + rb"){3}"
_ABSOLUTE_FORM = rb"[Hh][Tt][Tt][Pp][Ss]?://" + _HOST + rb"(?:[/?][!-~]*)?"
_AUTHORITY_FORM = re.compile(_HOST)
_SCHEME_AND_AUTHORITY = re.compile(r"[A-Za-z]+://([^/?]*)")


def is_authority(text: bytes) -> bool:
    """Say whether `text` is a host and perhaps a port (RFC 9112 section 3.2.3), as in Host."""
    return _names_a_host(_AUTHORITY_FORM.fullmatch(text))


def is_absolute_form(target: bytes) -> bool:
    """Say whether `target` is a whole URL of http or https (RFC 9112 section 3.2.2)."""
    return _names_a_host(re.fullmatch(_ABSOLUTE_FORM, target))


def split_absolute_form(target: str) -> tuple[str | None, str]:
    """Return the authority of a target in absolute-form and what follows it; None and all of any other.

    RFC 9112 section 3.2.2: only a target that begins with them has a scheme and an authority. What looks
    like one within a path or a query is part of it.
    """
    absolute = _SCHEME_AND_AUTHORITY.match(target)
    return (absolute[1], target[absolute.end() :]) if absolute else (None, target)


def _names_a_host(match: "re.Match[bytes] | None") -> bool:
    """Say whether the form fits and, where the host is in brackets, they hold an address of IPv6."""
    return match is not None and (match[1] is None or _is_ipv6_address(match[1]))


def _is_ipv6_address(text: bytes) -> bool:
    """Judge by the grammar of RFC 3986 section 3.2.2: eight groups, or fewer around one `::`."""
    left, gap, right = text.partition(b"::")
    groups = [group for side in (left, right) if side for group in side.split(b":")]
    count = len(groups)
    # The last two groups may be written as an IPv4 address, and only they.
    if groups and b"." in groups[-1] and text.endswith(groups[-1]):
        count += 1
        if re.fullmatch(_IPV4, groups.pop()) is None:
            return False
    return all(re.fullmatch(_GROUP, group) for group in groups) and (count <= 7 if gap else count == 8)
