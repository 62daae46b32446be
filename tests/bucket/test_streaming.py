"""A gigabyte for a form that allows ten megabytes: what it costs us in memory and on disk."""

import tracemalloc

import pytest

from mockleo.bucket.body import SPARE_BYTES_MAX
from mockleo.bucket.store import Draft

from .rig import BOUNDARY, NAME, Rig, multipart, open_form

MEGABYTE = 1_000_000
ALLOWED = 10 * MEGABYTE


@pytest.mark.parametrize("tells_length", [True, False])
def test_what_is_refused_is_neither_buffered_nor_written(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, tells_length: bool
) -> None:
    form = open_form({"key": "k"}, ["content-length-range", 0, ALLOWED])
    head, _, tail = multipart(form, b"@").partition(b"@")
    chunk = b"x" * MEGABYTE
    chunks = [head, *[chunk] * 1_000, tail]
    length = {"content-length": str(sum(map(len, chunks)))} if tells_length else {}
    written: list[int] = []
    write = Draft.write

    def counted(draft: Draft, data: bytes) -> None:
        written.append(len(data))
        write(draft, data)

    monkeypatch.setattr(Draft, "write", counted)
    tracemalloc.start()
    answer = rig.ask(
        "POST",
        f"/s3/{NAME}",
        headers={"content-type": f"multipart/form-data; boundary={BOUNDARY}", **length},
        chunks=chunks,
    )
    _, peak_bytes = tracemalloc.get_traced_memory()
    tracemalloc.stop()

    assert answer is not None
    assert (answer.status, answer.xml["Code"]) == (400, "EntityTooLarge")
    assert int(answer.xml["ProposedSize"]) == 1_000 * MEGABYTE or not tells_length
    assert sum(written) <= ALLOWED
    assert peak_bytes < 8 * MEGABYTE
    assert rig.unread * MEGABYTE >= 1_000 * MEGABYTE - ALLOWED - SPARE_BYTES_MAX - 3 * MEGABYTE
    assert rig.store._directory is not None
    assert list(rig.store._directory.iterdir()) == []
