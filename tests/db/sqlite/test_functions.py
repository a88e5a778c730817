"""Functions that are not there, and what is in place of them."""

import pytest

from pynetdb.db.sqlite.database import CREATE, Database
from pynetdb.db.sqlite.functions import count_arguments, is_function, suggest_function


@pytest.mark.parametrize(
    ("wanted", "told"),
    [
        ("LEN", "in SQLite that is length(x)"),
        ("now", "datetime('now')"),
        ("uper", "did you mean upper()"),
        ("zzzzqqq", "'select distinct name from pragma_function_list' lists what there is"),
    ],
)
def test_functions(wanted: str, told: str) -> None:
    with Database(":memory:", CREATE) as db:
        assert told in suggest_function(db, wanted)
        assert is_function(db, "Upper") and not is_function(db, wanted)


def test_arguments() -> None:
    with Database(":memory:", CREATE) as db:
        assert count_arguments(db, "upper") == "it takes 1"
        assert count_arguments(db, "ROUND") == "it takes 1 or 2"
        assert count_arguments(db, "coalesce") is None and count_arguments(db, "nope") is None
