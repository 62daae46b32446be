"""Checksums against published check values, and every claim that does not hold."""

import base64
from collections.abc import Mapping

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mockleo.bucket.checksums import ALGORITHMS, Claims, of
from mockleo.bucket.errors import InvalidDigest, InvalidRequest, S3Refusal, WrongDigest

# The CRC catalogue's check values, and FIPS 180's, of the nine digits.
DIGITS = b"123456789"
KNOWN = {
    "crc32": "cbf43926",
    "crc32c": "e3069283",
    "crc64nvme": "ae8b14860a799888",
    "sha1": "f7c3bc1d808e04732adf679965ccc34ca7ae3441",
    "sha256": "15e2b0d3c33891ebb0f1ef609ec419420c20e320ce94c65fbc8c3312448eb225",
}


def test_every_algorithm_is_known() -> None:
    assert set(KNOWN) == set(ALGORITHMS)


@pytest.mark.parametrize("algorithm", KNOWN)
def test_they_are_what_they_are_said_to_be(algorithm: str) -> None:
    assert base64.b64decode(of([DIGITS], algorithm)).hex() == KNOWN[algorithm]


@given(st.binary(max_size=200), st.integers(0, 200), st.sampled_from(sorted(KNOWN)))
def test_how_bytes_are_cut_makes_no_difference(data: bytes, cut: int, algorithm: str) -> None:
    assert of([data[:cut], data[cut:]], algorithm) == of([data], algorithm)


def right(name: str) -> dict[str, str]:
    return {f"x-amz-checksum-{name}": of([DIGITS], name)}


@pytest.mark.parametrize("algorithm", KNOWN)
def test_a_claim_that_holds_is_kept(algorithm: str) -> None:
    claims = Claims(right(algorithm))
    claims.update(DIGITS)
    assert claims.verify() == {algorithm: of([DIGITS], algorithm)}


@pytest.mark.parametrize("algorithm", KNOWN)
def test_a_claim_that_does_not_hold_is_told_by_its_name(algorithm: str) -> None:
    claims = Claims(right(algorithm))
    claims.update(DIGITS + b"0")
    with pytest.raises(WrongDigest, match=f"The {algorithm.upper()} you specified did not match"):
        claims.verify()


def test_a_trailer_is_a_claim_that_comes_later() -> None:
    claims = Claims({}, trailing=["x-amz-checksum-crc32"])
    claims.update(DIGITS)
    assert claims.verify(right("crc32")) == {"crc32": "y/Q5Jg=="}
    with pytest.raises(WrongDigest):
        claims.verify({"x-amz-checksum-crc32": "AAAAAA=="})
    # One that was announced and did not come claims nothing.
    assert claims.verify({}) == {"crc32": "y/Q5Jg=="}


MD5 = "JfnnlDI7RTiF9RgfG2JNCw=="  # of the nine digits


@pytest.mark.parametrize(
    ("said", "kind"),
    [
        ({}, None),
        ({"content-md5": MD5}, None),
        ({"content-md5": MD5, **right("sha1")}, None),
        ({"x-amz-sdk-checksum-algorithm": "CRC32", **right("crc32")}, None),
        # The algorithm alone claims nothing, nor does another one's.
        ({"x-amz-sdk-checksum-algorithm": "sha256"}, None),
        ({"x-amz-checksum-type": "FULL_OBJECT", **right("crc32")}, None),
        ({"content-md5": "AAAAAAAAAAAAAAAAAAAAAA=="}, WrongDigest),
        ({"content-md5": ""}, InvalidDigest),
        ({"content-md5": "AAAA"}, InvalidDigest),
        ({"content-md5": "\u732b"}, InvalidDigest),
        ({"x-amz-checksum-sha256": ""}, InvalidRequest),
        ({"x-amz-checksum-sha256": "AAAA"}, InvalidRequest),
        ({"x-amz-checksum-crc32": "\u732b"}, InvalidRequest),
        ({"x-amz-checksum-crc32": " AAAAAA=="}, InvalidRequest),
        ({**right("crc32"), **right("crc32c")}, InvalidRequest),
        ({"x-amz-sdk-checksum-algorithm": "MD5"}, InvalidRequest),
        ({"x-amz-checksum-algorithm": ""}, InvalidRequest),
    ],
)
def test_claims(said: Mapping[str, str], kind: type[S3Refusal] | None) -> None:
    def judge() -> None:
        claims = Claims(said)
        claims.update(DIGITS)
        claims.verify()

    if kind is None:
        judge()
    else:
        with pytest.raises(kind) as caught:
            judge()
        assert caught.value.status == 400
