"""Textures for meshes."""

from typing import Any

import pytest

from mockleo.core.account import Account
from mockleo.core.errors import AgainstTerms, InvalidValue, LeoError, OutOfCredits, WordFiltered
from mockleo.core.orders import TextureOrder
from mockleo.core.textures import of_asset, order_texture
from mockleo.core.uploads import Purpose
from mockleo.core.world import World

from .worlds import a_place, a_world, an_account, an_upload, every_id, let_all_end


def a_mesh(world: World, account: Account, *, arrived: bool = True) -> str:
    """The id of an uploaded mesh."""
    return an_upload(world, account, purpose=Purpose.MODEL_ASSET, extension="obj", arrived=arrived).id


@pytest.mark.parametrize(("preview", "price"), [(None, 150), (False, 150), (True, 30)])
def test_a_mesh_gets_its_maps(*, preview: bool | None, price: int) -> None:
    world, account = a_place()
    asset_id = a_mesh(world, account)
    texture = order_texture(world, account, TextureOrder(modelAssetId=asset_id, preview=preview))
    assert (texture.cost, texture.lane, texture.image_ids) == (price, "three_d", ())
    let_all_end(world)
    assert texture.status == "COMPLETE"
    assert texture.maps == ("ALBEDO", "NORMAL", "ROUGHNESS", "DISPLACEMENT")
    assert len(set(texture.image_ids)) == 4


def test_a_mesh_that_never_arrived_fails() -> None:
    world, account = a_place()
    missing = a_mesh(world, account, arrived=False)
    texture = order_texture(world, account, TextureOrder(modelAssetId=missing))
    let_all_end(world)
    assert (texture.status, texture.image_ids) == ("FAILED", ())
    assert account.ledger.balance == account.ledger.opening


@pytest.mark.parametrize(
    ("seed", "accepted"), [(0, True), (9_999_999_998, True), (-1, False), (9_999_999_999, False)]
)
def test_a_seed_is_taken_as_given_or_refused(seed: int, *, accepted: bool) -> None:
    world, account = a_place()
    order = TextureOrder(modelAssetId=a_mesh(world, account), seed=seed)
    if accepted:
        assert order_texture(world, account, order).seed == seed
    else:
        with pytest.raises(InvalidValue, match="seed"):
            order_texture(world, account, order)


def test_nothing_but_a_mesh_of_ones_own_is_painted() -> None:
    world, account, ids = every_id()
    theirs = a_mesh(world, an_account(world, "bob"))
    for kind, asset_id in {**ids, "another's mesh": theirs}.items():
        order = TextureOrder(modelAssetId=asset_id)
        if kind == "mesh":
            order_texture(world, account, order)
        else:
            with pytest.raises(InvalidValue, match="modelAssetId"):
                order_texture(world, account, order)
    with pytest.raises(InvalidValue, match="modelAssetId"):
        order_texture(world, account, TextureOrder())


# Each order has the faults of all that come after it.
FAULTS: list[tuple[type[LeoError], dict[str, Any]]] = [
    (OutOfCredits, {}),
    (AgainstTerms, {"prompt": "against the terms"}),
    (WordFiltered, {"prompt": "nude"}),
    (InvalidValue, {"modelAssetId": "string", "seed": -1}),
]


@pytest.mark.parametrize("nth", range(len(FAULTS)))
def test_the_first_fault_is_told(nth: int) -> None:
    world, account = a_place(credits=0 if nth == 0 else 1_000_000)
    fields: dict[str, Any] = {}
    for _, wrong in reversed(FAULTS[nth:]):
        fields |= wrong
    with pytest.raises(FAULTS[nth][0]):
        order_texture(world, account, TextureOrder(**fields))
    assert (account.ledger.entries, account.textures, account.serial) == ([], {}, 0)


def test_textures_are_listed_by_their_mesh() -> None:
    world = a_world()
    account = an_account(world)
    one, other = a_mesh(world, account), a_mesh(world, account)
    textures = [
        order_texture(world, account, TextureOrder(modelAssetId=asset_id)).id
        for asset_id in (one, other, one)
    ]
    assert list(of_asset(account, one)) == [textures[0], textures[2]]
    assert list(of_asset(account, other)) == [textures[1]]
    assert of_asset(account, "nothing") == {}
