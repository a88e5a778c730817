"""Names of columns, compared as SQL compares them."""


def casefold_ascii(name: str) -> str:
    """Return a name as it is compared: ASCII letters without their case, all others as they are."""
    return name.translate(_FOLD)


_FOLD = {ord("A") + i: ord("a") + i for i in range(26)}
