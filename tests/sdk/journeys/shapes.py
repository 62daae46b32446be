"""3D models, and the textures that are made for them."""

from typing import Any

from leonardo_ai_sdk.models.shared import ModelAssetTextureTypes

from ..leo import Leo, until_complete
from .steps import CUBE_OBJ, asset


async def shapes(leo: Leo) -> None:
    sdk = leo.sdk.three_d_model_assets

    body = await leo.call(sdk.upload_model_asset, request={"model_extension": "obj", "name": "Cube"})
    form = body.upload_model_asset
    leo.upload(form.model_url, form.model_fields_, CUBE_OBJ, filename="cube.obj")
    shape_id = form.model_id

    async def look() -> Any:
        return (await leo.call(sdk.get3_d_model_by_id, id=shape_id)).model_assets_by_pk

    shape = await look()
    assert (shape.id, shape.name, shape.user_id) == (shape_id, "Cube", leo.user_id)
    assert leo.fetch(shape.mesh_url).content == CUBE_OBJ
    # A GET with a body, which this SDK sends when it is given one.
    body = await leo.call(sdk.get3_d_model_by_id, id=shape_id, request_body={"id": shape_id})
    assert body.model_assets_by_pk == shape
    body = await leo.call(sdk.get3_d_models_by_user_id, user_id=leo.user_id)
    assert [(entry.id, entry.mesh_url) for entry in body.model_assets] == [(shape_id, shape.mesh_url)]
    body = await leo.call(sdk.get3_d_models_by_user_id, user_id=leo.user_id, limit=10, offset=1)
    assert body.model_assets == []

    await _textures(leo, shape_id)

    body = await leo.call(sdk.delete3_d_model_by_id, id=shape_id)
    assert body.delete_model_assets_by_pk.id == shape_id
    assert await look() is None
    body = await leo.call(sdk.delete3_d_model_by_id, id=shape_id, request_body={"id": shape_id})
    assert body.delete_model_assets_by_pk is None


async def _textures(leo: Leo, model_id: str) -> None:
    sdk = leo.sdk.texture
    body = await leo.call(
        sdk.create_texture_generation,
        request={"prompt": "rust", "negative_prompt": "paint", "model_asset_id": model_id, "seed": 7},
    )
    job = body.texture_generation_job
    assert await leo.pays(job) == 150

    async def look() -> Any:
        body = await leo.call(sdk.get_texture_generation_by_id, id=job.id)
        return body.model_asset_texture_generations_by_pk

    async def of_model() -> list[str]:
        body = await leo.call(sdk.get_texture_generations_by_model_id, model_id=model_id)
        return [entry.id for entry in body.model_asset_texture_generations]

    texture = await until_complete(look)
    assert (texture.id, texture.prompt, texture.negative_prompt, texture.seed) == (job.id, "rust", "paint", 7)
    urls = {image.type: image.url for image in texture.model_asset_texture_images}
    assert urls.keys() >= set(ModelAssetTextureTypes) - {ModelAssetTextureTypes.HDRP_MASK}
    for url in urls.values():
        assert asset(leo, url)
    assert await of_model() == [job.id]

    body = await leo.call(sdk.delete_texture_generation_by_id, id=job.id)
    assert body.delete_model_asset_texture_generations_by_pk.id == job.id
    assert await look() is None
    assert await of_model() == []
    body = await leo.call(sdk.delete_texture_generation_by_id, id=job.id, request_body={"id": job.id})
    assert body.delete_model_asset_texture_generations_by_pk is None
