"""Tests that need libfaketime: skipped with the reason where it is not.

In CI that skip is a failure, as every other (`tests/conftest.py`).
"""

from __future__ import annotations

import pytest

from mockleo.harness.runner.speed import NoSpeed, library


def missing() -> str:
    """Why a client's clock cannot be made faster here; "" where it can."""
    try:
        library()
    except NoSpeed as error:
        return str(error)
    return ""


needs_faketime = pytest.mark.skipif(bool(missing()), reason=missing() or "libfaketime is there")
