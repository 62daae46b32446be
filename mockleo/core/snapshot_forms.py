"""What an export of a world looks like: the shapes of its objects.

An export is an object of plain JSON. Things that belong to one another name each other by id: a
key its account, a variation its generation. What has no name any more, such as a deleted
generation whose job still runs, is in its account's `gone`.
"""

from typing import Annotated, Any

import msgspec
from msgspec import Meta

from mockleo.core.account import Plan
from mockleo.core.blueprints import NodeValue
from mockleo.core.catalogue import Model
from mockleo.core.ledger import Entry
from mockleo.core.lifecycle import Fate, State
from mockleo.core.orders import (
    ElementOrder,
    GenerationOrder,
    ModelOrder,
    MotionOrder,
    TextureOrder,
    VideoOrder,
)

# The last millisecond that has a date of four digits; nothing later can be told.
LAST_MS = 253_402_300_799_999
# Beyond this, JSON's numbers are not whole any more for everybody who reads them.
_WHOLE_MOST = 2**53 - 1

Ms = Annotated[int, Meta(ge=0, le=LAST_MS)]
Count = Annotated[int, Meta(ge=0, le=_WHOLE_MOST)]
Whole = Annotated[int, Meta(ge=-_WHOLE_MOST, le=_WHOLE_MOST)]
Pixels = Annotated[int, Meta(ge=1, le=_WHOLE_MOST)]
# Far above what any rule allows, and few enough to be made at once.
Quantity = Annotated[int, Meta(ge=0, le=1_000)]
Percent = Annotated[int, Meta(ge=0, le=100)]
Hex32 = Annotated[str, Meta(pattern="^[0-9a-f]{32}$")]
Hex64 = Annotated[str, Meta(pattern="^[0-9a-f]{64}$")]
Id = Annotated[str, Meta(min_length=1)]


# --- jobs -------------------------------------------------------------------------------------


class ImagesForm(
    GenerationOrder, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="images"
):
    """An order of images, told apart from orders of videos."""


class VideoForm(VideoOrder, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="video"):
    """An order of a video."""


class MotionForm(MotionOrder, frozen=True, kw_only=True, omit_defaults=True, tag_field="kind", tag="motion"):
    """An order of a motion."""


class JobForm(msgspec.Struct, kw_only=True, omit_defaults=True, tag_field="kind"):
    """What `Job` has, field by field, as all forms of jobs do with their own kind."""

    id: Id
    lane: str
    cost: Count
    seed: Whole
    created_ms: Ms
    changed_ms: Ms
    duration_ms: Ms
    state: State
    doomed: bool = False
    revision: Count = 0
    key_id: str = ""
    fate: Fate | None = None


class GenerationForm(JobForm, tag="Generation"):
    """`model` is the id of the catalogue's; one that is not there, such as an account's own, is whole."""

    order: ImagesForm | VideoForm | MotionForm
    prompt: str
    width: Pixels
    height: Pixels
    quantity: Quantity
    model: str | Model | None = None
    extension: str = "jpg"
    clip_ms: Ms = 0
    image_ids: tuple[str, ...] = ()
    deleted: bool = False


class VariationForm(JobForm, tag="Variation"):
    """`generation` is an id."""

    transform_type: str
    prompt: str
    width: Pixels
    height: Pixels
    extension: str
    generation: str | None = None
    image_id: str | None = None


class MotionVariationForm(JobForm, tag="MotionVariation"):
    """`generation` is an id."""

    generation: str
    resolution: str
    width: Pixels
    height: Pixels


class CustomModelForm(JobForm, tag="CustomModel"):
    order: ModelOrder
    resolution: int
    sd_version: str


class CustomElementForm(JobForm, tag="CustomElement"):
    number: Count
    order: ElementOrder
    resolution: int


class TextureForm(JobForm, tag="Texture"):
    order: TextureOrder
    asset_id: str
    maps: tuple[str, ...]
    image_ids: tuple[str, ...] = ()


class ExecutionForm(JobForm, tag="Execution"):
    """`outputs` are ids of generations."""

    version_id: str
    inputs: list[NodeValue]
    public: bool
    outputs: tuple[str, ...]
    moderated: bool = False


AnyJobForm = (
    GenerationForm
    | VariationForm
    | MotionVariationForm
    | CustomModelForm
    | CustomElementForm
    | TextureForm
    | ExecutionForm
)


# --- accounts ---------------------------------------------------------------------------------


class UploadForm(msgspec.Struct, kw_only=True, omit_defaults=True):
    """`purpose` is the name of a `Purpose`."""

    id: Id
    purpose: str
    extension: str
    key: Id
    created_ms: Ms
    stored_ms: Ms | None = None
    matches: bool = True
    name: str | None = None


class DatasetImageForm(msgspec.Struct, kw_only=True, omit_defaults=True):
    """`upload` and `generation` are ids."""

    id: Id
    key: str
    created_ms: Ms
    upload: str | None = None
    generation: str | None = None
    index: Count = 0


class DatasetForm(msgspec.Struct, kw_only=True):
    id: Id
    name: str
    description: str | None
    created_ms: Ms
    updated_ms: Ms
    images: list[DatasetImageForm]


class LedgerForm(msgspec.Struct, kw_only=True):
    opening: Whole
    balance: Whole
    entries: list[Entry]


class LaneForm(msgspec.Struct, kw_only=True, omit_defaults=True):
    """`queue` holds the ids of the jobs that wait, the next one first."""

    slots: Count
    running: Count
    queue: list[str]
    pending_max: Count | None = None
    percent: Percent = 100


class AccountForm(msgspec.Struct, kw_only=True, omit_defaults=True):
    """`chance` is the seed of all its draws; `images` are the ids, in the order of their coming.

    `serial` is believed: one that is smaller than it was gives ids out a second time.
    """

    user_id: Id
    chance: Hex32
    plan: Plan
    serial: Count
    windows: dict[str, Any]
    ledger: LedgerForm
    lanes: dict[str, LaneForm]
    uploads: list[UploadForm]
    datasets: list[DatasetForm]
    generations: list[GenerationForm]
    variations: list[VariationForm]
    motion_variations: list[MotionVariationForm]
    models: list[CustomModelForm]
    elements: list[CustomElementForm]
    textures: list[TextureForm]
    executions: list[ExecutionForm]
    gone: list[AnyJobForm]
    images: list[str]
    variations_of: dict[str, list[str]]
    calling: str = ""
    limit_percent: Percent = 100
    retired: tuple[str, ...] = ()


# --- the world --------------------------------------------------------------------------------


class WebhookForm(msgspec.Struct, kw_only=True, omit_defaults=True):
    """A webhook without its bearer, of which only the digest is told."""

    url: str
    key_digest: Hex64 | None = None
    payload: str | None = None


class KeyForm(msgspec.Struct, kw_only=True, omit_defaults=True):
    """`account` is the owner's user id. The key itself is nowhere."""

    id: Id
    digest: Hex64
    account: str
    created_ms: Ms
    name: str = ""
    webhook: WebhookForm | None = None
    revoked_ms: Ms | None = None


class EndingForm(msgspec.Struct, kw_only=True):
    """What ends at one instant, in that order: pairs of a user id and a job's id."""

    at_ms: Ms
    jobs: Annotated[list[tuple[str, str]], Meta(min_length=1)]


class WorldForm(msgspec.Struct, kw_only=True, omit_defaults=True):
    """An export. Its keys and its endings are in their order."""

    now_ms: Ms
    seed: Annotated[int, Meta(ge=-(2**63), le=2**63 - 1)]
    plan: Plan
    accounts: list[AccountForm]
    keys: list[KeyForm]
    ending: list[EndingForm]
    webhook: WebhookForm | None = None
    fate: Fate | None = None
