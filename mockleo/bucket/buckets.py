"""The list of buckets. Their objects are the store's.

A bucket is made by whoever asks for it, or by the first object that is stored in it: which
buckets a form may post to is for its policy to say.
"""

from collections.abc import Iterator
from dataclasses import dataclass, replace


@dataclass(frozen=True, slots=True, kw_only=True)
class BucketRecord:
    """`acl` is the name of a canned one."""

    name: str
    created_ms: int
    acl: str = "private"


class Buckets:
    """All buckets by name."""

    def __init__(self) -> None:
        self._records: dict[str, BucketRecord] = {}
        self._kept: dict[str, BucketRecord] = {}

    def keep(self, name: str, *, now_ms: int) -> None:
        """Make a bucket that is always there: `clear` only makes it private again."""
        self._kept[name] = self.ensure(name, now_ms=now_ms)

    def get(self, name: str) -> BucketRecord | None:
        return self._records.get(name)

    def ensure(self, name: str, *, now_ms: int) -> BucketRecord:
        """Return the bucket, made now where there was none."""
        return self._records.setdefault(name, BucketRecord(name=name, created_ms=now_ms))

    def open_to(self, name: str, acl: str) -> None:
        """Give a bucket that is there another ACL."""
        self._records[name] = replace(self._records[name], acl=acl)

    def delete(self, name: str) -> None:
        del self._records[name]

    def clear(self) -> None:
        self._records = dict(self._kept)

    def __iter__(self) -> Iterator[BucketRecord]:
        """All of them, by name."""
        return iter(sorted(self._records.values(), key=lambda record: record.name))
