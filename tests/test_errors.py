"""Every error has a status of its own, the one that the documentation promises."""

from pynetdb import errors

STATUSES = {
    errors.PynetdbError: 1,
    errors.CommandLineError: 2,
    errors.NetworkError: 3,
    errors.DeadlineError: 4,
    errors.ProtocolError: 5,
    errors.DatabaseError: 6,
    errors.NegativeAnswerError: 7,
    errors.CommandNotExecutableError: 126,
    errors.CommandNotFoundError: 127,
}


def test_the_statuses() -> None:
    classes = {value for value in vars(errors).values() if isinstance(value, type)}
    assert classes == set(STATUSES)
    for error, status in STATUSES.items():
        assert error.exit_status == status
        assert issubclass(error, errors.PynetdbError)


def test_other_words_keep_what_would_help() -> None:
    for error in STATUSES:
        other = error("a", hint="another encoding", about="cp1252").reworded("b")
        assert type(other) is error and str(other) == "b"
        assert (other.hint, other.about) == ("another encoding", "cp1252")
