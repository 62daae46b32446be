"""An upload is confirmed, and nothing of it is there."""

from __future__ import annotations

from typing import ClassVar

from mockleo.faults.fault import UploadFault


class ObjectLost(UploadFault, frozen=True, kw_only=True):
    """Answer the upload as ever and keep nothing, nor what was under its key before.

    The object cannot be read, and a job that names it is one whose file never came.
    """

    WHERE: ClassVar[tuple[str, ...]] = ("form",)
    LOSES: ClassVar[bool] = True
    SPOILS: ClassVar[bool] = False
