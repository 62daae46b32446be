"""A bucket for each test, whose directory is gone afterwards."""

from collections.abc import Iterator

import pytest

from .rig import Rig


@pytest.fixture
def rig() -> Iterator[Rig]:
    rig = Rig()
    yield rig
    rig.store.close()
