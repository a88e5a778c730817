"""What the system's errors mean, and which of them may pass."""

import errno
import os
import socket

import pytest

from pynetdb.errors import NetworkError
from pynetdb.net.os_errors import is_refused, is_unknown_host, message, network_errors


def raised(error: Exception) -> NetworkError:
    with pytest.raises(NetworkError) as caught, network_errors("somebody"):
        raise error
    return caught.value


def test_words_and_not_numbers() -> None:
    assert message(OSError(errno.EHOSTUNREACH, "")) == "no route to that host"
    assert message(socket.gaierror(socket.EAI_NONAME, "Name or service not known")) == "unknown host"
    # One that nobody has met yet is told in the system's words, or in Python's.
    assert message(OSError(errno.EXDEV, os.strerror(errno.EXDEV))) == os.strerror(errno.EXDEV)
    assert message(OSError("only words")) == "only words"


def test_the_culprit_is_named_and_the_cause_is_kept() -> None:
    error = raised(ConnectionRefusedError(errno.ECONNREFUSED, "refused"))
    assert str(error) == "somebody: connection refused (is a server running there?)"
    assert isinstance(error.__cause__, ConnectionRefusedError)


def test_what_may_change_and_what_will_not() -> None:
    assert is_refused(raised(ConnectionRefusedError(errno.ECONNREFUSED, "")))
    assert is_refused(raised(FileNotFoundError(errno.ENOENT, "")))
    assert not is_refused(raised(OSError(errno.EHOSTUNREACH, "")))
    assert is_unknown_host(raised(socket.gaierror(socket.EAI_NONAME, "")))
    assert is_unknown_host(raised(UnicodeError("label too long")))
    assert not is_unknown_host(raised(OSError(errno.ECONNREFUSED, "")))


def test_a_block_without_an_error_is_left_alone() -> None:
    with network_errors("somebody"):
        pass
