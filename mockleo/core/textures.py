"""Textures for meshes that clients bring."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.core import pricing
from mockleo.core.errors import InvalidValue
from mockleo.core.generations import drawn_seed
from mockleo.core.lifecycle import Job, State
from mockleo.core.moderation import moderate
from mockleo.core.uploads import Purpose, find, usable

if TYPE_CHECKING:
    from mockleo.core.account import Account
    from mockleo.core.orders import TextureOrder
    from mockleo.core.world import World


class Texture(Job, kw_only=True, gc=False):
    """Maps for one mesh. `image_ids` has an id for each map that is there, in the order of `maps`."""

    order: TextureOrder
    asset_id: str
    maps: tuple[str, ...]
    image_ids: tuple[str, ...] = ()

    def begin(self, account: Account) -> None:
        """Show the first maps early, where that is the job's fate."""
        if self.fate is not None:
            self._hand_over(account, min(len(self.maps), self.fate.partial))

    def settle(self, account: Account) -> None:
        self._hand_over(account, self.most(len(self.maps)) if self.state is State.COMPLETE else 0)

    def _hand_over(self, account: Account, count: int) -> None:
        self.image_ids = account.chance.uuid4s(f"maps:{self.id}", count)


def order_texture(world: World, account: Account, order: TextureOrder) -> Texture:
    rules = world.rules
    cost = pricing.service(rules, "texture_preview" if order.preview else "texture")
    account.ledger.require(cost)
    if order.prompt:
        moderate(rules, order.prompt)
    asset = find(account, order.modelAssetId or "", Purpose.MODEL_ASSET)
    if asset is None:
        raise InvalidValue(field="modelAssetId")
    missing = InvalidValue(field="modelAssetId", rule="upload.missing")
    asset_usable = usable(rules, asset, otherwise=missing)
    rules.check("generation.seed", field="seed", given=order.seed)
    serial = account.next()
    texture = Texture(
        id=account.chance.uuid4(f"texture:{serial}"),
        lane="three_d",
        cost=cost,
        seed=drawn_seed(account, order.seed, serial, rules),
        created_ms=world.now_ms,
        changed_ms=world.now_ms,
        duration_ms=world.duration_ms(
            rules.integer("durations.texture"), account=account, label=f"time:{serial}"
        ),
        doomed=not asset_usable,
        order=order,
        asset_id=asset.id,
        maps=tuple(rules.table("texture.maps")["kinds"]),
    )
    world.book(account, texture)
    account.textures[texture.id] = texture
    return texture


def of_asset(account: Account, asset_id: str) -> dict[str, Texture]:
    """The textures of one mesh, by id, oldest first."""
    return {texture.id: texture for texture in account.textures.values() if texture.asset_id == asset_id}
