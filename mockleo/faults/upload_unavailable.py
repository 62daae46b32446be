"""The storage wants to be asked more slowly."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.faults.fault import UploadFault

if TYPE_CHECKING:
    from mockleo.bucket.errors import S3Refusal


class UploadUnavailable(UploadFault, frozen=True, kw_only=True):
    """Refuse with 503 SlowDown, uploads and reads alike."""

    def refusal(self) -> S3Refusal:
        from mockleo.bucket.errors import SlowDown  # the bucket is opened at first use

        return SlowDown()
