"""Steps that several journeys share."""

from typing import Any

from leonardo_ai_sdk.models.operations import CreateGenerationRequestBodyTypedDict

from ..leo import Leo, until_complete

NOBODY = "00000000-0000-4000-8000-000000000000"

LIGHTNING_XL = "b24e16ff-06e3-43eb-8d33-4416c2d75876"
KINO_XL = "aa77f04e-3eec-4034-9c07-d0f619684628"
VISION_XL = "5c232a9e-9061-4777-980a-ddc8e65647c6"
FLUX_DEV = "b2614463-296c-462a-9586-aafdb8f00e36"

CUBE_OBJ = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nvt 0 0\nvt 1 0\nvt 0 1\nf 1/1 2/2 3/3\n"

_MEDIA_TYPES = {"jpg": "image/jpeg", "png": "image/png", "mp4": "video/mp4"}


async def make(leo: Leo, request: CreateGenerationRequestBodyTypedDict) -> Any:
    """Order images; return the finished generation."""
    body = await leo.call(leo.sdk.image.create_generation, request=request)
    job = body.sd_generation_job
    return await until_complete(lambda: generation(leo, job.generation_id))


async def make_one(leo: Leo, prompt: str) -> Any:
    """The only image of a small generation."""
    made = await make(leo, {"prompt": prompt, "width": 512, "height": 512, "num_images": 1})
    (image,) = made.generated_images
    return image


async def generation(leo: Leo, generation_id: str) -> Any:
    body = await leo.call(leo.sdk.image.get_generation_by_id, id=generation_id)
    found = body.generations_by_pk
    assert found is None or found.id == generation_id
    return found


async def variation(leo: Leo, variation_id: str) -> Any:
    body = await leo.call(leo.sdk.variation.get_variation_by_id, id=variation_id)
    (found,) = body.generated_image_variation_generic
    assert found.id == variation_id
    return found


def asset(leo: Leo, url: str) -> bytes:
    """Fetch what `url` points to; its media type is the one of its ending."""
    answer = leo.fetch(url)
    assert answer.headers["content-type"] == _MEDIA_TYPES[url.rsplit(".", 1)[1]]
    return answer.content


async def a_dataset(leo: Leo) -> str:
    """A dataset with two pictures: one uploaded, one taken over from a generation."""
    sdk = leo.sdk.dataset
    body = await leo.call(sdk.create_dataset, request={"name": "foxes", "description": "red ones"})
    dataset_id: str = body.insert_datasets_one.id
    empty = (await leo.call(sdk.get_dataset_by_id, id=dataset_id)).datasets_by_pk
    assert (empty.id, empty.name, empty.description) == (dataset_id, "foxes", "red ones")
    assert empty.dataset_images == []

    image = await make_one(leo, "a fox")
    picture = asset(leo, image.url)
    body = await leo.call(sdk.upload_dataset_image, dataset_id=dataset_id, request_body={"extension": "jpg"})
    form = body.upload_dataset_image
    leo.upload(form.url, form.fields, picture, filename="fox.jpg")
    body = await leo.call(
        sdk.upload_dataset_image_from_gen,
        dataset_id=dataset_id,
        request_body={"generated_image_id": image.id},
    )
    taken = body.upload_dataset_image_from_gen

    full = (await leo.call(sdk.get_dataset_by_id, id=dataset_id)).datasets_by_pk
    urls = {entry.id: entry.url for entry in full.dataset_images}
    assert urls.keys() == {form.id, taken.id}
    assert asset(leo, urls[form.id]) == picture
    assert asset(leo, urls[taken.id]) == picture
    return dataset_id
