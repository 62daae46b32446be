"""What a user of the Python SDK does, from the first call to the last, with the ids handed on.

`JOURNEYS` is the menu: each journey with the methods it is there to prove, `Class.method` by their
synchronous names.
"""

from collections.abc import Awaitable, Callable, Mapping

from ..leo import Leo
from .account import an_account, prices, prompts, refusals
from .blueprints import blueprints
from .images import images, uploads, variations
from .realtime import realtime
from .shapes import shapes
from .training import elements, models
from .videos import videos

Journey = Callable[[Leo], Awaitable[None]]

JOURNEYS: Mapping[Journey, frozenset[str]] = {
    an_account: frozenset({"User.get_user_self"}),
    prompts: frozenset({"Prompt.prompt_random", "Prompt.prompt_improve"}),
    prices: frozenset({"PricingCalculator.pricing_calculator"}),
    refusals: frozenset(),
    images: frozenset(
        {
            "Image.create_generation",
            "Image.get_generation_by_id",
            "Image.get_generations_by_user_id",
            "Image.delete_generation_by_id",
        }
    ),
    variations: frozenset(
        {
            "Variation.create_variation_upscale",
            "Variation.create_variation_unzoom",
            "Variation.create_variation_no_bg",
            "Variation.create_universal_upscaler_job",
            "Variation.get_variation_by_id",
        }
    ),
    uploads: frozenset(
        {
            "InitImages.upload_init_image",
            "InitImages.get_init_image_by_id",
            "InitImages.delete_init_image_by_id",
            "InitImages.upload_canvas_init_image",
        }
    ),
    models: frozenset(
        {
            "Dataset.create_dataset",
            "Dataset.get_dataset_by_id",
            "Dataset.upload_dataset_image",
            "Dataset.upload_dataset_image_from_gen",
            "Dataset.delete_dataset_by_id",
            "Models.list_platform_models",
            "Models.create_model",
            "Models.get_model_by_id",
            "Models.get_custom_models_by_user_id",
            "Models.delete_model_by_id",
        }
    ),
    elements: frozenset(
        {
            "Elements.list_elements",
            "Elements.create_element",
            "Elements.get_element_by_id",
            "Elements.get_custom_elements_by_user_id",
            "Elements.delete_element_by_id",
        }
    ),
    videos: frozenset(
        {
            "Motion.create_svd_motion_generation",
            "Motion.create_image_to_video_generation",
            "Motion.create_text_to_video_generation",
            "Motion.create_video_upscale",
            "Variation.get_motion_variation_by_id",
        }
    ),
    realtime: frozenset(
        {
            "RealtimeCanvas.create_lcm_generation",
            "RealtimeCanvas.perform_instant_refine",
            "RealtimeCanvas.perform_inpainting_lcm",
            "RealtimeCanvas.perform_alchemy_upscale_lcm",
        }
    ),
    shapes: frozenset(
        {
            "ThreeDModelAssets.upload_model_asset",
            "ThreeDModelAssets.get3_d_model_by_id",
            "ThreeDModelAssets.get3_d_models_by_user_id",
            "ThreeDModelAssets.delete3_d_model_by_id",
            "Texture.create_texture_generation",
            "Texture.get_texture_generation_by_id",
            "Texture.get_texture_generations_by_model_id",
            "Texture.delete_texture_generation_by_id",
        }
    ),
    blueprints: frozenset(
        {
            "Blueprints.list_blueprints",
            "Blueprints.get_blueprint_by_id",
            "Blueprints.get_blueprint_versions_by_blueprint_id",
            "Blueprints.execute_blueprint",
            "Blueprints.get_blueprint_execution",
            "Blueprints.get_blueprint_execution_generations",
        }
    ),
}
