"""What clients ask for, in the service's own names; None where a client did not say.

The names and types are the contract's, so that what was checked against it can be taken over
as it is.
"""

import msgspec


class Controlnet(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    initImageId: str | None = None
    initImageType: str | None = None
    preprocessorId: float | None = None
    weight: float | None = None
    strengthType: str | None = None
    influence: float | None = None


class ElementUse(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    akUUID: str
    weight: float | None = None


class UserElementUse(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    userLoraId: float | None = None
    weight: float | None = None


class ImageRef(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An image by id and kind: GENERATED or UPLOADED."""

    id: str | None = None
    type: str | None = None


class GenerationOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """What a client asked for, in the service's own names; None where it did not say."""

    prompt: str
    negative_prompt: str | None = None
    modelId: str | None = None
    width: int | None = None
    height: int | None = None
    num_images: int | None = None
    num_inference_steps: int | None = None
    guidance_scale: float | None = None
    scheduler: str | None = None
    sd_version: str | None = None
    presetStyle: str | None = None
    styleUUID: str | None = None
    seed: int | None = None
    public: bool | None = None
    alchemy: bool | None = None
    ultra: bool | None = None
    contrast: float | None = None
    contrastRatio: float | None = None
    highContrast: bool | None = None
    highResolution: bool | None = None
    expandedDomain: bool | None = None
    fantasyAvatar: bool | None = None
    photoReal: bool | None = None
    photoRealVersion: str | None = None
    photoRealStrength: float | None = None
    promptMagic: bool | None = None
    promptMagicVersion: str | None = None
    promptMagicStrength: float | None = None
    init_image_id: str | None = None
    init_generation_image_id: str | None = None
    init_strength: float | None = None
    imagePrompts: list[str | None] | None = None
    imagePromptWeight: float | None = None
    controlnets: list[Controlnet] | None = None
    elements: list[ElementUse] | None = None
    userElements: list[UserElementUse] | None = None
    contextImages: list[ImageRef] | None = None
    tiling: bool | None = None
    transparency: str | None = None
    unzoom: bool | None = None
    unzoomAmount: float | None = None
    upscaleRatio: float | None = None
    canvasRequest: bool | None = None
    canvasRequestType: str | None = None
    canvasInitId: str | None = None
    canvasMaskId: str | None = None
    enhancePrompt: bool | None = None
    enhancePromptInstruction: str | None = None
    controlNet: bool | None = None
    controlNetType: str | None = None
    weighting: float | None = None

    @property
    def with_alchemy(self) -> bool:
        """Alchemy is on unless the client says otherwise; it excludes ultra."""
        if self.alchemy is None:
            return not self.ultra
        return self.alchemy


class VideoOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A video from a text, or from an image when `imageId` is given."""

    prompt: str
    model: str | None = None
    resolution: str | None = None
    duration: int | None = None
    width: int | None = None
    height: int | None = None
    seed: int | None = None
    negativePrompt: str | None = None
    promptEnhance: bool | None = None
    promptEnhanceInstruction: str | None = None
    frameInterpolation: bool | None = None
    isPublic: bool | None = None
    styleIds: list[str] | None = None
    elements: list[ElementUse] | None = None
    imageId: str | None = None
    imageType: str | None = None
    endFrameImage: ImageRef | None = None


class MotionOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An image to be set in motion by the older model (SVD)."""

    imageId: str
    isPublic: bool | None = None
    isInitImage: bool | None = None
    isVariation: bool | None = None
    motionStrength: int | None = None


class UniversalOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An image to be enlarged by the universal upscaler."""

    generatedImageId: str | None = None
    initImageId: str | None = None
    variationId: str | None = None
    prompt: str | None = None
    upscaleMultiplier: float | None = None
    upscalerStyle: str | None = None
    creativityStrength: int | None = None
    ultraUpscaleStyle: str | None = None
    detailContrast: int | None = None
    similarity: int | None = None


class RealtimeOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A sketch to be painted over while the client waits."""

    imageDataUrl: str
    prompt: str
    maskDataUrl: str | None = None
    guidance: float | None = None
    strength: float | None = None
    requestTimestamp: str | None = None
    style: str | None = None
    steps: int | None = None
    width: int | None = None
    height: int | None = None
    seed: int | None = None
    refineCreative: bool | None = None
    refineStrength: float | None = None


class ModelOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A model to be trained on a dataset."""

    name: str
    datasetId: str
    instance_prompt: str
    description: str | None = None
    modelType: str | None = None
    nsfw: bool | None = None
    resolution: int | None = None
    sd_version: str | None = None
    strength: str | None = None


class ElementOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """An element (LoRA) to be trained on a dataset."""

    name: str
    datasetId: str
    lora_focus: str
    train_text_encoder: bool
    sd_version: str
    num_train_epochs: int
    learning_rate: float
    description: str | None = None
    instance_prompt: str | None = None
    resolution: int | None = None


class TextureOrder(msgspec.Struct, frozen=True, kw_only=True, gc=False):
    """A mesh to be painted."""

    modelAssetId: str | None = None
    prompt: str | None = None
    negative_prompt: str | None = None
    preview: bool | None = None
    preview_direction: str | None = None
    front_rotation_offset: int | None = None
    sd_version: str | None = None
    seed: int | None = None
