"""Jobs as an export tells them, and back: what one refers to is told by its id."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING, Any, TypeVar

from msgspec.structs import asdict

from mockleo.core.blueprints import Execution
from mockleo.core.generations import Generation
from mockleo.core.orders import GenerationOrder, MotionOrder, VideoOrder
from mockleo.core.snapshot_forms import (
    LAST_MS,
    AnyJobForm,
    CustomElementForm,
    CustomModelForm,
    ExecutionForm,
    GenerationForm,
    ImagesForm,
    MotionForm,
    MotionVariationForm,
    TextureForm,
    VariationForm,
    VideoForm,
)
from mockleo.core.snapshot_reading import BadState
from mockleo.core.textures import Texture
from mockleo.core.training import CustomElement, CustomModel
from mockleo.core.variations import MotionVariation, Variation

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from mockleo.core.account import Account
    from mockleo.core.catalogue import Catalogue, Model
    from mockleo.core.lifecycle import Fate, Job

Kind = TypeVar("Kind", bound="Job")

FORMS: Mapping[type[Job], type[AnyJobForm]] = {
    Generation: GenerationForm,
    Variation: VariationForm,
    MotionVariation: MotionVariationForm,
    CustomModel: CustomModelForm,
    CustomElement: CustomElementForm,
    Texture: TextureForm,
    Execution: ExecutionForm,
}
JOBS = {form: job for job, form in FORMS.items()}

ORDERS: Mapping[type[Any], type[ImagesForm | VideoForm | MotionForm]] = {
    GenerationOrder: ImagesForm,
    VideoOrder: VideoForm,
    MotionOrder: MotionForm,
}
_ORDERED = {form: order for order, form in ORDERS.items()}

# An account's jobs, by the names of its mappings, which are those of the form's lists.
NOUNS = (
    "generations", "variations", "motion_variations", "models", "elements", "textures", "executions",
)  # fmt: skip


def reachable(account: Account, under_way: Iterable[Job]) -> Iterator[Job]:
    """Every job that `account` has to do with, each once: first what has a name, then the rest."""
    named: list[Job] = [job for noun in NOUNS for job in getattr(account, noun).values()]
    waiting = [job for lane in account.lanes.values() for job in lane.queue]
    copied = [
        image.generation
        for dataset in account.datasets.values()
        for image in dataset.images
        if image.generation is not None
    ]
    met: dict[str, Job] = {}
    for one in chain(named, waiting, under_way, copied):
        for job in (one, *_named_by(one)):
            assert met.setdefault(job.id, job) is job, f"two jobs have the id {job.id}"
    return iter(met.values())


def _named_by(job: Job) -> tuple[Job, ...]:
    """The jobs that `job` refers to."""
    if isinstance(job, (Variation, MotionVariation)):
        return (job.generation,) if job.generation is not None else ()
    return job.parts()


def form_of(job: Job, catalogue: Catalogue) -> AnyJobForm:
    """`job` as an export tells it."""
    fields = asdict(job)
    if isinstance(job, Generation):
        fields["order"] = ORDERS[type(job.order)](**asdict(job.order))
        fields["model"] = _model_form(job.model, catalogue)
    elif isinstance(job, (Variation, MotionVariation)):
        fields["generation"] = job.generation.id if job.generation is not None else None
    elif isinstance(job, Execution):
        fields["outputs"] = tuple(generation.id for generation in job.outputs)
    return FORMS[type(job)](**fields)


def _model_form(model: Model | None, catalogue: Catalogue) -> str | Model | None:
    if model is not None and catalogue.models.get(model.id) == model:
        return model.id
    return model


class Jobs:
    """The jobs of one account as they come back, by id."""

    def __init__(self, *, account: Account, catalogue: Catalogue, now_ms: int) -> None:
        self._account = account
        self._catalogue = catalogue
        self._now_ms = now_ms
        self._by_id: dict[str, Job] = {}

    def find(self, job_id: str, kind: type[Kind], path: str) -> Kind:
        """The job of that kind which `path` names."""
        job = self._by_id.get(job_id)
        if not isinstance(job, kind):
            raise BadState(path, f"no such {'job' if kind.__name__ == 'Job' else kind.__name__}: {job_id!r}")
        return job

    def restore(self, forms: Iterable[tuple[str, AnyJobForm]]) -> None:
        """Make the jobs of all `forms`, each with its path; what others refer to is made first."""
        later = []
        for path, form in forms:
            if isinstance(form, GenerationForm):
                self._add(self._generation(form, path), path)
            else:
                later.append((path, form))
        for path, form in later:
            fields = asdict(form)
            if isinstance(form, (VariationForm, MotionVariationForm)):
                fields["generation"] = self._source(form, path)
            elif isinstance(form, ExecutionForm):
                fields["outputs"] = self._outputs(form, path)
            self._add(JOBS[type(form)](**fields), path)

    def _add(self, job: Job, path: str) -> None:
        if job.id in self._by_id:
            raise BadState(f"{path}.id", f"two jobs have the id {job.id!r}")
        if job.lane not in self._account.lanes:
            raise BadState(f"{path}.lane", f"there is no lane {job.lane!r}")
        if not job.created_ms <= job.changed_ms <= self._now_ms:
            raise BadState(f"{path}.changed_ms", "is not between created_ms and now")
        if job.fate is not None:
            check_fate(job.fate, f"{path}.fate")
        self._by_id[job.id] = job

    def _generation(self, form: GenerationForm, path: str) -> Generation:
        model = form.model
        if isinstance(model, str):
            if model not in self._catalogue.models:
                raise BadState(f"{path}.model", f"the catalogue has no model {model!r}")
            model = self._catalogue.models[model]
        if (model is None) is isinstance(form.order, ImagesForm):
            raise BadState(f"{path}.model", "images have one, and videos have none")
        if len(set(form.image_ids)) != len(form.image_ids) or len(form.image_ids) > form.quantity:
            raise BadState(f"{path}.image_ids", f"are not up to {form.quantity} different ids")
        order = _ORDERED[type(form.order)](**asdict(form.order))
        return Generation(**{**asdict(form), "order": order, "model": model})

    def _source(self, form: VariationForm | MotionVariationForm, path: str) -> Generation | None:
        generation = None
        if form.generation is not None:
            generation = self.find(form.generation, Generation, f"{path}.generation")
        if isinstance(form, VariationForm):
            ids = (None,) if generation is None else generation.image_ids
            if form.image_id not in ids:
                raise BadState(f"{path}.image_id", "is no image of its generation")
        return generation

    def _outputs(self, form: ExecutionForm, path: str) -> tuple[Generation, ...]:
        return tuple(
            self.find(generation_id, Generation, f"{path}.outputs.{nth}")
            for nth, generation_id in enumerate(form.outputs)
        )


def check_fate(fate: Fate, path: str) -> None:
    """Refuse numbers that no fate can have."""
    for field, number in (("late_ms", fate.late_ms), ("images", fate.images), ("partial", fate.partial)):
        if number is not None and not 0 <= number <= LAST_MS:
            raise BadState(f"{path}.{field}", f"{number} is out of range")
