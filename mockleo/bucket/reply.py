"""What the bucket's handlers return."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field

from mockleo.bucket.store import Pieces


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """Status, headers by lower-case name, body. A body in pieces has its length in the headers."""

    status: int
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes | Pieces = b""


def printable(value: str) -> str:
    """Return `value` fit for a header: a blank for each character that is not printable ASCII."""
    return re.sub(r"[^\x20-\x7e]", " ", value).strip()
