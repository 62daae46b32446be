"""Models and elements of an account's own, trained on its datasets."""

from __future__ import annotations

from typing import TYPE_CHECKING

from mockleo.core.catalogue import Model
from mockleo.core.datasets import own_dataset
from mockleo.core.errors import EmptyDataset, InvalidValue
from mockleo.core.lifecycle import Job
from mockleo.core.uploads import matching

if TYPE_CHECKING:
    from mockleo.core.account import Account
    from mockleo.core.orders import ElementOrder, ModelOrder
    from mockleo.core.rules import Rules
    from mockleo.core.world import World

_FLUX = "FLUX_DEV"
# Elements that need no word to be called by. Source: OAS.
_WORDLESS = ("Style", "Object")


class CustomModel(Job, kw_only=True, gc=False):
    """A model in training, or trained."""

    order: ModelOrder
    resolution: int
    sd_version: str

    def as_model(self) -> Model:
        """As it is ordered from."""
        family = "sd21" if self.sd_version == "v2" else "sd15"
        return Model(
            id=self.id,
            name=self.order.name,
            description=self.order.description or "",
            family=family,
            sd_version=self.sd_version,
            own=True,
        )


class CustomElement(Job, kw_only=True, gc=False):
    """An element in training, or trained. Clients know it by a small number."""

    number: int
    order: ElementOrder
    resolution: int


def train_model(world: World, account: Account, order: ModelOrder) -> CustomModel:
    rules = world.rules
    resolution = order.resolution or rules.default("model.resolution")
    rules.check("model.resolution", field="resolution", given=order.resolution)
    cost = training_price(rules, resolution)
    account.ledger.require(cost)
    _check_dataset(world, account, order.datasetId)
    serial = account.next()
    model = CustomModel(
        id=account.chance.uuid4(f"model:{serial}"),
        lane="training",
        cost=cost,
        seed=0,
        created_ms=world.now_ms,
        changed_ms=world.now_ms,
        duration_ms=_duration_ms(world, account, serial),
        doomed=not _all_match(world, account, order.datasetId),
        order=order,
        resolution=resolution,
        sd_version=order.sd_version or "v1_5",
    )
    world.book(account, model)
    account.models[model.id] = model
    return model


def train_element(world: World, account: Account, order: ElementOrder) -> CustomElement:
    rules = world.rules
    resolution = order.resolution or rules.default("element.resolution")
    rules.check("element.resolution", field="resolution", given=order.resolution)
    cost = training_price(rules, resolution)
    account.ledger.require(cost)
    images = _check_dataset(world, account, order.datasetId)
    _check_element(rules, order, images)
    serial = account.next()
    element = CustomElement(
        id=account.chance.uuid4(f"element:{serial}"),
        lane="training",
        cost=cost,
        seed=0,
        created_ms=world.now_ms,
        changed_ms=world.now_ms,
        duration_ms=_duration_ms(world, account, serial),
        doomed=not _all_match(world, account, order.datasetId),
        number=_number(rules, account, serial),
        order=order,
        resolution=resolution,
    )
    world.book(account, element)
    account.elements[element.number] = element
    return element


def training_price(rules: Rules, resolution: int) -> int:
    """Credits for one training, or the refusal of a resolution that nothing is trained at."""
    if resolution == rules.default("element.resolution"):
        return rules.integer("pricing.training_element")
    price: int | None = rules.table("pricing.training").get(str(resolution))
    if price is None:
        raise InvalidValue(field="resolution", rule="pricing.training")
    return price


# Far apart from account to account, and still a small number as ids seen were.
_NUMBERS_APART = 9_000_000


def _number(rules: Rules, account: Account, serial: int) -> int:
    first = rules.integer("element.first_number") + account.chance.below(_NUMBERS_APART, "elements")
    return first + serial


def _duration_ms(world: World, account: Account, serial: int) -> int:
    base_ms = world.rules.integer("durations.training")
    return world.duration_ms(base_ms, account=account, label=f"time:{serial}")


def _check_dataset(world: World, account: Account, dataset_id: str) -> int:
    """How many images of the dataset have arrived; at least one is needed."""
    images = sum(image.arrived for image in own_dataset(account, dataset_id).images)
    if images < world.rules.integer("dataset.images_min"):
        raise EmptyDataset
    return images


def _all_match(world: World, account: Account, dataset_id: str) -> bool:
    """Whether the dataset's images are what they were announced as; False dooms the training."""
    uploads = [image.upload for image in own_dataset(account, dataset_id).images]
    return all(upload is None or matching(world.rules, upload) for upload in uploads)


def _check_element(rules: Rules, order: ElementOrder, images: int) -> None:
    focus = order.lora_focus
    if focus not in rules.table("element.lora_focus")["flux" if order.sd_version == _FLUX else "others"]:
        raise InvalidValue(field="lora_focus", rule="element.lora_focus")
    row = f"{_FLUX} {focus}" if order.sd_version == _FLUX else "others"
    for field in ("num_train_epochs", "learning_rate"):
        low, high, _ = rules.table(f"element.{field}_by_focus")[row]
        if not low <= getattr(order, field) <= high:
            raise InvalidValue(field=field, rule=f"element.{field}_by_focus")
    wordless = order.sd_version == _FLUX and focus in _WORDLESS
    if not wordless and not order.instance_prompt:
        raise InvalidValue(field="instance_prompt", rule="element.instance_prompt")
    if order.sd_version == _FLUX and images > rules.integer("dataset.images_max_flux"):
        raise InvalidValue(field="datasetId", rule="dataset.images_max_flux")
