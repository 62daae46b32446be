"""Stored objects: bytes on disk, the list of them in memory.

Rule: an object exists from the moment it enters the list, and it enters whole. What is
still being written is a `Draft`, which nobody else can see.

Files are numbered. A key never becomes a path, so no key can name one; and each version has
a file of its own, so whoever is reading the old one finishes reading the old one.
"""

import hashlib
import itertools
import shutil
import tempfile
import weakref
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field, fields, replace
from pathlib import Path
from types import TracebackType
from typing import Any, BinaryIO, Self

from mockleo.bucket.buckets import Buckets

CHUNK_BYTES = 64 * 1024


class ObjectGone(LookupError):
    """The object was deleted or overwritten since it was looked up."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StoredObject:
    """One version of one object. Its bytes stay with the `Store`.

    `etag` is the MD5 of the bytes in hex, without the quotes it wears in a header.
    `content_type` and the values of `headers` (Cache-Control and its like, lower-case names)
    are printable ASCII, fit for a header as they are. `metadata` is what came as
    `x-amz-meta-*`, without that prefix, as it was sent. `checksums` are those its sender claimed
    and that hold, in base64 by algorithm. `acl` is the name of a canned one. `number` is the
    store's own.
    """

    bucket: str
    key: str
    size_bytes: int
    etag: str
    content_type: str
    stored_at_ms: int
    headers: Mapping[str, str] = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    storage_class: str = "STANDARD"
    acl: str = "private"
    checksums: Mapping[str, str] = field(default_factory=dict)
    number: int = field(repr=False)


class Draft:
    """An object on its way in. Leaving the `with` block without `commit` leaves nothing behind."""

    def __init__(self, store: "Store", number: int) -> None:
        self._store = store
        self._number = number
        self._file: BinaryIO | None = None
        self._md5 = hashlib.md5(usedforsecurity=False)
        self._committed = False
        self.size_bytes = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._file is not None:
            self._file.close()
            if not self._committed:
                Path(self._file.name).unlink(missing_ok=True)

    @property
    def etag(self) -> str:
        """The MD5 of what was written so far, in hex."""
        return self._md5.hexdigest()

    def write(self, data: bytes) -> None:
        self._opened().write(data)
        self._md5.update(data)
        self.size_bytes += len(data)

    def commit(
        self,
        *,
        bucket: str,
        key: str,
        content_type: str,
        stored_at_ms: int,
        headers: Mapping[str, str] | None = None,
        metadata: Mapping[str, str] | None = None,
        tags: Mapping[str, str] | None = None,
        storage_class: str = "STANDARD",
        acl: str = "private",
        checksums: Mapping[str, str] | None = None,
    ) -> StoredObject:
        """Put the object in place of whatever was under (bucket, key)."""
        stored = self.finish(
            bucket=bucket,
            key=key,
            content_type=content_type,
            stored_at_ms=stored_at_ms,
            headers=headers or {},
            metadata=metadata or {},
            tags=tags or {},
            storage_class=storage_class,
            acl=acl,
            checksums=checksums or {},
        )
        self._store._place(stored)
        return stored

    def finish(self, **attributes: Any) -> StoredObject:
        """Keep the bytes, as an object that is in nobody's list yet: `attributes` are its fields."""
        assert not self._committed, "committed twice"
        self._opened().close()
        self._committed = True
        return StoredObject(
            size_bytes=self.size_bytes, etag=self._md5.hexdigest(), number=self._number, **attributes
        )

    def _opened(self) -> BinaryIO:
        """The file, made when the first byte comes: most refused forms never get there."""
        if self._file is None:
            self._file = self._store._path(self._number).open("wb")
        return self._file


class Store:
    """All objects of all buckets. The directory is made at the first write and removed by `close`."""

    def __init__(self) -> None:
        self.buckets = Buckets()
        self._objects: dict[tuple[str, str], StoredObject] = {}
        self._numbers = itertools.count(1)
        self._directory: Path | None = None
        self._remove: weakref.finalize[[str], Store] | None = None

    def draft(self) -> Draft:
        """Begin an object. Use as a context manager, `write`, then `commit`."""
        return Draft(self, next(self._numbers))

    def put(
        self, *, bucket: str, key: str, data: bytes, content_type: str, stored_at_ms: int
    ) -> StoredObject:
        """Store bytes that are already at hand."""
        with self.draft() as draft:
            draft.write(data)
            return draft.commit(bucket=bucket, key=key, content_type=content_type, stored_at_ms=stored_at_ms)

    def get(self, bucket: str, key: str) -> StoredObject | None:
        return self._objects.get((bucket, key))

    def __len__(self) -> int:
        return len(self._objects)

    def __iter__(self) -> Iterator[StoredObject]:
        """All objects, those first stored first."""
        return iter(tuple(self._objects.values()))

    def read(self, stored: StoredObject, start: int = 0, stop: int | None = None) -> bytes:
        """Return the bytes from `start` up to, not including, `stop`. Raises `ObjectGone`."""
        return b"".join(self.chunks(stored, start, stop))

    def chunks(self, stored: StoredObject, start: int = 0, stop: int | None = None) -> "Pieces":
        """The same bytes in pieces of at most 64 KiB.

        The file is opened now, so an object that is overwritten later is still read to its
        end; it is closed at the end, or by `close`. Raises `ObjectGone` now, never halfway.
        """
        end = stored.size_bytes if stop is None else min(stop, stored.size_bytes)
        try:
            if self._directory is None:
                raise FileNotFoundError
            file = self._path(stored.number).open("rb")
        except FileNotFoundError:
            raise ObjectGone(stored.key) from None
        return Pieces(file, start, end)

    def change(self, stored: StoredObject, **attributes: Any) -> StoredObject:
        """Give an object other tags, another ACL: what is no matter of its bytes. Raises `ObjectGone`."""
        if self._objects.get((stored.bucket, stored.key)) is not stored:
            raise ObjectGone(stored.key)
        changed = replace(stored, **attributes)
        self._objects[stored.bucket, stored.key] = changed
        return changed

    def export(self) -> Iterator[dict[str, Any]]:
        """Yield each object as a plain dict: its attributes, and its `bytes`; those first stored first.

        `stored_ms` is the time in epoch milliseconds. `restore` takes them back.
        """
        for stored in self:
            told = {name: getattr(stored, name) for name in _EXPORTED}
            plain = {
                name: dict(value) if isinstance(value, Mapping) else value for name, value in told.items()
            }
            yield {**plain, "stored_ms": stored.stored_at_ms, "etag": stored.etag, "bytes": self.read(stored)}

    def restore(self, exported: Iterable[Mapping[str, Any]]) -> None:
        """Put exported objects in place of all that is here.

        Raises ValueError, which names the object and the field, for what was not exported by
        this code; then all is as it was.
        """
        arrived: list[StoredObject] = []
        try:
            for number, told in enumerate(exported):
                arrived.append(self._revived(told, f"object {number}"))
        except BaseException:
            for stored in arrived:
                self._discard(stored)
            raise
        self.clear()
        for stored in arrived:
            self._place(stored)

    def _revived(self, told: Mapping[str, Any], where: str) -> StoredObject:
        for name, kind in {**_EXPORTED, "stored_ms": int, "bytes": bytes}.items():
            if not isinstance(told.get(name), kind):
                raise ValueError(f"{where}: {name!r} must be {kind.__name__}, not {told.get(name)!r:.100}")
        with self.draft() as draft:
            draft.write(told["bytes"])
            if told.get("etag", draft.etag) != draft.etag:
                raise ValueError(f"{where}: 'etag' is not the MD5 of its bytes")
            # Copies: who handed them in may go on to change them.
            own = {name: kind(told[name]) for name, kind in _EXPORTED.items()}
            return draft.finish(stored_at_ms=told["stored_ms"], **own)

    def delete(self, bucket: str, key: str) -> bool:
        """Remove an object; say whether there was one."""
        stored = self._objects.pop((bucket, key), None)
        if stored is None:
            return False
        self._discard(stored)
        return True

    def clear(self) -> None:
        """Remove all objects and buckets. A draft that is still being written is not one yet."""
        self.buckets.clear()
        objects, self._objects = self._objects, {}
        for stored in objects.values():
            self._discard(stored)

    def close(self) -> None:
        """Remove all objects and the directory. The store can be used again."""
        self.buckets.clear()
        self._objects = {}
        if self._remove is not None:
            self._remove()
        self._directory = self._remove = None

    def _path(self, number: int) -> Path:
        if self._directory is None:
            self._directory = Path(tempfile.mkdtemp(prefix="mockleo-bucket-"))
            # Also when nobody calls close(): at the end of the program, or of the store.
            self._remove = weakref.finalize(self, shutil.rmtree, str(self._directory), ignore_errors=True)
        return self._directory / f"{number:08d}"

    def _place(self, stored: StoredObject) -> None:
        self.buckets.ensure(stored.bucket, now_ms=stored.stored_at_ms)
        before = self._objects.get((stored.bucket, stored.key))
        self._objects[stored.bucket, stored.key] = stored
        if before is not None:
            self._discard(before)

    def _discard(self, stored: StoredObject) -> None:
        try:
            self._path(stored.number).unlink(missing_ok=True)
        except PermissionError:
            # Windows keeps a file that somebody is reading; it goes with the directory.
            return


# An exported object's members besides its time and its bytes, with the kind of each.
_EXPORTED: Mapping[str, type[str] | type[dict[str, str]]] = {
    named.name: str if named.type is str else dict
    for named in fields(StoredObject)
    if named.name not in {"size_bytes", "etag", "stored_at_ms", "number"}
}


class Pieces:
    """A stretch of an open file, as an iterator. Whoever stops early calls `close`."""

    def __init__(self, file: BinaryIO, start: int, stop: int) -> None:
        file.seek(start)
        self._file = file
        self._left_bytes = stop - start

    def __iter__(self) -> Iterator[bytes]:
        return self

    def __next__(self) -> bytes:
        piece = self._file.read(min(CHUNK_BYTES, self._left_bytes)) if self._left_bytes > 0 else b""
        if not piece:
            self.close()
            raise StopIteration
        self._left_bytes -= len(piece)
        return piece

    def close(self) -> None:
        self._left_bytes = 0
        self._file.close()
