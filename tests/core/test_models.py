"""Which model an order runs on, and what is said about those that it cannot run on."""

import pytest

from mockleo.core.errors import LeoError, ModelIdMalformed, ModelNotFound, ModelNotUsable
from mockleo.core.generations import order_generation
from mockleo.core.models import chosen_model_id, default_model_id, is_uuid, known_model, usable_model

from .worlds import (
    LIGHTNING,
    NOBODYS,
    NOT_BY_API,
    SD15,
    a_model_in_training,
    a_place,
    a_world,
    an_account,
    an_order,
    let_all_end,
)


@pytest.mark.parametrize(
    ("text", "fits"),
    [
        (LIGHTNING, True),
        (LIGHTNING.upper(), True),
        ("1f197fd2-30f6-6e90-8000-000000000000", True),
        ("string", False),
        ("", False),
        (LIGHTNING[:-1], False),
        (f"{LIGHTNING} ", False),
        (LIGHTNING.replace("-", ""), False),
        (LIGHTNING.replace("b", "g"), False),
    ],
)
def test_a_uuid_is_told_by_its_shape(text: str, *, fits: bool) -> None:
    assert is_uuid(text) == fits


@pytest.mark.parametrize(("model_id", "expected"), [(None, LIGHTNING), (LIGHTNING, LIGHTNING), (SD15, SD15)])
def test_a_platform_model_runs_and_the_default_where_none_is_named(
    model_id: str | None, expected: str
) -> None:
    world, account = a_place()
    order = an_order(modelId=model_id)
    assert usable_model(world, account, order).id == known_model(world, account, order).id == expected
    assert order_generation(world, account, order).model == world.catalogue.models[expected]


@pytest.mark.parametrize(
    ("model_id", "refusal"),
    [
        ("string", ModelIdMalformed),
        ("", ModelIdMalformed),
        (NOBODYS, ModelNotFound),
        (NOT_BY_API, ModelNotUsable),
    ],
)
def test_other_ids_are_refused_and_told_apart(model_id: str, refusal: type[LeoError]) -> None:
    world, account = a_place()
    with pytest.raises(refusal) as caught:
        order_generation(world, account, an_order(modelId=model_id))
    if refusal is ModelNotUsable:
        assert caught.value.facts == {"model_id": model_id}


def test_a_model_of_ones_own_runs_once_it_is_trained() -> None:
    world, account = a_place()
    model = a_model_in_training(world, account, sd_version="v2")
    order = an_order(modelId=model.id)

    with pytest.raises(ModelNotUsable):
        order_generation(world, account, order)
    let_all_end(world)

    used = order_generation(world, account, order).model
    assert used is not None
    assert (used.id, used.own, used.family, used.sd_version) == (model.id, True, "sd21", "v2")


def test_anothers_model_is_nobodys() -> None:
    world = a_world()
    model = a_model_in_training(world, an_account(world, "bob"))
    let_all_end(world)
    with pytest.raises(ModelNotFound):
        order_generation(world, an_account(world), an_order(modelId=model.id))


def test_a_model_that_was_deleted_is_nobodys() -> None:
    world, account = a_place()
    model = a_model_in_training(world, account)
    let_all_end(world)
    del account.models[model.id]
    with pytest.raises(ModelNotFound):
        order_generation(world, account, an_order(modelId=model.id))


@pytest.mark.parametrize(("model_id", "chosen"), [(None, None), (LIGHTNING, None), (SD15, SD15)])
def test_the_default_is_no_choice_named_or_not(model_id: str | None, chosen: str | None) -> None:
    assert chosen_model_id(a_world(), an_order(modelId=model_id)) == chosen


def test_the_default_is_in_the_catalogue() -> None:
    world = a_world()
    assert default_model_id(world) in world.catalogue.models
