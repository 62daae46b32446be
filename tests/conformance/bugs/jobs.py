"""The life of jobs: backwards, never, too few, too soon; and answers that change by themselves."""

from collections.abc import Callable, Mapping
from typing import Any

from mockleo.core.generations import Generation
from mockleo.core.lifecycle import Job, State
from mockleo.core.uploads import Upload
from mockleo.core.variations import MotionVariation, Variation
from mockleo.core.world import World
from mockleo.wire.call import Call
from tests.conformance.bugs.planting import Bug, Planted, answer, function, method

_GET = "getGenerationById"
_MINUTE_MS = 60_000


def _generation(change: Callable[[dict[str, Any], Generation, Call], Any]) -> Planted:
    """Let a generation be told otherwise; `change` is given the job."""

    def told(body: Any, call: Call) -> Any:
        return None if body is None else change(body, call.account.generations[call.args["id"]], call)

    return answer(_GET, told)


def _looked_at(times: int, **fields: object) -> Planted:
    """Tell other things from the look number `times` at what has ended on."""
    looks: dict[str, int] = {}

    def change(body: dict[str, Any], job: Generation, call: Call) -> Any:
        if job.ended:
            looks[job.id] = looks.get(job.id, 0) + 1
        return {**body, **fields} if looks.get(job.id, 0) >= times else body

    return _generation(change)


def _every_second_time() -> Planted:
    looks = [0]

    def change(body: dict[str, Any], job: Generation, call: Call) -> Any:
        looks[0] += 1
        if looks[0] % 2:
            body["generated_images"].reverse()
            body["seed"] ^= 1
        return body

    return _generation(change)


def _long_ago(body: dict[str, Any], job: Generation, call: Call) -> Any:
    """What ended a minute ago is pending once more."""
    if job.ended and call.world.now_ms > job.changed_ms + _MINUTE_MS:
        return {**body, "status": "PENDING", "generated_images": []}
    return body


def _born_now(body: dict[str, Any], job: Generation, call: Call) -> Any:
    from mockleo.wire.shapes import moment

    return {**body, "createdAt": moment(call.world.now_ms)}


def _no_end(true: Any) -> Any:
    def start(world: World, account: Any, job: Job) -> None:
        job.duration_ms += 10**12
        true(world, account, job)

    return start


def _videos_do_not_end(true: Any) -> Any:
    def start(world: World, account: Any, job: Job) -> None:
        if job.lane == "video":
            job.duration_ms += 10**12
        true(world, account, job)

    return start


def _doomed(*kinds: type[Job]) -> Any:
    def make(true: Any) -> Any:
        def settle(world: World, account: Any, job: Job) -> None:
            job.doomed = job.doomed or isinstance(job, kinds)
            true(world, account, job)

        return settle

    return make


def _hopeful(true: Any) -> Any:
    """What cannot come to good does."""

    def settle(world: World, account: Any, job: Job) -> None:
        job.doomed = False
        true(world, account, job)

    return settle


def _fewer(true: Any) -> Any:
    def hand_over(job: Generation, account: Any, count: int) -> None:
        true(job, account, count - 1 if count > 1 else count)

    return hand_over


def _more(true: Any) -> Any:
    return lambda job, account, count: true(job, account, count + 1 if count else 0)


def _begins_early() -> Planted:
    def make(true: Any) -> Any:
        def start(world: World, account: Any, job: Job) -> None:
            true(world, account, job)
            if isinstance(job, Generation):
                job._hand_over(account, job.quantity)

        return start

    return method(World, "_start", make)


def _complete_at_once(true: Any) -> Any:
    """Say COMPLETE as soon as it runs, and bring the images later."""
    return property(lambda job: "COMPLETE" if job.state is State.RUNNING else true.fget(job))


def _failed_with_images(body: dict[str, Any], job: Generation, call: Call) -> Any:
    return {**body, "status": "FAILED"} if job.state is State.COMPLETE else body


def _same_id(true: Any) -> Any:
    return lambda world, account, serial: true(world, account, serial - serial % 2)


def _variations_empty(told: Any, call: Call) -> Any:
    for variation in told:
        variation["url"] = None
    return told


def _url_before_the_end(told: Any, call: Call) -> Any:
    for variation in told:
        job = call.account.variations[variation["id"]]
        variation["url"] = call.links.variation(call.account.user_id, job)
    return told


def _no_variations_shown(body: dict[str, Any], job: Generation, call: Call) -> Any:
    for image in body["generated_images"]:
        image["generated_image_variation_generics"] = []
    return body


def _film_without_url(body: dict[str, Any], job: Generation, call: Call) -> Any:
    for image in body["generated_images"]:
        image["motionMP4URL"] = None
    return body


def _arrives(true: Any) -> Any:
    return property(lambda upload: True)


def _image_of_another(true: Any) -> Any:
    """The same image ids in each generation of an account."""

    def hand_over(job: Generation, account: Any, count: int) -> None:
        job.image_ids = account.chance.uuid4s("images:all", count)
        for image_id in job.image_ids:
            account.images[image_id] = job

    return hand_over


def _of_unready(account: Any, image_id: str) -> Any:
    """Any id is taken for the first image there is."""
    from mockleo.core.images import Source

    job = account.images.get(image_id) or next(iter(account.generations.values()), None)
    if job is None:
        return None
    return Source(
        width=job.width, height=job.height, prompt=job.prompt, seed=job.seed, generation=None, image_id=None
    )


def _untrained(true: Any) -> Any:
    def usable(world: World, account: Any, order: Any) -> Any:
        own = account.models.get(order.modelId)
        return own.as_model() if own is not None else true(world, account, order)

    return usable


BUGS: Mapping[str, Bug] = {
    "backwards-when-looked-at": Bug(
        "a generation that is done is pending at the third look",
        lambda: _looked_at(3, status="PENDING", generated_images=[]),
    ),
    "backwards-after-a-minute": Bug(
        "a generation that is done is pending again a minute later", lambda: _generation(_long_ago)
    ),
    "fails-afterwards": Bug(
        "a generation that is done has failed at the second look", lambda: _looked_at(2, status="FAILED")
    ),
    "images-vanish": Bug(
        "a generation loses its images at the second look", lambda: _looked_at(2, generated_images=[])
    ),
    "never-ends": Bug("no job ever ends", lambda: method(World, "_start", _no_end)),
    "videos-never-end": Bug("no video ever ends", lambda: method(World, "_start", _videos_do_not_end)),
    "all-fail": Bug("each generation fails", lambda: method(World, "_settle", _doomed(Generation))),
    "variations-fail": Bug(
        "each variation fails", lambda: method(World, "_settle", _doomed(Variation, MotionVariation))
    ),
    "nothing-fails": Bug(
        "what was made of a file that never came is done", lambda: method(World, "_settle", _hopeful)
    ),
    "one-image-less": Bug("one image is missing", lambda: method(Generation, "_hand_over", _fewer)),
    "one-image-more": Bug("there is one image too many", lambda: method(Generation, "_hand_over", _more)),
    "images-before-the-end": Bug("a pending generation shows images", _begins_early),
    "complete-without-images": Bug(
        "a generation is done before its images are there", lambda: method(Job, "status", _complete_at_once)
    ),
    "failed-with-images": Bug(
        "a generation that has failed shows images", lambda: _generation(_failed_with_images)
    ),
    "unstable": Bug("the same generation reads differently every second time", _every_second_time),
    "always-just-born": Bug("a generation is always made just now", lambda: _generation(_born_now)),
    "one-id-for-two": Bug(
        "two generations have one id", lambda: function("mockleo.core.generations.generation_id", _same_id)
    ),
    "same-images-again": Bug(
        "each generation has the same images", lambda: method(Generation, "_hand_over", _image_of_another)
    ),
    "variation-without-url": Bug(
        "a variation that is done has no URL", lambda: answer("getVariationById", _variations_empty)
    ),
    "variation-too-early": Bug(
        "a pending variation has a URL", lambda: answer("getVariationById", _url_before_the_end)
    ),
    "variations-not-shown": Bug(
        "an image does not show what was made of it", lambda: _generation(_no_variations_shown)
    ),
    "film-without-url": Bug("a video that is done has no URL", lambda: _generation(_film_without_url)),
    "video-upscale-without-url": Bug(
        "an enlarged video has no URL", lambda: answer("getMotionVariationById", _variations_empty)
    ),
    "unready-image-used": Bug(
        "a variation of a generation that is not done is taken",
        lambda: function("mockleo.core.images.of_image", lambda true: _of_unready),
    ),
    "nothing-arrived": Bug(
        "a medium says it is there before its bytes are", lambda: method(Upload, "arrived", _arrives)
    ),
    "textures-without-maps": Bug(
        "a texture that is done has no maps",
        lambda: answer(
            "getTextureGenerationById",
            lambda told, call: told and {**told, "model_asset_texture_images": []},
        ),
    ),
    "execution-without-generations": Bug(
        "an execution has brought nothing",
        lambda: answer("getBlueprintExecutionGenerations", lambda told, call: {**told, "edges": []}),
    ),
    "untrained-model-used": Bug(
        "a model that is still in training is taken",
        lambda: function("mockleo.core.generations.usable_model", _untrained),
    ),
}
