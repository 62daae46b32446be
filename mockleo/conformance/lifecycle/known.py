"""What a client knows: the things it has made, what it was told of them, what it has paid."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

PENDING, COMPLETE, FAILED = "PENDING", "COMPLETE", "FAILED"
ENDS = (COMPLETE, FAILED)


class Noun(msgspec.Struct, frozen=True, kw_only=True):
    """A kind of things, and the operations that are about it. `paged` lists take a limit."""

    name: str
    show: str
    delete: str = ""
    list: str = ""
    paged: bool = False


GENERATION = Noun(
    name="generation",
    show="getGenerationById",
    delete="deleteGenerationById",
    list="getGenerationsByUserId",
    paged=True,
)
VARIATION = Noun(name="variation", show="getVariationById")
MOTION_VARIATION = Noun(name="motion variation", show="getMotionVariationById")
MODEL = Noun(name="model", show="getModelById", delete="deleteModelById", list="getCustomModelsByUserId")
ELEMENT = Noun(
    name="element", show="getElementById", delete="deleteElementById", list="getCustomElementsByUserId"
)
TEXTURE = Noun(
    name="texture",
    show="getTextureGenerationById",
    delete="deleteTextureGenerationById",
    list="getTextureGenerationsByModelId",
    paged=True,
)
DATASET = Noun(name="dataset", show="getDatasetById", delete="deleteDatasetById")
INIT_IMAGE = Noun(name="init image", show="getInitImageById", delete="deleteInitImageById")
MESH = Noun(
    name="3D model",
    show="get3DModelById",
    delete="delete3DModelById",
    list="get3DModelsByUserId",
    paged=True,
)
NOUNS = (GENERATION, VARIATION, MOTION_VARIATION, MODEL, ELEMENT, TEXTURE, DATASET, INIT_IMAGE, MESH)


class Thing(msgspec.Struct, kw_only=True, eq=False):
    """Something that this client has made. `owner` is whose list it is in.

    `told_back` is what must be told of it, by key; `content` what was uploaded, None where nothing
    was; `size` is (width, height) in pixels; `members` are the ids of a dataset's images.
    """

    noun: Noun
    id: str | int
    owner: str = ""
    deleted: bool = False
    created_at: str = ""
    told_back: Mapping[str, Any] = {}
    content: bytes | None = None
    size: tuple[int, int] | None = None
    members: list[str] = []
    # What was told of it last, None while nothing was.
    seen: dict[str, Any] | None = None


class Job(Thing, kw_only=True, eq=False):
    """Something that takes its time. `asked` is how many results were ordered.

    `credits` is what it has cost; `due_ms` when it must have ended at the latest, on the client's
    watch; `parent` what it was made of; `hopeless` that a file it needs never came; `unclear` that
    it could not be read, and nothing more is asked of it; `elements` are the platform's that were
    ordered with it.
    """

    operation: str
    lane: str
    asked: int
    base_ms: int
    due_ms: int
    credits: int = 0
    elements: tuple[str, ...] = ()
    hopeless: bool = False
    unclear: bool = False
    status: str = PENDING
    results: tuple[str, ...] = ()
    parent: str = ""

    @property
    def moves(self) -> bool:
        """Whether it is a clip."""
        return self.noun is GENERATION and self.lane == "video"

    @property
    def has_ended(self) -> bool:
        return self.status in ENDS


class Known:
    """All of it. `balance` is what must be on the account, as far as the client was told.

    `uncertain` are the credits of jobs that nobody can ask for any more: they may come back.
    `causes` is what has happened since the balance was read last; `unwanted` what was booked
    though it ought to have been refused.
    """

    def __init__(self) -> None:
        self.things: list[Thing] = []
        self.user_id = ""
        self.balance = 0
        self.uncertain = 0
        self.causes: list[str] = []
        self.prices: dict[tuple[object, ...], int] = {}
        self.unwanted: set[str | int] = set()

    @property
    def jobs(self) -> list[Job]:
        return [thing for thing in self.things if isinstance(thing, Job)]

    @property
    def pending(self) -> list[Job]:
        return [job for job in self.jobs if not job.has_ended and not job.deleted and not job.unclear]

    def alive(self, *nouns: Noun) -> list[Thing]:
        """What is not deleted, oldest first."""
        return [one for one in self.things if not one.deleted and (not nouns or one.noun in nouns)]

    def deleted(self) -> list[Thing]:
        return [thing for thing in self.things if thing.deleted]

    def complete(self, *nouns: Noun) -> list[Job]:
        return [job for job in self.jobs if job.status == COMPLETE and not job.deleted and job.noun in nouns]

    def images(self) -> list[tuple[Job, str]]:
        """The results that can be made something of, with what they are of."""
        return [
            (job, image) for job in self.complete(GENERATION) if job.lane == "image" for image in job.results
        ]

    def lose(self, job: Job) -> None:
        """Ask no more of a job that cannot be read; what it has cost may come back or not."""
        if not job.unclear and not job.has_ended:
            self.uncertain += job.credits
        job.unclear = True

    def ahead(self, lane: str) -> Iterable[Job]:
        """What may have to end before another job of `lane` is begun: deleted ones run on."""
        return (job for job in self.jobs if job.lane == lane and not job.has_ended)
