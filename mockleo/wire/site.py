"""What all calls share."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from mockleo.bucket.presign import Presigner
    from mockleo.bucket.service import Bucket
    from mockleo.bucket.store import Store, StoredObject
    from mockleo.core.chance import Chance
    from mockleo.core.world import World
    from mockleo.wire.call import Bodies, Profile

# Some 3.5 KB each: enough for the jobs that are polled at one time.
BODIES_MOST = 4_096


class Storage(msgspec.Struct, frozen=True, kw_only=True):
    """The bucket and what belongs to it: who makes its forms, and where its objects are."""

    bucket: Bucket
    presigner: Presigner
    store: Store


class Site:
    """The world and what stands around it. `world` is replaced by a reset.

    The storage is opened at first use: what it imports would be a fifth of the start.
    """

    def __init__(
        self, *, world: World, profile: Profile, bodies: Bodies, open_storage: Callable[[], Storage]
    ) -> None:
        self.world = world
        self.profile = profile
        self.bodies = bodies
        self._open_storage = open_storage
        self._storage: Storage | None = None

    @property
    def storage(self) -> Storage:
        if self._storage is None:
            self._storage = self._open_storage()
        return self._storage

    def discard(self, key: str) -> None:
        """Let go of an object whose record is gone."""
        if self._storage is not None:
            self._storage.store.delete(self._storage.presigner.name, key)

    def replace(self, world: World, *, objects: Iterable[Mapping[str, Any]] = ()) -> None:
        """Go on with `world` and these objects: nothing of before can be seen.

        Raises ValueError where an object is none; then all is as it was.
        """
        objects = list(objects)
        if objects or self._storage is not None:
            self.storage.store.restore(objects)
        self.world = world
        self.bodies.clear()

    def objects(self) -> list[dict[str, Any]]:
        """All that is stored, as plain data."""
        return [] if self._storage is None else list(self._storage.store.export())

    def close(self) -> None:
        """Give back what lies outside the process's memory."""
        if self._storage is not None:
            self._storage.store.close()


# Never shown publicly; any name will do. Source: assumed.
BUCKET = "image-uploads-emulated"
REGION = "us-east-1"


def open_storage(
    *, chance: Chance, now_ms: Callable[[], int], on_stored: Callable[[StoredObject], None]
) -> Storage:
    """Make the bucket. What it needs is imported here, because most runs begin without an upload."""
    from mockleo.bucket.presign import Presigner
    from mockleo.bucket.service import Bucket
    from mockleo.bucket.signature import Credentials
    from mockleo.bucket.store import Store

    credentials = Credentials(
        access_key_id=f"AKIA{chance.bytes16('access-key').hex()[:16].upper()}",
        secret_access_key=chance.bytes16("secret-key").hex(),
        session_token=chance.bytes16("session-token").hex(),
    )
    store = Store()
    bucket = Bucket(
        name=BUCKET,
        region=REGION,
        credentials=credentials,
        store=store,
        now_ms=now_ms,
        on_stored=on_stored,
        seed=chance.bytes16("bucket").hex(),
    )
    presigner = Presigner(name=BUCKET, region=REGION, credentials=credentials)
    return Storage(bucket=bucket, presigner=presigner, store=store)
