"""Columns by the keys of objects, as SQL compares names."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.rows.json_columns import KeyColumns, UnknownKeyError
from pynetdb.rows.json_values import DuplicateKeyError
from pynetdb.rows.names import casefold_ascii

KEYS = st.lists(st.text("aAbBäÄ_", max_size=3), unique=True, max_size=4)


@given(KEYS, KEYS)
def test_a_key_finds_the_column_of_its_folded_name(known: list[str], keys: list[str]) -> None:
    columns = KeyColumns()
    columns.add(known)
    folded = list(dict.fromkeys(map(casefold_ascii, known)))
    assert list(map(casefold_ascii, columns.names)) == folded
    wanted = list(map(casefold_ascii, keys))
    try:
        assert [folded[number] for number in columns.find(keys)] == wanted
        assert len(set(wanted)) == len(wanted)
    except UnknownKeyError:
        assert not set(wanted) <= set(folded)
    except DuplicateKeyError:
        assert len(set(wanted)) < len(wanted)


def test_what_is_met_twice() -> None:
    columns = KeyColumns()
    columns.add(["id"])
    assert not columns.respelled
    assert (columns.find(["ID"]), columns.names, columns.respelled) == ([0], ["id"], True)
    with pytest.raises(DuplicateKeyError, match=r"the key 'Id' is there twice \(to SQL it is 'ID'\)"):
        columns.find(["ID", "Id"])
