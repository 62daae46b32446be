"""Which operations book a job, and so meet what becomes of jobs.

Those that are answered with their pictures at once (the realtime canvas) have no time in which
anything could become of them.
"""

JOB_OPERATIONS: tuple[str, ...] = (
    "createGeneration",
    "createTextToVideoGeneration",
    "createImageToVideoGeneration",
    "createSVDMotionGeneration",
    "createVideoUpscale",
    "createVariationUpscale",
    "createVariationUnzoom",
    "createVariationNoBG",
    "CreateUniversalUpscalerJob",
    "createTextureGeneration",
    "createModel",
    "createElement",
    "executeBlueprint",
)
