"""A client over the official Python SDK, as its documentation would have one: an order, a loop, a download.

It adds to the SDK what anybody would (a loop that ends, a time-out, retries as the SDK offers them)
and nothing that takes a second thought. What comes of that in each scenario is in the README.
"""

from __future__ import annotations

import json
import os
import sys
import time
from pathlib import Path

import httpx
from leonardo_ai_sdk import LeonardoAiSDK
from leonardo_ai_sdk.utils import BackoffStrategy, RetryConfig

PATIENCE_S = 660.0
RETRIES = RetryConfig("backoff", BackoffStrategy(1_000, 60_000, 2.0, 300_000), retry_connection_errors=True)


def one(leonardo: LeonardoAiSDK, prompt: str, wanted: dict[str, int], out: Path) -> None:
    """Order, wait, save."""
    side = wanted.get("side", 512)
    ordered = leonardo.image.create_generation(
        request={"prompt": prompt, "num_images": wanted.get("images", 1), "width": side, "height": side}
    )
    job = ordered.object.sd_generation_job.generation_id
    until = time.monotonic() + PATIENCE_S
    pause = 3.0
    while time.monotonic() < until:
        time.sleep(pause)
        pause = min(pause * 1.5, 15.0)
        shown = leonardo.image.get_generation_by_id(id=job).object.generations_by_pk
        if shown.status == "FAILED":
            raise RuntimeError(f"{job} has FAILED")
        if shown.status == "COMPLETE":
            for nth, image in enumerate(shown.generated_images):
                answer = httpx.get(image.url, timeout=60).raise_for_status()
                (out / f"{job}-{nth}.jpg").write_bytes(answer.content)
            return
    raise TimeoutError(f"{job} was not done in time")


def main() -> int:
    wanted = json.loads(os.environ.get("MOCKLEO_TASK_WITH", "{}"))
    if os.environ.get("MOCKLEO_TASK", "generate") != "generate":
        print("this client orders images, and nothing else", file=sys.stderr)
        return 2
    retries = RETRIES if "--retry" in sys.argv else None
    problems = 0
    with LeonardoAiSDK(
        bearer_auth=os.environ["LEONARDO_API_KEY"],
        server_url=os.environ["LEONARDO_BASE_URL"],
        timeout_ms=60_000,
        retry_config=retries,
    ) as leonardo:
        for nth in range(wanted.get("count", 1)):
            prompts = wanted.get("prompts")
            prompt = prompts[nth] if prompts else f"a lighthouse in the evening sun, view {nth + 1}"
            try:
                one(leonardo, prompt, wanted, Path(os.environ["MOCKLEO_OUT"]))
            except Exception as error:
                print(f"{prompt}: {type(error).__name__}: {str(error)[:200]}", file=sys.stderr)
                problems += 1
    return 1 if problems else 0


if __name__ == "__main__":
    sys.exit(main())
