"""NTP: captured packets, forged ones, the arithmetic of RFC 5905."""

import calendar
import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pynetdb.errors import CommandLineError, ProtocolError
from pynetdb.protocols.time import ntp
from pynetdb.protocols.time.ntp import Packet, Rejection

SENT = 0x83AA81CDDEADBEEF
IN_2026 = 1_795_220_020.0
TRUE = Packet(
    version=4,
    mode=4,
    stratum=2,
    poll=6,
    precision=-23,
    root_delay=0x236,
    root_dispersion=0x3B7,
    reference_id=bytes((192, 53, 103, 108)),
    reference=0xEEAB60B3_00000000,
    origin=SENT,
    receive=0xEEAB60B4_00000000,
    transmit=0xEEAB60B4_00100000,
)


@pytest.fixture(scope="module")
def vectors(corpora: Path) -> dict[str, Any]:
    loaded: dict[str, Any] = json.loads((corpora / "ntp" / "vectors.json").read_text("utf-8"))
    return loaded


def name(verdict: Packet | Rejection) -> str:
    """The name of the failed test, or `accepted`."""
    return verdict.name if isinstance(verdict, Rejection) else "accepted"


def utc(text: str) -> int:
    date, clock = text.split(" ")
    return calendar.timegm((*map(int, date.split("-")), *map(int, clock.split(":"))))


# The corpus.


def test_captured_packets_are_decoded_field_by_field(vectors: dict[str, Any]) -> None:
    assert len(vectors["captured"]) == 8
    for case in vectors["captured"]:
        data, expected = bytes.fromhex(case["packet_hex"]), case["decoded"]
        packet = ntp.decode(data)
        for field in ("leap", "version", "mode", "stratum", "poll", "precision"):
            assert getattr(packet, field) == expected[field], case["name"]
        assert packet.root_delay / 65536 == expected["root_delay_s"]
        assert packet.root_dispersion / 65536 == expected["root_dispersion_s"]
        assert packet.reference_id.hex() == expected["refid_hex"]
        for field in ("reference", "origin", "receive", "transmit"):
            assert f"{getattr(packet, field):016x}" == expected[field], case["name"]
        unix = ntp.to_unix_nanoseconds(packet.transmit, IN_2026) / 1e9
        assert unix == pytest.approx(expected["transmit_unix"], abs=1e-6)
        assert ntp.encode(packet) == data


def test_captured_packets_are_judged(vectors: dict[str, Any]) -> None:
    verdicts = {}
    for case in vectors["captured"]:
        sent = int(case["client_transmit_timestamp_hex"], 16)
        verdict = ntp.validate_reply(bytes.fromhex(case["packet_hex"]), sent)
        assert isinstance(verdict, Packet) == case["expect"].startswith("accept"), case["name"]
        if isinstance(verdict, Rejection):
            verdicts[case["name"].split(" ")[0] + " " + verdict.name] = (verdict.kind, verdict.reason)
    assert verdicts == {
        "ntpsec kiss": ("kiss", "kiss code RATE: the server asks to be asked less often"),
        "openntpd unsynchronised": ("unsynchronised", "the server is not synchronised (stratum 0)"),
    }


def test_a_server_before_its_first_synchronisation_says_init(vectors: dict[str, Any]) -> None:
    case = next(case for case in vectors["captured"] if "INIT" in case["name"])
    verdict = ntp.validate_reply(
        bytes.fromhex(case["packet_hex"]), int(case["client_transmit_timestamp_hex"], 16)
    )
    assert verdict == Rejection(
        "kiss",
        "kiss code INIT: the server has not yet synchronised for the first time",
        "unsynchronised",
    )


def test_era_rollover(vectors: dict[str, Any]) -> None:
    assert len(vectors["era_rollover"]) == 14
    for stamp, expected in vectors["era_rollover"]:
        for now in (0.0, IN_2026):
            assert ntp.to_unix_nanoseconds(int(stamp, 16), now) == utc(expected) * 10**9, stamp


def test_offset_and_delay(vectors: dict[str, Any]) -> None:
    small = [case for case in vectors["offset"] if "offset_s" in case]
    assert len(small) == 2
    for case in small:
        stamps = [case[key] << 32 for key in ("t1", "t2", "t3", "t4")]
        assert ntp.offset_and_delay(*stamps) == (case["offset_s"], case["delay_s"])
    (rollover,) = [case for case in vectors["offset"] if "offset_s" not in case]
    client, server = utc("2047-01-01 00:00:00"), utc("2024-01-01 00:00:00")
    assert (rollover["t1"], rollover["t2"]) == ("2047-01-01", "2024-01-01")
    stamps = [ntp.to_timestamp(second * 10**9) for second in (client, server, server + 1, client + 1)]
    assert ntp.offset_and_delay(*stamps) == (server - client, 0.0)


def test_forged_replies_are_rejected_and_strange_ones_accepted(vectors: dict[str, Any]) -> None:
    forged = {
        "wrong origin": ("origin", TRUE._replace(origin=SENT ^ 1)),
        "zero origin": ("origin", TRUE._replace(origin=0)),
        "zero transmit": ("transmit", TRUE._replace(transmit=0)),
        "mode 3 or 5 instead of 4": ("mode", TRUE._replace(mode=3)),
        "stratum 16 / 255": ("stratum", TRUE._replace(stratum=16)),
        "stratum 0 refid DENY / RSTR / RATE": ("kiss", TRUE._replace(stratum=0, reference_id=b"DENY")),
        "leap 3": ("unsynchronised", TRUE._replace(leap=3)),
        "root dispersion 20 s": ("distance", TRUE._replace(root_dispersion=20 << 16)),
        "transmit before reference": ("reference", TRUE._replace(reference=TRUE.transmit + (3600 << 32))),
        "era 1": ("accepted", TRUE._replace(receive=1, transmit=1, reference=0xFFFFFFFF << 32)),
        "refid escape bytes at stratum 1": (
            "accepted",
            TRUE._replace(stratum=1, reference_id=bytes.fromhex("1b5b324a")),
        ),
        'refid ".GPS" at stratum 1': ("accepted", TRUE._replace(stratum=1, reference_id=b"GPS\0")),
    }
    of_the_socket = {
        "reply from another source port/address",
        "two replies, bad then good",
        "duplicate reply",
        "kernel ICMP port unreachable",
        "silence",
    }
    of_length = {"47 bytes", "0 bytes", "68 bytes (MAC)"}
    assert {case["name"] for case in vectors["spoofed_server_cases"]} == of_the_socket | of_length | set(
        forged
    )
    for expected, packet in forged.values():
        assert name(ntp.validate_reply(ntp.encode(packet), SENT)) == expected
    assert ntp.validate_reply(ntp.encode(TRUE), SENT) == TRUE


def test_what_servers_do_not_answer_we_do_not_answer(vectors: dict[str, Any]) -> None:
    odd = dict(vectors["server_answers_to_odd_requests"])
    assert odd["0, 1, 47, 49, 52, 68, 1400 bytes"] == odd["mode 4, mode 7 monlist"] == "no reply"
    question = ntp.encode_request(SENT)
    for size in (0, 1, 47, 49, 52, 68, 1400):
        data = question.ljust(size, b"\0")[:size]
        assert ntp.encode_reply(data, receive=1, transmit=2) is None, size
    for version in range(8):
        answer = ntp.encode_reply(ntp.encode_request(SENT, version), receive=1, transmit=2)
        assert (answer is not None) == (1 <= version <= 4)
        assert answer is None or ntp.decode(answer).version == version
    for mode in range(8):
        question = ntp.encode(Packet(mode=mode, transmit=SENT))
        assert (ntp.encode_reply(question, receive=1, transmit=2) is not None) == (mode == 3)


# The acceptance tests, one by one.


@pytest.mark.parametrize(
    ("change", "expected", "kind"),
    [
        ({"version": 0}, "version", "bogus"),
        ({"version": 5}, "version", "bogus"),
        ({"mode": 1}, "mode", "bogus"),
        ({"mode": 5}, "mode", "bogus"),
        ({"origin": SENT + (1 << 32)}, "origin", "bogus"),
        ({"transmit": 0}, "transmit", "bogus"),
        ({"receive": 0}, "receive", "bogus"),
        ({"leap": 3}, "unsynchronised", "unsynchronised"),
        ({"stratum": 16}, "stratum", "unsynchronised"),
        ({"stratum": 255}, "stratum", "unsynchronised"),
        ({"root_delay": 32 << 16}, "distance", "unsynchronised"),
        ({"root_delay": 0xFFFFFFFF}, "distance", "unsynchronised"),
        ({"root_dispersion": 16 << 16}, "distance", "unsynchronised"),
        ({"reference": TRUE.transmit + 1}, "reference", "bogus"),
        ({"stratum": 0, "reference_id": b"RATE"}, "kiss", "kiss"),
        ({"stratum": 0, "reference_id": b"RSTR"}, "kiss", "kiss"),
        ({"stratum": 0, "reference_id": b"STEP"}, "kiss", "unsynchronised"),
        ({"stratum": 0, "reference_id": b"WHAT"}, "kiss", "unsynchronised"),
        ({"stratum": 0, "reference_id": b"XFOO"}, "kiss", "bogus"),
        ({"stratum": 0, "reference_id": bytes(4)}, "unsynchronised", "unsynchronised"),
        # A forged kiss would silence a client: the origin is looked at before it is obeyed.
        ({"stratum": 0, "reference_id": b"DENY", "origin": 0}, "origin", "bogus"),
    ],
)
def test_each_test_rejects_by_its_name(change: dict[str, Any], expected: str, kind: str) -> None:
    verdict = ntp.first_failure(TRUE._replace(**change), SENT)
    assert verdict is not None
    assert (verdict.name, verdict.kind) == (expected, kind)
    assert verdict.reason
    assert "\n" not in verdict.reason


@pytest.mark.parametrize(
    "change",
    [
        {"leap": 1},
        {"leap": 2},
        {"stratum": 1},
        {"stratum": 15},
        {"version": 1},
        {"reference": 0},
        {"reference": TRUE.transmit},
        {"root_dispersion": (16 << 16) - TRUE.root_delay // 2 - 1},
        # The server's clock may be years away from ours: that is what is being measured.
        {"reference": 0, "receive": 5, "transmit": 6},
    ],
)
def test_what_is_legal_is_accepted(change: dict[str, Any]) -> None:
    assert ntp.first_failure(TRUE._replace(**change), SENT) is None


def test_the_same_reply_twice_counts_once() -> None:
    assert ntp.first_failure(TRUE, SENT, previous=TRUE.transmit - 1) is None
    assert name(ntp.validate_reply(ntp.encode(TRUE), SENT, previous=TRUE.transmit)) == "duplicate"


@pytest.mark.parametrize("size", [0, 1, 12, 47])
def test_a_short_packet(size: int) -> None:
    expected = f"NTP packet of {size} bytes, expected 48"
    assert ntp.validate_reply(bytes(size), SENT) == Rejection("length", expected, "bogus")
    with pytest.raises(ProtocolError, match=f"^{expected}$"):
        ntp.decode(bytes(size))


def test_a_mac_is_not_looked_at() -> None:
    assert ntp.validate_reply(ntp.encode(TRUE) + bytes(20), SENT) == TRUE


# What we send.


def test_a_request_tells_64_bits_and_nothing_more() -> None:
    assert ntp.encode_request(SENT) == b"\x23" + bytes(39) + SENT.to_bytes(8, "big")


def test_a_reply_copies_what_it_must() -> None:
    asked = Packet(version=3, mode=3, poll=10, transmit=SENT)
    answer = ntp.encode_reply(
        ntp.encode(asked),
        receive=7,
        transmit=9,
        reference=5,
        stratum=2,
        leap=1,
        precision=-18,
        root_dispersion=3,
    )
    assert answer is not None
    assert len(answer) == 48
    assert ntp.decode(answer) == Packet(
        1, 3, 4, 2, 10, -18, 0, 3, bytes((127, 127, 1, 0)), reference=5, origin=SENT, receive=7, transmit=9
    )


@pytest.mark.parametrize(
    ("stratum", "given", "expected"),
    [(1, None, b"LOCL"), (0, None, bytes(4)), (16, None, bytes((127, 127, 1, 0))), (1, b"GPS\0", b"GPS\0")],
)
def test_the_source_of_a_reply(stratum: int, given: bytes | None, expected: bytes) -> None:
    answer = ntp.encode_reply(
        ntp.encode_request(SENT), receive=7, transmit=9, stratum=stratum, reference_id=given
    )
    assert answer is not None
    assert ntp.decode(answer).reference_id == expected


def test_a_kiss_like_that_of_ntpd(vectors: dict[str, Any]) -> None:
    sent = 0x83AA7E8011223344
    answer = ntp.encode_reply(ntp.encode_request(sent), receive=7, transmit=9, precision=0, kiss="RATE")
    assert answer is not None
    captured = next(case for case in vectors["captured"] if "RATE" in case["name"])
    assert answer.hex() == captured["packet_hex"]


@pytest.mark.parametrize("code", ["", "TOOLONG", "ÄÖ", "A B", "\x1b[2J"])
def test_what_is_no_kiss_code(code: str) -> None:
    with pytest.raises(CommandLineError, match="expected one to four letters"):
        ntp.encode_kiss_code(code)


def test_a_short_kiss_code_is_padded() -> None:
    assert ntp.encode_kiss_code("XY") == b"XY\0\0"


# The arithmetic.


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (1 << 32, 0xFFFFFFFF << 32, 2 << 32),  # across 2036
        (0xFFFFFFFF << 32, 1 << 32, -2 << 32),
        (5, 5, 0),
        (1 << 63, 0, -(1 << 63)),
    ],
)
def test_subtraction_is_modulo_2_to_the_64(a: int, b: int, expected: int) -> None:
    assert ntp.subtract(a, b) == expected


def test_offset_across_2036() -> None:
    assert ntp.offset_and_delay(0xFFFFFFFF << 32, 1 << 32, 1 << 32, 0xFFFFFFFF << 32) == (2.0, 0.0)


def test_the_delay_is_at_least_the_precision_of_the_clock() -> None:
    assert ntp.offset_and_delay(10, 20, 40, 15, precision=1e-6).delay == 1e-6


def test_a_microsecond_is_not_lost_to_floats() -> None:
    t1 = ntp.to_timestamp(1_795_220_020_000_000_000)
    t2 = ntp.to_timestamp(1_795_220_020_000_000_100)
    assert ntp.offset_and_delay(t1, t2, t2, t1).offset == pytest.approx(100e-9, abs=0.5e-9)


def test_the_bound_of_the_error() -> None:
    assert ntp.bound_error(Packet(root_delay=1 << 16, root_dispersion=1 << 15), 0.5) == 0.25 + 0.5 + 0.5


def test_unix_time_began_83aa7e80_seconds_after_1900() -> None:
    assert ntp.to_timestamp(0) == 0x83AA7E80 << 32
    assert ntp.to_unix_nanoseconds(0x83AA7E80 << 32, IN_2026) == 0


# In words.


@pytest.mark.parametrize(
    ("stratum", "reference_id", "text"),
    [
        (0, b"RATE", "RATE"),
        (0, bytes(4), ""),
        (0, b"\x1b[2J", ""),
        (1, b"GPS\0", "GPS"),
        (1, b"\x1b[2J", "27.91.50.74"),
        (1, b"\x7f\x7f\x01\x01", "127.127.1.1"),
        (2, b"GPS\0", "71.80.83.0"),
        (2, bytes((192, 53, 103, 108)), "192.53.103.108"),
    ],
)
def test_the_source_in_words(stratum: int, reference_id: bytes, text: str) -> None:
    assert ntp.format_reference(Packet(stratum=stratum, reference_id=reference_id)) == text


def test_described() -> None:
    assert [tuple(field) for field in ntp.describe(TRUE, IN_2026)] == [
        (0, "leap indicator", "0", "no warning"),
        (0, "version", "4", "NTP version 4"),
        (0, "mode", "4", "server"),
        (1, "stratum", "2", "secondary: 1 server from the source"),
        (2, "poll", "6", "2**6 = 64 s between questions"),
        (3, "precision", "-23", "2**-23 = 1.19e-07 s"),
        (4, "root delay", "00000236", "0.008636 s"),
        (8, "root dispersion", "000003b7", "0.014511 s"),
        (12, "reference identifier", "c035676c", "its server 192.53.103.108, or the hash of an IPv6 address"),
        (
            16,
            "reference timestamp",
            "eeab60b300000000",
            "2026-11-21 00:13:39 UTC, era 0 (the server's clock was last set)",
        ),
        (
            24,
            "origin timestamp",
            "83aa81cddeadbeef",
            "copied from the request: proves which question this answers",
        ),
        (32, "receive timestamp", "eeab60b400000000", "2026-11-21 00:13:40 UTC, era 0 (the request arrived)"),
        (
            40,
            "transmit timestamp",
            "eeab60b400100000",
            "2026-11-21 00:13:40.000244141 UTC, era 0 (the packet was sent)",
        ),
    ]


@pytest.mark.parametrize(
    ("packet", "offset", "meaning"),
    [
        (Packet(stratum=0), 1, "unspecified: a kiss code, or a request"),
        (Packet(stratum=1), 1, "primary: at the source itself"),
        (Packet(stratum=3), 1, "secondary: 2 servers from the source"),
        (Packet(stratum=16), 1, "not synchronised"),
        (Packet(stratum=17), 1, "reserved"),
        (Packet(stratum=0), 12, "none"),
        (Packet(stratum=0, reference_id=b"DENY"), 12, "kiss code DENY: access denied by the server"),
        (Packet(stratum=0, reference_id=b"WHAT"), 12, "kiss code WHAT: not a code of RFC 5905"),
        (Packet(stratum=1, reference_id=b"GPS\0"), 12, "source GPS"),
        (Packet(), 40, "unknown (the packet was sent)"),
        (
            Packet(transmit=1 << 32),
            40,
            "2036-02-07 06:28:17 UTC, era 1 (the packet was sent)",
        ),
    ],
)
def test_described_in_other_cases(packet: Packet, offset: int, meaning: str) -> None:
    assert meaning in [field.meaning for field in ntp.describe(packet, IN_2026) if field.offset == offset]


# The three properties.

packets = st.builds(
    Packet,
    leap=st.integers(0, 3),
    version=st.integers(0, 7),
    mode=st.integers(0, 7),
    stratum=st.integers(0, 255),
    poll=st.integers(-128, 127),
    precision=st.integers(-128, 127),
    root_delay=st.integers(0, 2**32 - 1),
    root_dispersion=st.integers(0, 2**32 - 1),
    reference_id=st.binary(min_size=4, max_size=4),
    reference=st.integers(0, 2**64 - 1),
    origin=st.integers(0, 2**64 - 1),
    receive=st.integers(0, 2**64 - 1),
    transmit=st.integers(0, 2**64 - 1),
)


@given(st.binary(max_size=100), st.integers(0, 2**64 - 1))
def test_any_bytes_are_a_packet_or_a_named_rejection(data: bytes, sent: int) -> None:
    verdict = ntp.validate_reply(data, sent)
    assert verdict
    answer = ntp.encode_reply(data, receive=1, transmit=2)
    assert answer is None or len(answer) == len(data)
    if len(data) >= 48:
        for field in ntp.describe(ntp.decode(data), IN_2026):
            assert field.meaning.isprintable()
            assert field.value.isalnum() or field.value.startswith("-")


@given(packets, st.binary(max_size=60))
def test_cut_anywhere_it_is_short_or_the_same(packet: Packet, more: bytes) -> None:
    """A datagram is not a stream: what is cut off is gone, and what is added does not change the header."""
    data = ntp.encode(packet)
    assert ntp.decode(data + more) == packet
    for size in range(48):
        assert name(ntp.validate_reply(data[:size], packet.origin)) == "length"


@given(packets)
def test_encode_then_decode_gives_the_packet_back(packet: Packet) -> None:
    assert ntp.decode(ntp.encode(packet)) == packet


@given(st.integers(0, 2**63 - 1))
def test_a_moment_comes_back_to_the_nanosecond(nanoseconds: int) -> None:
    assert ntp.to_unix_nanoseconds(ntp.to_timestamp(nanoseconds), nanoseconds / 1e9) == nanoseconds


@given(
    st.integers(0, 2**64 - 1),
    st.integers(-(2**61), 2**61),
    st.integers(0, 2**50),
    st.integers(0, 2**50),
    st.integers(0, 2**50),
)
def test_the_offset_is_found_wherever_the_clocks_stand(
    t1: int, offset: int, there: int, work: int, back: int
) -> None:
    """A clock that is ahead by `offset`, ways of any length: RFC 5905's equations hold, in every era."""
    wrapped = 2**64
    t2 = (t1 + there + offset) % wrapped
    t3 = (t2 + work) % wrapped
    t4 = (t1 + there + work + back) % wrapped
    found = ntp.offset_and_delay(t1, t2, t3, t4)
    assert found.delay == (there + back) / 2**32
    assert found.offset == (offset + (offset + there - back)) / 2**33
