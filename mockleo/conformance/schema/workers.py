"""Shares in processes of their own, each with a door of its own.

Where doors cannot be had at will (one server, one budget), all shares are done here, one after the
other, on the one door.
"""

from __future__ import annotations

import multiprocessing
import os
import threading
from concurrent.futures import ProcessPoolExecutor, as_completed
from multiprocessing.connection import wait
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from mockleo.conformance.door import Door, Opener
    from mockleo.conformance.schema.engine import Work
    from mockleo.conformance.schema.shares import Share


def made(
    shares: Sequence[Share], opener: Opener, door: Door, workers: int, progress: Callable[[str], None]
) -> Iterator[Work]:
    """Do all shares; what came of each, in their order. What a share raises is raised.

    `door` is used, and closed, where `opener` gives one door only.
    """
    if not opener.divisible:
        yield from _on_one(shares, door, progress)
    elif workers <= 1:
        for share in shares:
            yield _with_its_own(share, opener, progress)
    else:
        yield from _side_by_side(shares, opener, workers, progress)


def _on_one(shares: Sequence[Share], door: Door, progress: Callable[[str], None]) -> Iterator[Work]:
    from mockleo.conformance.schema.engine import work

    stock = None
    try:
        for share in shares:
            done = work(share, door, progress, stock=stock)
            stock = done.stock
            yield done
            if done.ended is not None:
                return
    finally:
        door.close()


def _with_its_own(share: Share, opener: Opener, progress: Callable[[str], None]) -> Work:
    from mockleo.conformance.schema.engine import work

    door = opener.open(seed=share.seed)
    try:
        return work(share, door, progress)
    finally:
        door.close()


def _side_by_side(
    shares: Sequence[Share], opener: Opener, workers: int, progress: Callable[[str], None]
) -> Iterator[Work]:
    spawned = multiprocessing.get_context("spawn")
    with ProcessPoolExecutor(min(workers, len(shares)), mp_context=spawned, initializer=_follow) as pool:
        under_way = {pool.submit(_share, share, opener): share for share in shares}
        try:
            done = {}
            for nth, future in enumerate(as_completed(under_way)):
                share = under_way[future]
                done[share.name] = future.result()
                progress(f"{share.name}: done, {nth + 1} of {len(shares)}")
        finally:
            pool.shutdown(wait=False, cancel_futures=True)
    yield from (done[share.name] for share in shares)


def _share(share: Share, opener: Opener) -> Work:
    return _with_its_own(share, opener, lambda words: None)


def _follow() -> None:
    """End this process when its parent is gone, however that went."""
    parent = multiprocessing.parent_process()
    assert parent is not None, "only workers follow"

    def follow() -> None:
        wait([parent.sentinel])
        os._exit(1)

    threading.Thread(target=follow, name="follow", daemon=True).start()
