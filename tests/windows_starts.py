"""Processes under wine: it refuses now and then to start one, with an error of its own; that is tried again."""

import _winapi  # type: ignore[import-not-found,unused-ignore]
from typing import Any

_INTERNAL_ERROR = 1359
_TRIES = 3


def try_starts_again() -> None:
    """For all that this process starts from now on."""
    create = _winapi.CreateProcess

    def create_again(*arguments: Any) -> Any:
        for _ in range(_TRIES - 1):
            try:
                return create(*arguments)
            except OSError as error:
                if error.winerror != _INTERNAL_ERROR:
                    raise
        return create(*arguments)

    _winapi.CreateProcess = create_again
