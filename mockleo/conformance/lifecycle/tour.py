"""The one walk that is the same each time, so that every check is made at least once.

It does not stop where something is wrong: what comes after may be wrong as well.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from mockleo.conformance.lifecycle import acts, blueprints, looks, making, money, orders
from mockleo.conformance.lifecycle.known import (
    COMPLETE,
    ELEMENT,
    GENERATION,
    MODEL,
    NOUNS,
    Job,
)
from mockleo.conformance.lifecycle.visit import GivenUp

if TYPE_CHECKING:
    from collections.abc import Callable

    from mockleo.conformance.lifecycle.known import Thing
    from mockleo.conformance.lifecycle.orders import Order
    from mockleo.conformance.lifecycle.visit import Visit

_IMAGES = 3
# Lists of the platform's own, whose pictures are there from the start.
_CATALOGUE = ("listElements", "listPlatformModels", "listBlueprints")
_ODD = 'ein Dorf, l\'été, 山 🏔\n"zu Hause" \\ 100%'
_CHOSEN = {"guidance_scale": 5, "presetStyle": "CINEMATIC", "scheduler": "KLMS"}


def short(visit: Visit) -> None:
    """What can be looked at where time is dear: a few images, an upload, and their end."""
    made: list[Job | None] = []
    _each(
        visit,
        lambda: made.append(acts.order(visit, orders.image(prompt="a pier", count=2, seed=7))),
        lambda: made.append(acts.order(visit, orders.image(prompt="a quay", width=256, height=256))),
        lambda: acts.order_wrongly(visit, next(iter(orders.WRONG))),
        lambda: acts.wait_for(visit, *made),
        lambda: _of_first_image(visit, lambda job, image: _vary(visit, job, image, "nobg")),
        lambda: acts.wait_for_all(visit),
        lambda: _fetch(visit),
        lambda: making.upload_image(visit),
        lambda: acts.read_page(visit, limit=1, offset=0),
        lambda: acts.page_through(visit, 1),
        lambda: acts.ask_for_unknown(visit, GENERATION),
        lambda: acts.look_at_all(visit),
        lambda: _delete_all(visit),
    )


def full(visit: Visit) -> None:
    """Everything, where time and credits cost nothing."""
    _each(visit, *_orders(visit), lambda: acts.wait_for_all(visit))
    _each(visit, *_of_results(visit), lambda: acts.wait_for_all(visit))
    _each(visit, *_of_those(visit), lambda: acts.wait_for_all(visit))
    _each(
        visit,
        lambda: _fetch(visit),
        lambda: acts.look_at_all(visit),
        lambda: acts.page_through(visit, 3),
        lambda: acts.read_page(visit, limit=None, offset=None),
        lambda: acts.read_page(visit, limit=0, offset=0),
        *[partial(acts.ask_for_unknown, visit, noun) for noun in NOUNS],
        *_wrong_ones(visit),
    )
    if visit.stranger:
        _each(visit, *[partial(acts.let_stranger_try, visit, one) for one in visit.known.alive()])
    _each(visit, lambda: _delete_pending(visit), *_deletions(visit))
    _each(visit, lambda: acts.look_at_all(visit), lambda: acts.page_through(visit, 100))


def _each(visit: Visit, *acts_of_it: Callable[[], object]) -> None:
    """One act after the other; one that cannot be finished is left for the next one."""
    for act in acts_of_it:
        try:
            act()
        except GivenUp:
            visit.known.causes.clear()


def _orders(visit: Visit) -> list[Callable[[], object]]:
    """What needs nothing that was made before. Time passes between some of them."""
    images = [
        orders.image(prompt="a harbour at dawn", count=_IMAGES, seed=11, negative="fog"),
        orders.image(prompt="a harbour at noon", count=_IMAGES, seed=12, negative="rain"),
        orders.plain("whatever comes"),
        orders.plain("whatever comes", alchemy=False),
        # The longest side there is, words beyond ASCII, and what is told back.
        orders.image(prompt=_ODD, width=1_536, height=32, extra=_CHOSEN),
        orders.image(prompt="a fair", model="sd15", extra={"elements": [orders.ONE_ELEMENT]}),
        orders.image(prompt="a mill", model="phoenix", width=768, public=True),
        orders.image(prompt="a bridge", model="sd15", alchemy=True, height=256, steps=30),
    ]
    clips = [
        orders.video(prompt="waves", model="MOTION2", resolution="RESOLUTION_480", seed=5),
        orders.video(prompt="clouds", model="MOTION2FAST", resolution="RESOLUTION_720"),
    ]
    return [
        *[partial(_order_and_wait, visit, wanted) for wanted in images],
        *[partial(acts.order, visit, wanted) for wanted in clips],
        *[
            (lambda name=name: acts.realtime(visit, operation=name, side=512, seed=3))
            for name in orders.REALTIME
        ],
        lambda: acts.realtime(visit, operation=orders.REALTIME[0], side=1024, seed=4),
        lambda: acts.realtime(visit, operation=orders.KEEPS_ITS_PICTURE, side=512, seed=3),
        lambda: acts.have_prompt(visit, improve=True),
        lambda: acts.have_prompt(visit, improve=False),
        lambda: _upload_and_use(visit, arrives=True),
        lambda: _upload_and_use(visit, arrives=False),
        lambda: _mesh(visit),
        lambda: _mesh(visit),
        lambda: _blueprints(visit),
        *[partial(looks.fetch_catalogue, visit, operation) for operation in _CATALOGUE],
    ]


def _order_and_wait(visit: Visit, wanted: Order) -> None:
    acts.order(visit, wanted)
    acts.wait(visit, 1_000)


def _of_results(visit: Visit) -> list[Callable[[], object]]:
    """What is made of the images that are there by now."""
    return [
        *[
            (lambda how=how: _of_first_image(visit, lambda job, image: _vary(visit, job, image, how)))
            for how in orders.MADE_OF_IMAGES
        ],
        lambda: _of_first_image(visit, lambda job, image: making.from_image(visit, image_id=image)),
        lambda: _of_first_image(
            visit,
            lambda job, image: acts.order(visit, orders.motion(image_id=image, uploaded=False)),
        ),
        lambda: _of_first_image(
            visit,
            lambda job, image: acts.order(
                visit,
                orders.video(prompt="pan", model="MOTION2", resolution="RESOLUTION_480", image_id=image),
            ),
        ),
        lambda: _of_first_image(visit, lambda job, image: making.train(visit, image_id=image, element=False)),
        lambda: _of_first_image(visit, lambda job, image: making.train(visit, image_id=image, element=True)),
        lambda: [making.use_trained(visit, job) for job in visit.known.jobs if job.noun in (MODEL, ELEMENT)],
        lambda: making.train_on_nothing(visit),
    ]


def _of_those(visit: Visit) -> list[Callable[[], object]]:
    """What is made of that in turn."""
    return [
        lambda: [making.use_trained(visit, job) for job in visit.known.complete(MODEL, ELEMENT)],
        lambda: [
            acts.order(visit, orders.larger_video(generation_id=str(job.id)))
            for job in visit.known.complete(GENERATION)
            if job.lane == "video"
        ][:1],
    ]


def _wrong_ones(visit: Visit) -> list[Callable[[], object]]:
    return [partial(acts.order_wrongly, visit, what) for what in orders.WRONG]


def _of_first_image(visit: Visit, make: Callable[[Job, str], object]) -> None:
    images = visit.known.images()
    if images:
        make(*images[0])


def _vary(visit: Visit, job: Job, image_id: str, how: str) -> None:
    acts.order(visit, orders.variation(how=how, image_id=image_id, size=job.size))


def _upload_and_use(visit: Visit, *, arrives: bool) -> None:
    upload = making.upload_image(visit, arrives=arrives)
    if upload is not None and arrives:
        making.from_image(visit, upload=upload)
        wanted = orders.motion(image_id=str(upload.id), uploaded=True)
        acts.order(visit, wanted)
    elif upload is not None:
        acts.wait_for(visit, making.from_nothing(visit, upload))


def _mesh(visit: Visit) -> None:
    mesh = making.upload_mesh(visit)
    if mesh is not None:
        for preview in (True, False):
            acts.order(visit, orders.texture(mesh_id=str(mesh.id), prompt="rust", preview=preview, seed=9))


def _blueprints(visit: Visit) -> None:
    for blueprint_id in blueprints.page_through(visit)[:1]:
        blueprints.run(visit, blueprint_id)


def _fetch(visit: Visit) -> None:
    for job in visit.known.jobs:
        if job.status == COMPLETE:
            looks.fetch_results(visit, job)


def _delete_pending(visit: Visit) -> None:
    """A job that is deleted while it is under way brings nothing any more."""
    job = acts.order(visit, orders.image(prompt="nobody wants it"))
    if job is not None and not job.has_ended:
        acts.delete(visit, job)
        visit.client.wait(job.base_ms)
        acts.look_for_deleted(visit, job)
        money.agree(visit)


def _delete_all(visit: Visit) -> None:
    for thing in visit.known.alive():
        if thing.noun.delete:
            _delete(visit, thing)


def _deletions(visit: Visit) -> list[Callable[[], object]]:
    """One of each kind of things, and the first generation that has images."""
    chosen: dict[str, Thing] = {}
    for thing in visit.known.alive():
        if thing.noun.delete:
            chosen.setdefault(thing.noun.name, thing)
    return [partial(_delete, visit, one) for one in chosen.values()]


def _delete(visit: Visit, thing: Thing) -> None:
    acts.delete(visit, thing)
    acts.delete_again(visit, thing)
    if isinstance(thing, Job) and thing.noun is GENERATION and thing.results:
        acts.use_deleted(visit, thing)
