"""Models and elements that are trained: what is accepted, what it costs, when it is ready."""

from typing import Any

import pytest

from mockleo.core.errors import EmptyDataset, InvalidValue, LeoError, OutOfCredits
from mockleo.core.lifecycle import State
from mockleo.core.training import train_element, train_model, training_price

from .worlds import (
    NOBODYS,
    START_MS,
    a_dataset,
    a_model_in_training,
    a_place,
    a_world,
    an_account,
    an_element_in_training,
    an_element_order,
    let_all_end,
    the_rules,
)


@pytest.mark.parametrize(
    ("resolution", "price"), [(None, 750), (512, 750), (768, 1500), (0, None), (640, None), (1024, None)]
)
def test_a_model_is_trained_at_two_resolutions(resolution: int | None, price: int | None) -> None:
    world, account = a_place()
    if price is not None:
        model = a_model_in_training(world, account, resolution=resolution)
        assert (model.cost, model.resolution) == (price, resolution or 512)
    else:
        with pytest.raises(InvalidValue, match="resolution"):
            a_model_in_training(world, account, resolution=resolution)


def test_a_model_takes_twenty_minutes_and_then_runs() -> None:
    world, account = a_place(spread_percent=0)
    model = a_model_in_training(world, account)
    world.advance(START_MS + 1_199_999)
    assert model.status == "PENDING"
    world.advance(START_MS + 1_200_000)
    assert model.status == "COMPLETE"


@pytest.mark.parametrize(
    ("sd_version", "version", "family"),
    [(None, "v1_5", "sd15"), ("v1_5", "v1_5", "sd15"), ("v2", "v2", "sd21")],
)
def test_a_model_is_of_the_family_of_its_version(sd_version: str | None, version: str, family: str) -> None:
    world, account = a_place()
    model = a_model_in_training(world, account, sd_version=sd_version, description="mine alone").as_model()
    assert (model.sd_version, model.family, model.own) == (version, family, True)
    assert (model.name, model.description) == ("mine", "mine alone")


def test_the_sixth_training_waits_for_a_free_place() -> None:
    world, account = a_place(slots={"training": 5})
    trainings = [a_model_in_training(world, account) for _ in range(5)]
    sixth = an_element_in_training(world, account)
    assert {training.state for training in trainings} == {State.RUNNING}
    assert sixth.state is State.QUEUED


FLUX = {"sd_version": "FLUX_DEV"}

# Parameter; what else is in the order; values that are accepted; values that are refused.
RANGES: list[tuple[str, dict[str, Any], list[Any], list[Any]]] = [
    ("resolution", {}, [1024, None], [0, 512, 768, 1025]),
    ("lora_focus", {}, ["General", "Character", "Style", "Object"], ["", "general"]),
    ("lora_focus", {**FLUX, "learning_rate": 1e-5}, ["Style", "Object", "Character"], ["General"]),
    ("num_train_epochs", {}, [1, 250], [0, 251]),
    ("num_train_epochs", {**FLUX, "lora_focus": "Style", "learning_rate": 1e-5}, [30, 120], [29, 121]),
    ("num_train_epochs", {**FLUX, "lora_focus": "Object", "learning_rate": 1e-4}, [120, 220], [119, 221]),
    ("num_train_epochs", {**FLUX, "lora_focus": "Character", "learning_rate": 1e-4}, [100, 200], [99, 201]),
    ("learning_rate", {}, [1e-8, 1e-5], [9e-9, 1.1e-5, 0]),
    ("learning_rate", {**FLUX, "lora_focus": "Style"}, [1e-6, 3e-5], [9e-7, 3.1e-5]),
    ("learning_rate", {**FLUX, "lora_focus": "Object"}, [1e-5, 1e-3], [9e-6, 1.1e-3]),
    ("learning_rate", {**FLUX, "lora_focus": "Character"}, [1e-5, 1e-3], [9e-6, 1.1e-3]),
    ("instance_prompt", {}, ["a cat"], ["", None]),
    (
        "instance_prompt",
        {**FLUX, "lora_focus": "Character", "learning_rate": 1e-4},
        ["a cat"],
        ["", None],
    ),
    ("instance_prompt", {**FLUX, "lora_focus": "Style", "learning_rate": 1e-5}, ["a cat", "", None], []),
    ("instance_prompt", {**FLUX, "lora_focus": "Object", "learning_rate": 1e-4}, ["a cat", "", None], []),
]


@pytest.mark.parametrize(
    ("field", "fields", "value", "accepted"),
    [
        (field, fields, value, accepted)
        for field, fields, inside, outside in RANGES
        for accepted, values in ((True, inside), (False, outside))
        for value in values
    ],
)
def test_a_value_is_accepted_up_to_its_bounds(
    field: str, fields: dict[str, Any], value: Any, *, accepted: bool
) -> None:
    world, account = a_place()
    given = {"num_train_epochs": 120, **fields, field: value}
    order = an_element_order(a_dataset(world, account), **given)
    if accepted:
        assert train_element(world, account, order).cost == 1500
    else:
        with pytest.raises(InvalidValue) as caught:
            train_element(world, account, order)
        assert caught.value.facts == {"field": field}
        assert account.ledger.entries == []


@pytest.mark.parametrize(
    ("fields", "images", "refusal"),
    [
        ({}, 0, EmptyDataset),
        ({}, 1, None),
        ({}, 51, None),
        ({**FLUX, "lora_focus": "Style", "learning_rate": 1e-5}, 50, None),
        ({**FLUX, "lora_focus": "Style", "learning_rate": 1e-5}, 51, InvalidValue),
    ],
)
def test_a_dataset_has_enough_images_and_not_too_many(
    fields: dict[str, Any], images: int, refusal: type[LeoError] | None
) -> None:
    world, account = a_place()
    order = an_element_order(a_dataset(world, account, images=images), **fields)
    if refusal is None:
        train_element(world, account, order)
    else:
        with pytest.raises(refusal):
            train_element(world, account, order)


def test_images_that_never_arrived_do_not_count() -> None:
    world, account = a_place()
    dataset_id = a_dataset(world, account, images=3, arrived=False)
    with pytest.raises(EmptyDataset):
        a_model_in_training(world, account, datasetId=dataset_id)


def test_a_dataset_must_be_ones_own_and_there() -> None:
    world = a_world()
    account, other = an_account(world), an_account(world, "bob")
    for dataset_id in (a_dataset(world, other), NOBODYS, ""):
        with pytest.raises(InvalidValue, match="datasetId"):
            a_model_in_training(world, account, datasetId=dataset_id)
        with pytest.raises(InvalidValue, match="datasetId"):
            train_element(world, account, an_element_order(dataset_id))
    assert (account.models, account.elements) == ({}, {})


@pytest.mark.parametrize(("credits", "paid"), [(749, False), (750, True)])
def test_credits_are_looked_at_before_the_dataset(credits: int, *, paid: bool) -> None:
    world, account = a_place(credits=credits)
    with pytest.raises(InvalidValue if paid else OutOfCredits):
        a_model_in_training(world, account, datasetId=NOBODYS)


def test_elements_are_known_by_small_numbers() -> None:
    world, account = a_place()
    elements = [an_element_in_training(world, account) for _ in range(3)]
    numbers = [element.number for element in elements]
    assert numbers == sorted(set(numbers))
    assert all(60_000 <= number < 2**31 for number in numbers)
    assert account.elements == dict(zip(numbers, elements, strict=True))
    let_all_end(world)
    assert {element.status for element in elements} == {"COMPLETE"}


@pytest.mark.parametrize(
    ("resolution", "price"), [(512, 750), (768, 1500), (1024, 1500), (640, None), (0, None)]
)
def test_the_calculator_tells_the_price_or_refuses(resolution: int, price: int | None) -> None:
    if price is not None:
        assert training_price(the_rules(), resolution) == price
    else:
        with pytest.raises(InvalidValue, match="resolution"):
            training_price(the_rules(), resolution)


def test_a_model_in_training_that_is_deleted_is_paid_for() -> None:
    world, account = a_place()
    model = a_model_in_training(world, account)
    del account.models[model.id]
    let_all_end(world)
    assert model.state is State.COMPLETE
    assert account.ledger.opening - account.ledger.balance == model.cost
    assert train_model(world, account, model.order).id != model.id
