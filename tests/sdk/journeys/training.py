"""Datasets, and the models and elements that are trained on them."""

from typing import Any

import pytest
from leonardo_ai_sdk.models.operations import CreateModelSdVersions
from leonardo_ai_sdk.models.shared import CustomModelType, SdGenerationStyle, SdVersions

from ..leo import Leo, until_complete
from .steps import FLUX_DEV, LIGHTNING_XL, VISION_XL, a_dataset, make


async def models(leo: Leo) -> None:
    sdk = leo.sdk.models
    platform = (await leo.call(sdk.list_platform_models)).custom_models
    names = {model.id: model.name for model in platform}
    assert "Lightning" in names[LIGHTNING_XL]
    assert all(isinstance(model.featured, bool) and isinstance(model.nsfw, bool) for model in platform)

    dataset_id = await a_dataset(leo)
    await leo.sign_in()
    body = await leo.call(
        sdk.create_model,
        request={
            "name": "Fox",
            "description": "knows foxes",
            "dataset_id": dataset_id,
            "instance_prompt": "a fox",
            "model_type": CustomModelType.CHARACTERS,
            "resolution": 512,
            "sd_version": CreateModelSdVersions.V2,
        },
    )
    job = body.sd_training_job
    assert await leo.pays(job) == 750
    model_id = job.custom_model_id

    async def look() -> Any:
        return (await leo.call(sdk.get_model_by_id, id=model_id)).custom_models_by_pk

    async def mine() -> list[str]:
        body = await leo.call(sdk.get_custom_models_by_user_id, user_id=leo.user_id)
        return [entry.id for entry in body.custom_models]

    model = await until_complete(look)
    assert (model.id, model.name, model.description) == (model_id, "Fox", "knows foxes")
    assert (model.instance_prompt, model.public) == ("a fox", False)
    assert (model.model_width, model.model_height) == (512, 512)
    assert model.type is CustomModelType.CHARACTERS
    assert model.sd_version is SdVersions.V2
    assert await mine() == [model_id]

    made = await make(
        leo,
        {
            "prompt": "a fox",
            "model_id": model_id,
            "num_images": 1,
            "width": 512,
            "height": 512,
            "alchemy": False,
            "preset_style": SdGenerationStyle.LEONARDO,
        },
    )
    assert made.model_id == model_id

    body = await leo.call(sdk.delete_model_by_id, id=model_id)
    assert body.delete_custom_models_by_pk.id == model_id
    assert await look() is None
    assert await mine() == []
    assert (await leo.call(sdk.delete_model_by_id, id=model_id)).delete_custom_models_by_pk is None
    await _delete_dataset(leo, dataset_id)


async def _delete_dataset(leo: Leo, dataset_id: str) -> None:
    sdk = leo.sdk.dataset
    assert (await leo.call(sdk.delete_dataset_by_id, id=dataset_id)).delete_datasets_by_pk.id == dataset_id
    assert (await leo.call(sdk.get_dataset_by_id, id=dataset_id)).datasets_by_pk is None
    assert (await leo.call(sdk.delete_dataset_by_id, id=dataset_id)).delete_datasets_by_pk is None


async def elements(leo: Leo) -> None:
    await _with_a_platform_element(leo)
    sdk = leo.sdk.elements
    dataset_id = await a_dataset(leo)
    await leo.sign_in()
    price = await leo.price(
        "MODEL_TRAINING", {"resolution": 1024, "sd_version": "FLUX_DEV", "dataset_image_count": 2}
    )
    body = await leo.call(
        sdk.create_element,
        request={
            "name": "Foxish",
            "description": "drawn by foxes",
            "dataset_id": dataset_id,
            "lora_focus": "Style",
            "learning_rate": 1e-05,
            "num_train_epochs": 60,
        },
    )
    job = body.sd_training_job
    assert await leo.pays(job) == price
    element_id = job.user_lora_id
    assert type(element_id) is int

    async def look() -> Any:
        return (await leo.call(sdk.get_element_by_id, id=element_id)).user_loras_by_pk

    async def mine() -> list[int]:
        body = await leo.call(sdk.get_custom_elements_by_user_id, user_id=leo.user_id)
        return [entry.id for entry in body.user_loras]

    element = await until_complete(look)
    assert (element.id, element.name, element.description) == (element_id, "Foxish", "drawn by foxes")
    assert (element.focus, element.base_model) == ("Style", "FLUX_DEV")
    assert (element.training_epoch, element.resolution) == (60, 1024)
    assert element.learning_rate == pytest.approx(1e-05)
    assert element.train_text_encoder is True
    assert await mine() == [element_id]

    await make(
        leo,
        {
            "prompt": "a hen",
            "model_id": FLUX_DEV,
            "num_images": 1,
            "user_elements": [{"user_lora_id": element_id, "weight": 1.0}],
        },
    )

    assert (await leo.call(sdk.delete_element_by_id, id=element_id)).delete_user_loras_by_pk.id == element_id
    assert await look() is None
    assert await mine() == []
    assert (await leo.call(sdk.delete_element_by_id, id=element_id)).delete_user_loras_by_pk is None


async def _with_a_platform_element(leo: Leo) -> None:
    listed = (await leo.call(leo.sdk.elements.list_elements)).loras
    assert len({lora.ak_uuid for lora in listed}) == len(listed) > 10
    assert all(isinstance(lora.base_model, SdVersions) for lora in listed)
    lora = next(lora for lora in listed if lora.base_model is SdVersions.SDXL_1_0)
    assert lora.weight_min < lora.weight_default <= lora.weight_max

    made = await make(
        leo,
        {
            "prompt": "a fox",
            "model_id": VISION_XL,
            "num_images": 1,
            "elements": [{"ak_uuid": lora.ak_uuid, "weight": 0.5}],
        },
    )
    (applied,) = made.generation_elements
    assert (applied.lora.ak_uuid, applied.lora.name) == (lora.ak_uuid, lora.name)
    assert applied.weight_applied == pytest.approx(0.5)
