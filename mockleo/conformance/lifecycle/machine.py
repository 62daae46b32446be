"""The walks that Hypothesis makes up. Every rule is one act; what must hold is looked at in it.

Things are chosen by a number, taken modulo how many there are: so a walk stays a walk when some
of its acts are left out. Acts are noted, and a walk that has found something is gone again without
one or the other (`shorten`). Hypothesis could do that itself, but which rules there are to choose
from hangs on all that was done before, and its attempts mostly become other walks.
"""

from __future__ import annotations

from contextlib import suppress
from functools import wraps
from typing import TYPE_CHECKING, Any

import msgspec
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, precondition, rule

from mockleo.conformance.lifecycle import acts, looks, making, orders
from mockleo.conformance.lifecycle.known import (
    COMPLETE,
    ELEMENT,
    GENERATION,
    INIT_IMAGE,
    MESH,
    MODEL,
    NOUNS,
    VARIATION,
    Job,
    Noun,
    Thing,
)
from mockleo.conformance.lifecycle.visit import GivenUp

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from mockleo.conformance.lifecycle.visit import Visit

NTH = st.integers(0, 99)
SEED = st.integers(0, 2_000_000_000)
PROMPT = st.text("abc xyz", min_size=1, max_size=12).map(lambda text: f"a {text}")
# Enough to see a job under way, to see one end, to see all end.
WAITS_MS = st.sampled_from([1, 500, 2_000, 5_000, 30_000, 240_000])


# By the name of an act, when it can be done.
_WHEN: dict[str, Callable[[Any], object]] = {}


class Made(msgspec.Struct, frozen=True):
    """An act of a walk, and what was drawn for it."""

    name: str
    drawn: dict[str, Any]


def act(when: Callable[[Any], object] = lambda walk: True, **drawn: Any) -> Callable[[Any], Any]:
    """A rule, to be chosen where `when` holds, with what is `drawn` for it; it is noted when it is done."""

    def decorate(do: Callable[..., None]) -> Any:
        @wraps(do)
        def done(walk: Quick, **given: Any) -> None:
            walk.made.append(Made(do.__name__, given))
            # Why it could not be finished has been noted; the walk goes on.
            with suppress(GivenUp):
                do(walk, **given)

        _WHEN[do.__name__] = when
        only_then: Any = precondition(lambda walk: bool(when(walk)))
        as_rule: Any = rule(**drawn)
        return only_then(as_rule(done))

    return decorate


def _has(*nouns: Noun, state: str = "") -> Callable[[Any], bool]:
    """Whether there is one of `nouns` that is not deleted, in a state where one is named."""

    def there_is(walk: Walk) -> bool:
        found = walk.visit.known.alive(*nouns)
        return any(not state or (isinstance(one, Job) and one.status == state) for one in found)

    return there_is


class Quick(RuleBasedStateMachine):
    """What can be done anywhere: images, looking, listing, deleting one's own."""

    visit: Visit

    def __init__(self, begin: Callable[[], Visit], end: Callable[[Quick], None]) -> None:
        super().__init__()
        self.visit = begin()
        self.made: list[Made] = []
        self.ordered: list[dict[str, Any]] = []
        self._end = end

    def go(self, made: Sequence[Made]) -> None:
        """Do these acts again, as far as they can be done."""
        for one in made:
            if _WHEN[one.name](self):
                getattr(self, one.name)(**one.drawn)

    def teardown(self) -> None:
        self._end(self)

    def chosen(self, things: Sequence[Any], nth: int) -> Any:
        """The `nth` of the newest first, since what comes after something is mostly about it."""
        return things[-1 - nth % len(things)]

    @act(
        prompt=PROMPT,
        width=st.sampled_from(orders.SIDES),
        height=st.sampled_from(orders.SIDES),
        count=st.integers(1, 4),
        model=st.sampled_from(sorted(orders.MODELS)),
        seed=st.none() | SEED,
        negative=st.sampled_from(["", "fog"]),
        public=st.booleans(),
        alchemy=st.booleans(),
        steps=st.sampled_from([10, 15, 30]),
    )
    def order_images(self, **wanted: Any) -> None:
        self.ordered.append(wanted)
        acts.order(self.visit, orders.image(**wanted))

    @act(lambda walk: walk.ordered, nth=NTH, prompt=PROMPT)
    def order_again(self, nth: int, prompt: str) -> None:
        """The same, but for the prompt."""
        acts.order(self.visit, orders.image(**{**self.chosen(self.ordered, nth), "prompt": prompt}))

    @act(prompt=PROMPT)
    def order_plainly(self, prompt: str) -> None:
        acts.order(self.visit, orders.plain(prompt))

    @act(what=st.sampled_from(sorted(orders.WRONG)))
    def order_wrongly(self, what: str) -> None:
        acts.order_wrongly(self.visit, what)

    @act(ms=WAITS_MS)
    def wait(self, ms: int) -> None:
        acts.wait(self.visit, ms if self.visit.fast else min(ms, 5_000))

    @act(_has(*NOUNS), nth=NTH)
    def look(self, nth: int) -> None:
        looks.look(self.visit, self.chosen(self.visit.known.alive(), nth))

    @act(limit=st.none() | st.integers(0, 12), offset=st.none() | st.integers(0, 30))
    def read_page(self, limit: int | None, offset: int | None) -> None:
        acts.read_page(self.visit, limit=limit, offset=offset)

    @act(lambda walk: any(thing.noun.list for thing in walk.visit.known.things), limit=st.integers(1, 7))
    def page_through(self, limit: int) -> None:
        acts.page_through(self.visit, limit)

    @act(lambda walk: any(one.noun.delete for one in walk.visit.known.alive()), nth=NTH)
    def delete(self, nth: int) -> None:
        things = [one for one in self.visit.known.alive() if one.noun.delete]
        acts.delete(self.visit, self.chosen(things, nth))

    @act(lambda walk: walk.visit.known.deleted(), nth=NTH)
    def delete_again(self, nth: int) -> None:
        acts.delete_again(self.visit, self.chosen(self.visit.known.deleted(), nth))

    @act(noun=st.sampled_from([noun.name for noun in NOUNS]))
    def ask_for_unknown(self, noun: str) -> None:
        acts.ask_for_unknown(self.visit, acts.noun_named(noun))


class Walk(Quick):
    """What needs time, or credits, or a second account, as well."""

    @act()
    def wait_for_all(self) -> None:
        acts.wait_for_all(self.visit)

    @act(
        prompt=PROMPT,
        model=st.sampled_from(orders.VIDEO_MODELS),
        resolution=st.sampled_from(orders.RESOLUTIONS),
        seed=st.none() | SEED,
    )
    def order_video(self, **wanted: Any) -> None:
        acts.order(self.visit, orders.video(**wanted))

    @act(operation=st.sampled_from(orders.REALTIME), side=st.sampled_from([512, 640, 1024]), seed=SEED)
    def sketch(self, operation: str, side: int, seed: int) -> None:
        acts.realtime(self.visit, operation=operation, side=side, seed=seed)

    @act(seed=SEED)
    def sketch_and_keep(self, seed: int) -> None:
        acts.realtime(self.visit, operation=orders.KEEPS_ITS_PICTURE, side=512, seed=seed)

    @act(improve=st.booleans())
    def have_prompt(self, improve: bool) -> None:
        acts.have_prompt(self.visit, improve=improve)

    @act(arrives=st.booleans())
    def upload(self, arrives: bool) -> None:
        making.upload_image(self.visit, arrives=arrives)

    @act(_has(INIT_IMAGE), nth=NTH, moved=st.booleans())
    def use_upload(self, nth: int, moved: bool) -> None:
        upload: Thing = self.chosen(self.visit.known.alive(INIT_IMAGE), nth)
        if upload.content is None:
            making.from_nothing(self.visit, upload)
        elif moved:
            acts.order(self.visit, orders.motion(image_id=str(upload.id), uploaded=True))
        else:
            making.from_image(self.visit, upload=upload)

    @act(preview=st.booleans(), seed=SEED)
    def paint_mesh(self, preview: bool, seed: int) -> None:
        meshes = self.visit.known.alive(MESH)
        mesh = meshes[-1] if meshes else making.upload_mesh(self.visit)
        if mesh is not None:
            wanted = orders.texture(mesh_id=str(mesh.id), prompt="rust", preview=preview, seed=seed)
            acts.order(self.visit, wanted)

    @act(lambda walk: walk.visit.known.images(), nth=NTH, how=st.sampled_from(orders.MADE_OF_IMAGES))
    def vary(self, nth: int, how: str) -> None:
        job, image_id = self.chosen(self.visit.known.images(), nth)
        acts.order(self.visit, orders.variation(how=how, image_id=image_id, size=job.size))

    @act(lambda walk: walk.visit.known.images(), nth=NTH)
    def use_image(self, nth: int) -> None:
        _, image_id = self.chosen(self.visit.known.images(), nth)
        making.from_image(self.visit, image_id=image_id)

    @act(lambda walk: walk.visit.known.images(), nth=NTH, older=st.booleans())
    def set_in_motion(self, nth: int, older: bool) -> None:
        _, image_id = self.chosen(self.visit.known.images(), nth)
        if older:
            wanted = orders.motion(image_id=image_id, uploaded=False)
        else:
            wanted = orders.video(
                prompt="pan", model="MOTION2", resolution="RESOLUTION_480", image_id=image_id
            )
        acts.order(self.visit, wanted)

    @act(_has(VARIATION, state=COMPLETE), nth=NTH, how=st.sampled_from(("unzoom", "nobg", "universal")))
    def vary_again(self, nth: int, how: str) -> None:
        made: Job = self.chosen(self.visit.known.complete(VARIATION), nth)
        wanted = orders.variation(how=how, image_id=str(made.id), size=None, of_variation=True)
        acts.order(self.visit, wanted)

    @act(lambda walk: any(job.lane == "video" for job in walk.visit.known.complete(GENERATION)), nth=NTH)
    def enlarge_video(self, nth: int) -> None:
        clips = [job for job in self.visit.known.complete(GENERATION) if job.lane == "video"]
        acts.order(self.visit, orders.larger_video(generation_id=str(self.chosen(clips, nth).id)))

    @act(
        lambda walk: walk.visit.known.images(),
        nth=NTH,
        element=st.booleans(),
        resolution=st.sampled_from([512, 768]),
    )
    def train(self, nth: int, element: bool, resolution: int) -> None:
        _, image_id = self.chosen(self.visit.known.images(), nth)
        making.train(self.visit, image_id=image_id, element=element, resolution=resolution)

    @act()
    def train_on_nothing(self) -> None:
        making.train_on_nothing(self.visit)

    @act(_has(MODEL, ELEMENT), nth=NTH)
    def use_trained(self, nth: int) -> None:
        making.use_trained(self.visit, self.chosen(self.visit.known.alive(MODEL, ELEMENT), nth))

    @act(lambda walk: bool(_deleted_with_images(walk)), nth=NTH)
    def use_deleted(self, nth: int) -> None:
        acts.use_deleted(self.visit, self.chosen(_deleted_with_images(self), nth))

    @act(lambda walk: walk.visit.stranger and walk.visit.known.alive(), nth=NTH)
    def let_stranger_try(self, nth: int) -> None:
        acts.let_stranger_try(self.visit, self.chosen(self.visit.known.alive(), nth))

    @act(_has(*NOUNS, state=COMPLETE), nth=NTH)
    def fetch(self, nth: int) -> None:
        done = [job for job in self.visit.known.jobs if job.status == COMPLETE and not job.deleted]
        looks.fetch_results(self.visit, self.chosen(done, nth))

    @act()
    def look_at_all(self) -> None:
        acts.look_at_all(self.visit)


def _deleted_with_images(walk: Quick) -> list[Job]:
    return [
        job
        for job in walk.visit.known.jobs
        if job.deleted and job.noun is GENERATION and job.lane == "image" and job.results
    ]


def shorten(made: Sequence[Made], is_found: Callable[[Sequence[Made]], bool], *, tries: int) -> list[Made]:
    """The acts of a walk without those that it can do without: `is_found` goes a walk, and says
    whether it still finds the same. At most so many are gone.
    """
    kept = list(made)
    left = tries
    size = max(1, len(kept) // 2)
    while size:
        at = len(kept) - size
        while at > -size and left:
            fewer = kept[: max(at, 0)] + kept[at + size :]
            left -= 1
            if len(fewer) < len(kept) and is_found(fewer):
                kept = fewer
            at -= size
        size //= 2
    return kept
