"""aws-chunked bodies, however they are cut."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo.bucket.chunked import LINE_BYTES_MAX, Chunked
from mockleo.bucket.errors import HalfBody

SIGNED = (
    b"5;chunk-signature=ab\r\nhello\r\n1;chunk-signature=cd\r\n!\r\n0;chunk-signature=ef\r\n"
    b"x-amz-checksum-crc32:NhCmhg==\r\nx-amz-trailer-signature:99\r\n\r\n"
)


def unwrapped(pieces: list[bytes]) -> tuple[bytes, dict[str, str]]:
    chunked = Chunked()
    data = b"".join(piece for given in pieces for piece in chunked.feed(given))
    chunked.finish()
    return data, chunked.trailers


@pytest.mark.parametrize(
    ("body", "data", "trailers"),
    [
        (SIGNED, b"hello!", {"x-amz-checksum-crc32": "NhCmhg==", "x-amz-trailer-signature": "99"}),
        (b"5\r\nhello\r\n0\r\nA: b\r\n\r\n", b"hello", {"a": "b"}),
        (b"A\r\n0\r\n\r\n\r\n\r\n\r\n\r\n0\r\n\r\n", b"0\r\n\r\n\r\n\r\n\r", None),
        (b"0\r\n\r\n", b"", {}),
        (b"0\r\n", b"", {}),
        (b"2\nhi\n0\n\n", b"hi", {}),
    ],
)
def test_what_was_wrapped_comes_out(body: bytes, data: bytes, trailers: dict[str, str] | None) -> None:
    if trailers is None:
        with pytest.raises(HalfBody):
            unwrapped([body])
    else:
        assert unwrapped([body]) == (data, trailers)


@given(st.lists(st.integers(0, len(SIGNED)), max_size=8))
def test_how_it_is_cut_makes_no_difference(cuts: list[int]) -> None:
    places = [0, *sorted(cuts), len(SIGNED)]
    pieces = [SIGNED[start:stop] for start, stop in pairwise(places)]
    assert unwrapped(pieces) == unwrapped([SIGNED])


@given(st.lists(st.binary(min_size=1, max_size=50), max_size=6))
def test_any_bytes_can_be_wrapped(chunks: list[bytes]) -> None:
    body = b"".join(b"%x\r\n%b\r\n" % (len(chunk), chunk) for chunk in chunks) + b"0\r\n\r\n"
    assert unwrapped([body]) == (b"".join(chunks), {})


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"hello",
        b"5\r\nhel",
        b"5\r\nhello",
        b"5\r\nhello\r\n",
        b"3\r\nhello\r\n0\r\n\r\n",
        b"-5\r\nhello\r\n0\r\n\r\n",
        b"x\r\nhello\r\n0\r\n\r\n",
        b"\r\n",
        b"5" * (LINE_BYTES_MAX + 1),
        b"0\r\nhalf a trailer",
    ],
)
def test_half_a_body_is_none(body: bytes) -> None:
    with pytest.raises(HalfBody):
        unwrapped([body])
