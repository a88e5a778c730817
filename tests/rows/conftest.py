"""Sources that give their text in small pieces, so that everything is cut somewhere."""

from collections.abc import Iterator

import pytest

from pynetdb.rows import source as module


@pytest.fixture(params=[1, 7, 1 << 16])
def piece(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(module, "PIECE", request.param)
    return
