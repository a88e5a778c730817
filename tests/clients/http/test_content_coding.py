"""gzip and deflate undone, whatever the pieces, and nothing else."""

import gzip
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.clients.http.content_coding import Decoder, decoder_for
from pynetdb.errors import ProtocolError


@given(st.binary(), st.integers(1, 50), st.sampled_from([31, 15, -15]))
def test_decoding_does_not_depend_on_the_cut(data: bytes, size: int, wbits: int) -> None:
    packer = zlib.compressobj(wbits=wbits)
    packed = packer.compress(data) + packer.flush()
    decoder = Decoder("gzip" if wbits == 31 else "deflate")
    pieces = [packed[at : at + size] for at in range(0, len(packed), size)]
    # Whether there is a wrapper shows in the first two bytes: they are not cut.
    if size == 1:
        pieces = [packed[:2], *pieces[2:]]
    assert b"".join(piece for cut in pieces for piece in decoder.feed(cut)) == data
    decoder.finish()


def test_what_follows_a_body() -> None:
    with pytest.raises(ProtocolError):
        list(Decoder("gzip").feed(b"plain text"))
    with pytest.raises(ProtocolError):
        list(Decoder("deflate").feed(zlib.compress(b"x") + b"y"))


def test_members_follow_each_other() -> None:
    decoder = Decoder("gzip")
    assert b"".join(decoder.feed(gzip.compress(b"one ") + gzip.compress(b"two"))) == b"one two"
    decoder.finish()


@pytest.mark.parametrize("coding", ["gzip", "deflate"])
def test_a_body_that_is_cut(coding: str) -> None:
    packed = gzip.compress(b"x" * 100) if coding == "gzip" else zlib.compress(b"x" * 100)
    decoder = Decoder(coding)
    list(decoder.feed(packed[:-1]))
    with pytest.raises(ProtocolError, match="ended early"):
        decoder.finish()
    Decoder(coding).finish()  # An empty one is not cut.


def test_a_bomb_comes_in_bounded_pieces() -> None:
    pieces = list(Decoder("gzip").feed(gzip.compress(bytes(10_000_000))))
    assert max(map(len, pieces)) <= 65536 and sum(map(len, pieces)) == 10_000_000


def test_which_codings_are_undone() -> None:
    assert decoder_for(["gzip"]) and decoder_for(["x-gzip"]) and decoder_for(["identity", "deflate"])
    assert decoder_for([]) is None and decoder_for(["br"]) is None and decoder_for(["gzip", "gzip"]) is None
