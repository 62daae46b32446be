"""A presigned form has expired, however fresh it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar

from mockleo.faults.fault import UploadFault

if TYPE_CHECKING:
    from mockleo.bucket.errors import S3Refusal


class FormExpired(UploadFault, frozen=True, kw_only=True):
    """Refuse the upload as S3 refuses an expired form: 403 AccessDenied."""

    WHERE: ClassVar[tuple[str, ...]] = ("form",)

    def refusal(self) -> S3Refusal:
        from mockleo.bucket.errors import PolicyExpired  # the bucket is opened at first use

        return PolicyExpired()
