"""The store: whole objects or none, keys that are data, nothing left on disk."""

import gc
import hashlib
from pathlib import Path

import pytest

from mockleo.bucket.store import CHUNK_BYTES, ObjectGone, Store, StoredObject


@pytest.fixture
def store() -> Store:
    return Store()


def put(store: Store, data: bytes = b"meow", *, bucket: str = "b", key: str = "k") -> StoredObject:
    return store.put(bucket=bucket, key=key, data=data, content_type="image/png", stored_at_ms=5)


def files(store: Store) -> list[Path]:
    return [] if store._directory is None else sorted(store._directory.iterdir())


def test_an_object_comes_back_as_it_was_stored(store: Store) -> None:
    stored = put(store)
    assert store.get("b", "k") is stored
    assert (stored.bucket, stored.key, stored.content_type, stored.stored_at_ms) == ("b", "k", "image/png", 5)
    assert (stored.size_bytes, stored.etag) == (4, hashlib.md5(b"meow", usedforsecurity=False).hexdigest())
    assert store.read(stored) == b"meow"
    store.close()


def test_no_directory_is_made_for_nothing(store: Store) -> None:
    with store.draft():
        pass
    assert store.get("b", "k") is None
    assert not store.delete("b", "k")
    store.clear()
    assert store._directory is None
    store.close()


@pytest.mark.parametrize(
    ("start", "stop", "data"),
    [
        (0, None, b"0123456789"),
        (0, 4, b"0123"),
        (3, 5, b"34"),
        (9, 99, b"9"),
        (10, None, b""),
        (99, None, b""),
        (5, 5, b""),
    ],
)
def test_a_stretch_of_an_object(store: Store, start: int, stop: int | None, data: bytes) -> None:
    assert store.read(put(store, b"0123456789"), start, stop) == data
    store.close()


def test_a_large_object_comes_in_pieces(store: Store) -> None:
    data = bytes(range(256)) * 1_024
    pieces = list(store.chunks(put(store, data), 1))
    assert b"".join(pieces) == data[1:]
    assert max(map(len, pieces)) == CHUNK_BYTES
    store.close()


def test_an_empty_object_is_an_object(store: Store) -> None:
    with store.draft() as draft:
        stored = draft.commit(bucket="b", key="k", content_type="text/plain", stored_at_ms=0)
    assert store.read(stored) == b""
    assert store.get("b", "k") is stored
    store.close()


def test_a_draft_is_seen_by_nobody_and_leaves_nothing(store: Store) -> None:
    with store.draft() as draft:
        draft.write(b"half")
        assert store.get("b", "k") is None
        assert len(store) == 0
    assert files(store) == []
    store.close()


def test_so_does_a_draft_that_ends_in_an_error(store: Store) -> None:
    def stumble() -> None:
        with store.draft() as draft:
            draft.write(b"half")
            raise RuntimeError

    with pytest.raises(RuntimeError):
        stumble()
    assert files(store) == []
    store.close()


def test_the_last_of_two_drafts_to_be_committed_wins(store: Store) -> None:
    with store.draft() as first, store.draft() as second:
        first.write(b"first")
        second.write(b"second")
        for draft in (second, first):
            draft.commit(bucket="b", key="k", content_type="text/plain", stored_at_ms=0)
    (stored,) = store
    assert store.read(stored) == b"first"
    assert len(files(store)) == 1
    store.close()


def test_who_reads_the_old_version_reads_it_to_its_end(store: Store) -> None:
    old = put(store, b"a" * CHUNK_BYTES * 2)
    pieces = store.chunks(old)
    first = next(pieces)
    new = put(store, b"b")
    assert first + b"".join(pieces) == b"a" * CHUNK_BYTES * 2
    assert store.read(new) == b"b"
    with pytest.raises(ObjectGone):
        store.read(old)
    store.close()


@pytest.mark.parametrize("removal", ["delete", "clear", "close"])
def test_what_was_removed_is_gone_from_list_and_disk(store: Store, removal: str) -> None:
    stored, other = put(store), put(store, key="other")
    if removal == "delete":
        assert store.delete("b", "k")
        assert not store.delete("b", "k")
        assert list(store) == [other]
    else:
        getattr(store, removal)()
        assert list(store) == []
        assert files(store) == []
    assert store.get("b", "k") is None
    with pytest.raises(ObjectGone):
        store.chunks(stored)
    store.close()


KEYS = ["k", "../../x", "/etc/passwd", "a/b", "a\0b", ".", "..", "", "C:\\x", "\u732b", "x" * 1_024, "K"]


def test_keys_and_buckets_are_data(store: Store) -> None:
    names = [(bucket, key) for bucket in ("b", "..", "b/k") for key in KEYS]
    for number, (bucket, key) in enumerate(names):
        put(store, str(number).encode(), bucket=bucket, key=key)
    assert store._directory is not None
    assert all(path.parent == store._directory for path in files(store))
    assert len(files(store)) == len(store) == len(names)
    for number, (bucket, key) in enumerate(names):
        stored = store.get(bucket, key)
        assert stored is not None
        assert store.read(stored) == str(number).encode()
    assert [(stored.bucket, stored.key) for stored in store] == names
    store.close()


def test_closing_removes_the_directory_and_the_store_can_be_used_again(store: Store) -> None:
    put(store)
    directory = store._directory
    assert directory is not None
    store.close()
    store.close()
    assert not directory.exists()
    assert store.read(put(store)) == b"meow"
    store.close()


def test_a_store_that_nobody_closes_leaves_nothing_either() -> None:
    store = Store()
    put(store)
    directory = store._directory
    assert directory is not None
    del store
    gc.collect()
    assert not directory.exists()


def test_pieces_that_nobody_reads_are_closed_by_hand(store: Store) -> None:
    pieces = store.chunks(put(store))
    pieces.close()
    assert list(pieces) == []
    store.close()
