"""Durations, sizes and shares, as people write them."""

import re

_DURATION = r"(-?)([0-9]{1,12}(?:\.[0-9]{1,9})?|\.[0-9]{1,9})(ms|s|m|h)?"
_SECONDS = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_SIZE = r"([0-9]{1,15}) ?(|B|k|kB|M|MB|G|GB|KiB|MiB|GiB)"
_BYTES = {"": 1, "B": 1, "k": 10**3, "M": 10**6, "G": 10**9, "KiB": 2**10, "MiB": 2**20, "GiB": 2**30}
_PERCENT = r"([0-9]{1,3}(?:\.[0-9]{1,9})?|\.[0-9]{1,9})%"


def parse_duration(text: str) -> float | None:
    """Return `500ms`, `5s`, `2m`, `-1.5h` or a plain number of seconds, in seconds; None if it is none."""
    match = re.fullmatch(_DURATION, text)
    if match is None:
        return None
    return float(match[2]) * _SECONDS[match[3] or "s"] * (-1 if match[1] else 1)


def parse_size(text: str) -> int | None:
    """Return `4096`, `64kB` or `1MiB` as bytes; None for anything else."""
    match = re.fullmatch(_SIZE, text)
    if match is None:
        return None
    return int(match[1]) * _BYTES[match[2] if match[2].endswith("iB") else match[2].rstrip("B")]


def parse_percent(text: str) -> float | None:
    """Return `10%` or `0.5%` as a share, 0.0 to 1.0; None for anything else."""
    match = re.fullmatch(_PERCENT, text)
    if match is None or float(match[1]) > 100:
        return None
    return float(match[1]) / 100
