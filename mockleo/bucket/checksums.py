"""What a sender says of its bytes, held against the bytes.

    Content-MD5                         base64 of an MD5
    x-amz-checksum-crc32 and its like   base64 of a checksum, big endian

Headers of a PUT, fields of a form, trailers of a chunked body: the same names and rules.

Sources: AWS: RESTObjectPOST and PutObject (`Content-MD5`), "Checking object integrity" (the
algorithms; CRC-64/NVME where a sender says nothing). Words of the refusals: published answers
of S3 to PutObject; that a form's fields get the same is assumed.
"""

import base64
import binascii
import hashlib
import zlib
from collections.abc import Callable, Iterable, Mapping
from typing import Protocol

from mockleo.bucket.errors import InvalidDigest, InvalidRequest, WrongDigest

CHECKSUM = "x-amz-checksum-"

# Reflected polynomials (CRC catalogue: CRC-32/ISCSI, CRC-64/NVME).
_CRC32C = (32, 0x82F63B78)
_CRC64NVME = (64, 0x9A6C9329AC4BC9B5)


class Digest(Protocol):
    def update(self, data: bytes, /) -> None: ...
    def digest(self) -> bytes: ...


class _Zlib:
    """CRC-32 as zlib and Ethernet have it."""

    def __init__(self) -> None:
        self._value = 0

    def update(self, data: bytes, /) -> None:
        self._value = zlib.crc32(data, self._value)

    def digest(self) -> bytes:
        return self._value.to_bytes(4, "big")


class _Table:
    """Any reflected CRC that begins with and ends in all ones. Byte by byte: some MB a second."""

    def __init__(self, bits: int, polynomial: int) -> None:
        self._bytes = bits // 8
        self._ones = self._value = (1 << bits) - 1
        self._table = _table(polynomial)

    def update(self, data: bytes, /) -> None:
        value, table = self._value, self._table
        for byte in data:
            value = (value >> 8) ^ table[(value ^ byte) & 0xFF]
        self._value = value

    def digest(self) -> bytes:
        return (self._value ^ self._ones).to_bytes(self._bytes, "big")


def _table(polynomial: int) -> list[int]:
    table = []
    for value in range(256):
        for _ in range(8):
            value = (value >> 1) ^ (polynomial if value & 1 else 0)
        table.append(value)
    return table


ALGORITHMS: Mapping[str, Callable[[], Digest]] = {
    "crc32": _Zlib,
    "crc32c": lambda: _Table(*_CRC32C),
    "crc64nvme": lambda: _Table(*_CRC64NVME),
    "sha1": lambda: hashlib.sha1(usedforsecurity=False),
    "sha256": hashlib.sha256,
}

# What S3 computes for an object whose sender told no checksum.
DEFAULT = "crc64nvme"


def of(pieces: Iterable[bytes], algorithm: str) -> str:
    """Return a checksum in base64."""
    digest = ALGORITHMS[algorithm]()
    for piece in pieces:
        digest.update(piece)
    return base64.b64encode(digest.digest()).decode()


class Claims:
    """A sender's claims: `update` with the bytes, then `verify`."""

    def __init__(self, said: Mapping[str, str], *, trailing: Iterable[str] = ()) -> None:
        """`said` are headers or fields by lower-case name; `trailing` the names still to come.

        Raises InvalidRequest, InvalidDigest: a claim that no bytes could meet.
        """
        self._md5 = _md5_said(said)
        self._said = {name: said[name] for name in said if name.removeprefix(CHECKSUM) in ALGORITHMS}
        names = {*self._said, *(name for name in trailing if name.removeprefix(CHECKSUM) in ALGORITHMS)}
        if len(names) > 1:
            raise InvalidRequest(
                "Expecting a single x-amz-checksum- header. Multiple checksum Types are not allowed."
            )
        _check_algorithm(said)
        self._digests = {name: ALGORITHMS[name.removeprefix(CHECKSUM)]() for name in names}
        for name, value in self._said.items():
            _check_form(name, value, self._digests[name])
        self._found_md5 = hashlib.md5(usedforsecurity=False)

    def update(self, data: bytes) -> None:
        if self._md5 is not None:
            self._found_md5.update(data)
        for digest in self._digests.values():
            digest.update(data)

    def verify(self, trailers: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the checksums that were claimed and hold, by algorithm. Raises WrongDigest."""
        if self._md5 is not None and self._found_md5.digest() != self._md5:
            raise WrongDigest(
                "The Content-MD5 you specified did not match what we received.",
                {
                    "ExpectedDigest": base64.b64encode(self._md5).decode(),
                    "CalculatedDigest": base64.b64encode(self._found_md5.digest()).decode(),
                },
            )
        held = {}
        for name, digest in self._digests.items():
            found = base64.b64encode(digest.digest()).decode()
            said = self._said.get(name) or (trailers or {}).get(name)
            algorithm = name.removeprefix(CHECKSUM)
            if said is not None and said != found:
                raise WrongDigest(
                    f"The {algorithm.upper()} you specified did not match the calculated checksum."
                )
            held[algorithm] = found
        return held


def _md5_said(said: Mapping[str, str]) -> bytes | None:
    if "content-md5" not in said:
        return None
    value = _decoded(said["content-md5"])
    if value is None or len(value) != 16:
        raise InvalidDigest(said["content-md5"])
    return value


def _check_algorithm(said: Mapping[str, str]) -> None:
    for name in ("x-amz-sdk-checksum-algorithm", "x-amz-checksum-algorithm"):
        if name in said and said[name].lower() not in ALGORITHMS:
            raise InvalidRequest(
                "Checksum algorithm provided is unsupported. Please try again with any of the valid types: "
                "[CRC32, CRC32C, CRC64NVME, SHA1, SHA256]"
            )


def _check_form(name: str, value: str, digest: Digest) -> None:
    decoded = _decoded(value)
    if decoded is None or len(decoded) != len(digest.digest()):
        raise InvalidRequest(f"Value for {name} header is invalid.")


def _decoded(value: str) -> bytes | None:
    try:
        return base64.b64decode(value, validate=True)
    except (binascii.Error, ValueError):
        return None
