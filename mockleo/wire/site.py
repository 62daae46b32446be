"""What all calls share."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from mockleo.bucket.presign import Presigner
    from mockleo.bucket.store import Store
    from mockleo.core.world import World
    from mockleo.wire.call import Bodies, Profile

# Some 3.5 KB each: enough for the jobs that are polled at one time.
BODIES_MOST = 4_096


@dataclass(slots=True, kw_only=True)
class Site:
    """The world and what stands around it. `world` is replaced by a reset."""

    world: World
    profile: Profile
    presigner: Presigner
    store: Store
    bodies: Bodies

    def reset(self, world: World) -> None:
        """Begin again with `world`: nothing of before can be seen."""
        self.world = world
        self.store.clear()
        self.bodies.clear()
