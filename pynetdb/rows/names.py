"""Names of columns: compared as SQL compares them, and found where there are none."""

from collections.abc import Callable, Sequence


def casefold_ascii(name: str) -> str:
    """Return a name as it is compared: ASCII letters without their case, all others as they are."""
    return name.translate(_FOLD)


_FOLD = {ord("A") + i: ord("a") + i for i in range(26)}


def complete_names(fields: Sequence[str], tell: Callable[[str], None]) -> list[str]:
    """Return a name for each field, each only once: `c3` for the third if it is blank, `name_2` for a second.

    `tell` is told of each name that was made.
    """
    taken = set(map(casefold_ascii, filter(None, fields)))
    seen: set[str] = set()
    names = []
    for number, field in enumerate(fields, 1):
        name = field
        if not field:
            name = free_name(f"c{number}", taken)
            tell(f"column {number} has no name, it is {name}")
        elif casefold_ascii(field) in seen:
            name = free_name(field, taken, first=2)
            tell(f"two columns are called {field}, column {number} is {name}")
        seen.add(casefold_ascii(name))
        taken.add(casefold_ascii(name))
        names.append(name)
    return names


def unique_names(columns: Sequence[str]) -> list[str]:
    """Return the names with a number behind those that were there before: an object has each key once."""
    names: dict[str, None] = {}
    for column in columns:
        name, number = column, 1
        while name in names:
            number += 1
            name = f"{column}_{number}"
        names[name] = None
    return list(names)


def free_name(name: str, taken: set[str], first: int = 1) -> str:
    """Return a name with a number behind it, from `first` on, that is not `taken` when it is folded.

    The first of all is the name itself.
    """
    found, number = name if first == 1 else f"{name}_{first}", first
    while casefold_ascii(found) in taken:
        number += 1
        found = f"{name}_{number}"
    return found
