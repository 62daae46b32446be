"""What the platform offers to every account: models, elements, styles, preprocessors, blueprints.

Values only: `contracts/catalogue/` holds the entries with their evidence, and whoever reads
those files hands the entries in here.
"""

from collections.abc import Iterable

import msgspec


class Showcase(msgspec.Struct, frozen=True, gc=False):
    """The picture that shows what a platform model does."""

    id: str
    generation_id: str
    index: int = 0


class Model(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A model that images can be ordered from: the platform's, or an account's own when trained.

    `family` decides prices and ranges. `sd_version` is a value that the official SDKs accept;
    `sd_version_true` the one seen in the wild, where they differ. `api` is False for ids that
    exist and that v1 does not run.
    """

    id: str
    name: str
    description: str = ""
    family: str = "sd15"
    sd_version: str | None = None
    sd_version_true: str | None = None
    core_model: str = "SD"
    featured: bool = False
    nsfw: bool = False
    listed: bool = False
    api: bool = True
    own: bool = False
    image: Showcase | None = None


class Element(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A platform element (LoRA): its weights are true numbers, such as 0.7."""

    akUUID: str
    name: str
    base_model: str
    description: str = ""
    creator: str = ""
    weight_default: float = 1
    weight_min: float = -1
    weight_max: float = 2


class NodeInput(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """One thing that a blueprint wants to be told."""

    nodeId: str
    settingName: str
    name: str = ""


class Thumbnail(msgspec.Struct, frozen=True, gc=False):
    name: str


class BlueprintVersion(msgspec.Struct, frozen=True, kw_only=True):
    akUUID: str
    createdAt: str
    updatedAt: str
    cost: int
    models: list[str]
    inputs: list[NodeInput]
    outputs: list[dict[str, str]]


class Blueprint(msgspec.Struct, frozen=True, kw_only=True):
    akUUID: str
    name: str
    description: str
    createdAt: str
    updatedAt: str
    official: bool
    thumbnails: list[Thumbnail]
    platforms: list[str]
    categories: list[str]
    versions: list[BlueprintVersion]
    teamId: str | None = None


class Catalogue:
    """All entries, in the order in which they are listed, and by id."""

    def __init__(
        self,
        *,
        models: Iterable[Model] = (),
        elements: Iterable[Element] = (),
        preprocessors: Iterable[int] = (),
        blueprints: Iterable[Blueprint] = (),
    ) -> None:
        self.models = {model.id: model for model in models}
        self.elements = {element.akUUID: element for element in elements}
        self.preprocessors = frozenset(preprocessors)
        self.blueprints = {blueprint.akUUID: blueprint for blueprint in blueprints}
        self.blueprint_versions = {
            version.akUUID: (blueprint, version)
            for blueprint in self.blueprints.values()
            for version in blueprint.versions
        }
