"""Brokers and servers of a shared room, for the tests of this folder."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from brokers import PRODUCTS, Broker
from programs import Serve, Served

LEASE = "900ms"
MakeBroker = Callable[..., Broker]


@pytest.fixture
def make_broker(tmp_path: Path) -> Iterator[MakeBroker]:
    """Brokers that last as long as the test: `make_broker("--requirepass", "secret", product="valkey")`."""
    with ExitStack() as stack:

        def make(*options: str, **more: object) -> Broker:
            broker = Broker(tmp_path / f"broker{len(list(tmp_path.iterdir()))}", *options, **more)  # type: ignore[arg-type]
            stack.callback(broker.stop)
            return broker

        yield make


@pytest.fixture(params=PRODUCTS)
def broker(request: pytest.FixtureRequest, make_broker: MakeBroker) -> Broker:
    return make_broker(product=request.param)


@pytest.fixture
def serve_room(serve: Serve) -> Callable[..., Served]:
    """A server of a shared room: `serve_room(broker)`."""

    def start(broker: Broker, *arguments: str, url: str | None = None, **more: object) -> Served:
        options = ["--room", url or broker.url(), "--rate", "0", *arguments]
        if "--room-lease" not in arguments:
            options += ["--room-lease", LEASE]
        return serve("chat-server", *options, **more)

    return start
